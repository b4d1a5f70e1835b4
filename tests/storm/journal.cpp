// SPDX-License-Identifier: MIT
#include "storm/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace storm {
namespace {

// A page is a multiple of it.
constexpr std::size_t kLineBytes = 256;

std::string line_for(const Event& event) {
  std::ostringstream text;
  text << event.time << ' ' << event.life << ' ' << event.call << ' ' << event.word << ' '
       << (event.message.empty() ? "-" : event.message) << ' ' << (event.inbox.empty() ? "-" : event.inbox) << ' '
       << event.more;
  std::string line = text.str();
  if (line.size() >= kLineBytes) throw std::runtime_error("too long for a journal: " + line);
  line.resize(kLineBytes - 1, ' ');
  return line + "\n";
}

std::string digits_of(const std::string& text) {
  char digits[20];
  std::snprintf(digits, sizeof digits, "%016zx", std::hash<std::string>()(text));
  return digits;
}

}  // namespace

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::string_view Event::text(std::string_view key) const {
  const std::string_view all = more;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find(' ', begin), all.size());
    const std::string_view pair = all.substr(begin, end - begin);
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=')
      return pair.substr(key.size() + 1);
    begin = end + 1;
  }
  return {};
}

std::int64_t Event::number(std::string_view key, std::int64_t otherwise) const {
  const std::string_view value = text(key);
  return value.empty() ? otherwise : std::stoll(std::string(value));
}

Journal::Journal(const std::string& path, int life)
    : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)), life_(life) {
  if (file_ < 0) throw std::runtime_error("cannot write " + path);
}

Journal::~Journal() {
  close(file_);
}

void Journal::write(std::vector<Event> events) {
  std::string lines;
  const std::int64_t time = now();
  for (Event& event : events) {
    if (event.time == 0) event.time = time;
    event.life = life_;
    lines += line_for(event);
  }
  if (::write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    throw std::runtime_error("cannot write a journal");
  }
}

std::vector<Event> read_journal(const std::string& path) {
  std::ifstream file(path);
  return parse_journal(file);
}

std::vector<Event> parse_journal(std::istream& lines) {
  std::vector<Event> events;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Event event;
    words >> event.time >> event.life >> event.call >> event.word >> event.message >> event.inbox >> std::ws;
    if (!words && !words.eof()) throw std::runtime_error("not a line of a journal: " + line);
    std::getline(words, event.more);
    event.more.resize(event.more.find_last_not_of(' ') + 1);
    events.push_back(std::move(event));
  }
  return events;
}

std::string number_of(const ipcm::Message& message) {
  const ipcm::Json& content = message.content();
  std::string number = std::to_string(content.at("n").get<std::int64_t>());
  if (content.contains("every")) number += "@" + std::to_string(std::llround(message.stamp()));
  return number;
}

std::string fingerprint_of(const ipcm::Message& message) {
  std::ostringstream text;
  text.precision(17);
  text << message.id() << '|' << message.from() << '|' << message.stamp() << '|' << message.broadcast() << '|'
       << message.priority() << '|' << message.group_key() << '|' << message.reply_to() << '|'
       << message.correlation_id() << '|' << message.content_text();
  return digits_of(text.str());
}

std::string body_of(const ipcm::Json& content, int priority, std::string_view group_key) {
  return digits_of(content.dump() + '|' + std::to_string(priority) + '|' + std::string(group_key));
}

}  // namespace storm
