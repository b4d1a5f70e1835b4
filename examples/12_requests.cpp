// SPDX-License-Identifier: MIT
// Requests and replies, with a Service that answers; and what becomes of a request whose peer dies.
#include <ipcm/ipcm.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <stdexcept>

#include "expect.hpp"

using namespace std::chrono_literals;

// Another process: a service that adds, until it is told to terminate.
[[noreturn]] void add_numbers(const std::string& info) {
  ipcm::Service service(ipcm::connect("adder", info));
  service.on_request([](const ipcm::Message& asked) {
    int sum = 0;
    for (const auto& number : asked.content()) {
      if (!number.is_number()) throw std::invalid_argument("not a number: " + number.dump());
      sum += number.get<int>();
    }
    return ipcm::Content(sum);
  });
  service.run();
  _exit(0);
}

int main() {
  ipcm::Spawn store = ipcm::spawn();
  const pid_t adder = fork();
  if (adder == 0) add_numbers(store.info());
  auto boss = store.connect("boss");
  expect(boss->peer_active("adder", 30s), "the service comes up");

  ipcm::Request sum = boss->request("adder", {1, 2, 3}, 10s);
  std::cout << "1 + 2 + 3 = " << sum.get().content() << "\n";

  const ipcm::Reply refused = boss->request("adder", {1, "two"}, 10s).wait();
  expect(!refused.outcome, "what the handler throws comes back");
  std::cout << "refused: " << refused.outcome.error().what() << "\n";

  kill(adder, SIGSTOP);  // it cannot answer any more, and then it is killed
  ipcm::Request lost = boss->request("adder", {4, 5}, 1h);
  kill(adder, SIGKILL);
  const ipcm::Reply& failed = lost.wait();  // at once, not in an hour
  expect(!failed.outcome && failed.outcome.error().code() == ipcm::ErrorCode::PeerDied, "the death of a peer is told");
  std::cout << "lost: " << failed.outcome.error().what() << "\n";
  waitpid(adder, nullptr, 0);
}
