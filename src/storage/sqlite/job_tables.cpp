// SPDX-License-Identifier: MIT
#include "storage/sqlite/job_tables.hpp"

#include <algorithm>

#include "core/fault_point.hpp"
#include "storage/sqlite/message_row.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/words.hpp"

namespace ipcm::storage::sqlite {
namespace {

#define IPCM_INBOX(place) place " BETWEEN ?1 << 43 AND ((?1 + 1) << 43) - 1"
// IPCM_MESSAGE_COLUMNS with something else in the place of attempts.
#define IPCM_COLUMNS_WITH(attempts)                                              \
  IPCM_PARCEL_COLUMNS ", reply_to, correlation_id, error, expires_at, " attempts \
                      ", max_attempts, group_key, "                              \
                      "dedup_key"
#define IPCM_SCHEDULE_COLUMNS "name, recipient, recurrence, anchor, missed, place"
#define IPCM_CHOSEN_ID "place >> 43 = ?1 AND id = CAST(?2 AS TEXT) AND typeof(id) = 'text'"
#define IPCM_CLAIMS_OF_CALL " FROM claims WHERE place BETWEEN ?1 AND ?4 AND worker = ?2 AND claim = ?3"
#define IPCM_THIS_CLAIM " FROM claims WHERE place = ?1 AND worker = ?2 AND claim = ?3"

// Of the content of a message that is moved within the database, where nobody has looked at it.
constexpr std::size_t kGuess = 4096;

std::optional<double> real_or_nothing(const Use& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

ScheduleRow read_schedule(const Use& row) {
  ScheduleRow schedule;
  schedule.name = row.bytes(0);
  schedule.recipient = row.integer(1);
  schedule.recurrence = row.bytes(2);
  schedule.anchor = row.real(3);
  schedule.missed = missed_of(row.bytes(4)).value_or(ScheduleRow::Missed::once);
  schedule.place = row.integer(5);
  return schedule;
}

std::string_view text_or_nothing(const Use& row, int column) {
  return row.is_null(column) ? std::string_view() : row.bytes(column);
}

}  // namespace

// OR FAIL: what would be undone by an ABORT is undone with the whole transaction, and a copy of each page that could be
// needed for it costs more than all the rest of such a statement.
JobTables::JobTables(SQLite::Database& database, MessageTable& messages, StatsTable& stats, GivePlace give_place)
    : database_(database),
      messages_(messages),
      stats_(stats),
      give_place_(std::move(give_place)),
      find_queue_(database,
                  "SELECT paused, max_attempts, backoff = 'exponential', retry_delay, max_retry_delay, dedup_window"
                  " FROM queue_settings WHERE queue = ?"),
      put_queue_(database,
                 "INSERT OR REPLACE INTO queue_settings(queue, paused, max_attempts, backoff, retry_delay,"
                 " max_retry_delay, dedup_window)"
                 " VALUES (?1, ?2, ?3, CASE ?4 WHEN 1 THEN 'exponential' ELSE 'fixed' END, ?5, ?6, ?7)"),
      insert_later_(database, "INSERT INTO later(place, " IPCM_MESSAGE_COLUMNS
                              ", due, schedule, computed_at) VALUES (?1, " IPCM_MESSAGE_VALUES
                              ", ?17, CAST(?18 AS TEXT), ?19)"),
      has_later_(database, "SELECT 1 FROM later WHERE " IPCM_INBOX("place") " LIMIT 1"),
      has_due_(database, "SELECT 1 FROM later WHERE place >> 43 = ? AND due <= ? LIMIT 1"),
      next_due_(database, "SELECT due FROM later WHERE place >> 43 = ? AND due IS NOT NULL ORDER BY due LIMIT 1"),
      visit_due_(database, "SELECT place, " IPCM_MESSAGE_COLUMNS
                           ", due, schedule FROM later WHERE place >> 43 = ? AND due <= ? ORDER BY due, place LIMIT ?"),
      visit_later_(database, "SELECT place, " IPCM_MESSAGE_COLUMNS
                             ", due, schedule FROM later WHERE " IPCM_INBOX("place") " ORDER BY place"),
      ready_from_later_(database, "INSERT OR FAIL INTO messages(place, " IPCM_MESSAGE_COLUMNS
                                  ", ready_at) SELECT place, " IPCM_MESSAGE_COLUMNS ", due FROM later WHERE place = ?"),
      forget_due_(database, "UPDATE later SET due = NULL, computed_at = NULL WHERE place = ?"),
      park_(database, "INSERT OR FAIL INTO later(place, " IPCM_MESSAGE_COLUMNS
                      ") SELECT place, " IPCM_MESSAGE_COLUMNS " FROM messages WHERE place = ?"),
      remove_later_(database, "DELETE FROM later WHERE place = ?"),
      has_computed_after_(database, "SELECT 1 FROM later WHERE computed_at > ? LIMIT 1"),
      computed_after_(database,
                      "SELECT place, coalesce(due, 0), computed_at, schedule FROM later WHERE computed_at > ?"
                      " ORDER BY computed_at DESC LIMIT ?"),
      set_due_(database, "UPDATE later SET due = ?2, computed_at = ?3 WHERE place = ?1"),
      visit_later_at_(database,
                      "SELECT place, " IPCM_MESSAGE_COLUMNS ", due, schedule FROM later WHERE place = ?1"),
      schedules_(database, "SELECT " IPCM_SCHEDULE_COLUMNS " FROM schedules ORDER BY name"),
      find_schedule_(database, "SELECT " IPCM_SCHEDULE_COLUMNS " FROM schedules WHERE name = CAST(?1 AS TEXT)"),
      put_schedule_(database, "INSERT OR REPLACE INTO schedules(" IPCM_SCHEDULE_COLUMNS
                              ") VALUES (CAST(?1 AS TEXT), ?2, CAST(?3 AS TEXT), ?4, CAST(?5 AS TEXT), ?6)"),
      remove_schedule_(database, "DELETE FROM schedules WHERE name = CAST(?1 AS TEXT)"),
      time_zone_(database, "SELECT time_zone FROM route"),
      set_time_zone_(database, "UPDATE route SET time_zone = CAST(?1 AS TEXT)"),
      has_claimed_of_group_(database,
                            "SELECT 1 FROM claims WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT) LIMIT 1"),
      ready_of_group_(
          database,
          "SELECT place FROM messages WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT) ORDER BY place"),
      has_group_(database,
                 "SELECT EXISTS (SELECT 1 FROM messages WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT))"
                 " OR EXISTS (SELECT 1 FROM later WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT))"
                 " OR EXISTS (SELECT 1 FROM claims WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT))"),
      has_group_before_(
          database,
          "SELECT EXISTS (SELECT 1 FROM messages WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT))"
          " OR EXISTS (SELECT 1 FROM later WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT) AND place < ?3)"
          " OR EXISTS (SELECT 1 FROM claims WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT))"),
      first_later_of_group_(database,
                            "SELECT place, due FROM later WHERE place >> 43 = ?1 AND group_key = CAST(?2 AS TEXT)"
                            " ORDER BY place LIMIT 1"),
      workers_(database,
               "SELECT w.worker, w.peer, w.epoch, p.epoch, p.name, w.first_lease_end"
               " FROM workers AS w LEFT JOIN peers AS p ON p.peer_id = w.peer WHERE w.inbox = ?"),
      find_worker_(database,
                   "SELECT w.first_lease_end, q.paused FROM workers AS w"
                   " LEFT JOIN queue_settings AS q ON q.queue = w.inbox"
                   " WHERE w.worker = ? AND w.inbox = ? AND w.peer = ? AND w.epoch = ?"),
      workers_of_(database, "SELECT inbox, worker FROM workers WHERE peer = ?"),
      add_worker_(database, "INSERT INTO workers(inbox, peer, epoch) VALUES (?1, ?2, ?3)"),
      set_first_lease_end_(database, "UPDATE workers SET first_lease_end = ?2 WHERE worker = ?1"),
      lower_first_lease_end_(database,
                             "UPDATE workers SET first_lease_end = ?2 WHERE worker = ?1"
                             " AND (first_lease_end IS NULL OR first_lease_end > ?2)"),
      remove_worker_(database, "DELETE FROM workers WHERE worker = ?"),
      claim_(database, "INSERT OR FAIL INTO claims(place, " IPCM_MESSAGE_COLUMNS
                       ", worker, claim, claimed_at, lease_end, ready_at) SELECT place, " IPCM_COLUMNS_WITH(
                           "min(coalesce(attempts, 0), 1000000000) + 1") ", ?3, ?4, ?5, ?6, ready_at FROM messages"
                       " WHERE place BETWEEN ?1 AND ?2"),
      claim_one_(database, "INSERT INTO claims(place, " IPCM_MESSAGE_COLUMNS
                           ", worker, claim, claimed_at, lease_end, ready_at) VALUES (?1, " IPCM_MESSAGE_VALUES
                           ", ?17, ?18, ?19, ?20, (SELECT ready_at FROM messages WHERE place = ?1))"),
      has_claims_(database, "SELECT 1 FROM claims WHERE " IPCM_INBOX("place") " LIMIT 1"),
      counts_(database, "SELECT (SELECT count(*) FROM (SELECT 1 FROM messages WHERE " IPCM_INBOX("place") " LIMIT ?2)),"
                        " (SELECT count(*) FROM (SELECT 1 FROM later WHERE " IPCM_INBOX("place") " LIMIT ?2)),"
                        " (SELECT count(*) FROM (SELECT 1 FROM claims WHERE " IPCM_INBOX("place") " LIMIT ?2)),"
                        " (SELECT count(*) FROM dead WHERE recipient = ?1)"),
      visit_claims_(database, "SELECT place, " IPCM_MESSAGE_COLUMNS
                              ", worker, claim, claimed_at, lease_end FROM claims WHERE " IPCM_INBOX(
                                  "place") " ORDER BY place"),
      extend_(database, "UPDATE claims SET lease_end = ?4 WHERE place = ?1 AND worker = ?2 AND claim = ?3"),
      release_(database, "INSERT OR FAIL INTO messages(place, " IPCM_MESSAGE_COLUMNS
                         ", ready_at) SELECT place, " IPCM_COLUMNS_WITH("nullif(?4, 0)") ", ready_at" IPCM_THIS_CLAIM),
      postpone_(database, "INSERT OR FAIL INTO later(place, " IPCM_MESSAGE_COLUMNS
                          ", due, computed_at) SELECT place, " IPCM_COLUMNS_WITH("nullif(?4, 0)") ", ?5, ?6"
                          IPCM_THIS_CLAIM),
      bury_(database, "INSERT OR FAIL INTO dead(dead_id, place, " IPCM_MESSAGE_COLUMNS
                      ", recipient, reason, died_at, worker) SELECT " IPCM_NEXT_DEAD_ID
                      ", place, " IPCM_MESSAGE_COLUMNS
                      ", place >> 43, CAST(?4 AS TEXT), (julianday('now') - 2440587.5) * 86400.0,"
                      " CAST(?5 AS TEXT)" IPCM_THIS_CLAIM),
      remove_claim_(database, "DELETE" IPCM_THIS_CLAIM),
      count_claims_(database, "SELECT count(*)" IPCM_CLAIMS_OF_CALL),
      remove_claims_(database, "DELETE" IPCM_CLAIMS_OF_CALL),
      visit_dead_(database, "SELECT place, " IPCM_MESSAGE_COLUMNS
                            ", dead_id, recipient, reason, died_at, worker FROM dead WHERE recipient = ?2"
                            " AND dead_id > ?1 ORDER BY dead_id"),
      visit_all_dead_(database, "SELECT place, " IPCM_MESSAGE_COLUMNS
                                ", dead_id, recipient, reason, died_at, worker FROM dead WHERE dead_id > ?1"
                                " ORDER BY dead_id"),
      count_dead_(database, "SELECT count(*) FROM (SELECT 1 FROM dead LIMIT ?)"),
      last_dead_(database, "SELECT max(dead_id) FROM dead"),
      remove_dead_(database, "DELETE FROM dead WHERE dead_id = ?"),
      find_dedup_(database,
                  "SELECT id, until, held FROM dedup_keys WHERE inbox = ? AND dedup_key = CAST(? AS TEXT)"),
      put_dedup_(database, "INSERT OR REPLACE INTO dedup_keys(inbox, dedup_key, id, until, held)"
                           " VALUES (?1, CAST(?2 AS TEXT), " IPCM_ID_VALUE("?3", "?4") ", ?5, ?6)"),
      forget_dedup_(database,
                    "DELETE FROM dedup_keys WHERE inbox = ?1 AND dedup_key = CAST(?2 AS TEXT) AND until <= ?3"),
      end_dedup_(database,
                 "UPDATE dedup_keys SET held = 0 WHERE inbox = ?1 AND dedup_key = CAST(?2 AS TEXT)"),
      clear_dedup_(database, "DELETE FROM dedup_keys WHERE held = 0 AND until <= ?"),
      count_kept_dedup_(database, "SELECT count(*) FROM (SELECT 1 FROM dedup_keys WHERE held = 0 LIMIT ?)"),
      last_kept_dedup_(database, "SELECT until, inbox FROM dedup_keys WHERE held = 0 ORDER BY until DESC LIMIT 1"),
      id_at_(database, "SELECT id FROM later WHERE place = ?1 UNION ALL SELECT id FROM claims WHERE place = ?1"),
      chosen_(database,
              "SELECT 1 FROM messages WHERE " IPCM_CHOSEN_ID " UNION ALL SELECT 1 FROM later WHERE " IPCM_CHOSEN_ID
              " UNION ALL SELECT 1 FROM claims WHERE " IPCM_CHOSEN_ID),
      remove_inbox_later_(database, "DELETE FROM later WHERE " IPCM_INBOX("place")),
      remove_inbox_claims_(database, "DELETE FROM claims WHERE " IPCM_INBOX("place")),
      remove_inbox_workers_(database, "DELETE FROM workers WHERE inbox = ?1"),
      remove_inbox_dedup_(database, "DELETE FROM dedup_keys WHERE inbox = ?1"),
      remove_inbox_queue_(database, "DELETE FROM queue_settings WHERE queue = ?1"),
      remove_inbox_schedules_(database, "DELETE FROM schedules WHERE recipient = ?1"),
      remove_inbox_dead_(database, "DELETE FROM dead WHERE recipient = ?1") {}

void JobTables::begin_anew() noexcept {
  removed_bytes_ = 0;
  added_bytes_ = 0;
  sends_ = false;
}

// --- queues ----------------------------------------------------------------------------------------------------------

std::optional<QueueRow> JobTables::find_queue(PeerId queue) {
  Use select(find_queue_);
  if (!select.number(1, queue).step()) return std::nullopt;
  return QueueRow{queue,          select.integer(0) != 0, select.integer(1), select.integer(2) != 0,
                  select.real(3), select.real(4),         select.real(5)};
}

void JobTables::put_queue(const QueueRow& queue) {
  Use(put_queue_)
      .number(1, queue.id)
      .number(2, queue.paused ? 1 : 0)
      .number(3, queue.max_attempts)
      .number(4, queue.exponential ? 1 : 0)
      .number(5, queue.retry_delay)
      .number(6, queue.max_retry_delay)
      .number(7, queue.dedup_window)
      .run();
}

// --- messages for later ----------------------------------------------------------------------------------------------

std::optional<Place> JobTables::append_later(PeerId inbox, const Parcel& parcel, std::optional<double> due,
                                             std::string_view schedule, std::optional<double> computed_at) {
  if (!parcel.id.is_generated() && has_chosen_id(inbox, parcel.id)) return std::nullopt;
  const Place place = give_place_(inbox, parcel.job.priority);
  Use insert(insert_later_);
  insert.number(1, place);
  bind_parcel(insert, parcel);
  bind_rare(insert, parcel);
  due ? insert.number(17, *due) : insert.null(17);
  bind_text_or_null(insert, 18, schedule);
  computed_at ? insert.number(19, *computed_at) : insert.null(19);
  insert.run();
  added_bytes_ += parcel.content.size();
  if (schedule.empty()) sends_ = true;
  return place;
}

bool JobTables::has_later(PeerId inbox) {
  return Use(has_later_).number(1, inbox).step();
}

bool JobTables::has_due(PeerId inbox, double now) {
  return Use(has_due_).number(1, inbox).number(2, now).step();
}

std::optional<double> JobTables::next_due(PeerId inbox) {
  Use select(next_due_);
  if (!select.number(1, inbox).step()) return std::nullopt;
  return select.real(0);
}

void JobTables::visit_later(Use& select, FunctionRef<bool(const LaterMessage&)> visit) {
  if (!select.step()) return;
  const MessageColumns columns(select);
  do {
    const LaterMessage found{columns.read(), real_or_nothing(select, MessageColumns::kCount),
                             text_or_nothing(select, MessageColumns::kCount + 1)};
    if (!visit(found)) return;
  } while (select.step());
}

void JobTables::visit_due(PeerId inbox, double now, std::size_t limit, FunctionRef<bool(const LaterMessage&)> visit) {
  Use select(visit_due_);
  select.number(1, inbox).number(2, now).number(3, static_cast<std::int64_t>(limit));
  visit_later(select, visit);
}

void JobTables::visit_later(PeerId inbox, FunctionRef<bool(const LaterMessage&)> visit) {
  Use select(visit_later_);
  select.number(1, inbox);
  visit_later(select, visit);
}

void JobTables::visit_later_at(Place place, FunctionRef<bool(const LaterMessage&)> visit) {
  Use select(visit_later_at_);
  select.number(1, place);
  visit_later(select, visit);
}

void JobTables::make_ready(Place place) {
  added_bytes_ += kGuess;
  Use(ready_from_later_).number(1, place).run();
  remove_later(place);
}

void JobTables::forget_due(Place place) {
  Use(forget_due_).number(1, place).run();
}

// It may be the one that showed the highest number.
void JobTables::park(Place place) {
  const PeerId inbox = inbox_of(place);
  Use(park_).number(1, place).run();
  messages_.remove(place, place);
  stats_.set_last_number(inbox, std::max(stats_.last_number(inbox), number_of(place)));
}

void JobTables::remove_later(Place place) {
  Use(remove_later_).number(1, place).run();
}

bool JobTables::has_computed_after(double time) {
  return Use(has_computed_after_).number(1, time).step();
}

std::vector<EarlyDelay> JobTables::computed_after(double time, std::size_t limit) {
  std::vector<EarlyDelay> found;
  Use select(computed_after_);
  select.number(1, time).number(2, static_cast<std::int64_t>(limit));
  while (select.step()) {
    const Place place = select.integer(0);
    found.push_back({inbox_of(place), place, select.real(1), select.real(2), std::string(text_or_nothing(select, 3))});
  }
  return found;
}

void JobTables::set_due(Place place, double due, std::optional<double> computed_at) {
  Use update(set_due_);
  update.number(1, place).number(2, due);
  computed_at ? update.number(3, *computed_at) : update.null(3);
  update.run();
}

// --- schedules -------------------------------------------------------------------------------------------------------

std::vector<ScheduleRow> JobTables::schedules() {
  std::vector<ScheduleRow> rows;
  Use select(schedules_);
  while (select.step()) rows.push_back(read_schedule(select));
  return rows;
}

std::optional<ScheduleRow> JobTables::find_schedule(std::string_view name) {
  Use select(find_schedule_);
  if (!select.bytes(1, name).step()) return std::nullopt;
  return read_schedule(select);
}

void JobTables::put_schedule(const ScheduleRow& schedule) {
  Use insert(put_schedule_);
  insert.bytes(1, schedule.name).number(2, schedule.recipient).bytes(3, schedule.recurrence);
  insert.number(4, schedule.anchor).bytes(5, word_of(schedule.missed));
  insert.number(6, schedule.place).run();
}

void JobTables::remove_schedule(std::string_view name) {
  Use(remove_schedule_).bytes(1, name).run();
}

std::string JobTables::time_zone() {
  Use select(time_zone_);
  return select.step() ? std::string(select.bytes(0)) : "UTC";
}

void JobTables::set_time_zone(std::string_view name) {
  Use(set_time_zone_).bytes(1, name).run();
}

// --- groups ----------------------------------------------------------------------------------------------------------

bool JobTables::has_group(PeerId inbox, std::string_view group) {
  Use select(has_group_);
  return select.number(1, inbox).bytes(2, group).step() && select.integer(0) != 0;
}

bool JobTables::has_claimed_of_group(PeerId inbox, std::string_view group) {
  return Use(has_claimed_of_group_).number(1, inbox).bytes(2, group).step();
}

std::vector<Place> JobTables::ready_of_group(PeerId inbox, std::string_view group) {
  std::vector<Place> places;
  Use select(ready_of_group_);
  select.number(1, inbox).bytes(2, group);
  while (select.step()) places.push_back(select.integer(0));
  return places;
}

bool JobTables::has_group_before(PeerId inbox, std::string_view group, Place place) {
  Use select(has_group_before_);
  return select.number(1, inbox).bytes(2, group).number(3, place).step() && select.integer(0) != 0;
}

std::optional<Jobs::Waiting> JobTables::first_later_of_group(PeerId inbox, std::string_view group) {
  Use select(first_later_of_group_);
  if (!select.number(1, inbox).bytes(2, group).step()) return std::nullopt;
  return Waiting{select.integer(0), real_or_nothing(select, 1)};
}

// --- claims ----------------------------------------------------------------------------------------------------------

std::vector<WorkerRow> JobTables::workers(PeerId inbox) {
  std::vector<WorkerRow> rows;
  Use select(workers_);
  select.number(1, inbox);
  while (select.step()) {
    WorkerRow& row = rows.emplace_back();
    row.id = select.integer(0);
    row.peer = select.integer(1);
    row.epoch = select.integer(2);
    if (!select.is_null(3)) row.epoch_of_peer = select.integer(3);
    row.peer_name = text_or_nothing(select, 4);
    row.first_lease_end = real_or_nothing(select, 5);
  }
  return rows;
}

std::optional<OwnWorker> JobTables::find_worker(WorkerId worker, PeerId inbox, PeerId peer, std::int64_t epoch) {
  Use select(find_worker_);
  if (!select.number(1, worker).number(2, inbox).number(3, peer).number(4, epoch).step()) return std::nullopt;
  return OwnWorker{worker, real_or_nothing(select, 0), select.integer(1) != 0};
}

std::vector<std::pair<PeerId, WorkerId>> JobTables::workers_of(PeerId peer) {
  std::vector<std::pair<PeerId, WorkerId>> workers;
  Use select(workers_of_);
  select.number(1, peer);
  while (select.step()) workers.emplace_back(select.integer(0), select.integer(1));
  return workers;
}

WorkerId JobTables::add_worker(PeerId inbox, PeerId peer, std::int64_t epoch) {
  Use(add_worker_).number(1, inbox).number(2, peer).number(3, epoch).run();
  return database_.getLastInsertRowid();
}

void JobTables::set_first_lease_end(WorkerId worker, std::optional<double> lease_end) {
  Use update(set_first_lease_end_);
  update.number(1, worker);
  lease_end ? update.number(2, *lease_end) : update.null(2);
  update.run();
}

void JobTables::lower_first_lease_end(WorkerId worker, double lease_end) {
  Use(lower_first_lease_end_).number(1, worker).number(2, lease_end).run();
}

void JobTables::remove_worker(WorkerId worker) {
  Use(remove_worker_).number(1, worker).run();
}

bool JobTables::has_claims(PeerId inbox) {
  return Use(has_claims_).number(1, inbox).step();
}

// Of ready, later and claimed the largest is what the counters say beyond the other two, which alone are counted to
// their end: they are few in nearly every queue, whatever it is full of.
JobCounts JobTables::counts(PeerId inbox) {
  constexpr std::int64_t kFirstLimit = 256;
  constexpr std::int64_t kGrowth = 16;
  JobCounts counts;
  for (std::int64_t limit = kFirstLimit;; limit *= kGrowth) {
    Use select(counts_);
    select.number(1, inbox).number(2, limit).step();
    std::uint64_t* const parts[] = {&counts.ready, &counts.later, &counts.claimed};
    std::uint64_t* largest = nullptr;  // one of those that are not counted to their end
    int uncounted = 0;
    std::uint64_t others = 0;
    for (int part = 0; part < 3; ++part) {
      *parts[part] = static_cast<std::uint64_t>(select.integer(part));
      if (select.integer(part) < limit) {
        others += *parts[part];
      } else {
        largest = parts[part];
        ++uncounted;
      }
    }
    if (uncounted > 1) continue;
    if (largest != nullptr) *largest = std::max(stats_.depth(inbox), others + *largest) - others;
    counts.dead = static_cast<std::uint64_t>(select.integer(3));
    return counts;
  }
}

void JobTables::visit_claims(PeerId inbox, FunctionRef<bool(const ClaimedMessage&)> visit) {
  Use select(visit_claims_);
  if (!select.number(1, inbox).step()) return;
  const MessageColumns columns(select);
  constexpr int kFirst = MessageColumns::kCount;
  do {
    ClaimedMessage found;
    found.message = columns.read();
    found.key = {found.message.place, select.integer(kFirst), select.integer(kFirst + 1)};
    found.claimed_at = select.real(kFirst + 2);
    found.lease_end = select.real(kFirst + 3);
    if (!visit(found)) return;
  } while (select.step());
}

bool JobTables::run_for(LazyStatement& statement, const ClaimKey& key) {
  return Use(statement).number(1, key.place).number(2, key.worker).number(3, key.call).run() > 0;
}

bool JobTables::extend(const ClaimKey& key, double lease_end) {
  Use update(extend_);
  return update.number(1, key.place).number(2, key.worker).number(3, key.call).number(4, lease_end).run() > 0;
}

bool JobTables::release(const ClaimKey& key, std::int64_t attempts) {
  Use insert(release_);
  insert.number(1, key.place).number(2, key.worker).number(3, key.call).number(4, attempts);
  return insert.run() > 0 && remove_claim(key);
}

bool JobTables::postpone(const ClaimKey& key, std::int64_t attempts, double due, double computed_at) {
  Use insert(postpone_);
  insert.number(1, key.place).number(2, key.worker).number(3, key.call).number(4, attempts).number(5, due);
  insert.number(6, computed_at);
  return insert.run() > 0 && remove_claim(key);
}

bool JobTables::remove_claim(const ClaimKey& key) {
  return run_for(remove_claim_, key) || faults::has_bug("late workers are not fenced off");
}

bool JobTables::remove_claims(const ClaimKey& first, Place last, std::size_t count) {
  for (LazyStatement* statement : {&count_claims_, &remove_claims_}) {
    Use use(*statement);
    use.number(1, first.place).number(2, first.worker).number(3, first.call).number(4, last);
    const bool is_row = use.step();
    if (is_row && use.integer(0) != static_cast<std::int64_t>(count)) return false;
  }
  return true;
}

bool JobTables::bury_claim(const ClaimKey& key, std::string_view reason, std::string_view worker) {
  Use insert(bury_);
  insert.number(1, key.place).number(2, key.worker).number(3, key.call).bytes(4, reason);
  bind_text_or_null(insert, 5, worker);
  return insert.run() > 0 && remove_claim(key);
}

void JobTables::settle(PeerId inbox, std::string_view sender, const Departed& departed) {
  if (faults::has_bug("the books are not settled")) return;
  stats_.settle(inbox, sender, departed.read, departed.dead, departed.expired);
  removed_bytes_ += departed.bytes;
}

// --- for SqliteTransaction -------------------------------------------------------------------------------------------

void JobTables::claim(const StoredMessage& message, const ClaimTerms& terms) {
  Use insert(claim_one_);
  insert.number(1, message.place);
  bind_parcel(insert, message.parcel);
  bind_rare(insert, message.parcel);
  insert.number(13, message.parcel.job.attempts + 1);
  insert.number(17, terms.worker).number(18, terms.call).number(19, terms.claimed_at).number(20, terms.lease_end);
  insert.run();
}

void JobTables::claim(Place first, Place last, const ClaimTerms& terms) {
  Use insert(claim_);
  insert.number(1, first).number(2, last).number(3, terms.worker).number(4, terms.call).number(5, terms.claimed_at);
  insert.number(6, terms.lease_end).run();
}

std::optional<MessageId> JobTables::id_at(Place place) {
  Use select(id_at_);
  if (!select.number(1, place).step()) return std::nullopt;
  return read_id(select.column(0));
}

bool JobTables::has_chosen_id(PeerId inbox, const MessageId& id) {
  return Use(chosen_).number(1, inbox).bytes(2, id.chosen_text()).step();
}

void JobTables::remove_inbox(PeerId inbox) {
  for (LazyStatement* statement :
       {&remove_inbox_later_, &remove_inbox_claims_, &remove_inbox_workers_, &remove_inbox_dedup_, &remove_inbox_queue_,
        &remove_inbox_schedules_, &remove_inbox_dead_}) {
    Use(*statement).number(1, inbox).run();
  }
}

}  // namespace ipcm::storage::sqlite
