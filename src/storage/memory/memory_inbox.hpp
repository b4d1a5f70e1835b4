// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/memory/undo_log.hpp"
#include "storage/store.hpp"

namespace ipcm::storage {

/// A parcel that owns its text.
struct Letter {
  MessageId id;
  std::string sender;
  double stamp = 0;
  bool broadcast = false;
  std::string serializer;
  std::string content;

  explicit Letter(const Parcel& parcel);
  Parcel parcel() const;
};

/// A message that could not be decoded.
struct DeadLetter {
  Place place = 0;
  Letter letter;
  std::string reason;
};

/// A peer and its mail. Whoever calls holds the route's lock; what a call changes it writes to the undo log first.
///
/// A place is peer id << 43 | 3 << 40 | number. Numbers are given out once: the next one is one above the highest that
/// was ever given out, which is `last_number` or, above that, the last one in the inbox. So the books can be checked:
/// numbers given out = messages that left the inbox for good + messages in it.
class MemoryInbox {
 public:
  explicit MemoryInbox(PeerRow row) : row(std::move(row)) {}

  bool append(const Parcel& parcel, UndoLog& undo);
  bool put_back(std::optional<Place> place, const Parcel& parcel, UndoLog& undo);
  std::size_t take(std::size_t limit, Judge judge, UndoLog& undo);
  bool take_one(Place place, const MessageId& id, UndoLog& undo);

  bool has_mail() const noexcept { return !mail_.empty(); }
  std::size_t queued() const noexcept { return mail_.size(); }
  void peek(std::size_t limit, Visitor visit) const;
  std::vector<PairCount> counts() const;
  const std::vector<DeadLetter>& dead() const noexcept { return dead_; }

  /// One sentence for everything that does not add up.
  std::vector<std::string> problems() const;

  PeerRow row;

 private:
  using Mail = std::map<Place, Letter>;
  using Ids = std::map<std::string, Place>;

  struct Settled {
    std::uint64_t sent = 0;
    std::uint64_t read = 0;
    std::uint64_t dead = 0;
  };

  static constexpr std::int64_t kFirstNumber = std::int64_t{1} << 32;

  Place first_of_band() const noexcept;
  Place place_of(std::int64_t number) const noexcept { return first_of_band() + number; }
  std::int64_t number_of(Place place) const noexcept { return place - first_of_band(); }
  std::int64_t last_issued() const noexcept;
  bool was_issued(Place place) const noexcept;
  Place place_for_return(std::optional<Place> wanted) const;

  void insert(Place place, const Parcel& parcel, UndoLog& undo);
  Letter& remove(Place place, UndoLog& undo);
  Settled& change_settled(const std::string& sender, UndoLog& undo);
  void raise_last_number(std::int64_t number, UndoLog& undo);

  Mail mail_;
  Ids ids_;
  std::map<std::string, Settled> settled_;  // by sender
  std::vector<DeadLetter> dead_;
  std::int64_t last_number_ = kFirstNumber;
};

}  // namespace ipcm::storage
