// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <ipcm/client.hpp>
#include <ipcm/connection_info.hpp>

namespace ipcm {

/// Connects a name to a route; makes the peer if there was none. A name is 1-255 bytes of valid UTF-8 without control
/// characters that does not start with '_'.
/// `info` is a connection info as text, e.g. ["SQLite","JSON","/path/jobs.ipcm"], or the path of an SQLite route.
/// Throws InvalidName; NameInUse with the pid of a live client of that name, which is not disturbed; RouteMissing,
/// NotARoute, RouteTooNew, RouteTooOld, RouteDamaged, Unsafe, ReadOnly.
std::shared_ptr<Client> connect(std::string_view name, std::string_view info, const ConnectOptions& options = {});
std::shared_ptr<Client> connect(std::string_view name, const ConnectionInfo& info, const ConnectOptions& options = {});
std::shared_ptr<Client> connect(std::string_view name, std::string_view serializer, std::string_view route,
                                const ConnectOptions& options = {});

/// As connect(), but the peer must exist: after suspend, crash or disconnect. Throws UnknownPeer, NotSupported.
std::shared_ptr<Client> reconnect(std::string_view name, std::string_view info, const ConnectOptions& options = {});
std::shared_ptr<Client> reconnect(std::string_view name, const ConnectionInfo& info,
                                  const ConnectOptions& options = {});
std::shared_ptr<Client> reconnect(std::string_view name, std::string_view serializer, std::string_view route,
                                  const ConnectOptions& options = {});

/// A client without a name or an inbox, which leaves no row: it sends as "_anonymous", broadcasts, and looks at peers
/// and stats. Reading calls throw NotSupported.
std::shared_ptr<Client> connect_anonymous(const ConnectionInfo& info, const ConnectOptions& options = {});

/// Every client of this process on that route that is still connected. In a forked child: none.
std::vector<std::shared_ptr<Client>> local_clients(std::string_view route);

/// Where the parts of a connection are put together. For connect() and connect_as() only.
class Composition {
 public:
  enum class Mode { connect, reconnect, anonymous };
  /// Whose constructor of Client takes the name.
  static Client::Connection open(std::string_view name, const ConnectionInfo& info, const ConnectOptions& options,
                                 Mode mode);
  /// A client that takes its name when all else is there, so that a connect() that throws leaves nothing behind.
  static std::shared_ptr<Client> make(std::string_view name, const ConnectionInfo& info, const ConnectOptions& options,
                                      Mode mode);
  static void finish(Client& client) noexcept;
  static void enlist(const std::shared_ptr<Client>& client);
};

/// connect() for a class derived from Client, whose constructor takes a Client::Connection and then `args`:
///
///     struct Worker : ipcm::Client {
///       using Client::Client;
///       void pre_suspend_hook() override { save_progress(); }
///     };
///     auto worker = ipcm::connect_as<Worker>("worker", info);
template <std::derived_from<Client> Derived, typename... Args>
std::shared_ptr<Derived> connect_as(std::string_view name, const ConnectionInfo& info,
                                    const ConnectOptions& options = {}, Args&&... args) {
  std::shared_ptr<Derived> client(
      new Derived(Composition::open(name, info, options, Composition::Mode::connect), std::forward<Args>(args)...),
      [](Derived* gone) {
        Composition::finish(*gone);  // hooks of the derived class still run
        delete gone;
      });
  Composition::enlist(client);
  return client;
}

}  // namespace ipcm
