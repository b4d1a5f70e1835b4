// SPDX-License-Identifier: MIT
// Many messages in flight: send_async() returns at once, and what is handed over meanwhile is stored together, with one
// sync of the disk. For one thread that has much to send and cannot wait for the disk each time.
#include <ipcm/ipcm.hpp>

#include <atomic>
#include <future>
#include <iostream>
#include <string>
#include <vector>

#include "expect.hpp"

int main() {
  ipcm::Spawn store = ipcm::spawn();  // durability: full
  auto worker = store.connect("worker");
  auto boss = store.connect("boss");

  // A future for each, for who wants to know of every single one.
  std::vector<std::future<std::string>> receipts;
  for (int n = 0; n < 1000; ++n) receipts.push_back(boss->send_async("worker", {{"n", n}}));
  for (auto& receipt : receipts) receipt.get();  // throws, had it not been stored
  std::cout << receipts.size() << " messages are stored as durably as if they had been sent one by one\n";

  // Or a handler, which a thread of the client calls in the order of the messages.
  std::atomic<int> stored{0};
  const auto count = [&](const std::string& id, const ipcm::Outcome& outcome) {
    if (outcome) {
      ++stored;
    } else {
      std::cout << id << " was refused: " << outcome.error().what() << "\n";
    }
  };
  for (int n = 0; n < 10; ++n) boss->send_async("worker", {{"n", n}}, count);
  boss->send_async({.to = "nobody", .id = "one-to-nobody"}, count);

  boss.reset();  // leaving waits for what is in flight, and for the handlers
  expect(stored == 10, "all but one were stored");
  expect(worker->get_messages().size() == 1010, "and are there");
}
