// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/stats.hpp>

#include "core/function_ref.hpp"
#include "platform/fork.hpp"
#include "platform/range_lock.hpp"
#include "transport/removal_sign.hpp"
#include "transport/route_folder.hpp"

namespace ipcm::transport {

/// What the route knows of a peer.
struct Peer {
  std::int64_t id = 0;  ///< never given out again, not even once the peer was forgotten
  std::string name{};
  bool connected = false;  ///< it did not say goodbye
  int pid = 0;
  std::string host{};
  std::int64_t epoch = 0;  ///< how often it was connected

  /// The name of the socket that it reads.
  std::string mail_socket() const;
  /// The name of the socket on which it is told that the other one is full.
  std::string pressure_socket() const;
};

enum class Presence { active, crashed, disconnected };

/// What a peer has counted, as it last wrote it down.
struct Counts {
  Stats stats;
  std::uint64_t dead = 0;
};

/// Who is on the route: a small file that is read whole and replaced whole, and a lock of the kernel for each client
/// that lives. Thread-safe. Throws Error: RouteGone, RouteDamaged, Busy, StorageFailure.
class PeerTable {
 public:
  /// Throws what read_mark() throws.
  PeerTable(const RouteFolder& folder, std::chrono::milliseconds patience);

  const RouteFolder& folder() const noexcept { return folder_; }
  /// Throws Error(RouteGone) once the route was removed: at once where ipcm did it, else a moment later. Costs one call
  /// of the system most of the time.
  void require_route() const;

  std::vector<Peer> peers() const;  ///< sorted by name
  std::optional<Peer> find(std::string_view name) const;
  Presence presence_of(const Peer& peer) const;

  /// Takes the name for a client of this table, makes the peer where there was none, and calls `prepare` before anybody
  /// else can see that it is connected. Throws Error(NameInUse). What throws after `prepare` leaves the name taken for
  /// the life of this table: whoever had it next would share what was prepared.
  Peer claim(const std::string& name, FunctionRef<void(const Peer&)> prepare);
  /// The presence of a client without a name, under an id of its own.
  std::int64_t claim_anonymous();
  /// Notes the goodbye. The name stays taken until let_go().
  void say_goodbye(const Peer& peer);
  void let_go(std::int64_t id) noexcept;
  /// Throws Error: UnknownPeer; NameInUse for one that is active.
  void forget(std::string_view name);

  Counts counts_of(std::int64_t id) const;  ///< zeros where there are none, or none that can be read
  /// Only for the client that has the id.
  void write_counts(std::int64_t id, const Counts& counts) const;

  /// Whether any client, of this table too, has the id.
  bool is_present(std::int64_t id) const;

 private:
  struct Contents {
    std::int64_t next_id = 1;
    std::vector<Peer> peers;
  };
  using Turn = std::lock_guard<platform::ForkSafeMutex>;

  Contents read() const;
  void change(FunctionRef<void(Contents&)> work);

  RouteFolder folder_;
  std::shared_ptr<const platform::Folder> home_;  // the same, open
  std::chrono::milliseconds patience_;
  platform::RangeLockFile locks_;
  RemovalSign removal_sign_;
  mutable std::atomic<std::chrono::steady_clock::rep> next_look_{0};
  platform::ForkSafeMutex turn_;
  std::atomic<std::int64_t> own_id_{0};  // a lock that one holds oneself cannot be seen
};

}  // namespace ipcm::transport
