// SPDX-License-Identifier: MIT
#include "platform/poll.hpp"

#include <poll.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

using namespace ipcm::platform;
using namespace std::chrono_literals;

namespace {

bool readable_now(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(polling)

BOOST_AUTO_TEST_CASE(waiting_ends_with_the_time_or_with_something_to_read) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  const auto before = std::chrono::steady_clock::now();
  BOOST_TEST(!wait_readable(ends[0], deadline_after(20ms)));
  BOOST_TEST((std::chrono::steady_clock::now() - before >= 20ms));
  BOOST_REQUIRE(write(ends[1], "x", 1) == 1);
  BOOST_TEST(wait_readable(ends[0], deadline_after(1h)));
  BOOST_TEST(!wait_readable(-1, deadline_after(1ms)));
  close(ends[0]);
  close(ends[1]);
}

BOOST_AUTO_TEST_CASE(a_deadline_never_overflows_and_is_never_negative) {
  BOOST_TEST((deadline_after(std::chrono::milliseconds::max()) == MonotonicTime::max()));
  BOOST_CHECK_THROW(deadline_after(-1ms), ipcm::Error);
}

BOOST_AUTO_TEST_CASE(a_periodic_descriptor_is_readable_by_the_interval_and_by_what_it_watches) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  PeriodicPollFd by_time(-1, 1ms);
  BOOST_TEST(wait_readable(by_time.get(), deadline_after(1min)));
  PeriodicPollFd by_data(ends[0], 1h);
  BOOST_TEST(!readable_now(by_data.get()));
  BOOST_REQUIRE(write(ends[1], "x", 1) == 1);
  BOOST_TEST(readable_now(by_data.get()));
  by_data.drain_interval();
  BOOST_TEST(readable_now(by_data.get()));
  close(ends[0]);
  close(ends[1]);
}

BOOST_AUTO_TEST_SUITE_END()
