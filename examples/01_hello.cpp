// SPDX-License-Identifier: MIT
// The smallest whole program: a message store, two clients, one message.
#include <ipcm/ipcm.hpp>

#include <iostream>

#include "expect.hpp"

int main() {
  // A fresh store: one SQLite file in a private folder. It is removed when `store` goes out of scope.
  ipcm::Spawn store = ipcm::spawn();

  // A client is a connection under a name. Other clients send to that name.
  auto boss = store.connect("boss");
  auto worker = store.connect("worker");

  // Content is any JSON value. When send_message() returns, the message is on the disk; when it throws, nothing is.
  boss->send_message("worker", {{"say", "hello"}, {"times", 3}});

  // Reading takes the messages out of the store, oldest first.
  const std::vector<ipcm::Message> messages = worker->get_messages();
  for (const ipcm::Message& message : messages) {
    std::cout << message.to() << " got " << message.content() << " from " << message.from() << "\n";
  }

  expect(messages.size() == 1, "one message was sent and one was read");
  expect(messages[0].content().at("say") == "hello", "it is the one that was sent");
  expect(worker->get_messages().empty(), "a message is read once");
}
