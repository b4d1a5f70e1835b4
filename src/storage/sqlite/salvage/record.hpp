// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/sqlite/salvage/bytes.hpp"

namespace ipcm::storage::sqlite {

/// One value of a row.
struct Value {
  enum class Type { null, integer, real, text, blob };

  Type type = Type::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes{};  ///< of text and blob: a view of the record
};

/// The values of a row in the order of its columns; the rowid of a table is null among them.
using Record = std::vector<Value>;

/// Reads a record, which is not believed: nothing where it does not fit its bytes exactly.
/// https://www.sqlite.org/fileformat2.html#record_format
std::optional<Record> read_record(Bytes bytes);

}  // namespace ipcm::storage::sqlite
