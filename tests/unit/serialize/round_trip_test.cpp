// SPDX-License-Identifier: MIT
// What holds for every built-in serializer.
#include <ipcm/serializer.hpp>

#include <nlohmann/json.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

#include "unit/support/expect_error.hpp"
#include "unit/support/random_json.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::find_serializer;
using ipcm::Json;
using ipcm::Serializer;
using test::contains;
using test::expect_error;

const std::string kNames[] = {"JSON", "CBOR", "MessagePack"};

// A sanitizer makes an exception cost a millisecond.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kDamagedValues = 1'000;
#else
constexpr int kDamagedValues = 20'000;
#endif

/// The text of InvalidMessage, or nothing. Any other exception ends the test.
template <typename Action>
std::optional<std::string> refusal(Action action) {
  try {
    action();
  } catch (const ipcm::Error& error) {
    BOOST_REQUIRE(error.code() == ErrorCode::InvalidMessage);
    return error.what();
  }
  return std::nullopt;
}

/// Bytes with a few of them changed, added or cut away.
std::string damaged(std::string bytes, test::RandomJson& random) {
  for (std::size_t left = 1 + random.below(3); left > 0; --left) {
    const std::size_t at = random.below(bytes.size() + 1);
    switch (random.below(4)) {
      case 0: bytes.resize(at); break;
      case 1: bytes.insert(at, 1, static_cast<char>(random.below(256))); break;
      case 2: bytes.erase(at, 1 + random.below(3)); break;
      default:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random.below(256));
    }
  }
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(every_serializer)

BOOST_DATA_TEST_CASE(random_values_come_back_equal, kNames, name) {
  const auto serializer = find_serializer(name);
  test::RandomJson random(3);
  for (int i = 0; i < 2'000; ++i) {
    const Json value = random.value();
    const std::string bytes = serializer->encode(value);
    BOOST_REQUIRE_NO_THROW(serializer->check(bytes));
    const Json back = serializer->decode(bytes);
    BOOST_REQUIRE_MESSAGE(back == value, value.dump());
    BOOST_REQUIRE_EQUAL(back.dump(), value.dump());  // tells -0.0 from 0, 1.0 from 1
    BOOST_REQUIRE_EQUAL(serializer->encode(back), bytes);
  }
}

BOOST_DATA_TEST_CASE(check_refuses_damaged_bytes_exactly_where_decode_does, kNames, name) {
  const auto serializer = find_serializer(name);
  test::RandomJson random(4);
  int refused = 0;
  for (int i = 0; i < kDamagedValues; ++i) {
    const std::string bytes = damaged(serializer->encode(random.value(3)), random);
    Json value;
    const auto by_check = refusal([&] { serializer->check(bytes); });
    const auto by_decode = refusal([&] { value = serializer->decode(bytes); });
    BOOST_REQUIRE(by_check == by_decode);
    if (by_check) {
      ++refused;
      BOOST_REQUIRE_LT(by_check->size(), 400U);
      continue;
    }
    // What was accepted is content: it can be told as text, but for what JSON cannot say.
    if (name == "JSON") BOOST_REQUIRE_NO_THROW(serializer->encode(value));
  }
  BOOST_TEST(refused > kDamagedValues / 4);
}

BOOST_DATA_TEST_CASE(random_bytes_are_refused_or_read_but_never_crash, kNames, name) {
  const auto serializer = find_serializer(name);
  test::RandomJson random(5);
  for (int i = 0; i < kDamagedValues; ++i) {
    std::string bytes(random.below(40), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    const auto by_check = refusal([&] { serializer->check(bytes); });
    BOOST_REQUIRE(by_check == refusal([&] { serializer->decode(bytes); }));
  }
}

BOOST_DATA_TEST_CASE(every_truncation_and_every_trailing_byte_is_refused, kNames, name) {
  const auto serializer = find_serializer(name);
  const std::string bytes = serializer->encode({{"list", {1, "two", 3.25, nullptr}}, {"flag", true}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string error =
        expect_error(ErrorCode::InvalidMessage, [&] { serializer->decode(bytes.substr(0, size)); });
    BOOST_TEST(contains(error, "not valid " + name + " at byte"), error);
  }
  for (const char extra : {'x', '\0', '1'}) {
    expect_error(ErrorCode::InvalidMessage, [&] { serializer->decode(bytes + extra); });
  }
}

BOOST_DATA_TEST_CASE(strings_and_names_that_are_not_utf8_are_refused_by_encode, kNames, name) {
  const auto serializer = find_serializer(name);
  for (const std::string& bad :
       {std::string("ab\xFF"), std::string("\xED\xA0\x80"), std::string("\xC0\x80"), std::string("\xE2\x82")}) {
    for (const Json& value :
         {Json(bad), Json::array({1, bad}), Json{{"key", bad}}, Json{{bad, 1}}, Json{{"deep", {{{bad, 1}}}}}}) {
      const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { serializer->encode(value); });
      BOOST_TEST(contains(error, "UTF-8"), error);
      BOOST_TEST(!contains(error, bad));
    }
  }
  const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { serializer->encode({{"path", "ab\xFF"}}); });
  BOOST_TEST(contains(error, "\"path\""), error);
  BOOST_TEST(contains(error, "byte 2"), error);
}

BOOST_DATA_TEST_CASE(a_value_beyond_the_depth_limit_is_refused_by_encode, kNames, name) {
  const auto serializer = find_serializer(name);
  Json arrays = Json::array();
  Json objects = Json::object();
  for (int depth = 1; depth < ipcm::kMaxContentDepth; ++depth) {
    arrays = Json::array({std::move(arrays)});
    objects = Json{{"k", std::move(objects)}};
  }
  for (Json* value : {&arrays, &objects}) {
    const std::string bytes = serializer->encode(*value);
    BOOST_CHECK_NO_THROW(serializer->check(bytes));
    BOOST_TEST((serializer->decode(bytes) == *value));
    *value = Json::array({std::move(*value)});
    expect_error(ErrorCode::InvalidMessage, [&] { serializer->encode(*value); });
  }
}

BOOST_DATA_TEST_CASE(a_long_flat_value_is_no_deep_one, kNames, name) {
  const auto serializer = find_serializer(name);
  Json value = Json::array();
  for (int i = 0; i < 5'000; ++i) value.push_back(Json::array({Json::object()}));
  BOOST_TEST((serializer->decode(serializer->encode(value)) == value));
}

BOOST_DATA_TEST_CASE(the_last_of_two_members_with_one_name_counts, kNames, name) {
  const std::string bytes = name == "JSON"   ? R"({"a":[1,2],"a":3})"
                            : name == "CBOR" ? "\xA2\x61\x61\x82\x01\x02\x61\x61\x03"
                                             : "\x82\xA1\x61\x92\x01\x02\xA1\x61\x03";
  BOOST_TEST((find_serializer(name)->decode(bytes) == Json{{"a", 3}}));
}

BOOST_AUTO_TEST_SUITE_END()
