// SPDX-License-Identifier: MIT
// Queues, dead letters, and several things in one transaction.
#include <array>
#include <map>

#include "conformance.hpp"
#include "support/process.hpp"

using namespace std::chrono_literals;

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_queue_is_made_once_and_is_nobodys_name) {
  const auto boss = connect("boss");
  BOOST_TEST(boss->create_queue("jobs", {.max_attempts = 7}));
  BOOST_TEST(!boss->create_queue("jobs", {.max_attempts = 8}));
  BOOST_TEST(boss->queue_settings("jobs").max_attempts == 7);
  CHECK_ERROR(NameInUse, connect("jobs"));
  CHECK_ERROR(NameInUse, boss->create_queue("boss"));
  CHECK_ERROR(InvalidName, boss->create_queue("_jobs"));
  CHECK_ERROR(InvalidArgument, boss->create_queue("other", {.retry_delay = -1s}));
  CHECK_ERROR(UnknownPeer, boss->queue_settings("nobody"));
  const auto worker = connect("worker");
  CHECK_ERROR(InvalidArgument, worker->queue_settings("boss"));
  BOOST_TEST(boss->peers() == std::vector<std::string>{"worker"}, boost::test_tools::per_element());
  BOOST_TEST(ipcm::list_peers(info()).size() == 2U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_broadcast_does_not_reach_queues) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  connect("worker")->suspend();
  BOOST_TEST(boss->broadcast(1).size() == 1U);
  BOOST_TEST(boss->queues()[0].ready == 0U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, the_settings_of_a_queue_can_be_changed) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  ipcm::QueueSettings settings = boss->queue_settings("jobs");
  settings.max_attempts = 1;
  settings.backoff = ipcm::Backoff::fixed;
  settings.retry_delay = 1500ms;
  settings.max_retry_delay = 2h;
  settings.dedup_window = 3min;
  boss->change_queue("jobs", [&](ipcm::QueueSettings& old) { old = settings; });
  const ipcm::QueueSettings seen = boss->queues().at(0).settings;
  BOOST_TEST(seen.max_attempts == 1);
  BOOST_TEST((seen.backoff == ipcm::Backoff::fixed));
  BOOST_TEST((seen.retry_delay == 1500ms));
  BOOST_TEST((seen.max_retry_delay == 2h));
  BOOST_TEST((seen.dedup_window == 3min));
  CHECK_ERROR(InvalidArgument, boss->change_queue("jobs", [](ipcm::QueueSettings& old) { old.max_attempts = -1; }));
  CHECK_ERROR(UnknownPeer, boss->change_queue("nobody", [](ipcm::QueueSettings&) {}));
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_paused_queue_takes_mail_and_gives_none) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->pause_queue("jobs");
  boss->send_message("jobs", 1);
  BOOST_TEST(boss->claim("jobs", {.wait = 20ms}).empty());
  BOOST_TEST(boss->queues()[0].settings.paused);
  boss->resume_queue("jobs");
  BOOST_TEST(boss->claim("jobs").size() == 1U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_queue_can_be_forgotten_once_nothing_is_in_flight) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  boss->send_message("jobs", 2, {.delay = 1h, .dedup_key = "k"});
  auto claims = boss->claim("jobs");
  CHECK_ERROR(NameInUse, boss->forget("jobs"));
  claims[0].release();
  boss->forget("jobs");
  BOOST_TEST(boss->queues().empty());
  CHECK_ERROR(UnknownPeer, boss->claim("jobs"));
  CHECK_ERROR(UnknownPeer, boss->send_message("jobs", 1));
  BOOST_TEST(problems() == "");
  boss->create_queue("jobs");
  boss->send_message("jobs", 3, {.dedup_key = "k"});
  BOOST_TEST(boss->claim("jobs").at(0).message().content() == 3);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, jobs_tell_what_is_ready_scheduled_and_in_flight) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 2; ++n) boss->send_message("jobs", n);
  boss->send_message("jobs", 3, {.delay = 1h});
  const auto claims = boss->claim("jobs");
  const auto jobs = boss->jobs("jobs");
  BOOST_REQUIRE(jobs.size() == 3U);
  BOOST_TEST((jobs[0].state == ipcm::JobInfo::State::in_flight));
  BOOST_TEST(jobs[0].message.content() == 1);
  BOOST_TEST(jobs[0].worker == "boss");
  BOOST_TEST(jobs[0].worker_lives);
  BOOST_TEST((jobs[0].lease_left > 0ms && jobs[0].lease_left <= 30s));
  BOOST_TEST((jobs[1].state == ipcm::JobInfo::State::ready));
  BOOST_TEST((jobs[2].state == ipcm::JobInfo::State::scheduled));
  BOOST_TEST(jobs[2].due.has_value());
  BOOST_TEST(boss->jobs("", 2).size() == 2U);
  CHECK_ERROR(UnknownPeer, boss->jobs("nobody"));
  const ipcm::QueueInfo info = boss->queues().at(0);
  BOOST_TEST(info.ready == 1U);
  BOOST_TEST(info.scheduled == 1U);
  BOOST_TEST(info.in_flight == 1U);
  BOOST_TEST(info.workers == 1U);
}

