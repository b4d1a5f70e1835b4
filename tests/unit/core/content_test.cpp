// SPDX-License-Identifier: MIT
#include <ipcm/content.hpp>
#include <ipcm/error.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "unit/support/expect_error.hpp"

namespace {

using ipcm::Content;
using ipcm::ErrorCode;
using ipcm::find_serializer;
using ipcm::Json;
using test::contains;
using test::expect_error;

/// JSON under another name that counts what it is asked for.
class CountingSerializer : public ipcm::Serializer {
 public:
  std::string_view name() const override { return "Counting"; }
  std::string encode(const Json& content) const override {
    ++encoded;
    return content.dump();
  }
  Json decode(std::string_view bytes) const override {
    ++decoded;
    return find_serializer("JSON")->decode(bytes);
  }

  mutable std::atomic<int> encoded = 0;
  mutable std::atomic<int> decoded = 0;
};

Json nested(int depth) {
  Json value = Json::array();
  for (int i = 1; i < depth; ++i) value = i % 2 == 0 ? Json::array({std::move(value)}) : Json{{"k", std::move(value)}};
  return value;
}

constexpr int kThreads = 8;

template <typename Work>
void in_threads(Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(content)

BOOST_AUTO_TEST_CASE(content_that_is_not_set_is_sent_as_null) {
  const Content unset;
  BOOST_TEST(!unset.is_set());
  BOOST_TEST(unset.json().is_null());
  BOOST_TEST(unset.text() == "null");
  BOOST_TEST(unset.serializer_name() == "JSON");
  BOOST_TEST(unset.encode(*find_serializer("CBOR")) == "\xF6");
  BOOST_TEST(Content(nullptr).is_set());
}

BOOST_AUTO_TEST_CASE(any_json_value_makes_content) {
  BOOST_TEST(Content(1).json() == Json(1));
  BOOST_TEST(Content("text").json() == Json("text"));
  BOOST_TEST((Content({{"n", 1}, {"list", {1, 2}}}).json() == Json::parse(R"({"n":1,"list":[1,2]})")));
  BOOST_TEST(Content(Json::array()).text() == "[]");
  BOOST_TEST(Content({{"b", 1}, {"a", "ü"}}).text() == R"({"a":"ü","b":1})");
}

BOOST_AUTO_TEST_CASE(bytes_are_kept_to_the_byte_and_not_looked_at_before_they_are_used) {
  const Content broken = Content::encoded("{ not json", find_serializer("JSON"));
  BOOST_TEST(broken.text() == "{ not json");
  BOOST_TEST(broken.encode(*find_serializer("JSON")) == "{ not json");
  expect_error(ErrorCode::InvalidMessage, [&] { broken.json(); });
  expect_error(ErrorCode::InvalidMessage, [&] { broken.json(); });  // again the same
  expect_error(ErrorCode::InvalidMessage, [&] { broken.encode(*find_serializer("CBOR")); });
  expect_error(ErrorCode::InvalidArgument, [] { Content::encoded("null", nullptr); });
}

BOOST_AUTO_TEST_CASE(json_text_is_checked_and_kept_to_the_byte) {
  const std::string text = " { \"n\" : 1.0e0 , \"n\" : 2 }\n";
  const Content content = Content::from_text(text);
  BOOST_TEST(content.text() == text);
  BOOST_TEST(content.serializer_name() == "JSON");
  BOOST_TEST(content.json() == Json({{"n", 2}}));
  for (const std::string& bad : {std::string(), std::string("{"), std::string("1 2"), std::string("\"\xFF\""),
                                 std::string("1\0", 2), std::string("NaN"), std::string("'a'")}) {
    expect_error(ErrorCode::InvalidMessage, [&] { Content::from_text(bad); });
  }
}

BOOST_AUTO_TEST_CASE(text_is_what_was_encoded_first) {
  const Content value(Json{{"n", 1}});
  const std::string cbor = value.encode(*find_serializer("CBOR"));
  BOOST_TEST(value.text() == cbor);
  BOOST_TEST(value.serializer_name() == "CBOR");
  BOOST_TEST(value.encode(*find_serializer("JSON")) == R"({"n":1})");
  BOOST_TEST(value.text() == cbor);
}

// Threads that ask at the same time may each make it; all get the one that stays, and later ones make nothing.
BOOST_AUTO_TEST_CASE(threads_that_encode_a_value_share_the_bytes) {
  const auto serializer = std::make_shared<const CountingSerializer>();
  const Content value(Json{{"n", 1}});
  const Content copy = value;
  in_threads([&] {
    for (int i = 0; i < 100; ++i) {
      if (copy.encode(*serializer) != R"({"n":1})" || value.text() != R"({"n":1})") throw std::logic_error("wrong");
    }
  });
  const int encoded = serializer->encoded;
  BOOST_TEST(encoded >= 1);
  BOOST_TEST(encoded <= kThreads);
  BOOST_TEST(value.encode(*serializer) == R"({"n":1})");
  BOOST_TEST(serializer->encoded == encoded);
  BOOST_TEST(serializer->decoded == 0);
}

BOOST_AUTO_TEST_CASE(threads_that_decode_bytes_share_the_value) {
  const auto serializer = std::make_shared<const CountingSerializer>();
  const Content content = Content::encoded(R"({"n":[1,2,3]})", serializer);
  std::atomic<const Json*> shared = nullptr;
  std::atomic<int> others = 0;
  in_threads([&, copy = content] {
    for (int i = 0; i < 100; ++i) {
      const Json* mine = &copy.json();
      const Json* first = nullptr;
      if (!shared.compare_exchange_strong(first, mine) && first != mine) ++others;
    }
  });
  BOOST_TEST(others == 0);
  BOOST_TEST(*shared.load() == Json({{"n", {1, 2, 3}}}));
  const int decoded = serializer->decoded;
  BOOST_TEST(decoded >= 1);
  BOOST_TEST(decoded <= kThreads);
  BOOST_TEST(content.json()["n"][2] == 3);
  BOOST_TEST(serializer->decoded == decoded);
  BOOST_TEST(content.encode(*serializer) == R"({"n":[1,2,3]})");
  BOOST_TEST(serializer->encoded == 0);
}

BOOST_AUTO_TEST_CASE(the_reference_from_json_stays_good_while_the_content_lives) {
  const Content content = Content::from_text("[1]");
  const Json& first = content.json();
  content.encode(*find_serializer("CBOR"));
  content.encode(*find_serializer("MessagePack"));
  BOOST_TEST(&content.json() == &first);
  BOOST_TEST(&Content(content).json() == &first);
}

BOOST_AUTO_TEST_CASE(content_may_be_nested_as_deep_as_the_limit_and_no_deeper) {
  const Content deepest(nested(ipcm::kMaxContentDepth));
  for (const std::string& name : ipcm::serializer_names()) {
    const std::string bytes = deepest.encode(*find_serializer(name));
    BOOST_TEST((Content::encoded(bytes, find_serializer(name)).json() == deepest.json()));
  }
  const Json deeper = nested(ipcm::kMaxContentDepth + 1);
  BOOST_TEST(contains(expect_error(ErrorCode::InvalidMessage, [&] { static_cast<void>(Content(deeper)); }), "1000"));
  expect_error(ErrorCode::InvalidMessage, [] { Content(nested(ipcm::kMaxContentDepth + 1)); });
}

BOOST_AUTO_TEST_CASE(a_value_a_hundred_thousand_deep_is_refused_and_destroyed_without_overflowing_the_stack) {
  const Json deep = nested(100'000);
  expect_error(ErrorCode::InvalidMessage, [&] { static_cast<void>(Content(deep)); });
  expect_error(ErrorCode::InvalidMessage, [] { Content(nested(100'000)); });
  expect_error(ErrorCode::InvalidMessage, [] { Content::from_text(std::string(100'000, '[')); });
  expect_error(ErrorCode::InvalidMessage,
               [] { Content::from_text(std::string(100'000, '[') + std::string(100'000, ']')); });
}

BOOST_AUTO_TEST_CASE(what_a_parser_discarded_is_refused) {
  expect_error(ErrorCode::InvalidMessage, [] { Content(Json::parse("{", nullptr, false)); });
  expect_error(ErrorCode::InvalidMessage, [] { Content(Json::array({Json(Json::value_t::discarded)})); });
}

BOOST_AUTO_TEST_CASE(content_that_json_cannot_say_can_still_be_passed_on_in_cbor) {
  const Content content(Json{{"pixels", Json::binary({1, 2, 3})}, {"ratio", std::nan("")}});
  expect_error(ErrorCode::InvalidMessage, [&] { content.text(); });
  const std::string bytes = content.encode(*find_serializer("CBOR"));
  BOOST_TEST(content.text() == bytes);
  BOOST_TEST((find_serializer("CBOR")->decode(bytes)["pixels"] == Json::binary({1, 2, 3})));
}

BOOST_AUTO_TEST_CASE(text_that_no_route_takes_is_not_read) {
  std::string text(ipcm::kHighestMaxContent + 1, '[');
  BOOST_TEST(contains(expect_error(ErrorCode::TooLarge, [&] { Content::from_text(std::move(text)); }), "536870913"));
}

BOOST_AUTO_TEST_SUITE_END()
