// SPDX-License-Identifier: MIT
// A whole route, row by row, as it goes from one place to another: into a dump and out of it, out of a damaged file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/jobs.hpp"
#include "storage/store.hpp"

namespace ipcm::storage {

/// What a route says of itself, but for its id.
struct RouteSettings {
  double created_at = 0;  ///< seconds since 1970
  std::string durability;
  std::uint64_t max_content = 0;
  std::string notifier;
  std::string time_zone;
  bool secure_delete = false;
};

/// A peer or a queue, whose process does not matter any more. Its `stale_until` is a number as KeptMessage has it.
struct InboxRow {
  PeerRow peer;
  std::optional<std::int64_t> last_number;  ///< the highest that was given out, where that does not show in its mail
};

/// A message where it lies: `parcel.job.priority` and the number say in what order it is taken. The first number that
/// an inbox gives out is 1; what was put back to the front has a lower one. The views end with the call.
struct KeptMessage {
  PeerId inbox = 0;
  std::int64_t number = 0;
  Parcel parcel;
};

struct KeptLater {
  KeptMessage message;
  std::optional<double> due;  ///< as in LaterMessage, and the next one
  std::string_view schedule;
};

struct KeptClaim {
  KeptMessage message;
  std::string_view worker;  ///< the name of who claimed it, and is gone; empty: it is not known
  double claimed_at = 0;
};

struct KeptDead {
  KeptMessage message;
  std::string_view reason;
  double died_at = 0;
  std::string_view worker;
};

struct KeptDedup {
  PeerId inbox = 0;
  std::string_view key;
  DedupRow row;
};

struct KeptSchedule {
  ScheduleRow row;  ///< but for its place: here are its parts
  int priority = kOrdinaryPriority;
  std::int64_t number = 0;
};

/// What of one sender's mail has left an inbox.
struct KeptCount {
  PeerId inbox = 0;
  std::string_view sender;
  std::int64_t sent = 0;
  std::int64_t read = 0;
  std::int64_t dead = 0;
  std::int64_t expired = 0;
};

/// Gets the rows of a route: first the settings, then the inboxes, then the others, those of one kind together and in
/// the order of their inboxes and numbers. Each call may throw Error.
class RowSink {
 public:
  virtual ~RowSink() = default;

  virtual void settings(const RouteSettings& row) = 0;
  virtual void inbox(const InboxRow& row) = 0;
  virtual void queue(const QueueRow& row) = 0;
  virtual void message(const KeptMessage& row) = 0;
  virtual void later(const KeptLater& row) = 0;
  virtual void claim(const KeptClaim& row) = 0;
  virtual void dead(const KeptDead& row) = 0;
  virtual void dedup(const KeptDedup& row) = 0;
  virtual void schedule(const KeptSchedule& row) = 0;
  virtual void count(const KeptCount& row) = 0;
};

}  // namespace ipcm::storage
