// SPDX-License-Identifier: MIT
// The three parsers that say what JSON is: simdjson and nlohmann in the library, SQLite in the view `send`. What the
// first takes the second takes, with the same value, and SQLite takes what they take. SQLite takes more: each kind of
// that is named here. None takes a text that begins with a byte order mark.
#include <string>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <ipcm/content.hpp>

#include "core/byte_order_mark.hpp"
#include "fuzz/support/fuzz.hpp"
#include "serialize/fast_json.hpp"
#include "support/errors.hpp"

using fuzz::require;

namespace {

// An earlier version of SQLite reads up to the first NUL.
bool sqlite_takes(std::string_view text) {
  static SQLite::Database database(":memory:");
  static SQLite::Statement valid(database, "SELECT json_valid(CAST(? AS TEXT))");
  valid.reset();
  valid.bindNoCopy(1, text.data() != nullptr ? text.data() : "", static_cast<int>(text.size()));
  require(valid.executeStep(), "SQLite says something");
  return valid.getColumn(0).getInt() != 0;
}

// What JSON is to SQLite alone: an unpaired surrogate in \u escapes, a number beyond a double, text that is not UTF-8
// or has a NUL, nesting of more than kMaxContentDepth.
bool is_json_of_sqlite(const std::string& refusal) {
  for (const char* reason : {"surrogate", "out of range", "UTF-8", "NUL byte", "deeper than"}) {
    if (refusal.find(reason) != std::string::npos) return true;
  }
  return false;
}

void check(std::string_view text) {
  const auto serializer = ipcm::find_serializer("JSON");
  ipcm::Json value;
  const auto refusal = test::caught([&] { value = serializer->decode(text); });
  const bool marked = text.starts_with(ipcm::kByteOrderMark);
  if (const auto fast = ipcm::decode_surely_json(text)) {
    require(!refusal && *fast == value, "what simdjson takes nlohmann takes");
    require(ipcm::Json::accept(text), "what simdjson takes is JSON by itself");
  }
  require(!marked || refusal, "no JSON begins with a byte order mark");
  if (!refusal) {
    require(sqlite_takes(text), "what the library takes SQLite takes");
    require(ipcm::Content::from_text(std::string(text)).text() == text, "JSON is kept to the byte");
  } else if (!is_json_of_sqlite(refusal->what())) {
    require(!sqlite_takes(text), "what SQLite alone takes is of a known kind");
  }
  if (!marked) return;
  const std::string_view rest = text.substr(ipcm::kByteOrderMark.size());
  require(!sqlite_takes(text), "to SQLite no JSON begins with a byte order mark");
  const auto with = test::code_of_call([&] { ipcm::Content::from_text(std::string(text)); });
  const auto without = test::code_of_call([&] { serializer->check(rest); });
  require(with == without, "a content is judged as it is without its byte order mark");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check(text);
  check(std::string(ipcm::kByteOrderMark).append(text));
  return 0;
}
