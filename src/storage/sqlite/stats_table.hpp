// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/statement.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// The table `stats`: what has left each inbox, by sender, and the highest number that left it.
/// Throws SQLite::Exception.
class StatsTable {
 public:
  explicit StatsTable(SQLite::Database& database);

  /// The column of that name: kFirstNumber where nothing was noted yet.
  std::int64_t last_number(PeerId inbox);
  void set_last_number(PeerId inbox, std::int64_t number);

  void settle(PeerId inbox, std::string_view sender, std::int64_t read, std::int64_t dead, std::int64_t expired);
  bool has_read_from(PeerId inbox, std::string_view sender);
  /// Takes back that one message was read. False: none from that sender was.
  bool unsettle(PeerId inbox, std::string_view sender);

  /// Given out less what has left, by the counters alone. 0 where a route has counters that cannot be.
  std::uint64_t depth(PeerId inbox);
  /// The same of all inboxes.
  std::uint64_t depth_of_all();

  /// What has left and what still lies in the inboxes, by recipient's and sender's name.
  std::vector<PairCount> counts();

  void remove_inbox(PeerId inbox);

 private:
  LazyStatement last_number_;
  LazyStatement update_last_number_;
  LazyStatement insert_last_number_;
  LazyStatement update_;
  LazyStatement insert_;
  LazyStatement unsettle_;
  LazyStatement depth_;
  LazyStatement depth_of_all_;
  LazyStatement has_read_;
  LazyStatement counts_;
  LazyStatement remove_;
};

}  // namespace ipcm::storage::sqlite
