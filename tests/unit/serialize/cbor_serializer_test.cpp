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

const ipcm::Serializer& cbor() {
  static const auto serializer = ipcm::find_serializer("CBOR");
  return *serializer;
}

std::string cbor_error(const std::string& bytes) {
  const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { cbor().decode(bytes); });
  BOOST_TEST(error == expect_error(ErrorCode::InvalidMessage, [&] { cbor().check(bytes); }));
  return error;
}

std::string repeated_cbor(const std::string& bytes, std::size_t total) {
  std::string all;
  while (all.size() < total) all += bytes;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cbor_serializer)

BOOST_AUTO_TEST_CASE(binary_values_nan_and_infinities_come_back) {
  const Json value = {
      {"raw", Json::binary({0, 255, 1})}, {"empty", Json::binary({})}, {"up", std::numeric_limits<double>::infinity()}};
  BOOST_TEST((cbor().decode(cbor().encode(value)) == value));
  BOOST_TEST(std::isnan(cbor().decode(cbor().encode(std::nan(""))).get<double>()));
}

BOOST_AUTO_TEST_CASE(a_binary_subtype_would_be_lost_and_is_refused) {
  expect_error(ErrorCode::InvalidMessage, [] { cbor().encode(Json::binary({1}, 7)); });
}

BOOST_AUTO_TEST_CASE(examples_of_the_rfc_are_read) {
  BOOST_TEST((cbor().decode("\x83\x01\x82\x02\x03\x82\x04\x05") == Json::parse("[1,[2,3],[4,5]]")));
  BOOST_TEST((cbor().decode("\x9F\x01\x82\x02\x03\x9F\x04\x05\xFF\xFF") == Json::parse("[1,[2,3],[4,5]]")));
  BOOST_TEST(
      (cbor().decode("\xBF\x63\x46\x75\x6E\xF5\x63\x41\x6D\x74\x21\xFF") == Json::parse(R"({"Fun":true,"Amt":-2})")));
  BOOST_TEST((cbor().decode("\x7F\x65\x73\x74\x72\x65\x61\x64\x6D\x69\x6E\x67\xFF") == Json("streaming")));
  BOOST_TEST((cbor().decode("\x5F\x42\x01\x02\x43\x03\x04\x05\xFF") == Json::binary({1, 2, 3, 4, 5})));
  BOOST_TEST((cbor().decode("\x7F\xFF") == Json("")));
  BOOST_TEST((cbor().decode("\xBF\x7F\x61\x61\xFF\x01\xFF") == Json{{"a", 1}}));
  BOOST_TEST((cbor().decode(std::string("\xF9\x3E\x00", 3)) == Json(1.5)));
}

BOOST_AUTO_TEST_CASE(chunks_inside_chunks_are_refused) {
  BOOST_TEST(contains(cbor_error("\x7F\x7F\x61\x61\xFF\xFF"), "at byte 2"));
  BOOST_TEST(contains(cbor_error("\x5F\x41\x01\x5F\x41\x02\xFF\xFF"), "at byte 4"));
  cbor_error("\x7F\x41\x61\xFF\xFF" + std::string());
  cbor_error("\x7F\x01\xFF");
}

BOOST_AUTO_TEST_CASE(a_megabyte_of_anything_that_opens_overflows_no_stack) {
  constexpr std::size_t kMegabyte = 1 << 20;
  for (const char* open : {"\x9F", "\x81", "\xBF\x60", "\xA1\x60", "\x9F\xA1\x60"}) {
    BOOST_TEST(contains(cbor_error(repeated_cbor(open, kMegabyte)), "deeper than 1000"));
  }
  for (const char* open :
       {"\x7F", "\x5F", "\x7F\x60", "\x5F\x40", "\xBF\x7F", "\xA1\x7F", "\xA1", "\xBF", "\xC6", "\xD8\x20", "\xDB"}) {
    cbor_error(repeated_cbor(open, kMegabyte));
  }
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_levels_with_their_ends_are_refused_too) {
  std::string bytes(100'000, '\x81');
  cbor_error(bytes + '\x01');
  bytes.assign(100'000, '\x9F');
  cbor_error(bytes + std::string(100'000, '\xFF'));
}

BOOST_AUTO_TEST_CASE(a_claimed_length_reserves_no_memory) {
  for (const char major : {'\x40', '\x60', '\x80', '\xA0'}) {
    for (const std::string& length :
         {std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), std::string("\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
          std::string("\0\0\0\x7F\xFF\xFF\xFF\xFF", 8)}) {
      cbor_error(static_cast<char>(major | 27) + length);
      cbor_error(static_cast<char>(major | 27) + length + "abc");
    }
  }
}

BOOST_AUTO_TEST_CASE(strings_that_are_not_utf8_are_refused_wherever_they_stand) {
  for (const std::string& bytes :
       {std::string("\x61\xFF"), std::string("\x81\x61\xFF"), std::string("\xA1\x61\xFF\x01"),
        std::string("\x63\xED\xA0\x80"), std::string("\x7F\x61\xC3\x61\xFF\xFF")}) {
    BOOST_TEST(contains(cbor_error(bytes), "UTF-8"));
  }
}

BOOST_AUTO_TEST_CASE(tags_undefined_and_names_that_are_no_strings_are_refused) {
  cbor_error(std::string("\xC1\x1A\x51\x4B\x67\xB0"));  // a time
  cbor_error(std::string("\xC2\x41\x01"));              // a great number
  cbor_error(std::string("\xD8\x20\x61\x61"));          // a URI
  cbor_error(std::string("\xF7"));                      // undefined
  cbor_error(std::string("\xF0"));                      // another simple value
  cbor_error(std::string("\xA1\x01\x02"));              // {1: 2}
  cbor_error(std::string("\xFF"));                      // a lone break
  cbor_error(std::string("\x82\x01\xFF"));              // a break in an array of known length
  cbor_error(std::string("\xBF\x61\x61\xFF"));          // a name without its value
  cbor_error(std::string("\x1C"));                      // reserved
}

BOOST_AUTO_TEST_SUITE_END()
