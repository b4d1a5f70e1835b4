// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/row_decoder.hpp"

#include <algorithm>
#include <array>

#include "storage/sqlite/place.hpp"
#include "storage/words.hpp"

namespace ipcm::storage::sqlite {
namespace {

using Type = Value::Type;

constexpr std::array<std::string_view, 12> kNames{"",           "route",     "peers",   "messages",
                                                  "later",      "claims",    "workers", "queue_settings",
                                                  "dedup_keys", "schedules", "stats",   "dead"};

constexpr std::size_t kMessageColumns = 15;
constexpr std::size_t kFirstMessageColumns = 7;  // of the first version: without what is rare

// Columns that must be there or may be NULL. The first one that is not what it must be spoils the row.
class Columns {
 public:
  Columns(const Record& record, std::size_t first) : record_(record), next_(first) {}

  bool are_good() const noexcept { return good_; }

  std::string_view text() { return take(Type::text).bytes; }
  std::string_view text_or_null() { return take_or_null(Type::text).bytes; }
  std::int64_t integer() { return take(Type::integer).integer; }
  std::optional<std::int64_t> integer_or_null() {
    const Value value = take_or_null(Type::integer);
    return value.type == Type::null ? std::nullopt : std::optional(value.integer);
  }
  // One without a fraction is stored as an integer.
  double real() {
    const Value value = next();
    good_ = good_ && (value.type == Type::real || value.type == Type::integer);
    return value.type == Type::real ? value.real : static_cast<double>(value.integer);
  }
  std::optional<double> real_or_null() {
    if (next_ >= record_.size() || record_[next_].type == Type::null) return next(), std::nullopt;
    return real();
  }
  Value any() { return next(); }
  MessageId id() {
    const Value value = next();
    MessageId::Uuid uuid;
    if (value.type == Type::blob && value.bytes.size() == uuid.size()) {
      std::ranges::copy(value.bytes, reinterpret_cast<char*>(uuid.data()));
      return MessageId::from_uuid(uuid);
    }
    good_ = good_ && value.type == Type::text;
    return MessageId::chosen(std::string(value.bytes));
  }
  std::string_view text_or(std::string_view otherwise) { return next_ >= record_.size() ? otherwise : text(); }
  bool flag_or(bool otherwise) { return next_ >= record_.size() ? otherwise : flag(); }
  bool flag() {
    const std::int64_t value = integer();
    good_ = good_ && (value == 0 || value == 1);
    return value == 1;
  }
  void require(bool condition) { good_ = good_ && condition; }

 private:
  Value next() {
    const Value value = next_ < record_.size() ? record_[next_] : Value{};
    ++next_;
    return value;
  }
  Value take(Type type) {
    const Value value = next();
    good_ = good_ && value.type == type;
    return value;
  }
  Value take_or_null(Type type) {
    const Value value = next();
    good_ = good_ && (value.type == type || value.type == Type::null);
    return value;
  }

  const Record& record_;
  std::size_t next_;
  bool good_ = true;
};

template <typename Row>
std::optional<Row> if_good(const Columns& columns, const Row& row) {
  return columns.are_good() ? std::optional(row) : std::nullopt;
}

void read_place(Columns& columns, Place place, KeptMessage& message) {
  message.inbox = inbox_of(place);
  message.number = number_of(place) - kFirstNumber;
  message.parcel.job.priority = priority_of(place);
  columns.require(place > 0);
}

// id, sender, stamp, broadcast, serializer, content
void read_parcel(Columns& columns, Parcel& parcel) {
  parcel.id = columns.id();
  parcel.sender = columns.text();
  parcel.stamp = columns.real();
  parcel.broadcast = columns.flag();
  parcel.serializer = columns.text_or_null();
  const Value content = columns.any();
  columns.require(content.type == (parcel.serializer.empty() ? Type::text : Type::blob));
  parcel.content = content.bytes;
}

// reply_to to dedup_key
void read_rare(Columns& columns, Parcel& parcel) {
  parcel.reply_to = columns.text_or_null();
  parcel.correlation_id = columns.text_or_null();
  parcel.error = columns.text_or_null();
  parcel.job.expires_at = columns.real_or_null();
  parcel.job.attempts = columns.integer_or_null().value_or(0);
  parcel.job.max_attempts = columns.integer_or_null();
  parcel.job.group_key = columns.text_or_null();
  parcel.job.dedup_key = columns.text_or_null();
}

void read_message(Columns& columns, Place place, KeptMessage& message) {
  read_place(columns, place, message);
  read_parcel(columns, message.parcel);
  read_rare(columns, message.parcel);
}

bool has_columns(const Record& record, std::size_t least, std::size_t most) noexcept {
  return record.size() >= least && record.size() <= most;
}

}  // namespace

std::string_view name_of(TableKind table) noexcept {
  return kNames[static_cast<std::size_t>(table)];
}

TableKind table_of(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin() + 1, kNames.end(), name);
  return found == kNames.end() ? TableKind::other : static_cast<TableKind>(found - kNames.begin());
}

