// SPDX-License-Identifier: MIT
// Reads until it is killed, and writes down what it got. "remove": looks, writes down, removes. "take": takes, writes
// down.
#include <iostream>

#include <ipcm/ipcm.hpp>

#include "support/journal.hpp"

using storm::Entry;

namespace {

std::vector<Entry> entries(Entry::Event event, const std::vector<ipcm::Message>& messages) {
  std::vector<Entry> all;
  for (const auto& message : messages) all.push_back({event, message.from(), message.content().get<int>()});
  return all;
}

}  // namespace

int main(int, char* argv[]) {
  const std::string info = argv[1], name = argv[2], journal_path = argv[3], how = argv[4];
  storm::JournalWriter journal(journal_path);
  const auto client = ipcm::connect(name, info);
  std::cout << "started" << std::endl;
  for (;;) {
    client->wait();
    if (how == "take") {
      journal.write(entries(Entry::Event::delivered, client->get_messages(7)));
      continue;
    }
    const auto messages = client->peek(7);
    journal.write(entries(Entry::Event::delivered, messages));
    const bool all = client->remove_messages(messages) == messages.size();
    journal.write(entries(all ? Entry::Event::removed : Entry::Event::vanished, messages));
  }
}
