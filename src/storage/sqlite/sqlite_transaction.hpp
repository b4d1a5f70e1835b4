// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/job_tables.hpp"
#include "storage/sqlite/message_table.hpp"
#include "storage/sqlite/peer_table.hpp"
#include "storage/sqlite/statement.hpp"
#include "storage/sqlite/stats_table.hpp"
#include "storage/sqlite/tail_notes.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// What a transaction does, by the statements prepared once for a connection. When it begins and ends is up to
/// SqliteStore. Throws SQLite::Exception, and Error where it decides by itself.
class SqliteTransaction : public Transaction {
 public:
  explicit SqliteTransaction(SQLite::Database& database);

  /// To be called at the begin of each transaction: what was remembered of the last one no longer holds.
  void begin_anew() noexcept;
  /// How much content has left the route in this transaction.
  std::size_t removed_bytes() noexcept { return jobs_.removed_bytes(); }
  /// How much content it has stored, be it new or moved; of what only changes its state a guess.
  std::size_t added_bytes() noexcept { return added_bytes_ + jobs_.added_bytes(); }
  /// Whether it stores messages that were not in the route.
  bool sends() const noexcept { return sends_ || jobs_.sends(); }
  /// What this transaction appended last.
  const Appended& last_appended() const noexcept { return appended_; }
  /// The inboxes that it has removed.
  const std::vector<PeerId>& forgotten() const noexcept { return forgotten_; }

  std::optional<PeerRow> find_peer(std::string_view name) override { return peers_.find(name); }
  std::vector<PeerRow> peers() override { return peers_.all(); }
  bool has_mail(PeerId inbox, double now) override { return messages_.any(inbox, now) || jobs_.has_due(inbox, now); }
  bool has_read_from(PeerId inbox, std::string_view sender) override { return stats_.has_read_from(inbox, sender); }
  void peek(PeerId inbox, std::size_t limit, Visitor visit) override { messages_.visit(inbox, limit, visit); }
  std::vector<std::string> replies(PeerId inbox) override { return messages_.replies(inbox); }
  std::optional<Standing> find_reply(PeerId inbox, std::string_view correlation_id) override {
    return messages_.find_reply(inbox, correlation_id);
  }
  std::vector<PairCount> counts() override { return stats_.counts(); }
  std::uint64_t depth(PeerId inbox) override { return stats_.depth(inbox); }
  Jobs* jobs() noexcept override { return &jobs_; }

  void attempt(FunctionRef<void()> work) override;
  PeerRow insert_peer(std::string_view name, bool is_queue) override { return peers_.insert(name, is_queue); }
  void update_peer(const PeerRow& peer) override { peers_.update(peer); }
  std::int64_t last_arrival(PeerId inbox) override { return last_issued(inbox); }
  void forget_peer(const PeerRow& peer) override;
  bool append(PeerId inbox, const Parcel& parcel) override;
  bool put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) override;
  std::size_t take(const PeerRow& inbox, std::size_t limit, Judge judge, const ClaimTerms* terms) override;
  bool take_one(const PeerRow& inbox, Place place, const MessageId& id, Judge judge) override;

 private:
  using SettledBySender = std::map<std::string, Departed, std::less<>>;

  /// Counts one message that leaves the inbox, and keeps it among the dead if the judge says so. False: it is claimed.
  bool leaves(const StoredMessage& message, Judge judge, SettledBySender& settled);
  void settle(PeerId inbox, const SettledBySender& settled, std::int64_t highest_removed);
  std::int64_t last_issued(PeerId inbox);
  /// Where the next message to the inbox goes.
  Place next_place(PeerId inbox, int priority);
  Place place_for_later(PeerId inbox, int priority);
  void note_given_out(PeerId inbox, Place place);
  /// The message at that place, wherever it is.
  std::optional<MessageId> id_at(Place place);
  /// Keeps the highest number that was given out on record, once no message in the inbox shows it any more.
  void note_removal(PeerId inbox, std::int64_t highest_removed);
  Place place_for_return(const PeerRow& inbox, std::optional<Place> wanted);

  LazyStatement savepoint_;
  LazyStatement release_;
  LazyStatement undo_;
  PeerTable peers_;
  MessageTable messages_;
  StatsTable stats_;
  JobTables jobs_;
  std::map<PeerId, std::int64_t> next_number_;  // of the inboxes that this transaction has appended to
  Appended appended_;
  std::vector<PeerId> forgotten_;
  std::size_t added_bytes_ = 0;
  bool sends_ = false;
};

}  // namespace ipcm::storage::sqlite
