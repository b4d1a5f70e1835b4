// SPDX-License-Identifier: MIT
// The text is nlohmann's, to the byte.
#include "serialize/json_writer.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

namespace {

using ipcm::Json;
using ipcm::json_text_of;

Json random_value(std::mt19937_64& random, int depth) {
  static const std::string kPieces[] = {"plain",        "\"",    "\\", "/", "\n\t\r\b\f",
                                        "\x01\x1f\x7f", "größe", "😀",  "",  "a b"};
  const auto text = [&] {
    std::string all;
    for (auto pieces = random() % 4; pieces > 0; --pieces) all += kPieces[random() % std::size(kPieces)];
    return all;
  };
  switch (random() % (depth > 0 ? 9 : 7)) {
    case 0: return nullptr;
    case 1: return random() % 2 == 0;
    case 2: return static_cast<std::int64_t>(random());
    case 3: return random();
    case 4: return static_cast<double>(static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000) / 1000.0;
    case 5: return std::ldexp(static_cast<double>(random() >> 11U), static_cast<int>(random() % 1000) - 500);
    case 6: return text();
    case 7: {
      Json array = Json::array();
      for (auto count = random() % 5; count > 0; --count) array.push_back(random_value(random, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      for (auto count = random() % 5; count > 0; --count) object[text()] = random_value(random, depth - 1);
      return object;
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_writer)

BOOST_AUTO_TEST_CASE(every_byte_that_a_string_may_hold_is_written_as_the_other_does) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const Json value = std::string("a") + static_cast<char>(byte) + "b";
    BOOST_TEST(json_text_of(value) == value.dump());
  }
}

BOOST_AUTO_TEST_CASE(numbers_at_their_limits_are_written_as_the_other_does) {
  for (const Json& value :
       {Json(std::numeric_limits<std::int64_t>::min()), Json(std::numeric_limits<std::uint64_t>::max()), Json(0),
        Json(-0.0), Json(1.0), Json(1e300), Json(5e-324), Json(0.1), Json(1e16), Json(123456789.0)}) {
    BOOST_TEST(json_text_of(value) == value.dump());
  }
}

BOOST_AUTO_TEST_CASE(what_is_empty_or_deep_is_written_as_the_other_does) {
  Json deep = 1;
  for (int depth = 0; depth < ipcm::kMaxContentDepth; ++depth) {
    Json around = Json::array();
    around.push_back(std::move(deep));
    deep = std::move(around);
  }
  for (const Json& value :
       {Json::object(), Json::array(), Json(""), Json(nullptr), Json{{"a", Json::object()}}, deep}) {
    BOOST_TEST(json_text_of(value) == value.dump());
  }
}

BOOST_AUTO_TEST_CASE(values_made_at_random_are_written_as_the_other_does) {
  const auto seed = std::random_device()();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 5'000; ++round) {
    const Json value = random_value(random, 4);
    BOOST_REQUIRE_EQUAL(json_text_of(value), value.dump());
  }
}

BOOST_AUTO_TEST_SUITE_END()
