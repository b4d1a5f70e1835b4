// SPDX-License-Identifier: MIT
// What each process of a storm of kills writes down: before it tries something, and after it was told that it is
// done. Lines have one length that divides a page, so a kill in the middle of a write leaves whole lines.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace storm {

/// One line: an event about message `number` of `sender`.
struct Entry {
  enum class Event {
    tried,      ///< by the sender, before it sends
    sent,       ///< by the sender, after its send returned
    delivered,  ///< by the reader, once it holds the message
    removed,    ///< by the reader, after the removal returned
    vanished    ///< by the reader, when a message that it had looked at was not there to be removed
  };
  Event event;
  std::string sender;
  int number = 0;

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Appends to a journal that outlives its process.
class JournalWriter {
 public:
  explicit JournalWriter(const std::string& path);
  ~JournalWriter();
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  void write(const std::vector<Entry>& entries);

 private:
  int file_ = -1;
};

/// Everything in the journal; empty when there is none.
std::vector<Entry> read_journal(const std::string& path);
/// Its last line.
std::optional<Entry> last_in_journal(const std::string& path);

}  // namespace storm
