// SPDX-License-Identifier: MIT
// A route whose file is whole, and which holds what no client would write. Each line is a table, a column, and what
// every row of that table has there from now on: a whole number, another number, a blob as x'...', NULL, or a text.
#include <charconv>
#include <map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/sample_route.hpp"

namespace {

template <typename Number>
bool reads_as(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [after, problem] = std::from_chars(text.data(), end, number);
  return problem == std::errc() && after == end;
}

void bind_text_as_value(SQLite::Statement& statement, const std::string& text) {
  std::int64_t whole = 0;
  double number = 0;
  if (text == "NULL") return statement.bind(1);
  if (reads_as(text, whole)) return statement.bind(1, whole);
  if (reads_as(text, number)) return statement.bind(1, number);
  if (text.starts_with("x'")) return statement.bind(1, text.data() + 2, static_cast<int>(text.size() - 2));
  statement.bind(1, text);
}

std::string word_of(std::string& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string word = line.substr(0, end);
  line.erase(0, end + 1);
  return word;
}

bool is_name(const std::string& word) {
  return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
}

void change(SQLite::Database& route, std::string line) {
  const std::string table = word_of(line);
  const std::string column = word_of(line);
  if (!is_name(table) || !is_name(column)) return;
  try {
    SQLite::Statement update(route, "UPDATE OR IGNORE \"" + table + "\" SET \"" + column + "\" = ?1");
    bind_text_as_value(update, line);
    update.exec();
  } catch (const SQLite::Exception&) {  // no such column, or not of that type
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Workplace workplace;
  workplace.lay_out(fuzz::sample_route());
  {
    SQLite::Database route(workplace.path(), SQLite::OPEN_READWRITE);
    route.exec("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; BEGIN");
    for (const std::string& line : fuzz::lines_of(fuzz::text_of(data, size))) change(route, line);
    route.exec("COMMIT");
  }
  fuzz::use_route(workplace.path());
  return 0;
}
