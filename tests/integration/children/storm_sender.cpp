// SPDX-License-Identifier: MIT
// Sends numbers to the reader, one by one and in batches, until it is killed. Goes on after the last number that its
// journal knows.
#include <cstdlib>
#include <iostream>

#include <ipcm/ipcm.hpp>

#include "support/journal.hpp"

using storm::Entry;

int main(int, char* argv[]) {
  const std::string info = argv[1], name = argv[2], journal_path = argv[3];
  int number = 0;
  for (const Entry& entry : storm::read_journal(journal_path)) number = entry.number;
  storm::JournalWriter journal(journal_path);
  const auto client = ipcm::connect(name, info);
  std::cout << "started" << std::endl;
  for (int round = 0;; ++round) {
    std::vector<Entry> entries;
    std::vector<ipcm::MessageFields> batch;
    for (int n = round % 4 == 3 ? 5 : 1; n > 0; --n) {
      entries.push_back({Entry::Event::tried, name, ++number});
      batch.push_back({.to = "reader", .content = number});
    }
    journal.write(entries);
    batch.size() == 1 ? static_cast<void>(client->send_message(batch[0]))
                      : static_cast<void>(client->send_messages(batch));
    for (Entry& entry : entries) entry.event = Entry::Event::sent;
    journal.write(entries);
  }
}
