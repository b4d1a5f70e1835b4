// SPDX-License-Identifier: MIT
// Messages that come again and again.
#include "conformance.hpp"
#include "support/process.hpp"

using namespace std::chrono_literals;

namespace {

// 2026-03-02T00:00:00Z, a Monday.
constexpr std::chrono::sys_days kMonday = std::chrono::year(2026) / 3 / 2;

}  // namespace

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_schedule_sends_once_for_each_due_time) {
  const auto boss = connect("boss");
  clock()->set(kMonday);
  boss->set_time_zone("UTC");
  boss->create_queue("jobs");
  boss->add_schedule("backup", "30 2 * * *", {.to = "jobs", .content = {{"do", "backup"}}, .priority = 6});
  BOOST_TEST(boss->claim("jobs").empty());
  clock()->set(kMonday + 2h + 30min - 1s);
  BOOST_TEST(boss->claim("jobs").empty());
  clock()->advance(1s);
  const auto other = connect("other");
  auto claims = other->claim("jobs", {.limit = 5});
  BOOST_REQUIRE(claims.size() == 1U);
  BOOST_TEST(claims[0].message().content() == (ipcm::Json{{"do", "backup"}}));
  BOOST_TEST(claims[0].message().from() == "boss");
  BOOST_TEST(claims[0].message().priority() == 6);
  BOOST_TEST(claims[0].message().stamp() ==
             std::chrono::duration<double>((kMonday + 150min).time_since_epoch()).count());
  BOOST_TEST(boss->claim("jobs").empty());
  const std::string first = claims[0].message().id();
  claims[0].ack();
  clock()->advance(24h);
  claims = other->claim("jobs", {.limit = 5});
  BOOST_REQUIRE(claims.size() == 1U);
  BOOST_TEST(claims[0].message().id() != first);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_was_missed_is_handled_as_the_schedule_says) {
  const auto boss = connect("boss");
  clock()->set(kMonday);
  boss->set_time_zone("UTC");
  for (const char* peer : {"once", "all", "skip"}) {
    const auto reader = connect(peer);
    boss->add_schedule(peer, "0 * * * *", {.to = peer, .content = peer}, ipcm::parse_missed(peer));
    reader->suspend();
  }
  clock()->set(kMonday + 5h + 30min);
  BOOST_TEST(reconnect("once")->get_messages().size() == 1U);
  const auto all = reconnect("all")->get_messages();
  BOOST_REQUIRE(all.size() == 5U);
  BOOST_TEST(all[4].stamp() - all[0].stamp() == 4 * 3600);
  const auto skip = reconnect("skip");
  BOOST_TEST(skip->get_messages().empty());
  for (const ipcm::Schedule& schedule : boss->schedules()) {
    BOOST_TEST(*schedule.next_due == std::chrono::duration<double>((kMonday + 6h).time_since_epoch()).count());
  }
  clock()->set(kMonday + 6h + 30s);  // not late yet
  BOOST_TEST(skip->get_messages().size() == 1U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, an_interval_counts_from_when_it_was_added) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->add_schedule("tick", "every 90s", {.to = "worker"});
  clock()->advance(89s);
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(worker->have_pending_messages());
  clock()->advance(1s);
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(worker->get_messages().size() == 1U);
  clock()->advance(90s);
  BOOST_TEST(worker->get_messages().size() == 1U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_schedule_goes_by_the_clock_of_its_route) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  clock()->set(kMonday);
  boss->set_time_zone("Europe/Berlin");
  BOOST_TEST(boss->time_zone() == "Europe/Berlin");
  boss->add_schedule("morning", "0 8 * * *", {.to = "worker"});
  const auto due = [&] {
    return std::chrono::sys_seconds(std::chrono::seconds(static_cast<long>(*boss->schedules().at(0).next_due)));
  };
  BOOST_TEST((due() == kMonday + 7h));  // winter: UTC+1
  boss->set_time_zone("America/New_York");
  BOOST_TEST((due() == kMonday + 13h));
  CHECK_ERROR(InvalidArgument, boss->set_time_zone("Europe/Atlantis"));
  CHECK_ERROR(InvalidArgument, boss->set_time_zone("../../etc/passwd"));
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, another_time_zone_moves_what_is_to_come_and_loses_nothing) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  clock()->set(kMonday);
  boss->set_time_zone("Europe/Berlin");
  boss->add_schedule("morning", "0 8 * * *", {.to = "worker", .ttl = 1h});
  boss->set_time_zone("UTC");
  const auto due = std::chrono::duration<double>((kMonday + 8h).time_since_epoch()).count();
  const ipcm::Schedule moved = boss->schedules().at(0);
  BOOST_TEST(*moved.next_due == due);
  BOOST_TEST(moved.message.stamp() == due);
  BOOST_TEST((*moved.message.expires_at() == kMonday + 9h));
  clock()->set(kMonday + 8h + 30min);  // it is due, and nobody has looked yet
  boss->set_time_zone("Europe/Berlin");
  BOOST_TEST(worker->get_messages().size() == 1U);
  BOOST_TEST(*boss->schedules().at(0).next_due ==
             std::chrono::duration<double>((kMonday + 24h + 7h).time_since_epoch()).count());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_schedule_can_be_replaced_and_removed) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->add_schedule("tick", "every 1m", {.to = "worker", .content = 1});
  boss->add_schedule("tick", "every 2m", {.to = "worker", .content = 2, .ttl = 1min});
  auto all = boss->schedules();
  BOOST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all[0].name == "tick");
  BOOST_TEST(all[0].recurrence == "every 2m");
  BOOST_TEST(all[0].message.content() == 2);
  BOOST_TEST(all[0].message.to() == "worker");
  clock()->advance(2min);
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
  clock()->advance(3min + 1s);  // due a minute ago, and expired
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(boss->remove_schedule("tick"));
  BOOST_TEST(!boss->remove_schedule("tick"));
  clock()->advance(1h);
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(!worker->have_pending_messages());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_schedule_that_makes_no_sense_is_refused) {
  const auto boss = connect("boss");
  connect("worker")->suspend();
  CHECK_ERROR(InvalidArgument, boss->add_schedule("s", "61 * * * *", {.to = "worker"}));
  CHECK_ERROR(InvalidArgument, boss->add_schedule("s", "0 0 30 2 *", {.to = "worker"}));
  CHECK_ERROR(InvalidName, boss->add_schedule("", "@daily", {.to = "worker"}));
  CHECK_ERROR(UnknownPeer, boss->add_schedule("s", "@daily", {.to = "nobody"}));
  CHECK_ERROR(InvalidMessage, boss->add_schedule("s", "@daily", {.content = 1}));
  CHECK_ERROR(InvalidMessage, boss->add_schedule("s", "@daily", {.to = "worker", .delay = 1s}));
  CHECK_ERROR(InvalidMessage, boss->add_schedule("s", "@daily", {.to = "worker", .group_key = "g"}));
  CHECK_ERROR(InvalidMessage, boss->add_schedule("s", "@daily", {.to = "worker", .id = "i"}));
  BOOST_TEST(boss->schedules().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_schedule_goes_with_its_recipient) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->add_schedule("tick", "every 1m", {.to = "jobs"});
  boss->forget("jobs");
  BOOST_TEST(boss->schedules().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_client_that_waits_fires_what_is_due) {
  const auto boss = ipcm::connect("boss", info());  // the system's clock: time must pass
  boss->create_queue("jobs");
  boss->add_schedule("tick", "every 1s", {.to = "jobs"});
  const auto worker = ipcm::connect("worker", info(), {.fallback_interval = 1h});
  for (int n = 0; n < 2; ++n) {
    auto claims = worker->claim("jobs", {.wait = test::kPatience});
    BOOST_TEST(!claims.empty());
    worker->ack(claims);
  }
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_schedule_goes_on_when_the_clock_was_ahead) {
  const auto boss = connect("boss");
  clock()->set(kMonday);
  boss->set_time_zone("UTC");
  boss->create_queue("jobs");
  const std::vector<std::pair<const char*, std::chrono::minutes>> schedules = {
      {"every 10m", 10min}, {"*/10 * * * *", 10min}, {"30 2 * * *", 150min}};
  for (const auto& [recurrence, next] : schedules) {
    clock()->set(kMonday);
    boss->add_schedule("beat", recurrence, {.to = "jobs", .content = recurrence});
    clock()->set(kMonday + 24h * 3650);
    auto claims = boss->claim("jobs", {.limit = 9});
    BOOST_TEST(claims.size() == 1U);
    boss->ack(claims);
    clock()->set(kMonday + 1min);
    const auto seen = boss->schedules();
    BOOST_REQUIRE(seen.size() == 1U);
    BOOST_TEST(*seen[0].next_due == std::chrono::duration<double>((kMonday + next).time_since_epoch()).count(),
               recurrence);
    BOOST_TEST(boss->claim("jobs").empty());
    clock()->set(kMonday + next);
    claims = boss->claim("jobs", {.limit = 9});
    BOOST_TEST(claims.size() == 1U);
    boss->ack(claims);
  }
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_clock_that_is_set_back_a_little_makes_nothing_come_twice) {
  const auto boss = connect("boss");
  clock()->set(kMonday);
  boss->set_time_zone("UTC");
  boss->create_queue("jobs");
  boss->add_schedule("backup", "30 2 * * *", {.to = "jobs", .content = 1});
  clock()->set(kMonday + 150min);
  auto claims = boss->claim("jobs", {.limit = 9});
  BOOST_TEST(claims.size() == 1U);
  boss->ack(claims);
  clock()->set(kMonday + 60min);
  BOOST_TEST(connect("other")->claim("jobs").empty());
  clock()->set(kMonday + 160min);
  BOOST_TEST(boss->claim("jobs").empty());
  clock()->advance(24h);
  BOOST_TEST(boss->claim("jobs", {.limit = 9}).size() == 1U);
}