bool has_rowids(TableKind table) noexcept {
  return table != TableKind::dedup_keys && table != TableKind::schedules && table != TableKind::stats;
}

std::optional<RouteSettings> settings_of(const Record& record) {
  if (!has_columns(record, 5, 8)) return std::nullopt;
  Columns columns(record, 1);
  columns.text();  // its id: the new route has another one
  RouteSettings settings;
  settings.created_at = columns.real();
  settings.durability = columns.text();
  settings.max_content = static_cast<std::uint64_t>(columns.integer());
  settings.notifier = columns.text_or("auto");
  settings.time_zone = columns.text_or("UTC");
  settings.secure_delete = columns.flag_or(false);
  return if_good(columns, settings);
}

std::optional<PeerRow> peer_of(std::int64_t row, const Record& record) {
  if (!has_columns(record, 8, 10)) return std::nullopt;
  Columns columns(record, 1);
  PeerRow peer;
  peer.id = row;
  peer.name = columns.text();
  const auto state = state_of(columns.text());
  columns.require(state.has_value());
  peer.state = state.value_or(RecordedState::suspended);
  columns.integer_or_null();  // pid, pid_started and host: of processes that are gone
  columns.integer_or_null();
  columns.text_or_null();
  peer.suspend_expires = columns.real_or_null();
  peer.epoch = columns.integer();
  const std::string_view kind = columns.text_or(kind_word(false));
  peer.is_queue = kind == kind_word(true);
  columns.require(kind == kind_word(peer.is_queue));
  if (const auto number = columns.integer_or_null()) {
    peer.stale_until = std::clamp<std::int64_t>(*number, 0, kHighestNumber) - kFirstNumber;
  }
  return if_good(columns, peer);
}

std::optional<KeptMessage> message_of(std::int64_t row, const Record& record) {
  if (!has_columns(record, kFirstMessageColumns, kMessageColumns + 1)) return std::nullopt;
  Columns columns(record, 1);
  KeptMessage message;
  read_message(columns, row, message);
  columns.real_or_null();  // ready_at: nobody knows how long the route lay
  return if_good(columns, message);
}

std::optional<KeptLater> later_of(std::int64_t row, const Record& record) {
  if (record.size() != kMessageColumns + 3) return std::nullopt;
  Columns columns(record, 1);
  KeptLater later;
  later.due = columns.real_or_null();
  later.schedule = columns.text_or_null();
  read_message(columns, row, later.message);
  columns.real_or_null();  // computed_at: in the new route the time counts as given
  return if_good(columns, later);
}

std::optional<DecodedClaim> claim_of(std::int64_t row, const Record& record) {
  if (record.size() != kMessageColumns + 5) return std::nullopt;
  Columns columns(record, 1);
  DecodedClaim decoded;
  decoded.worker = columns.integer();
  columns.integer();  // the number of its call
  decoded.claim.claimed_at = columns.real();
  columns.real();  // the end of its lease
  read_message(columns, row, decoded.claim.message);
  columns.real_or_null();  // ready_at
  return if_good(columns, decoded);
}

std::optional<PeerId> peer_of_worker(const Record& record) {
  if (record.size() != 5) return std::nullopt;
  Columns columns(record, 1);
  columns.integer();
  const PeerId peer = columns.integer();
  columns.integer();
  columns.real_or_null();
  return if_good(columns, peer);
}

