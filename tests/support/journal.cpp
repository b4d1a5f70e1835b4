// SPDX-License-Identifier: MIT
#include "support/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

namespace storm {
namespace {

// A page is a multiple of it.
constexpr std::size_t kLineBytes = 32;

constexpr std::array kWords = {"tried", "sent", "delivered", "removed", "vanished"};

Entry::Event event_named(const std::string& word) {
  for (std::size_t n = 0; n < kWords.size(); ++n) {
    if (word == kWords[n]) return static_cast<Entry::Event>(n);
  }
  throw std::runtime_error("no such event: " + word);
}

std::string line_for(const Entry& entry) {
  std::string line = std::string(kWords.at(static_cast<std::size_t>(entry.event))) + " " + entry.sender + " " +
                     std::to_string(entry.number);
  if (line.size() >= kLineBytes) throw std::runtime_error("too long for a journal: " + line);
  line.resize(kLineBytes - 1, ' ');
  return line + "\n";
}

std::vector<Entry> entries_from(const std::string& path, std::streamoff from, std::ios::seekdir origin) {
  std::vector<Entry> entries;
  std::ifstream in(path);
  in.seekg(from, origin);
  for (Entry entry{}; in;) {
    std::string event;
    if (!(in >> event >> entry.sender >> entry.number)) break;
    entry.event = event_named(event);
    entries.push_back(entry);
  }
  return entries;
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
  for (const Entry& entry : entries) lines += line_for(entry);
  if (::write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    throw std::runtime_error("cannot write a journal");
  }
}

std::vector<Entry> read_journal(const std::string& path) {
  return entries_from(path, 0, std::ios::beg);
}

std::optional<Entry> last_in_journal(const std::string& path) {
  const auto last = entries_from(path, -static_cast<std::streamoff>(kLineBytes), std::ios::end);
  if (last.empty()) return std::nullopt;
  return last.back();
}

}  // namespace storm
