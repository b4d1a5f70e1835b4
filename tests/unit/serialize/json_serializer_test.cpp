// SPDX-License-Identifier: MIT
#include <ipcm/serializer.hpp>

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <string>

#include "unit/support/expect_error.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::Json;
using test::contains;
using test::expect_error;

const ipcm::Serializer& json() {
  static const auto serializer = ipcm::find_serializer("JSON");
  return *serializer;
}

std::string json_error(const std::string& text) {
  const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { json().decode(text); });
  BOOST_TEST(error == expect_error(ErrorCode::InvalidMessage, [&] { json().check(text); }));
  BOOST_TEST(error.size() < 300U);
  return error;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_serializer)

BOOST_AUTO_TEST_CASE(text_is_compact_and_keeps_utf8_as_it_is) {
  BOOST_TEST(json().encode({{"b", {1, 2.5, -0.0, nullptr, false}}, {"a", "größe \x1F\"\\/"}}) ==
             R"({"a":"größe \u001f\"\\/","b":[1,2.5,-0.0,null,false]})");
  BOOST_TEST(json().encode(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  BOOST_TEST(json().encode(Json(std::string("a\0b", 3))) == R"("a\u0000b")");
}

BOOST_AUTO_TEST_CASE(what_json_cannot_say_is_refused_and_not_changed_into_null) {
  for (const double number :
       {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    BOOST_TEST(contains(expect_error(ErrorCode::InvalidMessage,
                                     [&] {
                                       json().encode({{"ratio", number}});
                                     }),
                        "\"ratio\""));
  }
  BOOST_TEST(contains(expect_error(ErrorCode::InvalidMessage,
                                   [] {
                                     json().encode({{"raw", Json::binary({1})}});
                                   }),
                      "CBOR"));
  expect_error(ErrorCode::InvalidMessage, [] { json().encode(Json(Json::value_t::discarded)); });
}

BOOST_AUTO_TEST_CASE(the_error_tells_the_position_and_what_was_expected) {
  BOOST_TEST(contains(json_error("[1, 2"), "at byte 6"));
  BOOST_TEST(contains(json_error(R"({"a": 1,})"), "at byte 9"));
  BOOST_TEST(contains(json_error("tru"), "invalid literal"));
  BOOST_TEST(contains(json_error(""), "end of input"));
}

BOOST_AUTO_TEST_CASE(no_json_begins_with_a_byte_order_mark) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const std::string& rest :
       {std::string("{\"a\":1}"), std::string("1"), std::string(), mark + "1", '"' + std::string(2 << 20, 'x') + '"'}) {
    BOOST_TEST(contains(json_error(mark + rest), "at byte 1: a byte order mark (U+FEFF)"));
  }
  BOOST_TEST(json().decode('"' + mark + '"') == mark);
}

BOOST_AUTO_TEST_CASE(a_text_with_a_nul_byte_does_not_end_there) {
  BOOST_TEST(contains(json_error(std::string("null\0", 5)), "NUL byte"));
  BOOST_TEST(contains(json_error(std::string("null\0 and more", 14)), "at byte 5"));
  BOOST_TEST(contains(json_error(std::string("\"a\0b\"", 5)), "at byte 3"));
  BOOST_TEST((json().decode(R"("a\u0000b")") == Json(std::string("a\0b", 3))));
}

BOOST_AUTO_TEST_CASE(text_that_is_not_strict_json_is_refused) {
  for (const char* text : {"NaN",
                           "Infinity",
                           "-Infinity",
                           "1e999",
                           "-1e999",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "0x10",
                           "'a'",
                           "[1,]",
                           "{,}",
                           "{a:1}",
                           "// comment\n1",
                           "/* c */ 1",
                           "1 1",
                           "\"\t\"",
                           "\"\\x41\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\udc00\\ud800\"",
                           "\"\xFF\"",
                           "\"\xED\xA0\x80\"",
                           "\"\xC0\xAF\"",
                           "]",
                           "\"",
                           "nul"}) {
    json_error(text);
  }
}

BOOST_AUTO_TEST_CASE(a_huge_wrong_token_does_not_make_a_huge_error) {
  json_error('"' + std::string(1 << 20, 'x'));
  json_error('[' + std::string(1 << 20, '9') + "x]");
  json_error(std::string(1 << 20, 'a'));
}

BOOST_AUTO_TEST_CASE(deep_text_is_refused_where_the_limit_is_passed) {
  for (const std::string& open : {std::string("["), std::string(R"({"a":)"), std::string(R"([{"a":)")}) {
    std::string text;
    while (text.size() < 1'000'000) text += open;
    BOOST_TEST(contains(json_error(text), "deeper than 1000"));
  }
  const std::string deepest = std::string(1'000, '[') + std::string(1'000, ']');
  BOOST_CHECK_NO_THROW(json().check(deepest));
  BOOST_CHECK_NO_THROW(json().decode(deepest));
  json_error('[' + deepest + ']');
}

BOOST_AUTO_TEST_CASE(whitespace_and_escapes_are_read) {
  BOOST_TEST((json().decode(" \t\r\n[ 1 , \"\\u00e9\\ud83d\\ude00\\n\" ] ") == Json{1, "é😀\n"}));
}

BOOST_AUTO_TEST_SUITE_END()
