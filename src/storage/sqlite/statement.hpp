// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace ipcm::storage::sqlite {

/// Text or blob; the view ends with the next step.
inline std::string_view bytes_of(const SQLite::Column& column) {
  const auto* data = static_cast<const char*>(column.getBlob());
  return {data != nullptr ? data : "", static_cast<std::size_t>(column.getBytes())};
}

/// A statement that is prepared when it is first used: most processes use few, and each costs as much as a write.
class LazyStatement {
 public:
  /// The text must live as long.
  LazyStatement(SQLite::Database& database, const char* sql) : database_(database), sql_(sql) {}

  SQLite::Statement& get() { return statement_ ? *statement_ : statement_.emplace(database_, sql_); }

 private:
  SQLite::Database& database_;
  const char* sql_;
  std::optional<SQLite::Statement> statement_;
};

/// A prepared statement while it is used: reset at the end of the scope, so that no read lock lingers.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  explicit Use(LazyStatement& statement) : statement_(statement.get()) {}
  ~Use() { statement_.tryReset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  /// Binds bytes that outlive this object, without copying them. SQLiteCpp binds a view only as a blob: where the
  /// column is text the SQL says CAST(? AS TEXT), which changes the type and copies nothing.
  Use& bytes(int index, std::string_view value) {
    statement_.bindNoCopy(index, value.data() != nullptr ? value.data() : "", static_cast<int>(value.size()));
    return *this;
  }
  template <typename Number>
  Use& number(int index, Number value) {
    statement_.bind(index, value);
    return *this;
  }
  Use& null(int index) {
    statement_.bind(index);
    return *this;
  }

  /// True when there is a row.
  bool step();
  /// For a statement without rows; returns how many it changed.
  int run();

  std::int64_t integer(int column) const { return statement_.getColumn(column).getInt64(); }
  double real(int column) const { return statement_.getColumn(column).getDouble(); }
  bool is_null(int column) const { return statement_.isColumnNull(column); }
  std::string_view bytes(int column) const { return bytes_of(statement_.getColumn(column)); }
  /// What can be looked at in this row, and in the ones after it.
  SQLite::Column column(int column) const { return statement_.getColumn(column); }

 private:
  SQLite::Statement& statement_;
};

}  // namespace ipcm::storage::sqlite
