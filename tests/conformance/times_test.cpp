// SPDX-License-Identifier: MIT
// "For ever", as it is written: a time that is the longest that there is must not wrap into the past.
#include <atomic>
#include <future>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kEver = milliseconds::max();
constexpr milliseconds kCentury = std::chrono::hours(24 * 365 * 100);

}  // namespace

CONFORMANCE_TEST(writers_wait_for_each_other_for_ever_where_they_are_told_so) {
  const auto sink = connect("sink", {.busy_timeout = kEver});
  std::vector<std::future<void>> senders;
  for (int n = 0; n < 3; ++n) {
    senders.push_back(std::async(std::launch::async, [this, n] {
      const auto sender = connect("sender" + std::to_string(n), {.busy_timeout = kEver});
      for (int m = 0; m < 50; ++m) sender->send_message("sink", m);
    }));
  }
  for (auto& sender : senders) sender.get();
  BOOST_TEST(sink->get_messages().size() == 150);
}

CONFORMANCE_TEST(a_client_that_never_looks_by_itself_sleeps_and_is_woken) {
  const auto boss = connect("boss");
  for (const milliseconds interval : {kEver, kCentury}) {
    const auto worker = connect("worker", {.fallback_interval = interval});
    BOOST_TEST(worker->fd() >= 0);
    BOOST_TEST(worker->peer_change_fd() >= 0);
    BOOST_TEST(!worker->wait(milliseconds(5)));
    auto found = std::async(std::launch::async, [&] { return worker->wait(kEver); });
    boss->send_message("worker", 1);
    BOOST_TEST(found.get());
    BOOST_TEST(worker->get_messages().size() == 1);
    worker->disconnect();
  }
}

CONFORMANCE_TEST(times_that_make_no_sense_are_refused_where_the_client_connects) {
  CHECK_ERROR(InvalidArgument, connect("worker", {.fallback_interval = milliseconds(0)}));
  CHECK_ERROR(InvalidArgument, connect("worker", {.fallback_interval = milliseconds(-1)}));
  CHECK_ERROR(InvalidArgument, connect("worker", {.busy_timeout = milliseconds(-1)}));
  const auto worker = connect("worker", {.busy_timeout = milliseconds(0)});
  worker->send_message("worker", 1);
}

CONFORMANCE_TEST(requests_and_intervals_may_last_for_ever) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto request = boss->request("worker", 1, kEver);
  BOOST_TEST(!request.wait_for(milliseconds(5)));
  ipcm::Service service(boss);
  int calls = 0;
  service.on_interval(kEver, [&] { ++calls; });
  service.on_interval(milliseconds(5), [&] { service.stop(); });
  service.run();
  BOOST_TEST(calls == 0);
  worker->reply(worker->get_messages().at(0), 2);
  BOOST_TEST(request.get().content() == 2);
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_suspension_may_last_for_ever) {
  const auto boss = connect("boss");
  for (int way = 0; way < 2; ++way) {
    const auto worker = connect("worker");
    way == 0 ? worker->suspend(kEver) : worker->suspend(std::chrono::system_clock::time_point::max());
    boss->send_message("worker", 1);
    BOOST_TEST((boss->peer_suspend_expires("worker").value() > clock()->now() + std::chrono::hours(24 * 365)));
    BOOST_TEST(reconnect("worker")->get_messages().size() == 1);
  }
}

CONFORMANCE_TEST_WHERE(protocol.has_jobs, a_claim_may_last_for_ever_and_a_job_wait_for_ever) {
  const auto worker = connect("worker");
  worker->create_queue("queue");
  worker->send_message("queue", 1);
  auto claims = worker->claim("queue", {.lease = kEver, .wait = kEver});
  BOOST_TEST(claims.size() == 1);
  BOOST_TEST(worker->claim("queue").empty());
  claims.at(0).extend(kEver);
  BOOST_TEST(worker->claim("queue").empty());
  claims.at(0).release(kEver);
  BOOST_TEST(worker->claim("queue").empty());
  // The clock of messages has an end, after which nobody could get one.
  CHECK_ERROR(InvalidMessage, worker->send_message("queue", 2, {.delay = kEver}));
  CHECK_ERROR(InvalidMessage, worker->send_message("queue", 3, {.ttl = kEver}));
  BOOST_TEST(worker->claim("queue", {.limit = 5}).empty());
}
