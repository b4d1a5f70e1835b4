// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
  std::string reply_to;
  std::string correlation_id;
  std::string error;

  explicit Letter(const Parcel& parcel);
  Parcel parcel() const;
};

/// A message that was set aside, with the reason.
struct DeadLetter {
  Place place = 0;
  Letter letter;
  std::string reason;
};

/// A peer and its mail. Whoever calls holds the route's lock; what a call changes it writes to the undo log first.
///
/// The rules, which every store follows to the letter (a test compares them):
///
/// A place is peer id << 43 | 3 << 40 | number. Numbers are given out once, from 2^32 + 1 on: the next one is one above
/// the highest that was ever given out, which is `last_number` (the highest that left) or, above that, the last one in
/// the inbox. So the books can be checked: numbers given out = messages that left the inbox for good + those in it.
///
/// append   gives the message the next number. Refused, without using up the number, when a message with the same
///          chosen id is in the inbox. A generated id is not looked for: it cannot collide.
/// take     removes from the front; each message counts in its pair as sent and as read, or as dead if judged so.
/// take_one does the same with the message at a place, if it has that id.
/// put_back refused when a message with the same chosen id is in the inbox, or the place holds a message with the same
///          id. Else it takes one from its pair's sent and read; where nothing was read from that sender, it counts as
///          a newly given out number instead, which raises `last_number`. It goes to the place it names if that was
///          ever given out by this inbox and is free; else right before the first message; else, in an empty inbox, to
///          the place of `last_number`.
class MemoryInbox {
 public:
  explicit MemoryInbox(PeerRow peer) : row(std::move(peer)) {}

  bool append(const Parcel& parcel, UndoLog& undo);
  bool put_back(std::optional<Place> place, const Parcel& parcel, UndoLog& undo);
  std::size_t take(std::size_t limit, Judge judge, UndoLog& undo);
  bool take_one(Place place, const MessageId& id, Judge judge, UndoLog& undo);

  bool has_mail() const noexcept { return !mail_.empty(); }
  bool has_read_from(std::string_view sender) const;
  std::size_t queued() const noexcept { return mail_.size(); }
  /// The highest number that was given out.
  std::int64_t last_issued() const noexcept;
  void peek(std::size_t limit, Visitor visit) const;
  std::optional<Standing> find_reply(std::string_view correlation_id) const;
  std::vector<std::string> replies() const;
  std::vector<PairCount> counts() const;
  const std::vector<DeadLetter>& dead() const noexcept { return dead_; }

  /// One sentence for everything that does not add up.
  std::vector<std::string> problems() const;

  PeerRow row;

 private:
  using Mail = std::map<Place, Letter>;
  using ChosenIds = std::set<std::string>;
  using Replies = std::set<std::pair<std::string, Place>>;

  struct Settled {
    std::uint64_t sent = 0;
    std::uint64_t read = 0;
    std::uint64_t dead = 0;
  };

  // Numbers begin above this: room in front for what is put back without a known place.
  static constexpr std::int64_t kFirstNumber = std::int64_t{1} << 32;

  Place first_of_band() const noexcept;
  Place place_of(std::int64_t number) const noexcept { return first_of_band() + number; }
  std::int64_t number_of(Place place) const noexcept { return place - first_of_band(); }
  bool was_issued(Place place) const noexcept;
  Place place_for_return(std::optional<Place> wanted) const;

  bool has_chosen(const MessageId& id) const;
  void insert(Place place, const Parcel& parcel, UndoLog& undo);
  void take_at(Mail::const_iterator message, Judge judge, UndoLog& undo);
  void remove(Mail::const_iterator message, UndoLog& undo);
  Settled& change_settled(const std::string& sender, UndoLog& undo);
  void raise_last_number(std::int64_t number, UndoLog& undo);

  Mail mail_;
  ChosenIds chosen_ids_;                    // of the messages in mail_
  Replies replies_;                         // of the messages in mail_, by correlation id
  std::map<std::string, Settled> settled_;  // by sender
  std::vector<DeadLetter> dead_;
  std::int64_t last_number_ = kFirstNumber;
};

}  // namespace ipcm::storage
