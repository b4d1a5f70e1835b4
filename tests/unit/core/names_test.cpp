// SPDX-License-Identifier: MIT
#include "core/names.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "unit/support/expect_error.hpp"
#include "unit/support/random_json.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::in_quotes;
using ipcm::is_valid_utf8;
using test::contains;
using test::expect_error;
using test::utf8;

std::string bytes_of(std::uint32_t value, int count) {
  std::string bytes;
  for (int i = count - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::uint32_t number_of(const std::string& bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

/// For sequences of two or three bytes that begin with `leads`: which of them are the UTF-8 of one code point.
std::vector<bool> valid_sequences(std::uint32_t first_code_point, std::uint32_t end, int count) {
  std::vector<bool> valid(std::size_t{1} << (8 * count));
  for (std::uint32_t code_point = first_code_point; code_point < end; ++code_point) {
    if (code_point < 0xD800 || code_point > 0xDFFF) valid[number_of(utf8(code_point))] = true;
  }
  return valid;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(every_code_point_but_the_surrogates_is_valid_utf8) {
  std::size_t wrong = 0;
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (is_valid_utf8(utf8(code_point)) == is_surrogate) ++wrong;
  }
  BOOST_TEST(wrong == 0U);
  for (std::uint32_t code_point = 0x110000; code_point < 0x200000; ++code_point) {
    if (is_valid_utf8(utf8(code_point))) ++wrong;
  }
  BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(no_other_sequence_of_two_or_three_bytes_is_valid_utf8) {
  std::size_t wrong = 0;
  const std::vector<bool> two = valid_sequences(0x80, 0x800, 2);
  for (std::uint32_t bytes = 0x8000; bytes <= 0xFFFF; ++bytes) {
    if (is_valid_utf8(bytes_of(bytes, 2)) != two[bytes]) ++wrong;
  }
  const std::vector<bool> three = valid_sequences(0x800, 0x10000, 3);
  for (std::uint32_t bytes = 0xE00000; bytes <= 0xFFFFFF; ++bytes) {
    if (is_valid_utf8(bytes_of(bytes, 3)) != three[bytes]) ++wrong;
  }
  BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(overlong_and_cut_sequences_are_not_valid_utf8) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x80",
        "\xBF", "\xFE", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xE2\x82x", "\xF0\x9F\x98x"}) {
    BOOST_TEST(!is_valid_utf8(text), in_quotes(text));
    BOOST_TEST(!is_valid_utf8("some ascii first " + std::string(text)));
    BOOST_TEST(!is_valid_utf8(text + std::string(" and some after it")));
  }
}

BOOST_AUTO_TEST_CASE(the_first_invalid_byte_is_found_wherever_it_stands) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text[at] = '\xFF';
    BOOST_TEST(ipcm::first_invalid_utf8(text) == at);
  }
  BOOST_TEST(ipcm::first_invalid_utf8("") == 0U);
  BOOST_TEST(ipcm::first_invalid_utf8("a\xE2\x82\xAC") == 4U);
}

BOOST_AUTO_TEST_CASE(random_text_is_valid_until_a_stray_byte_is_put_between_its_characters) {
  test::RandomJson random(1);
  for (int i = 0; i < 2'000; ++i) {
    const std::string before = random.text();
    const std::string after = random.text();
    BOOST_REQUIRE(is_valid_utf8(before + after));
    BOOST_REQUIRE(ipcm::first_invalid_utf8(before + '\x80' + after) == before.size());
  }
}

BOOST_AUTO_TEST_CASE(good_names_are_accepted) {
  for (const std::string& name : {std::string("a"), std::string("worker 1"), std::string("a_b"), std::string("größe"),
                                  std::string("作業者"), std::string("\xF0\x9F\x98\x80"), std::string(255, 'x'),
                                  std::string("\xC2\xA0"), std::string("../etc"), std::string("'; DROP TABLE")}) {
    BOOST_CHECK_NO_THROW(ipcm::check_name(name));
  }
}

BOOST_AUTO_TEST_CASE(the_error_about_a_bad_name_shows_it_and_says_which_rule_it_breaks) {
  const auto text_for = [](const std::string& name) {
    return expect_error(ErrorCode::InvalidName, [&] { ipcm::check_name(name); });
  };
  BOOST_TEST(contains(text_for(""), "is empty"));
  BOOST_TEST(contains(text_for(std::string(256, 'x')), "has 256 bytes"));
  BOOST_TEST(contains(text_for("_x"), "starts with '_'"));
  BOOST_TEST(contains(text_for("ab\xFF"), "not valid UTF-8 at byte 2"));
  BOOST_TEST(contains(text_for("ab\xFF"), "\"ab\\xff\""));
  BOOST_TEST(contains(text_for("a\nb"), "control character at byte 1"));
  BOOST_TEST(contains(text_for(std::string("a\0b", 3)), "control character at byte 1"));
}

BOOST_AUTO_TEST_CASE(every_control_character_is_refused_and_its_neighbours_are_not) {
  for (std::uint32_t code_point = 0; code_point < 0x100; ++code_point) {
    const bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
    const std::string rule = ipcm::broken_rule("x" + utf8(code_point));
    BOOST_TEST(rule.empty() == !is_control, code_point);
  }
}

BOOST_AUTO_TEST_CASE(a_message_id_follows_the_same_rules_but_may_start_with_an_underscore) {
  BOOST_CHECK_NO_THROW(ipcm::check_message_id("_x"));
  BOOST_CHECK_NO_THROW(ipcm::check_message_id(std::string(255, 'x')));
  for (const std::string& id :
       {std::string(), std::string(256, 'x'), std::string("\x7F"), std::string("\xED\xA0\x80")}) {
    expect_error(ErrorCode::InvalidMessage, [&] { ipcm::check_message_id(id); });
  }
}

BOOST_AUTO_TEST_CASE(quoted_text_shows_no_control_character_and_no_invalid_utf8) {
  BOOST_TEST(in_quotes("plain") == "\"plain\"");
  BOOST_TEST(in_quotes("größe") == "\"größe\"");
  BOOST_TEST(in_quotes("a\"b\\c") == R"("a\"b\\c")");
  BOOST_TEST(in_quotes("\x1B[31m\n") == R"("\x1b[31m\x0a")");
  BOOST_TEST(in_quotes("\xC2\x9B") == R"("\xc2\x9b")");
  BOOST_TEST(in_quotes(std::string("\0\xFF", 2)) == R"("\x00\xff")");
}

BOOST_AUTO_TEST_CASE(quoted_text_is_cut_between_characters) {
  std::string euros;
  for (int i = 0; i < 1'000; ++i) euros += "€";
  for (const std::string prefix : {"", "a", "ab"}) {
    const std::string shown = in_quotes(prefix + euros);
    BOOST_TEST(shown.size() < 75U);
    BOOST_TEST(is_valid_utf8(shown));
    BOOST_TEST(shown.ends_with("€\"..."));
  }
}

BOOST_AUTO_TEST_SUITE_END()
