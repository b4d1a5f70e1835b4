// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/statement.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// The table `peers`. Throws SQLite::Exception; insert() throws Error(RouteFull) when there is no id left.
class PeerTable {
 public:
  explicit PeerTable(SQLite::Database& database);

  std::optional<PeerRow> find(std::string_view name);
  std::vector<PeerRow> all();
  /// The new row is suspended, as nobody is connected yet.
  PeerRow insert(std::string_view name, bool is_queue);
  void update(const PeerRow& peer);
  void remove(PeerId peer);

 private:
  PeerId free_id();
  bool is_still_true(const PeerRow& peer);

  LazyStatement find_;
  LazyStatement confirm_;
  LazyStatement all_;
  LazyStatement insert_;
  LazyStatement update_;
  LazyStatement remove_;
  LazyStatement free_id_;
  std::map<std::string, PeerRow, std::less<>> seen_;  // by name; confirmed before each use
};

/// The name of the peer with that id if its row has that process; else "". Throws SQLite::Exception.
std::string name_of_peer(SQLite::Database& database, PeerId peer, int pid);

}  // namespace ipcm::storage::sqlite
