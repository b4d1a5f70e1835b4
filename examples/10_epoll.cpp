// SPDX-License-Identifier: MIT
// A client in a loop over epoll, edge-triggered or not: beside a timer of the program's own.
#include <ipcm/ipcm.hpp>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <iostream>
#include <thread>

#include "expect.hpp"

namespace {

void watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  expect(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0, "the descriptor can be watched");
}

int timer_of_10_ms() {
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  const itimerspec period{{0, 10'000'000}, {0, 10'000'000}};
  expect(timerfd_settime(timer, 0, &period, nullptr) == 0, "a timer can be set");
  return timer;
}

}  // namespace

int main() {
  ipcm::Spawn store = ipcm::spawn();
  auto monitor = store.connect("monitor");
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int timer = timer_of_10_ms();
  watch(epoll, monitor->fd());
  watch(epoll, timer);

  std::thread sensor([&] {
    auto sender = store.connect("sensor");
    for (int value = 1; value <= 5; ++value) sender->send_message("monitor", value);
  });

  int values = 0;
  int ticks = 0;
  while (values < 5 || ticks < 3) {
    epoll_event event{};
    expect(epoll_wait(epoll, &event, 1, 30'000) == 1, "something happens within half a minute");
    if (event.data.fd == timer) {
      std::uint64_t expired = 0;
      if (read(timer, &expired, sizeof expired) == sizeof expired) ++ticks;
      continue;
    }
    // The client's descriptor: never read from it; read messages until there are none.
    for (auto messages = monitor->get_messages(); !messages.empty(); messages = monitor->get_messages()) {
      for (const ipcm::Message& message : messages) {
        std::cout << "value " << message.content() << "\n";
        expect(message.content() == ++values, "messages come in order");
      }
    }
  }
  sensor.join();
  close(timer);
  close(epoll);
}
