// SPDX-License-Identifier: MIT
// Mail for somebody who is not there. A suspended peer keeps getting mail; a disconnected one has said goodbye and
// takes none.
#include <ipcm/ipcm.hpp>

#include <iostream>

#include "expect.hpp"

int main() {
  ipcm::Spawn store = ipcm::spawn();
  auto boss = store.connect("boss");

  {
    auto worker = store.connect("worker");
    worker->suspend();  // offline with intent to return; the process could end here
  }
  expect(boss->peer_exists("worker") && !boss->peer_active("worker"), "the worker is known, and away");
  std::cout << "the worker is away\n";

  boss->send_message("worker", "the first thing");
  boss->send_message("worker", "the second thing");

  // Days later, perhaps in another process, with the same name and the connection info:
  auto worker = ipcm::reconnect("worker", store.info());
  const auto messages = worker->get_messages();
  std::cout << "the worker is back and finds:\n";
  for (const ipcm::Message& message : messages) std::cout << "  " << message.content() << "\n";
  expect(messages.size() == 2, "nothing was lost meanwhile");
  expect(messages[0].content() == "the first thing", "mail waits in the order in which it was sent");

  // Goodbye is different: mail is refused, and try_message() tells without an exception.
  worker->disconnect();
  const ipcm::Outcome sent = boss->try_message("worker", "too late");
  expect(!sent && sent.error().code() == ipcm::ErrorCode::PeerDisconnected, "who said goodbye takes no mail");
  std::cout << "after its goodbye: " << sent.error().what() << "\n";
}
