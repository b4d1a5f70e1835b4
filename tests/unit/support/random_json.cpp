// SPDX-License-Identifier: MIT
#include "unit/support/random_json.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace test {

using Json = nlohmann::json;

std::string utf8(std::uint32_t code_point) {
  const auto tail = [code_point](int shift) { return static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xC0 | code_point >> 6), tail(0)};
  if (code_point < 0x10000) return {static_cast<char>(0xE0 | code_point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code_point >> 18), tail(12), tail(6), tail(0)};
}

std::string RandomJson::text() {
  std::string text;
  for (std::size_t left = below(12); left > 0; --left) {
    static constexpr std::uint32_t kBelow[] = {0x20, 0x80, 0x800, 0xD800, 0x110000};
    std::uint32_t code_point = static_cast<std::uint32_t>(below(kBelow[below(5)]));
    if (code_point >= 0xD800 && code_point < 0xE000) code_point = 0xE000;
    text += utf8(code_point);
  }
  return text;
}

double RandomJson::finite_double() {
  for (;;) {
    const auto number = std::bit_cast<double>(engine_());
    if (std::isfinite(number)) return number;
  }
}

Json RandomJson::scalar() {
  switch (below(10)) {
    case 0: return nullptr;
    case 1: return below(2) == 0;
    case 2: return static_cast<std::int64_t>(engine_());
    case 3: return engine_();
    case 4: return static_cast<std::int64_t>(below(600)) - 300;
    case 5:
      return below(2) == 0 ? Json(std::numeric_limits<std::int64_t>::min())
                           : Json(std::numeric_limits<std::uint64_t>::max());
    case 6: return below(2) == 0 ? -0.0 : static_cast<double>(below(1000)) / 8;
    case 7: return finite_double();
    default: return text();
  }
}

Json RandomJson::value(int depth) {
  const std::size_t kind = depth == 0 ? 2 : below(4);
  if (kind >= 2) return scalar();
  Json value = kind == 0 ? Json::array() : Json::object();
  for (std::size_t left = below(6); left > 0; --left) {
    if (kind == 0) {
      value.push_back(this->value(depth - 1));
    } else {
      value[text()] = this->value(depth - 1);
    }
  }
  return value;
}

}  // namespace test
