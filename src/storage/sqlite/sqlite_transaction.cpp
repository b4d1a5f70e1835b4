// SPDX-License-Identifier: MIT
#include "storage/sqlite/sqlite_transaction.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <ipcm/error.hpp>

#include "storage/sqlite/place.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {
namespace {

template <typename Map>
typename Map::mapped_type& settled_of(Map& all, std::string_view sender) {
  const auto found = all.find(sender);
  return found != all.end() ? found->second : all[std::string(sender)];
}

}  // namespace

SqliteTransaction::SqliteTransaction(SQLite::Database& database)
    : savepoint_(database, "SAVEPOINT attempt"),
      release_(database, "RELEASE attempt"),
      undo_(database, "ROLLBACK TO attempt"),
      peers_(database),
      messages_(database),
      stats_(database) {}

void SqliteTransaction::begin_anew() noexcept {
  next_number_.clear();
  removed_bytes_ = 0;
}

void SqliteTransaction::attempt(FunctionRef<void()> work) {
  Use(savepoint_).run();
  try {
    work();
  } catch (const Error&) {  // where SQLite failed, the whole transaction does
    next_number_.clear();
    Use(undo_).run();
    Use(release_).run();
    throw;
  }
  Use(release_).run();
}

void SqliteTransaction::forget_peer(const PeerRow& peer) {
  removed_bytes_ = std::numeric_limits<std::int32_t>::max();  // nobody counts; a look costs little
  messages_.remove_inbox(peer.id);
  stats_.remove_inbox(peer.id);
  peers_.remove(peer.id);
}

std::int64_t SqliteTransaction::last_issued(PeerId inbox) {
  const std::int64_t removed = stats_.last_number(inbox);
  const std::optional<Place> last = messages_.last_place(inbox);
  return last ? std::max(removed, number_of(inbox, *last)) : removed;
}

bool SqliteTransaction::append(PeerId inbox, const Parcel& parcel) {
  const auto known = next_number_.find(inbox);
  const std::int64_t number = known != next_number_.end() ? known->second : last_issued(inbox) + 1;
  if (number > kHighestNumber) throw Error(ErrorCode::RouteFull, "the inbox has given out all of its numbers.");
  if (!messages_.insert(place_of(inbox, number), parcel)) return false;
  next_number_[inbox] = number + 1;
  return true;
}

// A place that this inbox never gave out, or that another message has, is as good as none.
Place SqliteTransaction::place_for_return(const PeerRow& inbox, std::optional<Place> wanted) {
  if (wanted) {
    const std::int64_t number = number_of(inbox.id, *wanted);
    if (number > 0 && number <= last_issued(inbox.id) && !messages_.id_at(*wanted)) return *wanted;
  }
  const std::optional<Place> first = messages_.first_place(inbox.id);
  if (!first) return place_of(inbox.id, stats_.last_number(inbox.id));
  if (number_of(inbox.id, *first) <= 0) {
    throw Error(ErrorCode::RouteFull, "no place is left before the first message of " + inbox.name + ".");
  }
  return *first - 1;
}

bool SqliteTransaction::put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) {
  if (!parcel.id.is_generated() && messages_.has_chosen_id(inbox.id, parcel.id)) return false;
  if (place && messages_.id_at(*place) == parcel.id) return false;
  next_number_.erase(inbox.id);
  if (!stats_.unsettle(inbox.id, parcel.sender)) {
    stats_.set_last_number(inbox.id, last_issued(inbox.id) + 1);  // it counts as newly given out
  }
  return messages_.insert(place_for_return(inbox, place), parcel);
}

void SqliteTransaction::note_removal(PeerId inbox, std::int64_t highest_removed) {
  const std::optional<Place> last = messages_.last_place(inbox);
  if (last && number_of(inbox, *last) > highest_removed) return;
  if (highest_removed > stats_.last_number(inbox)) stats_.set_last_number(inbox, highest_removed);
}

std::size_t SqliteTransaction::take(const PeerRow& inbox, std::size_t limit, Judge judge) {
  SettledBySender settled;
  std::size_t taken = 0;
  Place first = 0;
  Place last = 0;
  messages_.visit(inbox.id, limit, [&](const StoredMessage& message) {
    if (taken++ == 0) first = message.place;
    last = message.place;
    count(inbox.id, message, judge, settled);
    return true;
  });
  if (taken == 0) return 0;
  messages_.remove(first, last);
  settle(inbox.id, settled, last);
  return taken;
}

bool SqliteTransaction::take_one(const PeerRow& inbox, Place place, const MessageId& id, Judge judge) {
  const PlaceRange range = inbox_range(inbox.id);
  if (place < range.first || place > range.last) return false;
  SettledBySender settled;
  messages_.visit_one(place, [&](const StoredMessage& message) {
    if (message.parcel.id == id) count(inbox.id, message, judge, settled);
    return false;
  });
  if (settled.empty()) return false;
  messages_.remove(place, place);
  settle(inbox.id, settled, place);
  return true;
}

void SqliteTransaction::count(PeerId inbox, const StoredMessage& message, Judge judge, SettledBySender& settled) {
  removed_bytes_ += message.parcel.content.size();
  Settled& pair = settled_of(settled, message.parcel.sender);
  if (const std::optional<std::string> reason = judge(message)) {
    messages_.bury(inbox, message, *reason);
    ++pair.dead;
  } else {
    ++pair.read;
  }
}

void SqliteTransaction::settle(PeerId inbox, const SettledBySender& settled, Place highest_removed) {
  for (const auto& [sender, pair] : settled) stats_.settle(inbox, sender, pair.read, pair.dead);
  note_removal(inbox, number_of(inbox, highest_removed));
}

}  // namespace ipcm::storage::sqlite
