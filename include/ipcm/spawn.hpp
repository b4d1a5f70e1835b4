// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ipcm/connect.hpp>
#include <ipcm/durability.hpp>

namespace ipcm {

struct SpawnOptions {
  /// "SQLite"; "UnixSocket", which keeps nothing for who is away; "LocalMemory", for this process only.
  std::string protocol = "SQLite";
  std::string serializer = "JSON";
  /// Empty: a fresh one, in a private directory.
  std::string route{};
  /// Whether the store is destroyed when the Spawn goes out of scope. Unset: only a store that this call made in a
  /// private directory of its own, as `route` was empty. true destroys one at `route` too, also if it was there before
  /// this call.
  std::optional<bool> guard{};
  /// Durability, max_content, notifier and secure_delete are set when the route is made; one that exists keeps its own.
  /// UnixSocket has no durability, and SQLite alone has a choice of notifiers.
  Durability durability = Durability::full;
  /// The largest encoded content in bytes; at most kHighestMaxContent.
  std::size_t max_content = kDefaultMaxContent;
  /// How waiting clients are woken; ConnectOptions::notifier can say otherwise for one of them.
  NotifierKind notifier = NotifierKind::automatic;
  /// By whose clock the schedules of a new route go: a name of the IANA's database. Empty: this machine's.
  std::string time_zone{};
  /// Whose members may use a new route, too: the name of a group that this process is in, or its number. Empty: nobody
  /// but the owner. The members must be able to make files in the route's folder; docs/security.md tells how. SQLite
  /// only.
  std::string group{};
  /// Whether clients of a new route overwrite with zeros what leaves its file, such as contents that were taken. Costs
  /// a write of each page that becomes free; the log is not covered: docs/security.md. Default: false. SQLite only.
  bool secure_delete = false;
};

/// A message store that this process made or opened. Move-only.
///
///     ipcm::Spawn store = ipcm::spawn();
///     auto boss = store.connect("boss");
class Spawn {
 public:
  Spawn(Spawn&&) noexcept;
  Spawn& operator=(Spawn&&) noexcept;
  /// If the store is guarded (SpawnOptions::guard), and in the process that spawned it: unspawn(), errors swallowed.
  ~Spawn();

  const std::string& route() const noexcept;
  /// Opaque text that unspawn(route, stash) wants back.
  const std::string& stash() const noexcept;
  /// The connection info: all that another process needs.
  std::string info() const;
  /// True when the store did not exist before.
  bool created() const noexcept;

  std::shared_ptr<Client> connect(std::string_view name, const ConnectOptions& options = {}) const;

  /// Broadcasts {"terminate": true} to every peer.
  void terminate() const;

  /// Destroys the store. Again: no effect. Throws WrongProcess in a forked child.
  void unspawn();

 private:
  friend Spawn spawn(const SpawnOptions& options);
  struct State;
  explicit Spawn(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Makes a new store, or opens an existing one and keeps what it holds, migrating it where it is older than the
/// library.
/// Throws NotARoute, RouteTooNew, RouteDamaged or Unsafe and leaves the file's bytes alone; InvalidArgument (also for a
/// path that ends like one of side_file_ending(), is not UTF-8 or is too long), ReadOnly, RouteFull, StorageFailure.
Spawn spawn(const SpawnOptions& options = {});

/// Removes a store with every side file, and the private directory that spawn() made for it. A missing route is not an
/// error. Throws NotARoute for anything else.
/// `stash` is what Spawn::stash() gave; it may be empty where the route is a path.
void unspawn(std::string_view route, std::string_view stash = {});

}  // namespace ipcm
