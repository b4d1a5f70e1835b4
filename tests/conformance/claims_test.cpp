// SPDX-License-Identifier: MIT
// `claim` and what settles a claim.
#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "conformance.hpp"
#include "support/process.hpp"
#include "support/remote_peer.hpp"

using namespace std::chrono_literals;

namespace {

std::string contents_of(const std::vector<ipcm::Claim>& claims) {
  std::vector<ipcm::Message> messages;
  for (const ipcm::Claim& claim : claims) messages.push_back(claim.message());
  return test::contents(messages);
}

// The system's, which tells how often it was read.
class CountingClock : public ipcm::Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    ++reads_;
    return std::chrono::system_clock::now();
  }
  int reads() const { return reads_; }

 private:
  mutable std::atomic<int> reads_{0};
};

}  // namespace

CONFORMANCE_TEST_WHERE(!protocol.has_jobs, what_keeps_no_jobs_says_so) {
  const auto boss = connect("boss");
  connect("worker")->wait(0ms);
  CHECK_ERROR(NotSupported, boss->claim());
  CHECK_ERROR(NotSupported, boss->create_queue("jobs"));
  CHECK_ERROR(NotSupported, boss->queues());
  CHECK_ERROR(NotSupported, boss->transaction([](ipcm::Transaction&) {}));
}

