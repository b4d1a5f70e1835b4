// SPDX-License-Identifier: MIT
#include "storage/sqlite/sqlite_transaction.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <ipcm/error.hpp>

#include "core/fault_point.hpp"
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
      stats_(database),
      jobs_(database, messages_, stats_,
            [this](PeerId inbox, int priority) { return place_for_later(inbox, priority); }) {}

void SqliteTransaction::begin_anew() noexcept {
  next_number_.clear();
  appended_ = {};
  forgotten_.clear();
  added_bytes_ = 0;
  sends_ = false;
  jobs_.begin_anew();
}

void SqliteTransaction::attempt(FunctionRef<void()> work) {
  Use(savepoint_).run();
  const Appended before = appended_;
  try {
    work();
  } catch (const Error&) {  // where SQLite failed, the whole transaction does
    next_number_.clear();
    appended_ = before;
    Use(undo_).run();
    Use(release_).run();
    throw;
  }
  Use(release_).run();
}

void SqliteTransaction::forget_peer(const PeerRow& peer) {
  jobs_.removed_bytes() = std::numeric_limits<std::int32_t>::max();  // nobody counts; a look costs little
  messages_.remove_inbox(peer.id);
  jobs_.remove_inbox(peer.id);
  stats_.remove_inbox(peer.id);
  peers_.remove(peer.id);
  forgotten_.push_back(peer.id);
}

std::int64_t SqliteTransaction::last_issued(PeerId inbox) {
  const std::int64_t noted = stats_.last_number(inbox);
  const std::optional<Place> last = messages_.last_ordinary_place(inbox);
  return last ? std::max(noted, number_of(*last)) : noted;
}

Place SqliteTransaction::next_place(PeerId inbox, int priority) {
  const auto known = next_number_.find(inbox);
  const std::int64_t number = known != next_number_.end() ? known->second : last_issued(inbox) + 1;
  if (number > kHighestNumber) throw Error(ErrorCode::RouteFull, "the inbox has given out all of its numbers.");
  if (faults::has_bug("priorities are inverted"))
    priority = std::min(kHighestPriority, 2 * kOrdinaryPriority - priority);
  return place_of(inbox, priority, number);
}

void SqliteTransaction::note_given_out(PeerId inbox, Place place) {
  next_number_[inbox] = number_of(place) + 1;
  if (appended_.inbox != inbox) appended_ = {inbox, 0, number_of(place)};
  appended_.number = number_of(place);
}

// What does not lie among the ready messages of ordinary priority shows its number to nobody there.
Place SqliteTransaction::place_for_later(PeerId inbox, int priority) {
  const Place place = next_place(inbox, priority);
  stats_.set_last_number(inbox, number_of(place));
  note_given_out(inbox, place);
  return place;
}

bool SqliteTransaction::append(PeerId inbox, const Parcel& parcel) {
  if (!parcel.id.is_generated() && jobs_.has_chosen_id(inbox, parcel.id)) return false;
  const Place place = next_place(inbox, parcel.job.priority);
  if (!messages_.insert(place, parcel)) return false;
  if (parcel.job.priority != kOrdinaryPriority) stats_.set_last_number(inbox, number_of(place));
  note_given_out(inbox, place);
  added_bytes_ += parcel.content.size();
  sends_ = true;
  return true;
}

std::optional<MessageId> SqliteTransaction::id_at(Place place) {
  std::optional<MessageId> id = messages_.id_at(place);
  return id ? id : jobs_.id_at(place);
}

// A place that this inbox never gave out, or that another message has, is as good as none.
Place SqliteTransaction::place_for_return(const PeerRow& inbox, std::optional<Place> wanted) {
  if (wanted && inbox_of(*wanted) == inbox.id && !faults::has_bug("what is put back loses its place")) {
    const std::int64_t number = number_of(*wanted);
    if (number > 0 && number <= last_issued(inbox.id) && !id_at(*wanted)) return *wanted;
  }
  const std::optional<Place> first = messages_.first_place(inbox.id);
  Place place = first ? *first - 1 : place_of(inbox.id, kOrdinaryPriority, stats_.last_number(inbox.id));
  while (jobs_.id_at(place)) --place;  // what is claimed may return there
  if (number_of(place) == 0 || inbox_of(place) != inbox.id) {
    throw Error(ErrorCode::RouteFull, "no place is left before the first message of " + inbox.name + ".");
  }
  return place;
}

