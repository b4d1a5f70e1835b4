// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/copy.hpp>
#include <ipcm/route.hpp>
#include <ipcm/salvage.hpp>
#include <ipcm/spawn.hpp>

#include "client/endpoint.hpp"
#include "platform/fork.hpp"

namespace ipcm {

/// Who wants to connect where. The route is normalized, the name is one that may be.
struct ConnectRequest {
  enum class Mode { connect, reconnect, anonymous };

  Mode mode = Mode::connect;
  std::string name;
  std::string route;
  std::shared_ptr<const Serializer> serializer{};
  ConnectOptions options{};
};

/// A kind of route: how one is made, opened, described and removed. Stateless; one object for the whole process.
/// What each call throws is what the public function of its name says.
class Protocol {
 public:
  virtual ~Protocol() = default;

  virtual std::string_view name() const = 0;

  /// The form of a route under which all of its users know it.
  virtual std::string normalized(std::string_view route) const = 0;

  struct Spawned {
    std::string route;
    std::string stash;  ///< what unspawn() wants back
    bool created = false;
  };
  virtual Spawned spawn(const SpawnOptions& options) const = 0;
  virtual void unspawn(const std::string& route, const std::string& stash) const = 0;
  /// Whether unspawn() is to be asked of this one rather than of SQLite. `route` is as the caller gave it.
  virtual bool claims(std::string_view route, std::string_view stash) const;

  /// Throws what ipcm::connect(), reconnect() and connect_anonymous() throw.
  virtual std::unique_ptr<Endpoint> connect(ConnectRequest request) const = 0;

  virtual RouteInfo info(const std::string& route) const = 0;
  virtual std::vector<PeerInfo> peers(const std::string& route) const = 0;
  virtual CheckReport check(const std::string& route) const = 0;
  virtual std::vector<Finding> examine(const std::string& route) const = 0;
  /// Nothing, where no commit can be lost.
  virtual std::vector<std::string> accept_loss(const std::string& route) const;
  virtual Migration migrate(const std::string& route) const = 0;
  virtual void set_durability(const std::string& route, Durability durability) const = 0;

  // A whole route somewhere else. Throws NotSupported where a route is no file. `target` is as the caller gave it.
  virtual Backup backup(const std::string& route, std::string_view target, const BackupOptions& options) const;
  virtual DumpCounts dump(const std::string& route, const LineSink& sink) const;
  virtual DumpCounts load(const std::string& route, const LineSource& next_line) const;
  virtual SalvageReport salvage(const std::string& route, std::string_view target, const CopyProgress& progress) const;
};

/// Throws Error(InvalidArgument) that lists the protocols there are.
const Protocol& find_protocol(std::string_view name);
/// The one that claims what is to be unspawned; SQLite where none does.
const Protocol& protocol_to_unspawn(std::string_view route, std::string_view stash);

/// A call to the protocols, for its scope: no other thread forks meanwhile, but for the time in which a user's own code
/// runs (platform::ForkHold::Suspended).
class ProtocolCall {
 public:
  /// Throws Error(WrongProcess) in a child that was forked amid calls.
  ProtocolCall();

 private:
  platform::ForkHold hold_;
};

/// What a connection info names, for a call.
struct Target {
  explicit Target(const ConnectionInfo& info)
      : protocol(find_protocol(info.protocol)), route(protocol.normalized(info.route)) {}
  ProtocolCall call;
  const Protocol& protocol;
  std::string route;
};

/// A path that is absolute, the symbolic links of its folder resolved. Throws Error(InvalidArgument).
std::string normalized_path(std::string_view route);

}  // namespace ipcm