CONFORMANCE_TEST_WHERE(!protocol.has_jobs, what_keeps_no_jobs_refuses_their_fields) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  CHECK_ERROR(NotSupported, boss->send_message("worker", 1, {.priority = 5}));
  CHECK_ERROR(NotSupported, boss->send_message("worker", 1, {.delay = 1h}));
  CHECK_ERROR(NotSupported, boss->send_message("worker", 1, {.group_key = "g"}));
  BOOST_TEST(worker->get_messages().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_claim_is_nobody_elses_until_it_is_acknowledged) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 3; ++n) boss->send_message("jobs", n);
  const auto a = connect("a");
  const auto b = connect("b");
  auto first = a->claim("jobs");
  BOOST_TEST(contents_of(first) == "[1]");
  BOOST_TEST(first[0].message().attempts() == 1);
  BOOST_TEST(first[0].message().from() == "boss");
  BOOST_TEST(first[0].message().to() == "jobs");
  auto rest = b->claim("jobs", {.limit = 10});
  BOOST_TEST(contents_of(rest) == "[2,3]");
  BOOST_TEST(a->claim("jobs").empty());
  BOOST_TEST(ipcm::route_info(info()).queued == 3);
  first[0].ack();
  BOOST_TEST(first[0].settled());
  CHECK_ERROR(InvalidArgument, first[0].ack());
  BOOST_TEST(b->ack(rest) == 2U);
  BOOST_TEST(ipcm::route_info(info()).queued == 0);
  BOOST_TEST(boss->all_stats()["jobs"].read["boss"] == 3U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, ones_own_inbox_can_be_claimed_from) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (int n = 1; n <= 2; ++n) boss->send_message("worker", n);
  auto claims = worker->claim();
  BOOST_TEST(contents_of(claims) == "[1]");
  BOOST_TEST(worker->have_pending_messages());
  BOOST_TEST(test::contents(worker->get_messages()) == "[2]");
  claims[0].release();
  BOOST_TEST(!worker->have_pending_messages());
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, the_mail_of_a_peer_is_its_own) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  CHECK_ERROR(InvalidArgument, boss->claim("worker"));
  CHECK_ERROR(UnknownPeer, boss->claim("nobody"));
  CHECK_ERROR(InvalidArgument, boss->claim({.lease = 0ms}));
  CHECK_ERROR(InvalidArgument, boss->claim({.wait = -1ms}));
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_claim_that_goes_out_of_scope_is_released) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 2; ++n) boss->send_message("jobs", n);
  {
    auto claims = boss->claim("jobs");
    BOOST_TEST(contents_of(claims) == "[1]");
  }
  auto claims = boss->claim("jobs");
  BOOST_TEST(contents_of(claims) == "[1]");
  BOOST_TEST(claims[0].message().attempts() == 1);  // what was released does not count
  claims = boss->claim("jobs");                     // the old one goes out of scope after the new one is there
  BOOST_TEST(contents_of(claims) == "[2]");
  BOOST_TEST(contents_of(boss->claim("jobs")) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, released_with_a_delay_it_comes_back_later) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  boss->claim("jobs")[0].release(60s);
  BOOST_TEST(boss->claim("jobs").empty());
  BOOST_TEST(boss->queues()[0].scheduled == 1U);
  clock()->advance(60s);
  const auto claims = boss->claim("jobs");
  BOOST_TEST(contents_of(claims) == "[1]");
  BOOST_TEST(claims[0].message().attempts() == 1);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_fails_is_tried_again_after_its_back_off_until_it_is_dead) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.max_attempts = 3, .backoff = ipcm::Backoff::fixed, .retry_delay = 10s});
  boss->send_message("jobs", "hard");
  for (int attempt = 1; attempt < 3; ++attempt) {
    auto claims = boss->claim("jobs");
    BOOST_REQUIRE(claims.size() == 1U);
    BOOST_TEST(claims[0].message().attempts() == attempt);
    BOOST_TEST(claims[0].fail("too hard"));
    BOOST_TEST(boss->claim("jobs").empty());
    clock()->advance(9999ms);
    BOOST_TEST(boss->claim("jobs").empty());
    clock()->advance(1ms);
  }
  BOOST_TEST(!boss->claim("jobs")[0].fail("still too hard"));
  clock()->advance(1h);
  BOOST_TEST(boss->claim("jobs").empty());
  const auto dead = boss->dead_letters("jobs");
  BOOST_REQUIRE(dead.size() == 1U);
  BOOST_TEST(dead[0].reason == "still too hard");
  BOOST_TEST(dead[0].worker == "boss");
  BOOST_TEST(dead[0].message.attempts() == 3);
  BOOST_TEST(dead[0].message.content() == "hard");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, exponential_back_off_doubles_up_to_its_limit) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.max_attempts = 0, .retry_delay = 8s, .max_retry_delay = 30s});
  boss->send_message("jobs", 1);
  const int longest[] = {8, 16, 30, 30};
  for (const int seconds : longest) {
    boss->claim("jobs")[0].fail("no");
    clock()->advance(std::chrono::seconds(seconds) / 2 - 1ms);  // half of it is certain
    BOOST_TEST(boss->claim("jobs").empty());
    clock()->advance(std::chrono::seconds(seconds) / 2 + 1ms);
  }
  BOOST_TEST(boss->claim("jobs")[0].message().attempts() == 5);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_message_may_say_how_often_it_is_tried) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1, {.max_attempts = 1});
  BOOST_TEST(!boss->claim("jobs")[0].fail("no"));
  BOOST_TEST(boss->dead_letters().size() == 1U);
  CHECK_ERROR(InvalidMessage, boss->send_message("jobs", 1, {.max_attempts = 0}));
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_is_killed_is_dead_at_once) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  boss->claim("jobs")[0].kill(std::string(5000, 'x') + "\n");
  BOOST_TEST(boss->claim("jobs").empty());
  BOOST_TEST(boss->dead_letters("jobs").at(0).reason == std::string(4096, 'x'));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_late_worker_has_lost_its_claim_and_changes_nothing) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  const auto slow = connect("slow");
  const auto quick = connect("quick");
  auto lost = slow->claim("jobs", {.lease = 1ms});
  auto claims = quick->claim("jobs", {.wait = test::kPatience});  // woken by the end of the lease
  BOOST_TEST(contents_of(claims) == "[1]");
  BOOST_TEST(claims[0].message().attempts() == 2);
  CHECK_ERROR(LostClaim, lost[0].ack());
  BOOST_TEST(lost[0].settled());
  BOOST_TEST(boss->queues()[0].in_flight == 1U);
  claims[0].ack();
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, every_call_of_a_late_worker_is_fenced) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.max_attempts = 0});
  boss->send_message("jobs", 1);
  const auto slow = connect("slow");
  const auto quick = connect("quick");
  const std::vector<std::function<void(ipcm::Claim&)>> calls = {
      [](ipcm::Claim& claim) { claim.ack(); },        [](ipcm::Claim& claim) { claim.release(); },
      [](ipcm::Claim& claim) { claim.release(1h); },  [](ipcm::Claim& claim) { claim.fail("late"); },
      [](ipcm::Claim& claim) { claim.kill("late"); }, [](ipcm::Claim& claim) { claim.extend(1h); },
  };
  for (const auto& call : calls) {
    auto lost = slow->claim("jobs", {.lease = 1ms, .wait = test::kPatience});
    auto held = quick->claim("jobs", {.wait = test::kPatience});
    CHECK_ERROR(LostClaim, call(lost[0]));
    held[0].release();
  }
  // Nor can it settle the same message once it has claimed it again itself.
  auto lost = slow->claim("jobs", {.lease = 1ms});
  auto again = slow->claim("jobs", {.wait = test::kPatience});
  CHECK_ERROR(LostClaim, lost[0].ack());
  again[0].ack();
  BOOST_TEST(boss->dead_letters().empty());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, every_lease_of_a_live_worker_ends_not_only_its_first) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.max_attempts = 0});
  boss->create_queue("others");
  boss->send_message("jobs", 1);
  boss->send_message("others", 1);
  const auto slow = connect("slow");
  const auto quick = connect("quick");
  auto elsewhere = slow->claim("others", {.lease = 1h});
  for (int n = 0; n < 3; ++n) {
    auto lost = slow->claim("jobs", {.lease = 1ms, .wait = test::kPatience});
    lost = slow->claim("jobs", {.lease = 1ms, .wait = test::kPatience});  // its own, again
    BOOST_TEST(lost.size() == 1U);
    BOOST_TEST(quick->claim("jobs", {.wait = test::kPatience}).size() == 1U);  // and released
  }
  elsewhere[0].ack();
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, the_lease_of_what_is_done_makes_nothing_seem_ready) {
  const auto boss = connect("boss");
  for (int n = 1; n <= 2; ++n) boss->send_message("boss", n);
  const auto held = boss->claim({.lease = 1h});
  auto done = boss->claim({.lease = 1ms});
  done.at(0).ack();  // late or not: nobody else claims
  BOOST_TEST(test::eventually([&] { return !boss->have_ready_messages(); }));
  for (int n = 0; n < 3; ++n) BOOST_TEST(!boss->wait(1ms));
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_only_peeks_finds_what_it_had_claimed_for_too_long) {
  const auto boss = connect("boss");
  boss->send_message("boss", 1);
  const auto claims = boss->claim({.lease = 1ms});
  BOOST_TEST(test::eventually([&] { return boss->have_ready_messages(); }));
  BOOST_TEST(test::contents(boss->peek()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_waits_is_not_kept_awake_by_leases_of_what_is_done) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (const char* to : {"jobs", "worker"}) {
    const auto counting = std::make_shared<CountingClock>();
    const auto worker = ipcm::connect("worker", info(), {.clock = counting});
    boss->send_message(to, 1);
    worker->claim(to, {.lease = 20ms})[0].ack();
    const int before = counting->reads();
    // The lease would have ended while it waits.
    BOOST_TEST((to == std::string("jobs") ? worker->claim(to, {.wait = 400ms}).empty() : !worker->wait(400ms)));
    BOOST_TEST(counting->reads() - before < 100);  // a few for each look
  }
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_waits_for_mail_gets_back_what_it_had_claimed_for_too_long) {
  const auto boss = connect("boss");
  const auto worker = connect("worker", {.fallback_interval = 1h});
  boss->send_message("worker", 1);
  auto lost = worker->claim({.lease = 1ms});
  BOOST_TEST(worker->wait(test::kPatience));
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(worker->get_messages().size() == 1U);
  CHECK_ERROR(LostClaim, lost.at(0).ack());
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, many_are_acknowledged_whatever_lies_between_them) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 6; ++n) boss->send_message("jobs", n);
  auto claims = boss->claim("jobs", {.limit = 6});
  std::vector<ipcm::Claim> some;
  for (const int n : {4, 1, 2}) some.push_back(std::move(claims[static_cast<std::size_t>(n)]));
  BOOST_TEST(boss->ack(some) == 3U);
  claims[3].release();
  claims.erase(claims.begin() + 1, claims.begin() + 5);
  BOOST_TEST(boss->ack(claims) == 2U);
  BOOST_TEST(boss->claim("jobs").at(0).message().content() == 4);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, acknowledging_many_tells_how_many_were_held) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 3; ++n) boss->send_message("jobs", n);
  const auto slow = connect("slow");
  auto claims = slow->claim("jobs", {.limit = 2});
  auto last = slow->claim("jobs", {.lease = 1ms});
  BOOST_TEST(contents_of(connect("quick")->claim("jobs", {.wait = test::kPatience})) == "[3]");
  claims.push_back(std::move(last[0]));
  BOOST_TEST(slow->ack(claims) == 2U);
  BOOST_TEST(claims[2].settled());
  BOOST_TEST(boss->queues()[0].ready == 1U);  // quick let go of it
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_lease_can_be_made_longer_and_shorter) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  auto claims = boss->claim("jobs", {.lease = 1ms});
  claims[0].extend(1h);
  const auto other = connect("other");
  BOOST_TEST(other->claim("jobs", {.wait = 20ms}).empty());
  claims[0].extend(1ms);
  BOOST_TEST(contents_of(other->claim("jobs", {.wait = test::kPatience})) == "[1]");
  CHECK_ERROR(LostClaim, claims[0].extend(1h));
  CHECK_ERROR(InvalidArgument, other->claim("jobs", {.lease = 0ms}));
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, who_leaves_releases_what_it_holds) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 2; ++n) boss->send_message("jobs", n);
  const auto a = connect("a");
  const auto b = connect("b");
  auto left = a->claim("jobs");
  auto suspended = b->claim("jobs");
  a->disconnect();
  b->suspend();
  CHECK_ERROR(Disconnected, left[0].ack());
  CHECK_ERROR(Disconnected, suspended[0].extend(1h));
  const auto claims = boss->claim("jobs", {.limit = 5});
  BOOST_TEST(contents_of(claims) == "[1,2]");
  BOOST_TEST(claims[0].message().attempts() == 1);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_claim_may_outlive_its_client) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  auto worker = connect("worker");
  auto claims = worker->claim("jobs");
  worker.reset();
  CHECK_ERROR(Disconnected, claims[0].ack());
  BOOST_TEST(contents_of(boss->claim("jobs")) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs&& protocol.several_processes, what_a_dead_worker_held_is_ready_at_once) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  for (int n = 1; n <= 3; ++n) boss->send_message("jobs", n);
  test::RemotePeer worker(info(), "worker");
  BOOST_TEST(worker.call({"claim", "jobs", 2, 3'600'000, 0}).size() == 2U);
  worker.kill();
  const auto claims = boss->claim("jobs", {.limit = 2, .wait = test::kPatience});
  BOOST_REQUIRE(!claims.empty());
  BOOST_TEST((claims[0].message().content() == 1 || claims[0].message().content() == 3));
  const auto rest = boss->claim("jobs", {.limit = 2, .wait = test::kPatience});
  BOOST_TEST(claims.size() + rest.size() == 3U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs&& protocol.several_processes, who_waits_is_woken_by_the_death_of_a_worker) {
  const auto boss = connect("boss", {.fallback_interval = 1h});
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  test::RemotePeer worker(info(), "worker");
  BOOST_TEST(worker.call({"claim", "jobs", 1, 3'600'000, 0}).size() == 1U);
  test::RemotePeer waiting;
  waiting.call({"connect", "waiting", info().to_string(), {{"fallback_ms", 3'600'000}}});
  waiting.start({"claim", "jobs", 1, 3'600'000, 50'000});
  BOOST_TEST(test::eventually([&] { return boss->queues()[0].workers == 2U; }));
  worker.kill();
  BOOST_TEST(waiting.finish().size() == 1U);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs&& protocol.several_processes, what_a_forgotten_worker_held_is_ready) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  test::RemotePeer worker(info(), "worker");
  BOOST_TEST(worker.call({"claim", "jobs", 1, 3'600'000, 0}).size() == 1U);
  worker.kill();
  BOOST_TEST(test::eventually([&] { return !boss->peer_active("worker"); }));
  boss->forget("worker");
  const auto other = connect("other");  // which gets the number of the one that was forgotten, and its epoch
  BOOST_TEST(contents_of(boss->claim("jobs")) == "[1]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs&& protocol.several_processes, a_job_that_kills_its_workers_dies_in_the_end) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.max_attempts = 2});
  boss->send_message("jobs", 1);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    test::RemotePeer worker(info(), "worker");
    BOOST_TEST(worker.call({"claim", "jobs", 1, 3'600'000, 10'000}).size() == 1U);
    worker.kill();
  }
  BOOST_TEST(boss->claim("jobs").empty());
  const auto dead = boss->dead_letters("jobs");
  BOOST_REQUIRE(dead.size() == 1U);
  BOOST_TEST(dead[0].worker == "worker");
  BOOST_TEST(dead[0].reason == "its worker died or left without settling it");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs&& protocol.several_processes,
                       a_second_life_of_a_worker_cannot_settle_for_its_first) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  test::RemotePeer worker(info(), "worker");
  worker.call({"claim", "jobs", 1, 3'600'000, 0});
  worker.kill();
  const auto second = connect("worker");  // present again, with another epoch
  BOOST_TEST(contents_of(boss->claim("jobs", {.wait = test::kPatience})) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, threads_may_claim_over_one_client_which_is_one_worker) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  constexpr int kJobs = 200;
  for (int n = 0; n < kJobs; ++n) boss->send_message("jobs", n);
  const auto worker = connect("worker");
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (auto claims = worker->claim("jobs"); !claims.empty(); claims = worker->claim("jobs", {.limit = 3})) {
        done += static_cast<int>(worker->ack(claims));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(done == kJobs);
  BOOST_TEST(boss->queues()[0].workers == 1U);
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_sender_wakes_the_workers_of_a_queue) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  std::vector<test::ClientPtr> workers;
  for (const char* name : {"a", "b"}) workers.push_back(connect(name, {.fallback_interval = 1h}));
  for (const test::ClientPtr& worker : workers) {
    threads.emplace_back([&done, worker] {
      auto claims = worker->claim("jobs", {.wait = test::kPatience});
      done += static_cast<int>(claims.size());
      worker->ack(claims);
    });
  }
  BOOST_TEST(test::eventually([&] { return boss->queues()[0].workers == 2U; }));
  boss->send_message("jobs", 1);
  boss->send_message("jobs", 2);
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(done == 2);
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, what_failed_by_a_clock_that_was_ahead_comes_back_after_its_back_off) {
  const auto boss = connect("boss");
  boss->create_queue("jobs", {.backoff = ipcm::Backoff::fixed, .retry_delay = 10s});
  for (const char* job : {"fails", "is released"}) boss->send_message("jobs", job);
  const auto now = clock()->now();
  clock()->advance(24h * 3650);
  boss->claim("jobs")[0].fail("too hard");
  boss->claim("jobs")[0].release(20s);
  clock()->set(now);
  BOOST_TEST(boss->claim("jobs").empty());
  for (const ipcm::JobInfo& job : boss->jobs("jobs")) {
    BOOST_TEST(job.due.value_or(0) <= std::chrono::duration<double>((now + 20s).time_since_epoch()).count());
  }
  clock()->advance(10s);
  BOOST_TEST(contents_of(boss->claim("jobs", {.limit = 5})) == R"(["fails"])");
  clock()->advance(10s);
  BOOST_TEST(contents_of(boss->claim("jobs", {.limit = 5})) == R"(["fails","is released"])");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_client_that_comes_later_sees_that_the_clock_was_ahead) {
  const auto now = clock()->now();
  {
    const auto boss = connect("boss");
    boss->create_queue("jobs", {.backoff = ipcm::Backoff::fixed, .retry_delay = 10s});
    boss->send_message("jobs", 1);
    clock()->advance(24h * 3650);
    boss->claim("jobs")[0].fail("too hard");
  }
  clock()->set(now);
  const auto worker = connect("worker");
  BOOST_TEST(worker->claim("jobs").empty());
  clock()->advance(10s);
  BOOST_TEST(contents_of(worker->claim("jobs")) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_time_that_was_given_is_kept_whatever_the_clock_does) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  const auto now = clock()->now();
  clock()->advance(24h * 3650);
  boss->send_message({.to = "jobs", .content = 1, .deliver_at = clock()->now() + 1h});
  boss->send_message({.to = "jobs", .content = 2, .delay = 1h});
  clock()->set(now);
  BOOST_TEST(boss->claim("jobs").empty());
  clock()->advance(24h * 365);
  BOOST_TEST(boss->claim("jobs").empty());
  BOOST_TEST(boss->promote_delayed("jobs") == 2U);
  BOOST_TEST(contents_of(boss->claim("jobs", {.limit = 5})) == "[1,2]");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, delayed_messages_can_be_made_ready) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message({.to = "jobs", .content = 1, .id = "first", .delay = 1h, .group_key = "g"});
  boss->send_message({.to = "jobs", .content = 2, .id = "second", .delay = 2h, .group_key = "g"});
  boss->send_message({.to = "jobs", .content = 3, .id = "third", .delay = 1h});
  boss->send_message({.to = "jobs", .content = 4});
  boss->add_schedule("nightly", "@daily", {.to = "jobs", .content = 5});
  const std::vector<std::string> some = {"third", "nobody's"};
  BOOST_TEST(boss->promote_delayed("jobs", some) == 1U);
  auto claims = boss->claim("jobs", {.limit = 9});
  BOOST_TEST(contents_of(claims) == "[3,4]");
  boss->ack(claims);
  BOOST_TEST(boss->promote_delayed("jobs") == 2U);
  claims = boss->claim("jobs", {.limit = 9});
  BOOST_TEST(contents_of(claims) == "[1]");  // one at a time of a group
  boss->ack(claims);
  BOOST_TEST(contents_of(boss->claim("jobs", {.limit = 9})) == "[2]");
  BOOST_TEST(boss->promote_delayed("jobs") == 0U);
  CHECK_ERROR(UnknownPeer, boss->promote_delayed("nobody"));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, promoted_messages_wake_who_waits_for_them) {
  const auto boss = connect("boss");
  boss->create_queue("jobs");
  boss->send_message({.to = "jobs", .content = 1, .delay = 1h});
  const auto worker = connect("worker", {.fallback_interval = 1h});
  auto claimed = std::async(std::launch::async, [&] {
    auto claims = worker->claim("jobs", {.wait = test::kPatience});
    return worker->ack(claims);
  });
  BOOST_TEST(test::eventually([&] { return boss->queues().at(0).workers == 1U; }));
  boss->promote_delayed("jobs");
  BOOST_TEST(claimed.get() == 1U);
}
