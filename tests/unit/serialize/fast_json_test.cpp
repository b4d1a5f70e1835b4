// SPDX-License-Identifier: MIT
// What the fast parser takes, nlohmann's takes with the same value.
#include "serialize/fast_json.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "serialize/events.hpp"

namespace {

using ipcm::Json;

std::optional<Json> decoded_slowly(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  try {
    ipcm::ValueBuilder builder("JSON", ipcm::EventChecker::Text::checked_by_parser);
    Json::sax_parse(text, &builder);
    return builder.take();
  } catch (const ipcm::Error&) {
    return std::nullopt;
  }
}

// Empty when both agree as far as they must.
std::string disagreement(const std::string& text) {
  const std::optional<Json> fast = ipcm::decode_surely_json(text);
  if (ipcm::is_surely_json(text) != fast.has_value()) return "check and decode differ: " + text;
  if (!fast) return "";
  const std::optional<Json> slow = decoded_slowly(text);
  if (!slow) return "only the fast one takes: " + text;
  return *fast == *slow && fast->dump() == slow->dump() ? "" : "the values differ: " + text;
}

std::string nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

const std::vector<std::string> kTexts = {
    R"({"n": 1, "task": "resize", "data": "xxxxxxxxxxxxxxxxxxxxxx"})",
    R"([0, -0, 1, -1, 9223372036854775807, -9223372036854775808, 18446744073709551615])",
    R"([0.1, -0.0, 1e10, 1E-10, 123.456e+3, 5e-324, 1.7976931348623157e308, 2.2250738585072011e-308])",
    R"({"a": {"b": [true, false, null, {}, []]}, "a": 2, "": "empty"})",
    R"("größe \u00e9\n\t\"\\\/\b\f\r \u0000 \ud83d\ude00")",
    " \t\r\n7 ",
    R"("plain")",
    "null",
    R"([[[[1],[2]],[[3]]],"x"])",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fast_json)

BOOST_AUTO_TEST_CASE(values_are_those_of_the_other_parser) {
  for (const std::string& text : kTexts) {
    BOOST_TEST(disagreement(text) == "");
    BOOST_TEST((ipcm::is_surely_json(text) || text.find("\\ud") != std::string::npos), text);
  }
}

BOOST_AUTO_TEST_CASE(doubtful_text_is_left_to_the_other_parser) {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "[1,]",
                                 "01",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "nul",
                                 "tru",
                                 "\"",
                                 "\"\\x\"",
                                 "\"\x01\"",
                                 "\"\xff\"",
                                 "\"\xc0\x80\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\\ud800\"",
                                 "\"\\udc00\"",
                                 "\"\\uDC00\"",
                                 "1e400",
                                 "184467440737095516160",
                                 "{\"a\"}",
                                 "1 2",
                                 "[1] x",
                                 "'a'",
                                 "// c\n1",
                                 "NaN",
                                 "Infinity"}) {
    BOOST_TEST(!ipcm::is_surely_json(text), text);
  }
  BOOST_TEST(!ipcm::is_surely_json(std::string("1\0", 2)));
  BOOST_TEST(!ipcm::is_surely_json(std::string("\"a\0b\"", 5)));
}

BOOST_AUTO_TEST_CASE(it_is_no_deeper_than_a_content_may_be) {
  BOOST_TEST(ipcm::is_surely_json(nested(ipcm::kMaxContentDepth - 1)));
  BOOST_TEST(!ipcm::is_surely_json(nested(ipcm::kMaxContentDepth + 1)));
  BOOST_TEST(!ipcm::is_surely_json(std::string(100'000, '[')));
  BOOST_TEST(disagreement(nested(ipcm::kMaxContentDepth)) == "");
}

BOOST_AUTO_TEST_CASE(texts_of_every_length_are_read_to_their_end) {
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string text = "\"" + std::string(length, 'y') + "\"";
    BOOST_TEST(disagreement(text) == "");
    BOOST_TEST(ipcm::is_surely_json(text));
    BOOST_TEST(!ipcm::is_surely_json(text.substr(0, text.size() - 1)));
  }
  BOOST_TEST(!ipcm::is_surely_json("\"" + std::string(2 << 20, 'y') + "\""));  // long ones are left to the other
}

BOOST_AUTO_TEST_CASE(texts_with_bytes_changed_at_random_are_never_taken_by_the_fast_one_alone) {
  const unsigned seed = std::random_device()();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const std::string alphabet = "{}[]\",:\\ud8dc0123456789eE+-.truefalsn /\x80\xc3\xa9\xed\xa0\xf0\x9f\x01";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = kTexts[random() % kTexts.size()];
    for (unsigned change = 0; change <= random() % 3; ++change) {
      const std::size_t at = random() % text.size();
      const char byte = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        default: text.erase(at, 1); break;
      }
      if (text.empty()) text = "0";
    }
    BOOST_REQUIRE_EQUAL(disagreement(text), "");
  }
}

BOOST_AUTO_TEST_SUITE_END()
