// SPDX-License-Identifier: MIT
#include "transport/inbox.hpp"

#include <utility>

namespace ipcm::transport {
namespace {

constexpr unsigned kEpochShift = 40;
// Room in front for what is put back without a known place.
constexpr Place kFirst = Place{1} << 32;
constexpr std::int64_t kEpochs = std::int64_t{1} << 22;

bool is_reply(const Letter& letter) noexcept {
  return !letter.correlation_id.empty() && letter.reply_to.empty();
}

}  // namespace

Inbox::Inbox(std::int64_t epoch) : last_(((epoch % kEpochs) << kEpochShift) + kFirst) {}

bool Inbox::is_full() const noexcept {
  return letters_.size() >= kMostLetters || bytes_ >= kMostBytes || enclosed_bytes_ >= kMostEnclosedBytes;
}

bool Inbox::has_chosen_id(const MessageId& id) const {
  return !id.is_generated() && chosen_ids_.contains(id.chosen_text());
}

Inbox::Letters::iterator Inbox::find(Place place, const MessageId& id) {
  const auto found = letters_.find(place);
  return found != letters_.end() && found->second.id == id ? found : letters_.end();
}

std::optional<Place> Inbox::find_reply(const std::string& correlation_id) const {
  const auto found = replies_.lower_bound({correlation_id, 0});
  if (found == replies_.end() || found->first != correlation_id) return std::nullopt;
  return found->second;
}

std::vector<std::string> Inbox::replies() const {
  std::vector<std::string> ids;
  for (const auto& [id, place] : replies_) ids.push_back(id);
  return ids;
}

void Inbox::append(Letter letter) {
  insert(++last_, std::move(letter));
}

std::optional<Place> Inbox::put_back(std::optional<Place> place, Letter letter) {
  if (has_chosen_id(letter.id) || (place && find(*place, letter.id) != letters_.end())) return std::nullopt;
  const Place where = place_for_return(place);
  insert(where, std::move(letter));
  return where;
}

Place Inbox::place_for_return(std::optional<Place> wanted) const {
  if (wanted && *wanted > 0 && *wanted <= last_ && !letters_.contains(*wanted)) return *wanted;
  return letters_.empty() ? last_ : letters_.begin()->first - 1;
}

void Inbox::insert(Place place, Letter letter) {
  bytes_ += letter.content.size();
  if (letter.enclosure) enclosed_bytes_ += letter.enclosure->size;
  if (!letter.id.is_generated()) chosen_ids_.insert(letter.id.chosen_text());
  if (is_reply(letter)) replies_.emplace(letter.correlation_id, place);
  letters_.emplace(place, std::move(letter));
}

Inbox::Letters::iterator Inbox::erase(Letters::iterator letter) {
  bytes_ -= letter->second.content.size();
  if (letter->second.enclosure) enclosed_bytes_ -= letter->second.enclosure->size;
  if (!letter->second.id.is_generated()) chosen_ids_.erase(chosen_ids_.find(letter->second.id.chosen_text()));
  if (is_reply(letter->second)) replies_.erase({letter->second.correlation_id, letter->first});
  return letters_.erase(letter);
}

void Inbox::clear() noexcept {
  letters_.clear();
  chosen_ids_.clear();
  replies_.clear();
  bytes_ = 0;
  enclosed_bytes_ = 0;
}

}  // namespace ipcm::transport