bool SqliteTransaction::put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) {
  if (!parcel.id.is_generated() && jobs_.has_chosen_id(inbox.id, parcel.id)) return false;
  if (place && id_at(*place) == parcel.id) return false;
  next_number_.erase(inbox.id);
  if (!stats_.unsettle(inbox.id, parcel.sender)) {
    stats_.set_last_number(inbox.id, last_issued(inbox.id) + 1);  // it counts as newly given out
  }
  added_bytes_ += parcel.content.size();
  return messages_.insert(place_for_return(inbox, place), parcel);
}

void SqliteTransaction::note_removal(PeerId inbox, std::int64_t highest_removed) {
  const std::optional<Place> last = messages_.last_ordinary_place(inbox);
  if (last && number_of(*last) > highest_removed) return;
  if (highest_removed > stats_.last_number(inbox)) stats_.set_last_number(inbox, highest_removed);
}

std::size_t SqliteTransaction::take(const PeerRow& inbox, std::size_t limit, Judge judge, const ClaimTerms* terms) {
  SettledBySender settled;
  std::size_t taken = 0;
  Place first = 0;
  Place last = 0;
  std::int64_t highest = 0;
  std::optional<PlaceRange> claimed;  // of those that follow each other: one statement for all of them
  const auto claim = [&] {
    if (claimed) jobs_.claim(claimed->first, claimed->last, *terms);
    claimed.reset();
  };
  messages_.visit(inbox.id, limit, [&](const StoredMessage& message) {
    if (taken++ == 0) first = message.place;
    last = message.place;
    highest = std::max(highest, number_of(message.place));
    if (leaves(message, judge, settled)) {
      claim();
    } else if (limit == 1) {
      jobs_.claim(message, *terms);
    } else {
      claimed = {claimed ? claimed->first : message.place, message.place};
    }
    return true;
  });
  if (taken == 0) return 0;
  claim();
  if (!faults::has_bug("what is taken stays")) messages_.remove(first, last);
  settle(inbox.id, settled, highest);
  return taken;
}

bool SqliteTransaction::take_one(const PeerRow& inbox, Place place, const MessageId& id, Judge judge) {
  const PlaceRange range = inbox_range(inbox.id);
  if (place < range.first || place > range.last) return false;
  SettledBySender settled;
  messages_.visit_one(place, [&](const StoredMessage& message) {
    if (message.parcel.id != id) return false;
    leaves(message, judge, settled);
    return false;
  });
  if (settled.empty()) return false;
  messages_.remove(place, place);
  settle(inbox.id, settled, number_of(place));
  return true;
}

bool SqliteTransaction::leaves(const StoredMessage& message, Judge judge, SettledBySender& settled) {
  const Verdict verdict = judge(message);
  if (verdict.kind == Verdict::Kind::claimed) {
    added_bytes_ += message.parcel.content.size();
    return false;
  }
  Departed& pair = settled_of(settled, message.parcel.sender);
  pair.bytes += message.parcel.content.size();
  switch (verdict.kind) {
    case Verdict::Kind::expired: ++pair.expired; break;
    case Verdict::Kind::dead:
      messages_.bury(message, verdict.reason);
      added_bytes_ += message.parcel.content.size();
      ++pair.dead;
      break;
    default: ++pair.read;
  }
  return true;
}

void SqliteTransaction::settle(PeerId inbox, const SettledBySender& settled, std::int64_t highest_removed) {
  for (const auto& [sender, pair] : settled) jobs_.settle(inbox, sender, pair);
  note_removal(inbox, highest_removed);
}

}  // namespace ipcm::storage::sqlite
