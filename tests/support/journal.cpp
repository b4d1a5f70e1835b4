// SPDX-License-Identifier: MIT
#include "support/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace storm {
namespace {

constexpr std::array kWords = {"tried", "sent", "delivered", "removed", "vanished"};

Entry::Event event_named(const std::string& word) {
  for (std::size_t n = 0; n < kWords.size(); ++n) {
    if (word == kWords[n]) return static_cast<Entry::Event>(n);
  }
  throw std::runtime_error("no such event: " + word);
}

}  // namespace

JournalWriter::JournalWriter(const std::string& path)
    : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw std::runtime_error("cannot write " + path);
}

JournalWriter::~JournalWriter() {
  close(file_);
}

void JournalWriter::write(const std::vector<Entry>& entries) {
  std::string lines;
  for (const Entry& entry : entries) {
    lines += std::string(kWords.at(static_cast<std::size_t>(entry.event))) + " " + entry.sender + " " +
             std::to_string(entry.number) + "\n";
  }
  if (::write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    throw std::runtime_error("cannot write a journal");
  }
}

std::vector<Entry> read_journal(const std::string& path) {
  std::vector<Entry> entries;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string event;
    Entry entry{};
    words >> event >> entry.sender >> entry.number;
    entry.event = event_named(event);
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace storm
