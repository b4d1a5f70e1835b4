// SPDX-License-Identifier: MIT
#include "serialize/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ipcm {
namespace {

constexpr std::size_t kLongestNumber = 32;
constexpr std::size_t kUsualNumber = 8;

/// What stands behind the backslash; 'u' for four digits; 0 where the byte stands for itself.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t control = 0; control < 0x20; ++control) escapes[control] = 'u';
  escapes['\b'] = 'b';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\f'] = 'f';
  escapes['\r'] = 'r';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

// So that a long text is not copied while it grows. What has escapes or long numbers grows all the same.
std::size_t usual_size(const Json& value) {
  std::size_t size = kUsualNumber;
  if (const auto* text = value.get_ptr<const Json::string_t*>()) {
    size = text->size() + 3;
  } else if (const auto* members = value.get_ptr<const Json::object_t*>()) {
    for (const auto& [key, member] : *members) size += key.size() + 4 + usual_size(member);
  } else if (const auto* elements = value.get_ptr<const Json::array_t*>()) {
    for (const Json& element : *elements) size += 1 + usual_size(element);
  }
  return size;
}

void write_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const char escape = kEscapes[byte];
  out += '\\';
  out += escape;
  if (escape != 'u') return;
  out += "00";
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0xFU];
}

void write_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (kEscapes[byte] == 0) continue;
    out.append(text, written, at - written);
    write_escape(out, byte);
    written = at + 1;
  }
  out.append(text, written);
  out += '"';
}

template <typename Integer>
void write_integer(std::string& out, Integer number) {
  std::array<char, kLongestNumber> digits;
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void write(std::string& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::object: {
      char before = '{';
      for (const auto& [key, member] : value.get_ref<const Json::object_t&>()) {
        out += before;
        write_text(out, key);
        out += ':';
        write(out, member);
        before = ',';
      }
      out += value.empty() ? "{}" : "}";
      break;
    }
    case Json::value_t::array: {
      char before = '[';
      for (const Json& element : value.get_ref<const Json::array_t&>()) {
        out += before;
        write(out, element);
        before = ',';
      }
      out += value.empty() ? "[]" : "]";
      break;
    }
    case Json::value_t::string: write_text(out, value.get_ref<const std::string&>()); break;
    case Json::value_t::number_integer: write_integer(out, value.get<std::int64_t>()); break;
    case Json::value_t::number_unsigned: write_integer(out, value.get<std::uint64_t>()); break;
    case Json::value_t::boolean: out += value.get<bool>() ? "true" : "false"; break;
    default: out += value.dump();  // null, and floating point, of which nlohmann knows the shortest form
  }
}

}  // namespace

std::string json_text_of(const Json& value) {
  std::string out;
  out.reserve(usual_size(value));
  write(out, value);
  return out;
}

}  // namespace ipcm