std::optional<QueueRow> queue_of(std::int64_t row, const Record& record) {
  if (record.size() != 7) return std::nullopt;
  Columns columns(record, 1);
  QueueRow queue;
  queue.id = row;
  queue.paused = columns.flag();
  queue.max_attempts = columns.integer();
  const std::string_view backoff = columns.text();
  queue.exponential = backoff == backoff_word(true);
  columns.require(backoff == backoff_word(queue.exponential));
  queue.retry_delay = columns.real();
  queue.max_retry_delay = columns.real();
  queue.dedup_window = columns.real();
  return if_good(columns, queue);
}

std::optional<KeptDedup> dedup_of(const Record& record) {
  if (record.size() != 5) return std::nullopt;
  Columns columns(record, 0);
  KeptDedup dedup;
  dedup.inbox = columns.integer();
  dedup.key = columns.text();
  dedup.row.id = columns.id();
  dedup.row.until = columns.real();
  dedup.row.held = columns.flag();
  return if_good(columns, dedup);
}

std::optional<KeptSchedule> schedule_of(const Record& record) {
  if (record.size() != 6) return std::nullopt;
  Columns columns(record, 0);
  KeptSchedule schedule;
  schedule.row.name = columns.text();
  schedule.row.recipient = columns.integer();
  schedule.row.recurrence = columns.text();
  schedule.row.anchor = columns.real();
  const auto missed = missed_of(columns.text());
  columns.require(missed.has_value());
  schedule.row.missed = missed.value_or(ScheduleRow::Missed::once);
  const Place place = columns.integer();
  columns.require(inbox_of(place) == schedule.row.recipient);
  schedule.priority = priority_of(place);
  schedule.number = number_of(place) - kFirstNumber;
  return if_good(columns, schedule);
}

std::optional<KeptDead> dead_of(const Record& record) {
  if (!has_columns(record, 11, 20)) return std::nullopt;
  Columns columns(record, 1);
  KeptDead dead;
  const PeerId recipient = columns.integer();
  read_place(columns, columns.integer(), dead.message);
  dead.message.inbox = recipient;
  read_parcel(columns, dead.message.parcel);
  dead.reason = columns.text();
  dead.died_at = columns.real();
  read_rare(columns, dead.message.parcel);
  dead.worker = columns.text_or_null();
  return if_good(columns, dead);
}

std::optional<DecodedStats> stats_of(const Record& record) {
  if (!has_columns(record, 6, 7)) return std::nullopt;
  Columns columns(record, 0);
  DecodedStats stats;
  stats.count.inbox = columns.integer();
  stats.count.sender = columns.text();
  stats.count.sent = columns.integer();
  stats.count.read = columns.integer();
  stats.count.dead = columns.integer();
  if (const auto number = columns.integer_or_null()) {
    const bool is_number = *number > 0 && *number <= kHighestNumber;
    columns.require(is_number);
    if (is_number) stats.last_number = *number - kFirstNumber;
  }
  stats.count.expired = columns.integer_or_null().value_or(0);
  return if_good(columns, stats);
}

TableKind table_by_looks(bool with_rowid, std::int64_t row, const Record& record) {
  if (!with_rowid) {
    if (stats_of(record)) return TableKind::stats;
    if (dedup_of(record)) return TableKind::dedup_keys;
    return schedule_of(record) ? TableKind::schedules : TableKind::other;
  }
  if (record.empty() || record.front().type != Type::null) return TableKind::other;  // the rowid is the first column
  if (message_of(row, record)) return TableKind::messages;
  if (later_of(row, record)) return TableKind::later;
  if (claim_of(row, record)) return TableKind::claims;
  if (dead_of(record)) return TableKind::dead;
  if (peer_of(row, record)) return TableKind::peers;
  if (settings_of(record)) return TableKind::route;
  if (queue_of(row, record)) return TableKind::queue_settings;
  return peer_of_worker(record) ? TableKind::workers : TableKind::other;
}

}  // namespace ipcm::storage::sqlite
