// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_writer.hpp"

#include <sqlite3.h>

#include <ipcm/error.hpp>

#include "storage/sqlite/message_row.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/words.hpp"

namespace ipcm::storage::sqlite {
namespace {

// So that SQLite's list of what to undo does not grow with the route.
constexpr std::size_t kRowsPerTransaction = 10'000;

constexpr std::int64_t kLeaseIsOver = 0;

[[noreturn]] void refuse_row(const std::string& why) {
  throw Error(ErrorCode::InvalidArgument, why + ".");
}

Place checked_place(PeerId inbox, int priority, std::int64_t number) {
  if (number <= -kFirstNumber || number > kHighestNumber - kFirstNumber) {
    refuse_row("the number " + std::to_string(number) + " is none");
  }
  return place_of(inbox, priority, kFirstNumber + number);
}

}  // namespace

RouteWriter::RouteWriter(SQLite::Database& draft)
    : database_(draft),
      begin_(draft, "BEGIN"),
      commit_(draft, "COMMIT"),
      settings_(draft,
                "UPDATE route SET created_at = ?1, durability = CAST(?2 AS TEXT), max_content = ?3,"
                " notifier = CAST(?4 AS TEXT), time_zone = CAST(?5 AS TEXT), secure_delete = ?6"),
      peer_(draft,
            "INSERT INTO peers(peer_id, name, state, epoch, suspend_expires, kind, stale_until)"
            " VALUES (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), ?4, ?5, CAST(?6 AS TEXT), ?7)"),
      last_number_(draft, "INSERT INTO stats(recipient, sender, last_number) VALUES (?1, '', ?2)"),
      queue_(draft,
             "INSERT INTO queue_settings(queue, paused, max_attempts, backoff, retry_delay, max_retry_delay,"
             " dedup_window) VALUES (?1, ?2, ?3, CAST(?4 AS TEXT), ?5, ?6, ?7)"),
      message_(draft, "INSERT INTO messages(place, " IPCM_MESSAGE_COLUMNS ") VALUES (?1, " IPCM_MESSAGE_VALUES ")"),
      later_(draft, "INSERT INTO later(place, " IPCM_MESSAGE_COLUMNS ", due, schedule) VALUES (?1, " IPCM_MESSAGE_VALUES
                    ", ?17, CAST(?18 AS TEXT))"),
      claim_(draft, "INSERT INTO claims(place, " IPCM_MESSAGE_COLUMNS
                    ", worker, claim, claimed_at, lease_end) VALUES (?1, " IPCM_MESSAGE_VALUES ", ?17, 1, ?18, ?19)"),
      worker_(draft, "INSERT INTO workers(inbox, peer, epoch, first_lease_end) VALUES (?1, ?2, -1, ?3)"),
      peer_by_name_(draft, "SELECT peer_id FROM peers WHERE name = CAST(?1 AS TEXT)"),
      dead_(draft, "INSERT INTO dead(place, " IPCM_MESSAGE_COLUMNS
                   ", recipient, reason, died_at, worker) VALUES (?1, " IPCM_MESSAGE_VALUES
                   ", ?17, CAST(?18 AS TEXT), ?19, CAST(?20 AS TEXT))"),
      dedup_(draft,
             "INSERT INTO dedup_keys(inbox, dedup_key, id, until, held) VALUES (?1, CAST(?2 AS TEXT)"
             ", " IPCM_ID_VALUE("?3", "?4") ", ?5, ?6)"),
      schedule_(draft,
                "INSERT INTO schedules(name, recipient, recurrence, anchor, missed, place)"
                " VALUES (CAST(?1 AS TEXT), ?2, CAST(?3 AS TEXT), ?4, CAST(?5 AS TEXT), ?6)"),
      count_(draft,
             "INSERT INTO stats(recipient, sender, sent, read, dead, expired)"
             " VALUES (?1, CAST(?2 AS TEXT), ?3, ?4, ?5, ?6)") {}

void RouteWriter::run(Use& statement) {
  if (rows_ == 0) Use(begin_).run();
  if (++rows_ > kRowsPerTransaction) {
    finish();
    Use(begin_).run();
    rows_ = 1;
  }
  try {
    statement.run();
  } catch (const SQLite::Exception& failure) {
    switch (failure.getErrorCode() & 0xff) {
      case SQLITE_CONSTRAINT:
        refuse_row(failure.getExtendedErrorCode() == SQLITE_CONSTRAINT_CHECK
                       ? std::string("it breaks a rule of the schema: ") + failure.what()
                       : std::string("there is one like it already, or it lacks what it must have: ") + failure.what());
      case SQLITE_TOOBIG: refuse_row("it is too large for a row");
      default: throw;
    }
  }
}

void RouteWriter::finish() {
  if (rows_ > 0) Use(commit_).run();
  rows_ = 0;
}

void RouteWriter::bind_message(Use& statement, const KeptMessage& row) {
  statement.number(1, checked_place(row.inbox, row.parcel.job.priority, row.number));
  bind_parcel(statement, row.parcel);
  bind_rare(statement, row.parcel);
}

void RouteWriter::settings(const RouteSettings& row) {
  Use update(settings_);
  update.number(1, row.created_at)
      .bytes(2, row.durability)
      .number(3, static_cast<std::int64_t>(row.max_content))
      .bytes(4, row.notifier)
      .bytes(5, row.time_zone)
      .number(6, row.secure_delete ? 1 : 0);
  run(update);
}

void RouteWriter::inbox(const InboxRow& row) {
  const PeerRow& peer = row.peer;
  Use insert(peer_);
  insert.number(1, peer.id).bytes(2, peer.name).bytes(3, word_of(peer.state)).number(4, peer.epoch);
  peer.suspend_expires ? insert.number(5, *peer.suspend_expires) : insert.null(5);
  insert.bytes(6, kind_word(peer.is_queue));
  peer.stale_until ? insert.number(7, kFirstNumber + *peer.stale_until) : insert.null(7);
  run(insert);
  if (!row.last_number) return;
  Use note(last_number_);
  note.number(1, peer.id).number(2, number_of(checked_place(peer.id, kOrdinaryPriority, *row.last_number)));
  run(note);
}

void RouteWriter::queue(const QueueRow& row) {
  Use insert(queue_);
  insert.number(1, row.id)
      .number(2, row.paused ? 1 : 0)
      .number(3, row.max_attempts)
      .bytes(4, backoff_word(row.exponential))
      .number(5, row.retry_delay)
      .number(6, row.max_retry_delay)
      .number(7, row.dedup_window);
  run(insert);
}

void RouteWriter::message(const KeptMessage& row) {
  Use insert(message_);
  bind_message(insert, row);
  run(insert);
}

void RouteWriter::later(const KeptLater& row) {
  Use insert(later_);
  bind_message(insert, row.message);
  row.due ? insert.number(17, *row.due) : insert.null(17);
  bind_text_or_null(insert, 18, row.schedule);
  run(insert);
}

// One that is gone: with an epoch that nobody has, and a lease that is over.
std::int64_t RouteWriter::worker_of(PeerId inbox, std::string_view name) {
  const auto known = workers_.find({inbox, std::string(name)});
  if (known != workers_.end()) return known->second;
  std::int64_t peer = 0;
  {
    Use select(peer_by_name_);
    if (select.bytes(1, name).step()) peer = select.integer(0);
  }
  Use insert(worker_);
  insert.number(1, inbox).number(2, peer).number(3, kLeaseIsOver);
  run(insert);
  const std::int64_t worker = database_.getLastInsertRowid();
  workers_.emplace(std::pair(inbox, std::string(name)), worker);
  return worker;
}

void RouteWriter::claim(const KeptClaim& row) {
  const std::int64_t worker = worker_of(row.message.inbox, row.worker);
  Use insert(claim_);
  bind_message(insert, row.message);
  insert.number(17, worker).number(18, row.claimed_at).number(19, kLeaseIsOver);
  run(insert);
}

void RouteWriter::dead(const KeptDead& row) {
  Use insert(dead_);
  bind_message(insert, row.message);
  insert.number(17, row.message.inbox).bytes(18, row.reason).number(19, row.died_at);
  bind_text_or_null(insert, 20, row.worker);
  run(insert);
}

void RouteWriter::dedup(const KeptDedup& row) {
  Use insert(dedup_);
  insert.number(1, row.inbox).bytes(2, row.key).number(5, row.row.until).number(6, row.row.held ? 1 : 0);
  bind_id(insert, 3, row.row.id);
  run(insert);
}

void RouteWriter::schedule(const KeptSchedule& row) {
  Use insert(schedule_);
  insert.bytes(1, row.row.name)
      .number(2, row.row.recipient)
      .bytes(3, row.row.recurrence)
      .number(4, row.row.anchor)
      .bytes(5, word_of(row.row.missed))
      .number(6, checked_place(row.row.recipient, row.priority, row.number));
  run(insert);
}

void RouteWriter::count(const KeptCount& row) {
  Use insert(count_);
  insert.number(1, row.inbox)
      .bytes(2, row.sender)
      .number(3, row.sent)
      .number(4, row.read)
      .number(5, row.dead)
      .number(6, row.expired);
  run(insert);
}

}  // namespace ipcm::storage::sqlite
