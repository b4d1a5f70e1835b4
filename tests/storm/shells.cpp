// SPDX-License-Identifier: MIT
#include "storm/shells.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <random>
#include <thread>

#include "integration/sqlite_shell.hpp"
#include "support/text.hpp"

namespace storm {
namespace {

using Random = std::mt19937_64;

int up_to(Random& random, int most) {
  return static_cast<int>(random() % (static_cast<unsigned>(most) + 1));
}

// A moment that nothing announces.
void idle(Random& random, int most_microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(up_to(random, most_microseconds)));
}

// SQL that takes its time: some ten milliseconds for 100,000 steps.
std::string dawdle(int steps) {
  return "SELECT 'late' FROM (WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < " +
         std::to_string(steps) + ") SELECT count(*) AS n FROM step) WHERE n < 0;";
}

// Five lines: the number of messages, three times over and once more after a while, and how many books are wrong.
std::string views(int steps) {
  return "BEGIN;"
         "SELECT (SELECT count(length(id) + length(sent_at) + length(content)) FROM inbox)"
         " + (SELECT count(length(id)) FROM scheduled) + (SELECT count(length(id)) FROM in_flight);"
         "SELECT coalesce(sum(queued), 0) FROM queues;"
         "SELECT coalesce(sum(queued), 0) FROM traffic;" +
         dawdle(steps) +
         "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM scheduled) + (SELECT count(*) FROM in_flight);"
         "SELECT count(*) FROM traffic WHERE sent <> read + dead + expired + queued;"
         "COMMIT";
}

bool agree(const std::vector<std::string>& lines) {
  return lines.size() == 5 && lines[1] == lines[0] && lines[2] == lines[0] && lines[3] == lines[0] && lines[4] == "0";
}

// Its shell makes checkpoints of its own, as it does for whoever knows nothing of docs/decisions/0003.
class Sender {
 public:
  Sender(const std::string& route, std::uint64_t seed, Journal& journal)
      : route_(route), random_(seed), journal_(journal) {
    start_shell();
  }

  void send_something() {
    const bool several = up_to(random_, 2) == 0;
    const int call = journal_.begin();
    std::vector<Event> events;
    std::string sql;
    for (int n = several ? 5 : 1; n > 0; --n) sql += insert(call, events);
    if (several) sql = "BEGIN IMMEDIATE;" + sql + dawdle(up_to(random_, 60'000));
    if (several && up_to(random_, 15) == 0) {  // never committed, so it was not even tried
      shell_->ask(sql);
      start_shell();
      return;
    }
    journal_.write(events);
    shell_->begin(several ? sql + "COMMIT" : sql);
    if (up_to(random_, 31) == 0) {
      idle(random_, 5000);
      start_shell();
      return;
    }
    shell_->finish();
    for (Event& event : events) event.word = "sent";
    journal_.write(std::move(events));
  }

 private:
  void start_shell() {
    shell_.reset();  // killed and reaped, if there was one
    shell_.emplace(route_);
  }

  // To those who are never away for good: a shell ends at its first error.
  std::string insert(int call, std::vector<Event>& events) {
    const std::string number = std::to_string(std::int64_t{journal_.life()} * 1'000'000 + ++last_);
    const std::string inbox = up_to(random_, 2) == 0 ? "boss" : "jobs";
    events.push_back({0, 0, call, "sending", number, inbox, "op=sql from=" + std::string(kShellName)});
    return "INSERT INTO send(sender, recipient, content) VALUES ('" + std::string(kShellName) + "', '" + inbox +
           "', '{\"n\":" + number + "}');";
  }

  std::string route_;
  Random random_;
  Journal& journal_;
  std::optional<test::SqliteShell> shell_;
  std::int64_t last_ = 0;
};

}  // namespace

std::string look_at_views(const std::stop_token& stop, const std::string& route, std::uint64_t seed) {
  try {
    Random random(seed);
    test::SqliteShell shell(route);
    while (!stop.stop_requested()) {
      const auto lines = shell.ask(views(up_to(random, 300'000)));
      if (!agree(lines)) return "the views do not agree: " + test::joined(lines);
      idle(random, 50'000);
    }
  } catch (const std::exception& failure) {
    return failure.what();
  }
  return {};
}

std::string send_by_sql(const std::stop_token& stop, const std::string& route, std::uint64_t seed, Journal& journal) {
  try {
    Random random(seed);
    Sender sender(route, seed + 1, journal);
    while (!stop.stop_requested()) {
      sender.send_something();
      idle(random, 20'000);
    }
  } catch (const std::exception& failure) {
    return failure.what();
  }
  return {};
}

}  // namespace storm
