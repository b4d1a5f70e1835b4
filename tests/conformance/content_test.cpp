// SPDX-License-Identifier: MIT
// Content is any JSON value, in every serializer, `null` included; `content()` decodes, `content_text()` gives it raw.
// What is refused: deep nesting, what is not UTF-8, what is not JSON.
#include <algorithm>
#include <cmath>
#include <limits>

#include "conformance.hpp"

namespace {

const std::vector<std::string> kSerializers = {"JSON", "CBOR", "MessagePack"};

std::vector<ipcm::Json> all_kinds_of_values() {
  using ipcm::Json;
  using namespace std::string_literals;
  return {nullptr,
          true,
          false,
          0,
          -1,
          9007199254740993,  // 2^53 + 1: a double would lose it
          std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::uint64_t>::max(),
          0.1,
          -1e300,
          5e-324,
          "",
          "text",
          "NUL \0 inside"s,
          "\"quotes\" \\ and \x01 control"s,
          "grüße 日本 😀",
          "\xEF\xBB\xBF byte order mark",
          Json::array(),
          Json::object(),
          Json::array({1, "two", nullptr, Json::array({Json::object()})}),
          Json{{"", 1}, {"key with \n", {{"nested", {1, 2, 3}}}}, {"ключ", "значение"}}};
}

std::string nested_text(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

ipcm::Json nested_value(int depth) {
  ipcm::Json value = ipcm::Json::array();
  for (int n = 1; n < depth; ++n) value = ipcm::Json::array({std::move(value)});
  return value;
}

}  // namespace

CONFORMANCE_TEST(any_json_value_arrives_as_it_was_in_every_serializer) {
  const auto worker = connect("worker");
  for (const std::string& serializer : kSerializers) {
    const auto boss = connect_with(serializer, "boss");
    for (const ipcm::Json& value : all_kinds_of_values()) {
      boss->send_message("worker", value);
      const auto messages = worker->get_messages();
      BOOST_REQUIRE(messages.size() == 1);
      BOOST_TEST((messages[0].content() == value), serializer << ": " << value.dump());
      BOOST_TEST(messages[0].content().type_name() == std::string(value.type_name()));
    }
  }
}

CONFORMANCE_TEST(content_that_was_not_given_is_null) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message(ipcm::MessageFields{.to = "worker"});
  boss->send_message("worker", nullptr);
  boss->send_message("worker", ipcm::Content());
  BOOST_TEST(test::contents(worker->get_messages()) == "[null,null,null]");
}

CONFORMANCE_TEST(clients_with_different_serializers_share_a_route) {
  std::vector<test::ClientPtr> clients;
  for (const std::string& serializer : kSerializers) clients.push_back(connect_with(serializer, serializer));
  for (const auto& sender : clients) {
    for (const auto& receiver : clients) sender->send_message(receiver->id(), {{"by", sender->id()}});
  }
  for (const auto& receiver : clients) {
    BOOST_TEST(test::contents(receiver->get_messages()) == R"([{"by":"JSON"},{"by":"CBOR"},{"by":"MessagePack"}])");
  }
}

CONFORMANCE_TEST(the_text_of_content_is_what_was_stored_to_the_byte) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::string text = "{ \"b\": 1.0,\n\"a\": [1e2, \"\\u00e4\"], \"a\": 2 }";  // spaces, order, a key twice
  boss->send_message("worker", ipcm::Content::from_text(text));
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 1);
  BOOST_TEST(messages[0].content_text() == text);
  boss->send_message("worker", {{"n", 1}});
  BOOST_TEST(worker->get_messages().at(0).content_text() == R"({"n":1})");
}

CONFORMANCE_TEST(the_text_of_content_in_a_binary_encoding_is_its_bytes) {
  const auto worker = connect("worker");
  for (const std::string& serializer : kSerializers) {
    const auto boss = connect_with(serializer, "boss");
    boss->send_message("worker", {{"n", 1}});
    const auto message = worker->get_messages().at(0);
    BOOST_TEST((message.content_text() == ipcm::find_serializer(serializer)->encode({{"n", 1}})), serializer);
    BOOST_TEST(message.raw_content().serializer_name() == serializer);
  }
}

CONFORMANCE_TEST(content_is_passed_on_without_being_changed) {
  const auto boss = connect_with("CBOR", "boss");
  const auto worker = connect("worker");
  const auto third = connect_with("MessagePack", "third");
  boss->send_message("worker", {{"n", 1}});
  const auto message = worker->get_messages().at(0);
  worker->send_message("third", message.raw_content());
  BOOST_TEST(test::contents(third->get_messages()) == R"([{"n":1}])");
}

CONFORMANCE_TEST(a_megabyte_arrives_exactly) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::string text(1 << 20, '\0');
  for (std::size_t n = 0; n < text.size(); ++n) text[n] = static_cast<char>(' ' + n * 7919 % 90);
  for (int n = 0; n < 3; ++n) boss->send_message("worker", {{"n", n}, {"text", text}});
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 3);
  for (int n = 0; n < 3; ++n) {
    const auto& content = messages[static_cast<std::size_t>(n)].content();
    BOOST_TEST(content.at("n") == n);
    BOOST_TEST((content.at("text").get_ref<const std::string&>() == text));
  }
}

