// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include <SQLiteCpp/Database.h>

#include "storage/sqlite/statement.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// The table `messages`, and burials. Throws SQLite::Exception.
class MessageTable {
 public:
  explicit MessageTable(SQLite::Database& database);

  /// False: the inbox holds a message with the same chosen id.
  bool insert(Place place, const Parcel& parcel);

  /// Anything that has not expired.
  bool any(PeerId inbox, double now);
  std::optional<Place> first_place(PeerId inbox);
  std::optional<Place> last_ordinary_place(PeerId inbox);
  std::optional<MessageId> id_at(Place place);
  std::optional<Standing> find_reply(PeerId inbox, std::string_view correlation_id);
  std::vector<std::string> replies(PeerId inbox);

  /// Shows messages in the order of places until `visit` returns false.
  void visit(PeerId inbox, std::size_t limit, Visitor visit);
  /// Shows the message at that place, if there is one.
  void visit_one(Place place, Visitor visit);

  void remove(Place first, Place last);
  /// Keeps it among the dead, in the table `dead`.
  void bury(const StoredMessage& message, std::string_view reason);
  void remove_inbox(PeerId inbox);

 private:
  void visit_range(Place first, Place last, std::size_t limit, Visitor visit);

  LazyStatement insert_;
  LazyStatement insert_rare_;
  LazyStatement first_;
  LazyStatement first_valid_;
  LazyStatement last_;
  LazyStatement at_;
  LazyStatement reply_;
  LazyStatement replies_;
  LazyStatement range_;
  LazyStatement remove_;
  LazyStatement remove_one_;
  LazyStatement bury_;
};

}  // namespace ipcm::storage::sqlite
