// SPDX-License-Identifier: MIT
// What a message can say of itself as a job: priority, time, keys.
#include <set>

#include "conformance.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"

using namespace std::chrono_literals;

CONFORMANCE_TEST_WHERE(protocol.has_jobs, the_highest_priority_first_and_within_it_the_oldest) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", "4a");
  boss->send_message("worker", "0", {.priority = 0});
  boss->send_message("worker", "7a", {.priority = 7});
  boss->send_message("worker", "4b", {.priority = 4});
  boss->send_message("worker", "7b", {.priority = 7});
  boss->send_message("worker", "4c");
  BOOST_TEST(worker->peek(1)[0].priority() == 7);
  BOOST_TEST(test::contents(worker->get_messages(3)) == R"(["7a","7b","4a"])");
  boss->send_message("worker", "5", {.priority = 5});
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["5","4b","4c","0"])");
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.priority = 8}));
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.priority = -1}));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, numbers_are_given_out_once_whatever_the_priority) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  std::set<std::int64_t> numbers;
  for (int round = 0; round < 3; ++round) {
    for (const int priority : {4, 7, 0, 4}) boss->send_message("worker", round, {.priority = priority});
    boss->send_message("worker", round, {.delay = 1h});
    for (const ipcm::Message& message : worker->get_messages()) numbers.insert(*message.place() & 0xFFFFFFFFFF);
  }
  BOOST_TEST(numbers.size() == 12U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_message_for_later_waits_for_its_time) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", "later", {.delay = 90s});
  boss->send_message("worker", "at", {.deliver_at = clock()->now() + 60s});
  boss->send_message("worker", "now", {.deliver_at = clock()->now() - 60s});
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["now"])");
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(worker->have_pending_messages());
  BOOST_TEST(ipcm::route_info(info()).queued == 2);
  worker->suspend();
  clock()->advance(60s);
  worker = reconnect("worker");
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["at"])");
  clock()->advance(30s);
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["later"])");
  BOOST_TEST(!worker->have_pending_messages());
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.delay = -1ms}));
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.deliver_at = clock()->now(), .delay = 1ms}));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_reader_that_waits_is_woken_when_a_message_is_due) {
  // The system's clock: time must pass.
  const auto boss = ipcm::connect("boss", info());
  const auto worker = ipcm::connect("worker", info(), {.fallback_interval = 1h});
  boss->send_message("worker", 1, {.delay = 30ms});
  BOOST_TEST(worker->wait(test::kPatience));
  BOOST_TEST(worker->get_messages().size() == 1U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_has_expired_is_never_delivered_and_counted) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.ttl = 10s});
  boss->send_message("worker", 2, {.expires_at = clock()->now() + 20s});
  boss->send_message("worker", 3, {.delay = 15s, .ttl = 10s});  // from its time on
  BOOST_TEST(worker->have_ready_messages());
  clock()->advance(10s);
  BOOST_TEST(test::contents(worker->peek()) == "[2]");
  clock()->advance(10s);
  BOOST_TEST(test::contents(worker->get_messages()) == "[3]");
  BOOST_TEST(!worker->have_ready_messages());
  boss->send_message("worker", 5, {.ttl = 5s, .group_key = "g"});
  boss->send_message("worker", 6, {.group_key = "g"});
  clock()->advance(5s);
  BOOST_TEST(worker->peek().empty());
  BOOST_TEST(ipcm::route_info(info()).queued == 1);  // who looks and removes is rid of it, too
  BOOST_TEST(test::contents(worker->get_messages()) == "[6]");
  boss->send_message("worker", 4, {.ttl = 10s});
  clock()->advance(10s);
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(worker->claim().empty());
  BOOST_TEST(ipcm::route_info(info()).queued == 0);
  BOOST_TEST(boss->stats().sent["worker"] == 6U);
  BOOST_TEST(worker->stats().read["boss"] == 2U);
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.ttl = -1ms}));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_dedup_key_is_taken_once_while_its_message_is_there) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::string first = boss->send_message("worker", 1, {.dedup_key = "order-17"});
  BOOST_TEST(boss->send_message("worker", 2, {.dedup_key = "order-17"}) == first);
  BOOST_TEST(boss->send_message("worker", 3, {.dedup_key = "order-18"}) != first);
  BOOST_TEST(boss->send_async("worker", 4, {.dedup_key = "order-17"}).get() == first);
  const std::vector<ipcm::MessageFields> both = {{.to = "worker", .content = 5, .dedup_key = "order-17"},
                                                 {.to = "worker", .content = 6}};
  const auto ids = boss->send_messages(both);
  BOOST_TEST(ids[0] == first);
  BOOST_TEST(ids[1] != first);
  auto claims = worker->claim();
  BOOST_TEST(boss->send_message("worker", 7, {.dedup_key = "order-17"}) == first);  // in flight
  claims[0].ack();
  BOOST_TEST(boss->send_message("worker", 8, {.dedup_key = "order-17"}) != first);
  BOOST_TEST(test::contents(worker->get_messages()) == "[3,6,8]");
  BOOST_TEST(boss->send_message("worker", 9, {.dedup_key = "order-17"}) != first);
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 1, {.dedup_key = ""}));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_dedup_key_is_not_taken_within_the_window_of_its_queue) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.dedup_window = 60s});
  const std::string first = boss->send_message("jobs", 1, {.dedup_key = "k"});
  boss->claim("jobs")[0].ack();
  clock()->advance(59s);
  BOOST_TEST(boss->send_message("jobs", 2, {.dedup_key = "k"}) == first);
  clock()->advance(1s);
  BOOST_TEST(boss->send_message("jobs", 3, {.dedup_key = "k"}) != first);
  BOOST_TEST(boss->queues()[0].ready == 1U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, messages_of_one_group_are_handled_one_at_a_time_in_order) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.backoff = ipcm::Backoff::fixed, .retry_delay = 10s});
  for (const char* content : {"a1", "a2", "b1", "a3"}) {
    boss->send_message("jobs", content, {.group_key = std::string(content, 1)});
  }
  boss->send_message("jobs", "free");
  auto first = boss->claim("jobs", {.limit = 10});
  BOOST_REQUIRE(first.size() == 3U);
  BOOST_TEST(first[0].message().content() == "a1");
  BOOST_TEST(first[1].message().content() == "b1");
  BOOST_TEST(first[2].message().content() == "free");
  BOOST_TEST(boss->claim("jobs").empty());
  first[0].fail("not yet");
  BOOST_TEST(boss->claim("jobs").empty());  // a2 is not to overtake a1
  clock()->advance(10s);
  auto again = boss->claim("jobs", {.limit = 10});
  BOOST_REQUIRE(again.size() == 1U);
  BOOST_TEST(again[0].message().content() == "a1");
  again[0].ack();
  again = boss->claim("jobs", {.limit = 10});
  BOOST_TEST(again.at(0).message().content() == "a2");
  again[0].kill("never");
  again = boss->claim("jobs", {.limit = 10});
  BOOST_TEST(again.at(0).message().content() == "a3");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_takes_for_good_takes_whole_groups_in_order) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n, {.group_key = "g"});
  boss->send_message("worker", 4);
  BOOST_TEST(test::contents(worker->get_messages(2)) == "[1,4]");
  BOOST_TEST(test::contents(worker->get_messages()) == "[2,3]");
  for (int n = 5; n <= 6; ++n) boss->send_message("worker", n, {.group_key = "g"});
  BOOST_TEST(worker->remove_messages(worker->peek()) == 1U);
  BOOST_TEST(test::contents(worker->get_messages()) == "[6]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_group_waits_for_its_first_message_that_is_for_later) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.delay = 10s, .group_key = "g"});
  boss->send_message("worker", 2, {.group_key = "g"});
  BOOST_TEST(worker->get_messages().empty());
  clock()->advance(10s);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_goes_first_in_its_group_does_not_wait_for_what_is_for_later) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", "later", {.delay = 10s, .group_key = "g"});
  boss->send_message("worker", "urgent", {.priority = 7, .group_key = "g"});
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["urgent"])");
  boss->send_message("worker", "postponed", {.group_key = "h"});
  auto claims = worker->claim();
  boss->send_message("worker", "urgent", {.priority = 7, .group_key = "h"});
  claims.at(0).release(60s);
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["urgent"])");
  clock()->advance(60s);
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["later","postponed"])");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_message_that_is_due_does_not_hold_up_the_first_of_its_group) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", "ordinary", {.group_key = "g"});
  auto claims = worker->claim();
  boss->send_message("worker", "for ten seconds", {.delay = 10s, .priority = 6, .group_key = "g"});
  boss->send_message("worker", "urgent", {.priority = 7, .group_key = "g"});
  claims.at(0).release(5s);
  clock()->advance(20s);
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["urgent","for ten seconds","ordinary"])");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_has_expired_does_not_hide_the_next_of_its_group) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.ttl = 5s, .group_key = "g"});
  boss->send_message("worker", 2, {.group_key = "g"});
  clock()->advance(5s);
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(worker->wait(0ms));
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_only_peeks_finds_what_is_due) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.delay = 10s});
  BOOST_TEST(worker->peek().empty());
  clock()->advance(10s);
  BOOST_TEST(test::contents(worker->peek()) == "[1]");
  BOOST_TEST(worker->remove_messages(worker->peek()) == 1U);
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_is_due_waits_when_its_client_leaves_and_what_has_expired_does_not) {
  const auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", 1, {.ttl = 5s});
  clock()->advance(5s);
  BOOST_TEST(test::code_of(worker->disconnect()) == "ok");
  worker = reconnect("worker");
  boss->send_message("worker", 2, {.delay = 5s});
  clock()->advance(5s);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  worker = reconnect("worker");
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
  for (int n = 3; n <= 4; ++n)
    boss->send_message("worker", n, {.expires_at = clock()->now() + 1s * n, .group_key = "g"});
  clock()->advance(3s);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");  // 4, whose turn it is
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_is_said_of_a_job_survives_its_return) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1,
                     {.expires_at = clock()->now() + 1h, .priority = 6, .max_attempts = 9, .group_key = "g"});
  boss->send_message("worker", 2);
  const ipcm::Message message = ipcm::Message::from_json(worker->get_messages(1).at(0).to_json());
  worker->requeue_message(message);
  const ipcm::Message back = worker->get_messages(1).at(0);
  BOOST_TEST(back.content() == 1);
  BOOST_TEST(back.priority() == 6);
  BOOST_TEST(*back.max_attempts() == 9);
  BOOST_TEST(back.group_key() == "g");
  BOOST_TEST((*back.expires_at() == clock()->now() + 1h));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_message_that_is_put_back_is_the_only_one_of_its_group_again) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 3; ++n) boss->send_message("worker", n, {.group_key = "g"});
  const auto first = worker->get_messages(1);
  worker->requeue_messages(first);  // before the next one, which was ready by then
  auto claims = worker->claim({.limit = 5});
  BOOST_REQUIRE(claims.size() == 1U);
  BOOST_TEST(claims[0].message().content() == 1);
  claims[0].ack();
  claims = worker->claim({.limit = 5});
  BOOST_TEST(claims.at(0).message().content() == 2);
  worker->requeue_messages(first);  // while another one is in flight: not before that is done
  BOOST_TEST(worker->claim({.limit = 5}).empty());
  BOOST_TEST(problems() == "");
  claims[0].ack();
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,3]");
  boss->send_message("worker", 4);
  BOOST_TEST(test::contents(worker->get_messages()) == "[4]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_message_that_is_put_back_has_its_dedup_key_again) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const std::string first = boss->send_message("worker", 1, {.dedup_key = "k"});
  const auto taken = worker->get_messages();
  worker->requeue_messages(taken);
  BOOST_TEST(boss->send_message("worker", 2, {.dedup_key = "k"}) == first);
  BOOST_TEST(worker->get_messages().size() == 1U);
  const std::string second = boss->send_message("worker", 3, {.dedup_key = "k"});
  worker->requeue_messages(taken);  // the key is another message's by now
  BOOST_TEST(boss->send_message("worker", 4, {.dedup_key = "k"}) == second);
  BOOST_TEST(test::contents(worker->get_messages(1)) == "[1]");  // with which it does not leave
  BOOST_TEST(boss->send_message("worker", 4, {.dedup_key = "k"}) == second);
  BOOST_TEST(worker->get_messages().size() == 1U);
  BOOST_TEST(boss->send_message("worker", 5, {.dedup_key = "k"}) != second);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_reply_is_a_job_like_others) {
  const auto boss = connect("boss");
  const auto clerk = connect("clerk");
  const auto answer = [&](const ipcm::MessageFields& like) {
    auto request = boss->request("clerk", 1, test::kPatience);
    const auto asked = clerk->get_messages().at(0);
    ipcm::MessageFields fields = like;
    fields.to = "boss";
    fields.correlation_id = asked.correlation_id();
    clerk->send_message(fields);
    return request.get();
  };
  BOOST_TEST(answer({.content = 1, .dedup_key = "k", .group_key = "g"}).content() == 1);
  // Neither is its key taken any more, nor does its group wait for it.
  BOOST_TEST(answer({.content = 2, .dedup_key = "k", .group_key = "g"}).content() == 2);

  auto request = boss->request("clerk", 1, 50ms);
  clerk->send_message(
      {.to = "boss", .content = "late", .correlation_id = clerk->get_messages().at(0).correlation_id(), .ttl = 1ms});
  clock()->advance(1ms);
  BOOST_TEST(test::code_of(request.wait().outcome) == "TimedOut");
  BOOST_TEST(boss->get_messages().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, times_beyond_all_reason_do_no_harm) {
  const auto boss = connect("boss");
  ipcm::Json json = boss->build_message("boss", 1, {.ttl = 1h}).to_json();
  json["expires_at"] = 1e300;
  json["deliver_at"] = -1e300;
  const ipcm::Message message = ipcm::Message::from_json(json);
  BOOST_TEST((*message.expires_at() > clock()->now()));
  BOOST_TEST((*message.deliver_at() < clock()->now()));
  boss->send_message(message);
  BOOST_TEST(boss->get_messages().size() == 1U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_chosen_id_is_refused_wherever_the_first_one_is) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1, {.id = "later", .delay = 1h});
  boss->send_message("worker", 2, {.id = "claimed"});
  auto claims = worker->claim();
  for (const char* id : {"later", "claimed"}) {
    CHECK_ERROR(DuplicateMessage, boss->send_message("worker", 3, {.id = id}));
    CHECK_ERROR(DuplicateMessage, boss->send_message("worker", 3, {.id = id, .delay = 1h}));
    CHECK_ERROR(DuplicateMessage, boss->send_message("worker", 3, {.id = id, .priority = 7}));
  }
  claims[0].ack();
  boss->send_message("worker", 4, {.id = "claimed"});
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_message_that_nobody_could_get_is_refused_with_the_reason) {
  const auto boss = connect("boss");
  connect("worker")->suspend();
  const auto refusal = [&](const ipcm::MessageFields& fields) {
    const auto error = test::caught([&] { boss->send_message("worker", 1, fields); });
    BOOST_REQUIRE(error);
    BOOST_TEST((error->code() == ipcm::ErrorCode::InvalidMessage));
    return std::string(error->what());
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  BOOST_TEST(has(refusal({.ttl = 0ms}), "Give a longer ttl"));
  BOOST_TEST(has(refusal({.expires_at = clock()->now()}), "later expires_at"));
  BOOST_TEST(has(refusal({.expires_at = clock()->now() - 1h}), "later expires_at"));
  BOOST_TEST(has(refusal({.delay = 2h, .expires_at = clock()->now() + 1h}), "later expires_at"));
  BOOST_TEST(has(refusal({.delay = std::chrono::milliseconds::max()}), "shorter delay"));
  BOOST_TEST(has(refusal({.ttl = std::chrono::milliseconds::max()}), "never expires"));
  const std::string long_key(256, 'k');
  BOOST_TEST(has(refusal({.dedup_key = long_key}), "the dedup_key "));
  BOOST_TEST(has(refusal({.group_key = long_key}), "the group_key "));
  BOOST_TEST(has(refusal({.correlation_id = long_key}), "the correlation_id "));
  CHECK_ERROR(InvalidMessage, boss->add_schedule("s", "@daily", {.to = "worker", .ttl = 0ms}));
  BOOST_TEST(!reconnect("worker")->have_ready_messages());
}
