// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_reader.hpp"

#include <algorithm>

#include <ipcm/error.hpp>

#include "storage/sqlite/message_row.hpp"
#include "storage/sqlite/place.hpp"
#include "storage/words.hpp"

namespace ipcm::storage::sqlite {
namespace {

std::string_view text_at(const Use& row, int column) {
  return row.is_null(column) ? std::string_view() : row.bytes(column);
}

std::optional<double> real_at(const Use& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

// Shows each row of a query.
template <typename Show>
void each(SQLite::Database& route, const char* sql, Show show) {
  SQLite::Statement select(route, sql);
  Use row(select);
  while (row.step()) show(row);
}

// The same, of a table of messages: place and IPCM_MESSAGE_COLUMNS come first.
template <typename Show>
void each_message(SQLite::Database& route, const char* sql, Show show) {
  SQLite::Statement select(route, sql);
  Use row(select);
  if (!row.step()) return;
  const MessageColumns columns(row);
  do {
    const StoredMessage stored = columns.read();
    show(KeptMessage{inbox_of(stored.place), number_of(stored.place) - kFirstNumber, stored.parcel}, row);
  } while (row.step());
}

void read_settings(SQLite::Database& route, RowSink& sink) {
  each(route, "SELECT created_at, durability, max_content, notifier, time_zone, secure_delete FROM route",
       [&](const Use& row) {
         sink.settings({row.real(0), std::string(row.bytes(1)), static_cast<std::uint64_t>(row.integer(2)),
                        std::string(row.bytes(3)), std::string(row.bytes(4)), row.integer(5) != 0});
       });
}

void read_inboxes(SQLite::Database& route, RowSink& sink) {
  each(route,
       "SELECT p.peer_id, p.name, p.state, p.epoch, p.suspend_expires, p.kind, s.last_number, p.stale_until FROM peers "
       "AS p"
       " LEFT JOIN stats AS s ON s.recipient = p.peer_id AND s.sender = '' ORDER BY p.peer_id",
       [&](const Use& row) {
         InboxRow inbox;
         inbox.peer.id = row.integer(0);
         inbox.peer.name = row.bytes(1);
         inbox.peer.state = state_of(row.bytes(2)).value_or(RecordedState::suspended);
         inbox.peer.epoch = row.integer(3);
         inbox.peer.suspend_expires = real_at(row, 4);
         inbox.peer.is_queue = row.bytes(5) == kind_word(true);
         // What a stranger wrote there may be beyond all reason.
         if (!row.is_null(6)) inbox.last_number = std::clamp<Place>(row.integer(6), 0, kHighestNumber) - kFirstNumber;
         if (!row.is_null(7))
           inbox.peer.stale_until = std::clamp<Place>(row.integer(7), 0, kHighestNumber) - kFirstNumber;
         sink.inbox(inbox);
       });
}

void read_queues(SQLite::Database& route, RowSink& sink) {
  each(route,
       "SELECT queue, paused, max_attempts, backoff, retry_delay, max_retry_delay, dedup_window FROM queue_settings"
       " ORDER BY queue",
       [&](const Use& row) {
         sink.queue({row.integer(0), row.integer(1) != 0, row.integer(2), row.bytes(3) == backoff_word(true),
                     row.real(4), row.real(5), row.real(6)});
       });
}

void read_mail(SQLite::Database& route, RowSink& sink) {
  each_message(route, "SELECT place, " IPCM_MESSAGE_COLUMNS " FROM messages ORDER BY place",
               [&](const KeptMessage& message, const Use&) { sink.message(message); });
  each_message(route, "SELECT place, " IPCM_MESSAGE_COLUMNS ", due, schedule FROM later ORDER BY place",
               [&](const KeptMessage& message, const Use& row) {
                 sink.later({message, real_at(row, 15), text_at(row, 16)});
               });
  each_message(route,
               "SELECT c.*, p.name FROM (SELECT place, " IPCM_MESSAGE_COLUMNS
               ", claimed_at, worker FROM claims) AS c"
               " LEFT JOIN workers AS w ON w.worker = c.worker LEFT JOIN peers AS p ON p.peer_id = w.peer"
               " ORDER BY c.place",
               [&](const KeptMessage& message, const Use& row) {
                 sink.claim({message, text_at(row, 17), row.real(15)});
               });
  each_message(route,
               "SELECT place, " IPCM_MESSAGE_COLUMNS ", recipient, reason, died_at, worker FROM dead ORDER BY dead_id",
               [&](KeptMessage message, const Use& row) {
                 message.inbox = row.integer(15);
                 sink.dead({message, row.bytes(16), row.real(17), text_at(row, 18)});
               });
}

void read_books(SQLite::Database& route, RowSink& sink) {
  each(route, "SELECT inbox, dedup_key, id, until, held FROM dedup_keys ORDER BY inbox, dedup_key",
       [&](const Use& row) {
         sink.dedup({row.integer(0), row.bytes(1), {read_id(row.column(2)), row.real(3), row.integer(4) != 0}});
       });
  each(route, "SELECT name, recipient, recurrence, anchor, missed, place FROM schedules ORDER BY name",
       [&](const Use& row) {
         const Place place = row.integer(5);
         sink.schedule({{std::string(row.bytes(0)), row.integer(1), std::string(row.bytes(2)), row.real(3),
                         missed_of(row.bytes(4)).value_or(ScheduleRow::Missed::once), place},
                        priority_of(place),
                        number_of(place) - kFirstNumber});
       });
  each(route,
       "SELECT recipient, sender, sent, read, dead, expired FROM stats WHERE sender <> '' ORDER BY recipient, sender",
       [&](const Use& row) {
         sink.count({row.integer(0), row.bytes(1), row.integer(2), row.integer(3), row.integer(4), row.integer(5)});
       });
}

}  // namespace

void read_rows(SQLite::Database& route, RowSink& sink) {
  read_settings(route, sink);
  read_inboxes(route, sink);
  read_queues(route, sink);
  read_mail(route, sink);
  read_books(route, sink);
}

}  // namespace ipcm::storage::sqlite
