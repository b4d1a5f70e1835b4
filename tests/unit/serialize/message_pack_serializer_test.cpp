// SPDX-License-Identifier: MIT
#include <ipcm/serializer.hpp>

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>

#include "unit/support/expect_error.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::Json;
using test::contains;
using test::expect_error;

const ipcm::Serializer& message_pack() {
  static const auto serializer = ipcm::find_serializer("MessagePack");
  return *serializer;
}

std::string message_pack_error(const std::string& bytes) {
  const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { message_pack().decode(bytes); });
  BOOST_TEST(error == expect_error(ErrorCode::InvalidMessage, [&] { message_pack().check(bytes); }));
  return error;
}

std::string repeated_message_pack(const std::string& bytes, std::size_t total) {
  std::string all;
  while (all.size() < total) all += bytes;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_pack_serializer)

BOOST_AUTO_TEST_CASE(binary_values_and_extension_types_come_back) {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 8U, 15U, 16U, 17U, 255U, 256U, 65'536U}) {
    const std::vector<std::uint8_t> bytes(size, 7);
    for (const Json& value : {Json::binary(bytes), Json::binary(bytes, 0), Json::binary(bytes, 255)}) {
      BOOST_TEST((message_pack().decode(message_pack().encode(value)) == value), size);
    }
  }
  for (const std::uint64_t subtype : {256ULL, 1ULL << 40, ~0ULL}) {
    expect_error(ErrorCode::InvalidMessage, [&] { message_pack().encode(Json::binary({1}, subtype)); });
  }
}

BOOST_AUTO_TEST_CASE(nan_comes_back) {
  BOOST_TEST(std::isnan(message_pack().decode(message_pack().encode(std::nan(""))).get<double>()));
}

BOOST_AUTO_TEST_CASE(a_megabyte_of_anything_that_opens_overflows_no_stack) {
  constexpr std::size_t kMegabyte = 1 << 20;
  for (const std::string& open :
       {std::string("\x91"), std::string("\xDC\0\1", 3), std::string("\xDD\0\0\0\1", 5), std::string("\x81\xA0"),
        std::string("\xDE\0\1\xA0", 4), std::string("\xDF\0\0\0\1\xA0", 6), std::string("\x91\x81\xA0")}) {
    BOOST_TEST(contains(message_pack_error(repeated_message_pack(open, kMegabyte)), "deeper than 1000"));
  }
  for (const char* open : {"\x81", "\xDD", "\xDF", "\xC9", "\xC6", "\xDB"})
    message_pack_error(repeated_message_pack(open, kMegabyte));
  message_pack_error(std::string(100'000, '\x91') + '\x01');
}

BOOST_AUTO_TEST_CASE(a_claimed_length_reserves_no_memory) {
  for (const char kind : {'\xC6', '\xC9', '\xDB', '\xDD', '\xDF'}) {
    message_pack_error(kind + std::string("\xFF\xFF\xFF\xFF"));
    message_pack_error(kind + std::string("\xFF\xFF\xFF\xFF") + "abc");
  }
}

BOOST_AUTO_TEST_CASE(strings_that_are_not_utf8_are_refused_wherever_they_stand) {
  for (const std::string& bytes :
       {std::string("\xA1\xFF"), std::string("\x91\xA1\xFF"), std::string("\x81\xA1\xFF\x01"),
        std::string("\xA3\xED\xA0\x80"), std::string("\xD9\x01\x80")}) {
    BOOST_TEST(contains(message_pack_error(bytes), "UTF-8"));
  }
}

BOOST_AUTO_TEST_CASE(names_that_are_no_strings_and_the_byte_without_a_meaning_are_refused) {
  message_pack_error("\x81\x01\x02");
  message_pack_error("\xC1");
  message_pack_error("\x81\xA1\x61");
}

BOOST_AUTO_TEST_SUITE_END()
