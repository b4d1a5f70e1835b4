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

std::string as_text(const std::string& content, const std::string& more = {}) {
  return R"({"id":"order-17","from":"boss","to":"worker","stamp":1.5,"broadcast":false,"content":)" + content + more +
         "}";
}

BOOST_AUTO_TEST_CASE(the_content_of_a_message_that_is_read_from_text_is_kept_to_the_byte) {
  for (const char* content : {R"({"z":1,"a":2.50})", R"({"a":1,"a":2})", "123456789012345678901234567890", "1.10",
                              R"("\u00e4\/")", "[ 1,\t2 ]", R"({"content":{"content":"}"}})", "null", "-0", "1e2"}) {
    const Message message = Message::from_text(as_text(content));
    BOOST_TEST(message.content_text() == content);
    const Message after = Message::from_json(Json::parse(message.to_json().dump()));
    BOOST_TEST(after.content_text() == content);
    BOOST_TEST(Message::from_text(message.to_json().dump()).content_text() == content);
    BOOST_TEST(after.id() == "order-17");
  }
  const Message last = Message::from_text(as_text("1", R"(,"c\u006fntent" : [2.0] )"));
  BOOST_TEST(last.content_text() == "[2.0]");
}

BOOST_AUTO_TEST_CASE(what_is_said_to_the_byte_counts_before_the_content) {
  BOOST_TEST(Message::from_text(as_text("1", R"(,"content_text":"2.0")")).content_text() == "2.0");
  Json json = good();
  json["content_text"] = "[1 ]";
  BOOST_TEST(Message::from_json(json).content_text() == "[1 ]");
  for (const Json& wrong : {Json(5), Json("{"), Json("")}) {
    json["content_text"] = wrong;
    expect_error(ErrorCode::InvalidMessage, [&] { Message::from_json(json); });
  }
}

BOOST_AUTO_TEST_CASE(content_of_another_serializer_is_kept_to_the_byte) {
  const auto cbor = ipcm::find_serializer("CBOR");
  const std::string bytes("\x1B\0\0\0\0\0\0\0\x05", 9);  // 5, longer than it need be
  const Message message = MessageAccess::make(MessageId::chosen("x"), "boss", "worker", 1, false,
                                              Content::encoded(bytes, cbor), 8796093022208);
  const Json json = message.to_json();
  BOOST_TEST(json["content"] == 5);
  for (const Message& back : {Message::from_json(json), Message::from_text(json.dump())}) {
    BOOST_TEST((back.content_text() == bytes));
    BOOST_TEST(back.raw_content().serializer_name() == "CBOR");
  }
  for (const auto& [member, value] : std::vector<std::pair<std::string, Json>>{
           {"content_base64", "?"}, {"content_base64", "/w=="}, {"serializer", "none"}, {"serializer", 1}}) {
    Json wrong = json;
    wrong[member] = value;
    expect_error(ErrorCode::InvalidMessage, [&] { Message::from_json(wrong); });
  }
}

BOOST_AUTO_TEST_CASE(a_value_that_was_never_encoded_says_itself_whole) {
  const Json json = with_content({{"b", 1}, {"a", 2}}).to_json();
  BOOST_TEST(!json.contains("content_text"));
  BOOST_TEST(!json.contains("content_base64"));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_message_is_refused_with_the_byte) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "byte 1"},
      {"oops", "not JSON"},
      {"[1]", "a JSON object, not array"},
      {as_text("1") + "x", "byte " + std::to_string(as_text("1").size() + 1)},
      {as_text("[1, 2, 3]", ",}"), "byte " + std::to_string(as_text("[1, 2, 3]", ",}").size() - 1)},
      {as_text("{]"), "not valid JSON"},
      {as_text("tru"), "not valid JSON"},
      {as_text(""), "not"},
      {as_text("1") + std::string(1, '\0'), "NUL"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF" + as_text("1"), "byte order mark"},
      {as_text("\xEF\xBB\xBF"
               "1"),
       "byte order mark"}};
  for (const auto& [text, words] : wrong) {
    const std::string error = expect_error(ErrorCode::InvalidMessage, [&] { Message::from_text(text); });
    BOOST_TEST(contains(error, words), error << " of " << text);
  }
  BOOST_TEST(Message::from_text("\xEF\xBB\xBF" + as_text("[1.0]")).content_text() == "[1.0]");
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

BOOST_AUTO_TEST_CASE(whatever_is_true_under_terminate_makes_a_terminate_message) {
  BOOST_TEST(with_content({{"terminate", true}}).is_terminate());
  for (const char* text :
       {R"( { "terminate" : true } )", R"({"terminate":1})", R"({"terminate":-0.5})", R"({"terminate":"yes"})",
        R"({"terminate":"00"})", R"({"terminate":[]})", R"({"terminate":{}})", R"({"why":"late","terminate":true})"}) {
    BOOST_TEST(with_content(Content::from_text(text)).is_terminate(), text);
  }
  for (const char* text : {R"({"terminate":false})", R"({"terminate":0})", R"({"terminate":0.0})",
                           R"({"terminate":""})", R"({"terminate":"0"})", R"({"terminate":null})",
                           R"({"Terminate":true})", "{}", "true", R"(["terminate",true])", R"("terminate")", "null"}) {
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
