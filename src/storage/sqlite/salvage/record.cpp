// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/record.hpp"

#include <array>
#include <bit>
#include <cmath>

#include "storage/sqlite/salvage/tree_page.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::size_t kMostColumns = 64;  // no table of ours has as many

std::optional<std::size_t> bytes_of_type(std::uint64_t type) noexcept {
  constexpr std::array<std::size_t, 10> kOfNumbers{0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (type < kOfNumbers.size()) return kOfNumbers[type];
  if (type < 12) return std::nullopt;
  return static_cast<std::size_t>((type - 12) / 2);
}

std::int64_t signed_number(Bytes bytes) noexcept {
  if (bytes.empty()) return 0;
  std::uint64_t number = (bytes[0] & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : bytes) number = number << 8U | byte;
  return static_cast<std::int64_t>(number);
}

Value value_of(std::uint64_t type, Bytes bytes) noexcept {
  Value value;
  if (type == 0) return value;
  if (type == 7) {
    value.type = Value::Type::real;
    value.real = std::bit_cast<double>(signed_number(bytes));
    if (std::isnan(value.real)) value.type = Value::Type::null;  // as SQLite has it
  } else if (type < 10) {
    value.type = Value::Type::integer;
    value.integer = type == 9 ? 1 : signed_number(bytes);
  } else {
    value.type = type % 2 == 0 ? Value::Type::blob : Value::Type::text;
    value.bytes = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  return value;
}

}  // namespace

std::optional<Record> read_record(Bytes bytes) {
  std::size_t at = 0;
  const auto header = read_varint(bytes, at);
  if (!header || *header < at || *header > bytes.size()) return std::nullopt;
  const Bytes types = bytes.first(static_cast<std::size_t>(*header));
  std::size_t body = types.size();
  Record record;
  while (at < types.size()) {
    const auto type = read_varint(types, at);
    const auto size = type ? bytes_of_type(*type) : std::nullopt;
    if (!size || *size > bytes.size() - body || record.size() == kMostColumns) return std::nullopt;
    record.push_back(value_of(*type, bytes.subspan(body, *size)));
    body += *size;
  }
  if (body != bytes.size()) return std::nullopt;
  return record;
}

}  // namespace ipcm::storage::sqlite