// The numbers are those of the counters, and the lists read every message: they agree whatever becomes of the mail.
CONFORMANCE_TEST_WHERE(protocol.has_jobs, the_depth_that_is_told_is_what_is_held_after_every_step) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->create_queue("jobs", {.max_attempts = 1});
  const auto agree = [&](const std::string& step) {
    BOOST_TEST_CONTEXT("after " << step) {
      std::size_t held = 0;
      std::map<std::string, std::size_t> by_inbox;
      std::map<ipcm::JobInfo::State, std::size_t> in_queue;
      for (const ipcm::JobInfo& job : boss->jobs()) {
        ++held;
        ++by_inbox[job.message.to()];
        if (job.message.to() == "jobs") ++in_queue[job.state];
      }
      BOOST_TEST(ipcm::route_info(info()).queued == held);
      for (const ipcm::PeerInfo& peer : ipcm::list_peers(info())) BOOST_TEST(peer.queued == by_inbox[peer.name]);
      for (const ipcm::QueueInfo& queue : boss->queues()) {
        BOOST_TEST(queue.ready == in_queue[ipcm::JobInfo::State::ready]);
        BOOST_TEST(queue.scheduled == in_queue[ipcm::JobInfo::State::scheduled]);
        BOOST_TEST(queue.in_flight == in_queue[ipcm::JobInfo::State::in_flight]);
      }
      BOOST_TEST(problems() == "");
    }
  };
  agree("nothing");
  for (int n = 1; n <= 9; ++n) boss->send_message("jobs", n, {.priority = n % 8});
  boss->send_message("worker", 10);
  boss->send_message("worker", 11, {.ttl = 1ms});
  agree("sends of all priorities");
  boss->broadcast(12);
  agree("a broadcast");
  boss->send_message("jobs", 13, {.delay = 1h});
  boss->send_message("worker", 14, {.delay = 1h, .dedup_key = "k"});
  boss->send_message("worker", 14, {.dedup_key = "k"});
  agree("what is delayed, and what is deduplicated");
  for (int n = 15; n <= 17; ++n) boss->send_message("jobs", n, {.group_key = "g"});
  agree("a group");
  const auto many = [](std::optional<std::chrono::milliseconds> delay) {
    ipcm::MessageFields fields{.to = "jobs", .content = 0, .delay = delay};
    return std::vector(300, fields);  // beyond what is counted one by one
  };
  boss->send_messages(many(1h));
  agree("many that are delayed");
  boss->send_messages(many(std::nullopt));
  agree("many that are ready, too");
  auto held = worker->claim("jobs", {.limit = 305});
  agree("many claims");
  for (auto& claim : held) claim.release();
  auto claims = worker->claim("jobs", {.limit = 5});
  agree("claims");
  claims[0].ack();
  claims[1].release();
  claims[2].fail("on purpose");
  claims[3].kill("on purpose");
  agree("claims that ended in every way");
  const auto letters = boss->dead_letters("jobs", 0, 10);
  BOOST_REQUIRE(letters.size() == 2U);
  boss->replay_dead(std::array{letters[0].number});
  boss->purge_dead(std::array{letters[1].number});
  agree("a replay and a purge");
  const auto taken = worker->get_messages();
  agree("a take, where something had expired");
  worker->requeue_message(taken[0]);
  agree("a requeue of what was taken");
  worker->suspend();
  agree("the end of a worker with a claim");
  boss->forget("worker");
  agree("a peer that was forgotten");
  const auto successor = connect("worker");
  boss->send_message("worker", 18);
  agree("a peer that has the name of one that was forgotten");
}

// --- dead letters ----------------------------------------------------------------------------------------------------

