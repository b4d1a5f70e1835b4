// SPDX-License-Identifier: MIT
#include "storage/memory/memory_inbox.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <ipcm/error.hpp>

namespace ipcm::storage {
namespace {

constexpr int kPeerShift = 43;
constexpr int kBandShift = 40;
constexpr std::int64_t kOrdinaryBand = 3;
constexpr std::int64_t kHighestNumber = (std::int64_t{1} << kBandShift) - 1;

}  // namespace

Letter::Letter(const Parcel& parcel)
    : id(parcel.id),
      sender(parcel.sender),
      stamp(parcel.stamp),
      broadcast(parcel.broadcast),
      serializer(parcel.serializer),
      content(parcel.content),
      reply_to(parcel.reply_to),
      correlation_id(parcel.correlation_id),
      error(parcel.error) {}

Parcel Letter::parcel() const {
  return {id, sender, stamp, broadcast, serializer, content, reply_to, correlation_id, error};
}

Place MemoryInbox::first_of_band() const noexcept {
  return row.id << kPeerShift | kOrdinaryBand << kBandShift;
}

std::int64_t MemoryInbox::last_issued() const noexcept {
  return mail_.empty() ? last_number_ : std::max(last_number_, number_of(mail_.rbegin()->first));
}

bool MemoryInbox::was_issued(Place place) const noexcept {
  const std::int64_t number = number_of(place);
  return number > 0 && number <= last_issued();
}

bool MemoryInbox::has_chosen(const MessageId& id) const {
  return !id.is_generated() && chosen_ids_.contains(id.chosen_text());
}

bool MemoryInbox::append(const Parcel& parcel, UndoLog& undo) {
  const std::int64_t number = last_issued() + 1;
  if (number > kHighestNumber) throw Error(ErrorCode::RouteFull, "the inbox has given out all of its numbers.");
  if (has_chosen(parcel.id)) return false;
  insert(place_of(number), parcel, undo);
  return true;
}

Place MemoryInbox::place_for_return(std::optional<Place> wanted) const {
  if (wanted && was_issued(*wanted) && !mail_.contains(*wanted)) return *wanted;
  if (mail_.empty()) return place_of(last_number_);
  const Place front = mail_.begin()->first - 1;
  if (number_of(front) < 0) {
    throw Error(ErrorCode::RouteFull, "no place is left before the first message of " + row.name + ".");
  }
  return front;
}

bool MemoryInbox::put_back(std::optional<Place> place, const Parcel& parcel, UndoLog& undo) {
  if (has_chosen(parcel.id)) return false;
  if (place) {
    const auto holder = mail_.find(*place);
    if (holder != mail_.end() && holder->second.id == parcel.id) return false;
  }
  Settled& settled = change_settled(std::string(parcel.sender), undo);
  if (settled.read > 0) {
    --settled.read;
    --settled.sent;
  } else {
    raise_last_number(last_issued() + 1, undo);
  }
  insert(place_for_return(place), parcel, undo);
  return true;
}

std::size_t MemoryInbox::take(std::size_t limit, Judge judge, UndoLog& undo) {
  std::size_t taken = 0;
  for (; taken < limit && !mail_.empty(); ++taken) take_at(mail_.cbegin(), judge, undo);
  return taken;
}

bool MemoryInbox::take_one(Place place, const MessageId& id, Judge judge, UndoLog& undo) {
  const auto found = mail_.find(place);
  if (found == mail_.end() || found->second.id != id) return false;
  take_at(found, judge, undo);
  return true;
}

void MemoryInbox::take_at(Mail::const_iterator message, Judge judge, UndoLog& undo) {
  const auto& [place, letter] = *message;
  Verdict verdict = judge({place, letter.parcel()});
  Settled& settled = change_settled(letter.sender, undo);
  ++settled.sent;
  if (verdict.kind == Verdict::Kind::dead) {
    ++settled.dead;
    undo.add([this, before = static_cast<std::ptrdiff_t>(dead_.size())] {
      dead_.erase(dead_.begin() + before, dead_.end());
    });
    dead_.push_back({place, letter, std::move(verdict.reason)});
  } else {
    ++settled.read;
  }
  remove(message, undo);
}

void MemoryInbox::peek(std::size_t limit, Visitor visit) const {
  for (const auto& [place, letter] : mail_) {
    if (limit-- == 0 || !visit({place, letter.parcel()})) return;
  }
}

std::optional<Standing> MemoryInbox::find_reply(std::string_view correlation_id) const {
  const auto found = replies_.lower_bound({std::string(correlation_id), 0});
  if (found == replies_.end() || found->first != correlation_id) return std::nullopt;
  return Standing{found->second, mail_.at(found->second).id};
}

std::vector<std::string> MemoryInbox::replies() const {
  std::vector<std::string> ids;
  for (const auto& [id, place] : replies_) ids.push_back(id);
  return ids;
}

std::vector<PairCount> MemoryInbox::counts() const {
  std::map<std::string, PairCount> pairs;
  for (const auto& [sender, settled] : settled_) {
    pairs[sender] = {sender, row.name, settled.sent, settled.read, settled.dead, 0};
  }
  for (const auto& [place, letter] : mail_) {
    PairCount& pair = pairs[letter.sender];
    pair.sender = letter.sender;
    pair.recipient = row.name;
    ++pair.sent;
    ++pair.queued;
  }
  std::vector<PairCount> counts;
  for (auto& [sender, pair] : pairs) {
    if (pair.sent > 0) counts.push_back(std::move(pair));
  }
  return counts;
}

std::vector<std::string> MemoryInbox::problems() const {
  std::vector<std::string> found;
  std::uint64_t accounted = 0;
  for (const PairCount& pair : counts()) {
    accounted += pair.sent;
    if (pair.sent == pair.read + pair.dead + pair.queued) continue;
    found.push_back("From " + pair.sender + " to " + row.name + ": sent " + std::to_string(pair.sent) +
                    " is not read " + std::to_string(pair.read) + " + dead " + std::to_string(pair.dead) +
                    " + queued " + std::to_string(pair.queued) + ".");
  }
  const auto issued = static_cast<std::uint64_t>(last_issued() - kFirstNumber);
  if (issued != accounted) {
    found.push_back("The inbox of " + row.name + " gave out " + std::to_string(issued) + " numbers, but " +
                    std::to_string(accounted) + " are accounted for.");
  }
  const auto chosen =
      std::count_if(mail_.begin(), mail_.end(), [this](const auto& message) { return has_chosen(message.second.id); });
  if (static_cast<std::size_t>(chosen) != chosen_ids_.size()) {
    found.push_back("The inbox of " + row.name + " lost track of its chosen ids.");
  }
  return found;
}

void MemoryInbox::insert(Place place, const Parcel& parcel, UndoLog& undo) {
  undo.add([this, place, id = parcel.id, correlation = std::string(parcel.correlation_id)] {
    mail_.erase(place);
    if (!id.is_generated()) chosen_ids_.erase(id.chosen_text());
    replies_.erase({correlation, place});
  });
  mail_.emplace(place, Letter(parcel));
  if (!parcel.id.is_generated()) chosen_ids_.insert(parcel.id.chosen_text());
  if (!parcel.correlation_id.empty() && parcel.reply_to.empty()) replies_.emplace(parcel.correlation_id, place);
}

void MemoryInbox::remove(Mail::const_iterator message, UndoLog& undo) {
  struct Reinsert {
    MemoryInbox* inbox;
    Mail::node_type letter;
    ChosenIds::node_type id;
    Replies::node_type correlation;
    void operator()() {
      inbox->mail_.insert(std::move(letter));
      inbox->chosen_ids_.insert(std::move(id));
      inbox->replies_.insert(std::move(correlation));
    }
  };
  raise_last_number(number_of(message->first), undo);
  auto& removed = undo.add(Reinsert{this, {}, {}, {}});
  removed.correlation = replies_.extract({message->second.correlation_id, message->first});
  if (const MessageId& id = message->second.id; !id.is_generated()) removed.id = chosen_ids_.extract(id.chosen_text());
  removed.letter = mail_.extract(message);
}

bool MemoryInbox::has_read_from(std::string_view sender) const {
  const auto pair = settled_.find(std::string(sender));
  return pair != settled_.end() && pair->second.read > 0;
}

MemoryInbox::Settled& MemoryInbox::change_settled(const std::string& sender, UndoLog& undo) {
  const auto [pair, is_new] = settled_.try_emplace(sender);  // a pair without counts is as good as no pair
  undo.add([&settled = pair->second, before = pair->second] { settled = before; });
  return pair->second;
}

void MemoryInbox::raise_last_number(std::int64_t number, UndoLog& undo) {
  undo.add([this, before = last_number_] { last_number_ = before; });
  last_number_ = std::max(last_number_, number);
}

}  // namespace ipcm::storage
