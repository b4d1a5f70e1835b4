// SPDX-License-Identifier: MIT
#include "storage/row_rules.hpp"

#include <cmath>

#include <ipcm/content.hpp>
#include <ipcm/durability.hpp>
#include <ipcm/error.hpp>
#include <ipcm/notifier_kind.hpp>

#include "core/byte_order_mark.hpp"
#include "core/names.hpp"
#include "core/recurrence.hpp"
#include "core/time_zone.hpp"

namespace ipcm::storage {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::InvalidArgument, why + ".");
}

void require(bool kept, const char* rule) {
  if (!kept) refuse(rule);
}

void require_text(const char* what, std::string_view text) {
  if (const std::string rule = broken_rule(text); !rule.empty()) refuse(std::string(what) + " " + rule);
}

void require_short(const char* what, std::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes) refuse(std::string(what) + " is not of 1 to 255 bytes");
}

void require_sender(std::string_view name) {
  require_text("the sender", name);
}

void require_time(const char* what, std::optional<double> time) {
  if (time && !std::isfinite(*time)) refuse(std::string(what) + " is not a finite number");
}

void require_id(const MessageId& id) {
  if (!id.is_generated()) require_short("the id", id.chosen_text());
}

}  // namespace

bool is_refusal(ErrorCode code) noexcept {
  return code == ErrorCode::InvalidArgument || code == ErrorCode::InvalidName || code == ErrorCode::InvalidMessage;
}

void RowRules::require_inbox(PeerId inbox) const {
  if (!inboxes_.contains(inbox)) refuse("it belongs to no inbox");
}

// Without the byte order mark that an earlier version took for a part of JSON.
KeptMessage RowRules::checked(const KeptMessage& row) const {
  check_message(row);
  KeptMessage kept = row;
  if (kept.parcel.serializer.empty()) kept.parcel.content = without_byte_order_mark(kept.parcel.content);
  return kept;
}

void RowRules::check_message(const KeptMessage& row) const {
  require_inbox(row.inbox);
  const Parcel& parcel = row.parcel;
  require_id(parcel.id);
  require_sender(parcel.sender);
  require(!parcel.sender.starts_with('_') || parcel.sender == kAnonymousName, "the sender starts with '_'");
  require_time("the stamp", parcel.stamp);
  require_time("expires_at", parcel.job.expires_at);
  if (!parcel.serializer.empty()) require_text("the serializer", parcel.serializer);
  require(parcel.content.size() <= kHighestMaxContent, "the content is larger than any may be");
  require(parcel.job.priority >= 0 && parcel.job.priority <= kHighestPriority, "the priority is not 0 to 7");
  require(parcel.job.attempts >= 0, "attempts is below 0");
  require(parcel.job.max_attempts.value_or(1) >= 1, "max_attempts is below 1");
  if (!parcel.job.group_key.empty()) require_short("the group_key", parcel.job.group_key);
  if (!parcel.job.dedup_key.empty()) require_short("the dedup_key", parcel.job.dedup_key);
}

void RowRules::settings(const RouteSettings& row) {
  require_time("created_at", row.created_at);
  parse_durability(row.durability);
  require(row.max_content >= 1 && row.max_content <= kHighestMaxContent, "max_content is not 1 to 536870912");
  parse_notifier_kind(row.notifier);
  TimeZone::find(row.time_zone);
  next_.settings(row);
}

void RowRules::inbox(const InboxRow& row) {
  const PeerRow& peer = row.peer;
  require(peer.id >= 1 && peer.id <= kHighestPeer, "there are too many peers");
  check_name(peer.name);
  require(peer.epoch >= 0, "the epoch is below 0");
  constexpr std::int64_t kMostNumbers = std::int64_t{1} << 40;
  require(std::abs(peer.stale_until.value_or(0)) <= kMostNumbers, "stale_until is no number of a message");
  require_time("suspend_expires", peer.suspend_expires);
  require(!peer.is_queue || (peer.state == RecordedState::suspended && !peer.suspend_expires),
          "a queue is always suspended");
  next_.inbox(row);
  inboxes_.insert(peer.id);
}

void RowRules::queue(const QueueRow& row) {
  require_inbox(row.id);
  require(row.max_attempts >= 0, "max_attempts is below 0");
  for (const double seconds : {row.retry_delay, row.max_retry_delay, row.dedup_window}) {
    require(std::isfinite(seconds) && seconds >= 0, "a delay or window is no number of seconds");
  }
  next_.queue(row);
}

void RowRules::message(const KeptMessage& row) {
  next_.message(checked(row));
}

void RowRules::later(const KeptLater& row) {
  const KeptMessage message = checked(row.message);
  require_time("due", row.due);
  require(row.due || !row.message.parcel.job.group_key.empty(), "it waits for neither a time nor its group");
  next_.later({message, row.due, row.schedule});
}

void RowRules::claim(const KeptClaim& row) {
  const KeptMessage message = checked(row.message);
  require_time("claimed_at", row.claimed_at);
  next_.claim({message, row.worker, row.claimed_at});
}

void RowRules::dead(const KeptDead& row) {
  const KeptMessage message = checked(row.message);
  require_time("died_at", row.died_at);
  next_.dead({message, row.reason, row.died_at, row.worker});
}

void RowRules::dedup(const KeptDedup& row) {
  require_inbox(row.inbox);
  require_short("the key", row.key);
  require_id(row.row.id);
  require_time("until", row.row.until);
  next_.dedup(row);
}

void RowRules::schedule(const KeptSchedule& row) {
  require_inbox(row.row.recipient);
  require_text("the schedule's name", row.row.name);
  Recurrence::parse(row.row.recurrence);
  require_time("the anchor", row.row.anchor);
  require(row.priority >= 0 && row.priority <= kHighestPriority, "the priority is not 0 to 7");
  next_.schedule(row);
}

void RowRules::count(const KeptCount& row) {
  require_inbox(row.inbox);
  require_sender(row.sender);
  constexpr std::int64_t kMost = std::int64_t{1} << 40;  // above all numbers of an inbox; no sum of these overflows
  for (const std::int64_t count : {row.read, row.dead, row.expired}) {
    require(count >= 0 && count <= kMost, "a count is below 0 or absurd");
  }
  require(row.sent == row.read + row.dead + row.expired, "sent is not read + dead + expired");
  next_.count(row);
}

}  // namespace ipcm::storage