CONFORMANCE_TEST_WHERE(protocol.has_jobs, dead_letters_can_be_replayed_and_purged) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.dedup_window = 1h});
  const std::string id = boss->send_message("jobs", 1, {.ttl = 1min, .priority = 6, .dedup_key = "k"});
  boss->send_message("jobs", 2);
  for (ipcm::Claim& claim : boss->claim("jobs", {.limit = 2})) claim.kill("bad");
  clock()->advance(2min);
  auto dead = boss->dead_letters("jobs");
  BOOST_REQUIRE(dead.size() == 2U);
  BOOST_TEST(boss->dead_letters("jobs", dead[0].number).size() == 1U);
  BOOST_TEST(boss->dead_letters("", 0, 1).size() == 1U);
  BOOST_TEST(boss->dead_letters("boss").empty());
  const std::int64_t numbers[] = {dead[0].number, 999};
  BOOST_TEST(boss->replay_dead(numbers) == 1U);
  auto claims = boss->claim("jobs");
  BOOST_REQUIRE(claims.size() == 1U);
  BOOST_TEST(claims[0].message().id() == id);
  BOOST_TEST(claims[0].message().attempts() == 1);
  BOOST_TEST(claims[0].message().priority() == 6);
  BOOST_TEST(claims[0].message().dedup_key() == "k");
  claims[0].ack();
  const std::int64_t other[] = {dead[1].number};
  BOOST_TEST(boss->purge_dead(other) == 1U);
  BOOST_TEST(boss->purge_dead(other) == 0U);
  BOOST_TEST(boss->dead_letters().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, the_number_of_a_dead_letter_that_is_gone_is_no_others) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  const auto bury = [&](int job) {
    boss->send_message("jobs", job);
    boss->claim("jobs").at(0).kill("bad");
  };
  bury(1);
  const std::int64_t seen[] = {boss->dead_letters().at(0).number};
  BOOST_TEST(boss->purge_dead(seen) == 1U);  // by somebody else, as it were
  bury(2);
  BOOST_TEST(boss->purge_dead(seen) == 0U);
  BOOST_TEST(boss->replay_dead(seen) == 0U);
  BOOST_TEST(boss->dead_letters().size() == 1U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_replay_that_cannot_be_leaves_the_dead_where_they_are) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1, {.id = "one"});
  boss->claim("jobs")[0].kill("bad");
  boss->send_message("jobs", 2, {.id = "one"});
  const std::int64_t numbers[] = {boss->dead_letters().at(0).number};
  CHECK_ERROR(DuplicateMessage, boss->replay_dead(numbers));
  BOOST_TEST(boss->dead_letters().size() == 1U);
  BOOST_TEST(problems() == "");
}

// --- transactions ----------------------------------------------------------------------------------------------------

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_result_is_sent_and_its_job_acknowledged_together) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->create_queue("results");
  boss->send_message("jobs", 20);
  auto claims = boss->claim("jobs");
  boss->transaction([&](ipcm::Transaction& all) {
    all.send_message("results", 40);
    all.send_message({.to = "results", .content = 60});
    all.ack(claims[0]);
    CHECK_ERROR(InvalidArgument, all.ack(claims[0]));
  });
  BOOST_TEST(claims[0].settled());
  BOOST_TEST(boss->claim("results", {.limit = 5}).size() == 2U);
  BOOST_TEST(boss->claim("jobs").empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs,
                       in_one_transaction_a_job_gives_its_key_and_its_turn_to_what_is_sent_after_it) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message({.to = "jobs", .content = 1, .dedup_key = "k", .group_key = "g"});
  boss->send_message({.to = "jobs", .content = 2, .group_key = "g"});
  auto claims = boss->claim("jobs");
  boss->transaction([&](ipcm::Transaction& all) {
    all.ack(claims[0]);
    all.send_message({.to = "jobs", .content = 3, .priority = 7, .dedup_key = "k", .group_key = "g"});
  });
  auto next = boss->claim("jobs", {.limit = 5});
  BOOST_REQUIRE(next.size() == 1U);
  BOOST_TEST(next[0].message().content() == 2);  // its turn came with the acknowledgement
  next[0].ack();
  next = boss->claim("jobs", {.limit = 5});
  BOOST_REQUIRE(next.size() == 1U);
  BOOST_TEST(next[0].message().content() == 3);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, with_a_lost_claim_nothing_of_a_transaction_happens) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->create_queue("results");
  boss->send_message("jobs", 1);
  auto claims = boss->claim("jobs", {.lease = 1ms});
  auto stolen = connect("other")->claim("jobs", {.wait = test::kPatience});
  CHECK_ERROR(LostClaim, boss->transaction([&](ipcm::Transaction& all) {
    all.send_message("results", 2);
    all.ack(claims[0]);
  }));
  CHECK_ERROR(UnknownPeer, boss->transaction([&](ipcm::Transaction& all) {
    all.send_message("results", 2);
    all.send_message("nobody", 2);
  }));
  BOOST_CHECK_THROW(boss->transaction([&](ipcm::Transaction& all) {
    all.send_message("results", 2);
    throw std::runtime_error("changed my mind");
  }),
                    std::runtime_error);
  BOOST_TEST(boss->claim("results").empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_transaction_settles_in_every_way) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.max_attempts = 2});
  for (int n = 1; n <= 3; ++n) boss->send_message("jobs", n);
  auto claims = boss->claim("jobs", {.limit = 3});
  boss->transaction([&](ipcm::Transaction& all) {
    all.release(claims[0]);
    all.fail(claims[1], "once");
    all.kill(claims[2], "never");
    CHECK_ERROR(InvalidMessage, all.send_message({.content = 1, .broadcast = true}));
    CHECK_ERROR(InvalidArgument, all.release(claims[0], -1ms));
  });
  const ipcm::QueueInfo info = boss->queues().at(0);
  BOOST_TEST(info.ready == 1U);
  BOOST_TEST(info.scheduled == 1U);
  BOOST_TEST(info.dead == 1U);
  BOOST_TEST(problems() == "");
}
