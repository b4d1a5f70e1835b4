// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "transport/letter.hpp"

namespace ipcm::transport {

/// Where a letter stands in its inbox: they are read in the order of their places.
using Place = std::int64_t;

/// The letters that a client has received and nobody has taken yet, in its memory. Not thread-safe.
class Inbox {
 public:
  // What it holds before senders have to wait. The content of one letter may go beyond.
  static constexpr std::size_t kMostLetters = 100'000;
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMostEnclosedBytes = std::size_t{1} << 30;

  using Letters = std::map<Place, Letter>;

  /// `epoch`: how often its owner has connected. Later ones give out higher places, so that what was taken under an
  /// earlier one goes before whatever came later.
  explicit Inbox(std::int64_t epoch);

  bool empty() const noexcept { return letters_.empty(); }
  std::size_t size() const noexcept { return letters_.size(); }
  bool is_full() const noexcept;
  bool has_chosen_id(const MessageId& id) const;

  const Letters& letters() const noexcept { return letters_; }
  Letters::iterator begin() noexcept { return letters_.begin(); }
  Letters::iterator end() noexcept { return letters_.end(); }
  Letters::iterator after(Place place) { return letters_.upper_bound(place); }
  /// Where the first reply of that correlation id stands.
  std::optional<Place> find_reply(const std::string& correlation_id) const;
  /// The correlation ids of all that find_reply() finds.
  std::vector<std::string> replies() const;
  /// The letter at that place, where it is the one of that id.
  Letters::iterator find(Place place, const MessageId& id);

  void append(Letter letter);
  /// It goes to its place, where that is free and not in the future; else before all others. Returns where it went;
  /// nothing: it, or one with its chosen id, is there already.
  std::optional<Place> put_back(std::optional<Place> place, Letter letter);
  /// Returns what follows it.
  Letters::iterator erase(Letters::iterator letter);
  void clear() noexcept;

 private:
  void insert(Place place, Letter letter);
  Place place_for_return(std::optional<Place> wanted) const;

  Letters letters_;
  std::multiset<std::string> chosen_ids_;            // of the letters; a sender cannot know which are taken
  std::set<std::pair<std::string, Place>> replies_;  // by correlation id
  std::size_t bytes_ = 0;
  std::size_t enclosed_bytes_ = 0;
  Place last_;
};

}  // namespace ipcm::transport
