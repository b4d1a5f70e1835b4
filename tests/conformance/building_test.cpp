// SPDX-License-Identifier: MIT
// Instance method `build_message` in its 5 forms, the fields of a message and their defaults.
#include <cmath>
#include <limits>
#include <regex>
#include <set>

#include "conformance.hpp"

using ipcm::MessageFields;

CONFORMANCE_TEST(a_message_can_be_built_in_five_forms) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  const ipcm::Message built = boss->build_message("worker", {{"n", 1}});
  const std::vector<ipcm::Message> forms = {
      boss->build_message(built),
      boss->build_message(built, {.to = "worker", .content = {{"n", 1}}}),
      boss->build_message("worker", {{"n", 1}}),
      boss->build_message("worker", {{"n", 1}}, {.id = "chosen"}),
      boss->build_message(MessageFields{.to = "worker", .content = {{"n", 1}}}),
  };
  for (const ipcm::Message& message : forms) {
    BOOST_TEST(message.from() == "boss");
    BOOST_TEST(message.to() == "worker");
    BOOST_TEST(message.content().dump() == R"({"n":1})");
    BOOST_TEST(!message.broadcast());
  }
  BOOST_TEST(forms[0].id() == built.id());
  BOOST_TEST(forms[0].stamp() == built.stamp());
  BOOST_TEST(forms[3].id() == "chosen");
}

CONFORMANCE_TEST(building_sends_nothing) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->build_message("worker", 1);
  boss->build_message("nobody", 1);
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{}");
}

CONFORMANCE_TEST(overrides_take_the_place_of_what_a_message_says) {
  const auto boss = connect("boss");
  const auto built = boss->build_message("worker", 1, {.id = "one", .stamp = 1.5});
  const auto changed = boss->build_message(
      built, {.to = "third", .content = "other", .id = "two", .stamp = 2.5, .broadcast = true, .from = "boss"});
  BOOST_TEST(changed.to() == "third");
  BOOST_TEST(changed.content() == "other");
  BOOST_TEST(changed.id() == "two");
  BOOST_TEST(changed.stamp() == 2.5);
  BOOST_TEST(changed.broadcast());
  const auto kept = boss->build_message(built, {.to = "third"});
  BOOST_TEST(kept.content() == 1);
  BOOST_TEST(kept.id() == "one");
  BOOST_TEST(kept.stamp() == 1.5);
}

CONFORMANCE_TEST(an_id_is_by_default_a_new_uuid_version_7_of_the_clocks_time) {
  const auto boss = connect("boss");
  const std::regex uuid7("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(clock()->now().time_since_epoch()).count();
  std::set<std::string> seen;
  for (int n = 0; n < 2000; ++n) {
    const std::string id = boss->build_message("worker", n).id();
    BOOST_TEST_REQUIRE(std::regex_match(id, uuid7), id);
    BOOST_TEST_REQUIRE(std::stoll(id.substr(0, 8) + id.substr(9, 4), nullptr, 16) == now, id);
    BOOST_TEST_REQUIRE(seen.insert(id).second, id);
  }
}

CONFORMANCE_TEST(a_stamp_is_by_default_the_clocks_time_in_seconds_and_fractions) {
  const auto boss = connect("boss");
  clock()->set(test::ManualClock::TimePoint(std::chrono::milliseconds(1'767'225'600'250)));
  BOOST_TEST(std::abs(boss->build_message("worker", 1).stamp() - 1'767'225'600.25) < 1e-6);  // what a double can tell
  const auto plain = store().connect("plain");
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  BOOST_TEST(std::abs(plain->build_message("worker", 1).stamp() - now) < 60);
}

CONFORMANCE_TEST(a_stamp_that_was_given_is_kept_exactly_and_must_be_finite) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::vector<double> stamps = {0, 0.1, -1.5, 1e300, 1'767'225'600.123456, 5e-324};
  for (const double stamp : stamps) boss->send_message("worker", 1, {.stamp = stamp});
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == stamps.size());
  for (std::size_t n = 0; n < stamps.size(); ++n) BOOST_TEST(messages[n].stamp() == stamps[n]);
  for (const double wrong : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_ERROR(InvalidMessage, boss->build_message("worker", 1, {.stamp = wrong}));
  }
}

CONFORMANCE_TEST(a_message_without_a_recipient_must_be_a_broadcast) {
  const auto boss = connect("boss");
  CHECK_ERROR(InvalidMessage, boss->build_message(MessageFields{.content = 1}));
  CHECK_ERROR(InvalidMessage, boss->build_message(MessageFields{.content = 1, .broadcast = false}));
  const auto everyone = boss->build_message(MessageFields{.content = 1, .broadcast = true});
  BOOST_TEST(everyone.to() == "");
  BOOST_TEST(everyone.broadcast());
}

CONFORMANCE_TEST(nobody_can_send_in_anothers_name) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  CHECK_ERROR(InvalidMessage, boss->build_message("worker", 1, {.from = "worker"}));
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.from = "worker"}));
  CHECK_ERROR(InvalidMessage, boss->send_message(MessageFields{.to = "worker", .from = "third"}));
  BOOST_TEST(test::code_of(boss->try_message("worker", 1, {.from = "worker"})) == "InvalidMessage");
  const std::vector<MessageFields> batch = {{.to = "worker"}, {.to = "worker", .from = "third"}};
  CHECK_ERROR(InvalidMessage, boss->send_messages(batch));
  CHECK_ERROR(InvalidMessage, boss->broadcast(MessageFields{.content = 1, .from = "worker"}));
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(boss->build_message("worker", 1, {.from = "boss"}).from() == "boss");
}

CONFORMANCE_TEST(another_clients_message_cannot_be_sent_as_it_is) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  const auto message = worker->get_messages().at(0);
  CHECK_ERROR(InvalidMessage, worker->send_message(message));
  CHECK_ERROR(InvalidMessage, worker->build_message(message, {.to = "boss"}));
  BOOST_TEST(!boss->have_ready_messages());
}

CONFORMANCE_TEST(an_id_that_was_chosen_is_short_readable_text) {
  using namespace std::string_literals;
  const auto boss = connect("boss");
  for (const std::string& id : {"x"s, std::string(255, 'x'), "order 17"s, "日本"s}) {
    BOOST_TEST(boss->build_message("worker", 1, {.id = id}).id() == id);
  }
  for (const std::string& id : {""s, std::string(256, 'x'), "a\nb"s, "\xff"s, "a\0b"s}) {
    CHECK_ERROR(InvalidMessage, boss->build_message("worker", 1, {.id = id}));
  }
}
