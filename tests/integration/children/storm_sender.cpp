// SPDX-License-Identifier: MIT
// Sends numbers, one by one and in batches, until it is killed: each to the reader that storm/readers.hpp says. Goes on
// after the last number that its journal knows.
#include <iostream>

#include <ipcm/ipcm.hpp>

#include "integration/storm/readers.hpp"
#include "support/journal.hpp"

using storm::Entry;

int main(int, char* argv[]) {
  const std::string info = argv[1], name = argv[2], journal_path = argv[3];
  const auto last = storm::last_in_journal(journal_path);
  int number = last ? last->number : 0;
  storm::JournalWriter journal(journal_path);
  const auto client = ipcm::connect(name, info);
  std::cout << "started" << std::endl;
  for (int round = 0;; ++round) {
    std::vector<Entry> entries;
    std::vector<ipcm::MessageFields> batch;
    for (int n = round % 4 == 3 ? 5 : 1; n > 0; --n) {
      entries.push_back({Entry::Event::tried, name, ++number});
      batch.push_back({.to = storm::reader_of(number), .content = number});
    }
    journal.write(entries);
    batch.size() == 1 ? static_cast<void>(client->send_message(batch[0]))
                      : static_cast<void>(client->send_messages(batch));
    for (Entry& entry : entries) entry.event = Entry::Event::sent;
    journal.write(entries);
  }
}
