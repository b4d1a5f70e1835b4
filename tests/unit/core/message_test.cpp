// SPDX-License-Identifier: MIT
#include <ipcm/message.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

#include "core/message_access.hpp"
#include "unit/support/expect_error.hpp"
#include "unit/support/random_json.hpp"

namespace {

using ipcm::Content;
using ipcm::ErrorCode;
using ipcm::Json;
using ipcm::Message;
using ipcm::MessageAccess;
using ipcm::MessageId;
using test::contains;
using test::expect_error;

Json good() {
  return {{"id", "order-17"},  {"from", "boss"},    {"to", "worker"},          {"stamp", 1.5},
          {"broadcast", true}, {"content", {1, 2}}, {"place", "8796093022208"}};
}

Message with_content(Content content) {
  return MessageAccess::make(MessageId::generate(1), "a", "b", 1, false, std::move(content));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message)

BOOST_AUTO_TEST_CASE(a_message_comes_back_from_its_json_with_all_that_a_store_needs) {
  test::RandomJson random(2);
  for (int i = 0; i < 200; ++i) {
    const MessageId id = i % 2 == 0 ? MessageId::generate(i) : MessageId::chosen("id-" + std::to_string(i));
    std::optional<std::int64_t> place;
    if (i % 3 != 0) place = std::numeric_limits<std::int64_t>::max() - i;
    const Message sent = MessageAccess::make(id, "boss", "größe", 1.7e9 + i / 7.0, i % 5 == 0, random.value(), place);
    const Message back = Message::from_json(Json::parse(sent.to_json().dump()));
    BOOST_TEST(back.id() == sent.id());
    BOOST_TEST(back.from() == sent.from());
    BOOST_TEST(back.to() == sent.to());
    BOOST_TEST(back.stamp() == sent.stamp());
    BOOST_TEST(back.broadcast() == sent.broadcast());
    BOOST_TEST((back.content() == sent.content()));
    BOOST_TEST((MessageAccess::message_id(back) == id));
    BOOST_TEST((MessageAccess::place(back) == place));
  }
}

BOOST_AUTO_TEST_CASE(a_place_is_written_as_text_because_many_readers_of_json_round_great_numbers) {
  const Json json = Message::from_json(good()).to_json();
  BOOST_TEST(json["place"] == "8796093022208");
  Json with_number = good();
  with_number["place"] = 8796093022208;
  BOOST_TEST(Message::from_json(with_number).to_json()["place"] == "8796093022208");
  BOOST_TEST(!with_content(1).to_json().contains("place"));
}

BOOST_AUTO_TEST_CASE(the_error_names_the_member_that_is_missing) {
  for (const char* member : {"id", "from", "to", "stamp", "broadcast", "content"}) {
    Json json = good();
    json.erase(member);
    const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { Message::from_json(json); });
    BOOST_TEST(contains(error, '"' + std::string(member) + "\" is missing"), error);
  }
  Json without_place = good();
  without_place.erase("place");
  BOOST_CHECK_NO_THROW(Message::from_json(without_place));
}

BOOST_AUTO_TEST_CASE(the_error_names_the_member_that_is_wrong) {
  const std::vector<std::pair<std::string, Json>> wrong = {
      {"id", 1},
      {"id", ""},
      {"id", std::string(256, 'x')},
      {"from", nullptr},
      {"from", ""},
      {"from", "a\nb"},
      {"to", 1},
      {"to", std::string("\xFF")},
      {"stamp", "1"},
      {"stamp", nullptr},
      {"stamp", std::numeric_limits<double>::infinity()},
      {"stamp", std::numeric_limits<double>::quiet_NaN()},
      {"broadcast", 1},
      {"place", "x"},
      {"place", "12 "},
      {"place", ""},
      {"place", -1},
      {"place", 0},
      {"place", "-5"},
      {"place", 1.5},
      {"place", nullptr},
      {"place", "9223372036854775808"},
      {"place", std::uint64_t{9223372036854775808U}},
  };
  for (const auto& [member, value] : wrong) {
    Json json = good();
    json[member] = value;
    const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { Message::from_json(json); });
    BOOST_TEST((contains(error, '"' + member + '"') || contains(error, "message " + member)), error);
  }
  expect_error(ErrorCode::InvalidMessage, [] { Message::from_json(Json::array()); });
  expect_error(ErrorCode::InvalidMessage, [] { Message::from_json("text"); });
}

BOOST_AUTO_TEST_CASE(a_broadcast_that_is_not_addressed_yet_needs_no_recipient) {
  Json json = good();
  json["to"] = "";
  BOOST_TEST(Message::from_json(json).to().empty());
  json["broadcast"] = false;
  expect_error(ErrorCode::InvalidMessage, [&] { Message::from_json(json); });
}

BOOST_AUTO_TEST_CASE(members_that_are_not_known_are_ignored) {
  Json json = good();
  json["note"] = "from a later version";
  BOOST_TEST(Message::from_json(json).id() == "order-17");
}

BOOST_AUTO_TEST_CASE(only_terminate_true_and_nothing_else_is_a_terminate_message) {
  BOOST_TEST(with_content({{"terminate", true}}).is_terminate());
  BOOST_TEST(with_content(Content::from_text(" { \"terminate\" : true } ")).is_terminate());
  for (const char* text : {R"({"terminate":false})", R"({"terminate":1})", R"({"terminate":true,"x":1})", "{}", "true",
                           R"(["terminate",true])", R"("terminate")", "null"}) {
    BOOST_TEST(!with_content(Content::from_text(text)).is_terminate(), text);
  }
  BOOST_TEST(!with_content(Content::encoded("{", ipcm::find_serializer("JSON"))).is_terminate());
}

BOOST_AUTO_TEST_CASE(a_copy_for_a_recipient_shares_the_content_and_forgets_where_it_was_read) {
  const Message original = Message::from_json(good());
  const MessageId id = MessageId::generate(2);
  const Message copy = MessageAccess::with_recipient(original, "another", id);
  BOOST_TEST(copy.to() == "another");
  BOOST_TEST((MessageAccess::message_id(copy) == id));
  BOOST_TEST(!MessageAccess::place(copy));
  BOOST_TEST(copy.from() == original.from());
  BOOST_TEST(copy.broadcast());
  BOOST_TEST(&copy.content() == &original.content());
}

BOOST_AUTO_TEST_CASE(a_chosen_id_that_looks_like_a_uuid_stays_a_chosen_one) {
  const MessageId chosen = MessageId::chosen(MessageId::generate(1).text());
  const Message message = MessageAccess::make(chosen, "a", "b", 1, false, 1);
  BOOST_TEST((MessageAccess::message_id(message) == chosen));
}

BOOST_AUTO_TEST_SUITE_END()