CONFORMANCE_TEST(nesting_is_exact_up_to_the_limit_and_refused_beyond) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", nested_value(ipcm::kMaxContentDepth));
  boss->send_message("worker", ipcm::Content::from_text(nested_text(ipcm::kMaxContentDepth)));
  for (const auto& message : worker->get_messages()) {
    BOOST_TEST((message.content().dump() == nested_text(ipcm::kMaxContentDepth)));
  }
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", nested_value(ipcm::kMaxContentDepth + 1)));
  CHECK_ERROR(InvalidMessage, ipcm::Content::from_text(nested_text(ipcm::kMaxContentDepth + 1)));
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(json_nested_a_hundred_thousand_deep_is_refused_wherever_it_comes_in) {
  const std::string deep = nested_text(100'000);
  CHECK_ERROR(InvalidMessage, ipcm::Content::from_text(deep));
  CHECK_ERROR(InvalidMessage, ipcm::find_serializer("JSON")->decode(deep));
  CHECK_ERROR(InvalidMessage, ipcm::find_serializer("CBOR")->decode(std::string(100'000, '\x81') + '\x80'));
  CHECK_ERROR(InvalidMessage, ipcm::find_serializer("MessagePack")->decode(std::string(100'000, '\x91') + '\x90'));
}

CONFORMANCE_TEST(deep_bytes_that_a_sender_passed_on_are_dead_at_the_reader) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto deep = ipcm::Content::encoded(nested_text(100'000), ipcm::find_serializer("JSON"));
  boss->send_message("worker", deep);
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST(text_that_is_not_json_is_refused) {
  using namespace std::string_literals;
  for (const std::string& text :
       {""s, " "s, "{"s, "[1,]"s, "nul"s, "1 2"s, "{'a':1}"s, "\"\xff\""s, "NaN"s, "[1]\0"s}) {
    BOOST_TEST_CONTEXT(text) CHECK_ERROR(InvalidMessage, ipcm::Content::from_text(text));
  }
}

CONFORMANCE_TEST(numbers_that_json_lacks_are_refused_in_json) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (const double number : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", number));
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", {{"deep", {number}}}));
  }
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(binary_values_arrive_in_encodings_that_have_them_and_are_refused_in_json) {
  const auto worker = connect("worker");
  const auto value = ipcm::Json::binary({0, 255, 1});
  for (const char* serializer : {"CBOR", "MessagePack"}) {
    const auto boss = connect_with(serializer, "boss");
    boss->send_message("worker", value);
    const auto messages = worker->get_messages();
    BOOST_REQUIRE(messages.size() == 1);
    BOOST_TEST((messages[0].content() == value));
  }
  CHECK_ERROR(InvalidMessage, worker->send_message("worker", value));
}

CONFORMANCE_TEST(strings_that_are_not_utf_8_are_refused_in_every_serializer) {
  const auto worker = connect("worker");
  for (const std::string& serializer : kSerializers) {
    const auto boss = connect_with(serializer, "boss");
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", "\xff"));
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", {{"\xff", 1}}));
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", {{"list", {"\xc0\xaf"}}}));
  }
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_serializer_of_ones_own_is_used_by_its_name) {
  class Reversed : public ipcm::Serializer {
   public:
    std::string_view name() const override { return "Reversed"; }
    std::string encode(const ipcm::Json& content) const override {
      const std::string text = content.dump();
      return {text.rbegin(), text.rend()};
    }
    ipcm::Json decode(std::string_view bytes) const override { return ipcm::Json::parse(bytes.rbegin(), bytes.rend()); }
  };
  const auto names = ipcm::serializer_names();
  if (std::find(names.begin(), names.end(), "Reversed") == names.end()) {
    ipcm::register_serializer(std::make_shared<Reversed>());
  }
  CHECK_ERROR(InvalidArgument, ipcm::register_serializer(std::make_shared<Reversed>()));
  const auto boss = connect_with("Reversed", "boss");
  const auto worker = connect("worker");
  boss->send_message("worker", {{"n", 12}});
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == R"([{"n":12}])");
  BOOST_TEST(messages.at(0).content_text() == "}21:\"n\"{");
}

CONFORMANCE_TEST(a_byte_order_mark_before_json_is_left_out) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::string mark = "\xEF\xBB\xBF";
  boss->send_message("worker", ipcm::Content::from_text(mark + R"({"a":1})"));
  boss->send_message("worker", ipcm::Content::encoded(mark + "[2 ]", ipcm::find_serializer("JSON")));
  boss->send_message("worker", mark);  // a text that begins with it is none before JSON
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 3);
  BOOST_TEST(messages[0].content_text() == R"({"a":1})");
  BOOST_TEST(messages[1].content_text() == "[2 ]");
  BOOST_TEST(messages[2].content() == mark);
  BOOST_TEST(messages[2].content_text() == '"' + mark + '"');
  CHECK_ERROR(InvalidMessage, ipcm::Content::from_text(mark));
  CHECK_ERROR(InvalidMessage, ipcm::Content::from_text(mark + mark + "1"));
  CHECK_ERROR(InvalidMessage, ipcm::Content::from_text(" " + mark + "1"));
}
