// SPDX-License-Identifier: MIT
#include "integration/storm/shells.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <random>
#include <thread>

#include "integration/sqlite_shell.hpp"
#include "integration/storm/readers.hpp"
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
         "SELECT count(length(id) + length(sent_at) + length(content)) FROM inbox;"
         "SELECT coalesce(sum(queued), 0) FROM queues;"
         "SELECT coalesce(sum(queued), 0) FROM traffic;" +
         dawdle(steps) +
         "SELECT count(*) FROM inbox;"
         "SELECT count(*) FROM traffic WHERE sent <> read + dead + queued;"
         "COMMIT";
}

bool agree(const std::vector<std::string>& lines) {
  return lines.size() == 5 && lines[1] == lines[0] && lines[2] == lines[0] && lines[3] == lines[0] && lines[4] == "0";
}

std::string insert(int number) {
  return "INSERT INTO send(sender, recipient, content) VALUES ('" + std::string(kShellName) + "', '" +
         reader_of(number) + "', '" + std::to_string(number) + "');";
}

// Its shell makes checkpoints of its own, as it does for whoever knows nothing of docs/decisions/0003.
class Sender {
 public:
  Sender(const std::string& route, std::uint64_t seed, ShellReport& report)
      : route_(route), random_(seed), report_(report) {
    start_shell();
  }

  void send_something() {
    const bool several = up_to(random_, 2) == 0;
    std::vector<Entry> entries;
    std::string sql;
    for (int n = several ? 5 : 1; n > 0; --n) {
      entries.push_back({Entry::Event::tried, kShellName, ++number_});
      sql += insert(number_);
    }
    if (several) sql = "BEGIN IMMEDIATE;" + sql + dawdle(up_to(random_, 60'000));
    if (several && up_to(random_, 15) == 0) {  // never committed, so it was not even tried
      shell_->ask(sql);
      start_shell();
      return;
    }
    write(entries);
    shell_->begin(several ? sql + "COMMIT" : sql);
    if (up_to(random_, 31) == 0) {
      idle(random_, 5000);
      start_shell();
      return;
    }
    shell_->finish();
    for (Entry& entry : entries) entry.event = Entry::Event::sent;
    write(entries);
  }

 private:
  void start_shell() {
    shell_.reset();  // killed and reaped, if there was one
    shell_.emplace(route_);
  }
  void write(const std::vector<Entry>& entries) {
    report_.journal.insert(report_.journal.end(), entries.begin(), entries.end());
  }

  std::string route_;
  Random random_;
  ShellReport& report_;
  std::optional<test::SqliteShell> shell_;
  int number_ = 0;
};

}  // namespace

ShellReport look_at_views(const std::stop_token& stop, const std::string& route, std::uint64_t seed) {
  ShellReport report;
  try {
    Random random(seed);
    test::SqliteShell shell(route);
    for (; !stop.stop_requested(); ++report.rounds) {
      const auto lines = shell.ask(views(up_to(random, 300'000)));
      if (!agree(lines)) report.problem = "the views do not agree: " + test::joined(lines);
      idle(random, 20'000);
    }
  } catch (const std::exception& failure) {
    report.problem = failure.what();
  }
  return report;
}

ShellReport send_by_sql(const std::stop_token& stop, const std::string& route, std::uint64_t seed) {
  ShellReport report;
  try {
    Random random(seed);
    Sender sender(route, seed + 1, report);
    for (; !stop.stop_requested(); ++report.rounds) {
      sender.send_something();
      idle(random, 10'000);
    }
  } catch (const std::exception& failure) {
    report.problem = failure.what();
  }
  return report;
}

}  // namespace storm
