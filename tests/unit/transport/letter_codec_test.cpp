// SPDX-License-Identifier: MIT
#include "transport/letter_codec.hpp"

#include <limits>
#include <random>

#include <boost/test/unit_test.hpp>

#include "unit/support/expect_error.hpp"

namespace letter_codec_test {

using ipcm::MessageId;
using ipcm::transport::decode_letter;
using ipcm::transport::Enclosure;
using ipcm::transport::encode_head;
using ipcm::transport::kMostHeadBytes;
using ipcm::transport::Letter;

namespace {

std::string datagram(const Letter& letter) {
  return encode_head(letter, letter.content.size()) + letter.content;
}

Letter plain() {
  return {MessageId::generate(1), "boss", 1.5, false, "", "{\"n\":1}", {}};
}

std::vector<Letter> letters_of_all_kinds() {
  const std::string longest(255, 'x');
  const double most = std::numeric_limits<double>::max();
  return {
      plain(),
      {MessageId::generate(2), "_anonymous", 0, true, "CBOR", "", {}},
      {MessageId::chosen("order-17"), "a/b grüße", -most, false, "", std::string(32 << 10, '\0'), {}},
      {MessageId::chosen(longest), longest, most, true, longest, "x", {}},
      {MessageId::generate(3), "boss", 5e-324, false, "", "", Enclosure{1, 2, 3}},
      {MessageId::chosen(longest), longest, 1, true, longest, "", Enclosure{std::int64_t{1} << 62, ~0ULL, ~0ULL}},
      {MessageId::generate(4), "boss", 1, false, "", "?", {}, "clerk", "order-17", ""},
      {MessageId::generate(5), "boss", 1, false, "", "", {}, "", longest, std::string(ipcm::kMaxErrorBytes, 'e')},
      {MessageId::chosen(longest), longest, 1, true, longest, "", Enclosure{1, 2, 3}, longest, longest,
       std::string(ipcm::kMaxErrorBytes, 'e')},
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(letter_codec)

BOOST_AUTO_TEST_CASE(a_letter_comes_back_as_it_was) {
  for (const Letter& letter : letters_of_all_kinds()) {
    const auto back = decode_letter(datagram(letter));
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((*back == letter));
    BOOST_TEST(encode_head(letter, letter.content.size()).size() <= kMostHeadBytes);
  }
}

BOOST_AUTO_TEST_CASE(a_datagram_that_was_cut_anywhere_is_no_letter) {
  for (const Letter& letter : letters_of_all_kinds()) {
    const std::string whole = datagram(letter);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 1500);
    for (std::size_t size = 0; size < whole.size(); size += size < 2000 ? 1 : step) {
      BOOST_TEST_REQUIRE(!decode_letter(whole.substr(0, size)).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_datagram_with_anything_behind_it_is_no_letter) {
  for (const Letter& letter : letters_of_all_kinds()) BOOST_TEST(!decode_letter(datagram(letter) + "x").has_value());
}

BOOST_AUTO_TEST_CASE(what_a_flipped_bit_makes_is_no_letter_or_one_that_keeps_the_rules) {
  for (const Letter& letter : letters_of_all_kinds()) {
    const std::string head = encode_head(letter, letter.content.size());
    for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
      std::string flipped = head + letter.content;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto read = decode_letter(flipped);
      if (bit < 40) BOOST_TEST_REQUIRE(!read.has_value());  // the first word
      if (read) BOOST_TEST_REQUIRE(decode_letter(datagram(*read)).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_no_letter) {
  std::mt19937 random(17);
  const std::string beginning = datagram(plain()).substr(0, 5);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    BOOST_TEST_REQUIRE(!decode_letter(bytes).has_value());
    decode_letter(beginning + bytes);
  }
}

BOOST_AUTO_TEST_CASE(a_letter_that_breaks_a_rule_is_refused) {
  const std::vector<void (*)(Letter&)> breaks = {
      [](Letter& letter) { letter.sender = ""; },
      [](Letter& letter) { letter.sender = "_boss"; },
      [](Letter& letter) { letter.sender = "a\nb"; },
      [](Letter& letter) { letter.sender = "\xff"; },
      [](Letter& letter) { letter.id = MessageId::chosen(""); },
      [](Letter& letter) { letter.id = MessageId::chosen("a\tb"); },
      [](Letter& letter) { letter.stamp = std::numeric_limits<double>::infinity(); },
      [](Letter& letter) { letter.stamp = std::numeric_limits<double>::quiet_NaN(); },
      [](Letter& letter) { letter.serializer = "\xff"; },
      [](Letter& letter) {
        letter.enclosure = Enclosure{1, 2, 3};
      },  // and a content
  };
  for (const auto break_rule : breaks) {
    Letter letter = plain();
    break_rule(letter);
    BOOST_TEST(!decode_letter(datagram(letter)).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_serializer_whose_name_does_not_fit_cannot_be_sent) {
  Letter letter = plain();
  letter.serializer = std::string(256, 'x');
  test::expect_error(ipcm::ErrorCode::InvalidArgument, [&] { encode_head(letter, 0); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace letter_codec_test
