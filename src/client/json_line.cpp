// SPDX-License-Identifier: MIT
#include "client/json_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

#include "core/base64.hpp"
#include "core/json_scanner.hpp"
#include "core/names.hpp"
#include "serialize/fast_json.hpp"
#include "serialize/json_writer.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kInBase64 = "_base64";
constexpr std::size_t kMostMembers = 64;

[[noreturn]] void refuse_line(const std::string& why) {
  throw Error(ErrorCode::InvalidArgument, why + ".");
}

// What is in the members is checked by whoever reads them.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : scanner_(text) {}

  bool at_end() { return scanner_.at_end(); }
  bool take(char wanted) { return scanner_.take(wanted); }

  void expect(char wanted, const char* where) {
    if (!take(wanted)) refuse_line(std::string("it is not a JSON object: no ") + wanted + " " + where);
  }

  std::string_view value() {
    if (const auto value = scanner_.value()) return *value;
    refuse_line("it is not a JSON object: it ends in the middle");
  }

 private:
  JsonScanner scanner_;
};

[[noreturn]] void refuse_type(std::string_view name, const char* wanted) {
  refuse_line(std::string(name) + " must be " + wanted);
}

std::string text_of(std::string_view name, std::string_view value) {
  if (!value.starts_with('"')) refuse_type(name, "a text");
  const Json text = Json::parse(value, nullptr, false);
  if (!text.is_string()) refuse_type(name, "a text");
  return text.get<std::string>();
}

}  // namespace

void JsonLine::name(std::string_view name) {
  if (line_.size() > 1) line_ += ',';
  line_.append("\"").append(name).append("\":");
}

JsonLine& JsonLine::json(std::string_view name, std::string_view value) {
  this->name(name);
  line_ += value;
  return *this;
}

JsonLine& JsonLine::text(std::string_view name, std::string_view value) {
  if (!is_utf8(value)) return base64(name, value);
  return json(name, json_text_of(Json(std::string(value))));
}

JsonLine& JsonLine::base64(std::string_view name, std::string_view bytes) {
  return json(std::string(name).append(kInBase64), '"' + base64_of(bytes) + '"');
}

JsonLine& JsonLine::number(std::string_view name, std::int64_t value) {
  return json(name, std::to_string(value));
}

JsonLine& JsonLine::real(std::string_view name, double value) {
  constexpr double kGreatest = std::numeric_limits<double>::max();
  return json(name, json_text_of(Json(std::clamp(value, -kGreatest, kGreatest))));
}

JsonLine& JsonLine::flag(std::string_view name, bool value) {
  return json(name, value ? "true" : "false");
}

std::string_view JsonLine::str() {
  if (!closed_) line_ += '}';
  closed_ = true;
  return line_;
}

JsonLineReader::JsonLineReader(std::string_view line) {
  Scanner scanner(line);
  scanner.expect('{', "at its beginning");
  if (!scanner.take('}')) {
    do {
      const std::string_view name = scanner.value();
      Member member{text_of("the name of a member", name), {}};
      scanner.expect(':', "after the name of a member");
      member.value = scanner.value();
      const bool twice = std::ranges::find(members_, member.name, &Member::name) != members_.end();
      if (twice) refuse_line("it has the member " + in_quotes(member.name) + " twice");
      if (members_.size() == kMostMembers) refuse_line("it has too many members");
      members_.push_back(std::move(member));
    } while (scanner.take(','));
    scanner.expect('}', "at its end");
  }
  if (!scanner.at_end()) refuse_line("there is something after its JSON object");
}

std::optional<std::string_view> JsonLineReader::json(std::string_view name) {
  const auto member = std::ranges::find(members_, name, &Member::name);
  if (member == members_.end()) return std::nullopt;
  member->used = true;
  return member->value;
}

std::optional<std::string> JsonLineReader::text(std::string_view name) {
  if (const auto value = json(name)) return text_of(name, *value);
  const std::string encoded_name = std::string(name).append(kInBase64);
  const auto encoded = json(encoded_name);
  if (!encoded) return std::nullopt;
  std::optional<std::string> bytes = from_base64(text_of(encoded_name, *encoded));
  if (!bytes) refuse_type(encoded_name, "base64");
  return bytes;
}

std::optional<std::int64_t> JsonLineReader::number(std::string_view name) {
  const auto value = json(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (problem != std::errc() || end != value->data() + value->size()) {
    refuse_type(name, "a whole number of at most 64 bits");
  }
  return number;
}

std::optional<double> JsonLineReader::real(std::string_view name) {
  const auto value = json(name);
  if (!value) return std::nullopt;
  const bool scalar = !value->starts_with('{') && !value->starts_with('[');
  const Json number = scalar ? Json::parse(*value, nullptr, false) : Json();
  if (!number.is_number() || !std::isfinite(number.get<double>())) refuse_type(name, "a number");
  return number.get<double>();
}

bool JsonLineReader::flag(std::string_view name) {
  const auto value = json(name);
  if (value && *value != "true" && *value != "false") refuse_type(name, "true or false");
  return value == "true";
}

namespace {

template <typename Value>
Value required(std::optional<Value> value, std::string_view name) {
  if (!value) refuse_line("it has no " + std::string(name));
  return *std::move(value);
}

}  // namespace

std::string JsonLineReader::required_text(std::string_view name) {
  return required(text(name), name);
}

std::int64_t JsonLineReader::required_number(std::string_view name) {
  return required(number(name), name);
}

double JsonLineReader::required_real(std::string_view name) {
  return required(real(name), name);
}

void JsonLineReader::finish() const {
  const auto unknown = std::ranges::find(members_, false, &Member::used);
  if (unknown != members_.end()) refuse_line("there is no member " + in_quotes(unknown->name) + " in such a line");
}

}  // namespace ipcm
