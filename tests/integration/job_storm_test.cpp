// SPDX-License-Identifier: MIT
// Eight workers claim from one queue while they are killed with -9, stopped and continued at random moments, leases run
// out and clocks are set: every job is acknowledged exactly once, or dead with a reason, and none was settled by two.
//
// The seed is printed; IPCM_TEST_SEED=n repeats what is killed and when, IPCM_TEST_STORM_SECONDS=n sets how long each
// storm rages.
#include <signal.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "integration/route_file.hpp"
#include "support/manual_clock.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

using namespace std::chrono_literals;

namespace {

constexpr int kWorkers = 8;
constexpr int kGroups = 20;  // of which a fifth of the jobs are

bool is_grouped(int job) {
  return job % 5 == 0;
}
int group_of(int job) {
  return job / 5 % kGroups;
}

struct Line {
  std::string event;
  int job = 0;
  std::int64_t time = 0;  // CLOCK_MONOTONIC, ns
};

// All that is known when the storm is over.
struct JobEvidence {
  int jobs = 0;                               // sent and acknowledged: 0, 1, ...
  std::vector<std::vector<Line>> journals{};  // of each worker, in their order
  std::multiset<int> dead{};                  // in the dead letters
  std::multiset<int> left{};                  // found and acknowledged by the checker after the storm
  std::multiset<int> results{};               // in the queue of results
};

std::string text_of(int job, const std::string& what) {
  return "job " + std::to_string(job) + " " + what;
}

// One sentence for everything that should not be.
std::vector<std::string> problems_of(const JobEvidence& evidence) {
  std::map<int, int> acked, doubtful, done;
  std::map<int, std::int64_t> first_acking, last_claimed;
  for (const std::vector<Line>& journal : evidence.journals) {
    std::set<int> open;
    const auto give_up = [&](int job) { doubtful[job] += static_cast<int>(open.erase(job)); };
    for (const Line& line : journal) {
      if (line.event == "claimed") {
        give_up(line.job);  // it has come back to the same worker, who does not know what became of it
        last_claimed[line.job] = std::max(last_claimed[line.job], line.time);
      } else if (line.event == "acking") {
        open.insert(line.job);
        const auto [first, is_new] = first_acking.emplace(line.job, line.time);
        if (!is_new) first->second = std::min(first->second, line.time);
      } else if (line.event == "lost") {
        open.erase(line.job);
      } else if (line.event == "acked" || line.event == "done") {
        open.erase(line.job);
        ++acked[line.job];
        if (line.event == "done") ++done[line.job];
      }
    }
    for (const int job : open) ++doubtful[job];
  }

  std::vector<std::string> problems;
  for (int job = 0; job < evidence.jobs; ++job) {
    const int dead = static_cast<int>(evidence.dead.count(job));
    const int left = static_cast<int>(evidence.left.count(job));
    const int results = static_cast<int>(evidence.results.count(job));
    const int ends = acked[job] + dead + left;
    if (ends > 1) {
      problems.push_back(text_of(job, "was settled " + std::to_string(ends) + " times: acknowledged " +
                                          std::to_string(acked[job]) + ", dead " + std::to_string(dead) + ", left " +
                                          std::to_string(left)));
    }
    if (ends == 0 && doubtful[job] == 0) problems.push_back(text_of(job, "is lost"));
    if (results > 1) problems.push_back(text_of(job, "has " + std::to_string(results) + " results"));
    if (done[job] > 0 && results == 0) problems.push_back(text_of(job, "was acknowledged without its result"));
    if (results > 0 && ends > done[job]) problems.push_back(text_of(job, "has a result and was settled apart from it"));
  }
  // Of a group the next one is not claimed before the one before it was settled.
  std::map<int, int> previous;
  for (int job = 0; job < evidence.jobs; ++job) {
    if (!is_grouped(job) || acked[job] == 0) continue;
    const auto before = previous.find(group_of(job));
    if (before != previous.end() && last_claimed[job] < first_acking[before->second]) {
      problems.push_back(text_of(job, "was claimed before " + std::to_string(before->second) + " of its group"));
    }
    previous[group_of(job)] = job;
  }
  return problems;
}

std::vector<Line> read_journal(const std::string& path) {
  std::vector<Line> lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text);
    Line line;
    if (words >> line.event >> line.job >> line.time) lines.push_back(line);
  }
  return lines;
}

std::uint64_t setting(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

class JobStorm {
 public:
  JobStorm(ipcm::Durability durability, bool unfenced, std::uint64_t seed)
      : route_({.durability = durability}), unfenced_(unfenced), random_(seed) {
    boss_ = route_.connect("boss");
    boss_->create_queue("jobs", {.max_attempts = 12, .retry_delay = 2ms, .max_retry_delay = 10ms});
    boss_->create_queue("results");
  }

  void rage(std::chrono::seconds time) {
    for (int n = 0; n < kWorkers; ++n) start(n);
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      send_some();
      const int n = static_cast<int>(random_() % kWorkers);
      switch (random_() % 3) {
        case 0:
          workers_[n]->signal(SIGSTOP);
          std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 15));
          workers_[n]->signal(SIGCONT);
          break;
        case 1:
          ++kills_;
          start(n);  // the one before is killed
          break;
        default: std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 10));
      }
    }
  }

  JobEvidence end() {
    workers_.clear();  // killed
    JobEvidence evidence;
    evidence.jobs = sent_;
    for (int n = 0; n < kWorkers; ++n) evidence.journals.push_back(read_journal(journal(n)));
    const auto clock = std::make_shared<test::ManualClock>();
    clock->advance(24h);  // whatever was put off by whatever clock
    const auto checker = route_.connect("checker", {.clock = clock});
    drain(*checker, "jobs", evidence.left);
    for (const ipcm::DeadLetter& letter : checker->dead_letters("jobs")) {
      evidence.dead.insert(letter.message.content().get<int>());
      if (letter.reason.empty()) complaints_ += "a dead letter without a reason\n";
    }
    drain(*checker, "results", evidence.results);
    return evidence;
  }

  std::string complaints() const { return complaints_ + route_.problems(); }
  int kills() const { return kills_; }

 private:
  std::string journal(int n) const { return route_.folder().file("journal-" + std::to_string(n)); }

  void start(int n) {
    const std::string name = "worker-" + std::to_string(n);
    workers_.erase(n);
    std::vector<std::string> command{test::child("job_worker"), route_.path(), name, journal(n),
                                     std::to_string(random_())};
    if (unfenced_) command.push_back("unfenced");
    auto worker = std::make_unique<test::Process>(command);
    worker->wait_for_line("working");
    workers_.emplace(n, std::move(worker));
  }

  void send_some() {
    std::vector<ipcm::MessageFields> jobs;
    for (int n = 0; n < 20; ++n, ++sent_) {
      ipcm::MessageFields fields{.to = "jobs", .content = sent_};
      if (is_grouped(sent_)) {
        fields.group_key = "group-" + std::to_string(group_of(sent_));
      } else {
        fields.priority = static_cast<int>(random_() % 8);
        if (random_() % 4 == 0) fields.delay = std::chrono::milliseconds(random_() % 20);
      }
      if (random_() % 50 == 0) fields.max_attempts = 1;
      jobs.push_back(std::move(fields));
    }
    boss_->send_messages(jobs);
  }

  static void drain(ipcm::Client& client, const std::string& queue, std::multiset<int>& into) {
    for (;;) {
      auto claims = client.claim(queue, {.limit = 500});
      if (claims.empty()) return;
      for (const ipcm::Claim& claim : claims) into.insert(claim.message().content().get<int>());
      client.ack(claims);
    }
  }

  test::RouteFile route_;
  bool unfenced_;
  std::mt19937 random_;
  std::shared_ptr<ipcm::Client> boss_;
  std::map<int, std::unique_ptr<test::Process>> workers_;
  std::string complaints_;
  int sent_ = 0;
  int kills_ = 0;
};

JobEvidence rage(JobStorm& storm) {
  storm.rage(std::chrono::seconds(setting("IPCM_TEST_STORM_SECONDS", 5)));
  return storm.end();
}

std::uint64_t new_seed() {
  const std::uint64_t seed = setting("IPCM_TEST_SEED", std::random_device()());
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << seed);
  return seed;
}

void run(ipcm::Durability durability) {
  JobStorm storm(durability, false, new_seed());
  const JobEvidence evidence = rage(storm);
  std::map<std::string, int> events;
  for (const auto& journal : evidence.journals) {
    for (const Line& line : journal) ++events[line.event];
  }
  BOOST_TEST_MESSAGE(evidence.jobs << " jobs, " << storm.kills() << " kills; claimed " << events["claimed"]
                                   << ", acked " << events["acked"] << ", done with a result " << events["done"]
                                   << ", lost " << events["lost"] << ", dead " << evidence.dead.size() << ", left "
                                   << evidence.left.size());
  BOOST_TEST(test::joined(problems_of(evidence)) == "");
  BOOST_TEST(storm.complaints() == "");
  // A storm in which nothing happened proves nothing.
  BOOST_TEST(storm.kills() > 5);
  BOOST_TEST(events["acked"] > 50);
  BOOST_TEST(events["done"] > 10);
  BOOST_TEST(events["lost"] > 0);
  BOOST_TEST(evidence.dead.size() > 0U);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(job_storm)

BOOST_AUTO_TEST_CASE(every_job_is_acknowledged_once_or_dead_under_full) {
  run(ipcm::Durability::full);
}

BOOST_AUTO_TEST_CASE(every_job_is_acknowledged_once_or_dead_under_relaxed) {
  run(ipcm::Durability::relaxed);
}

// The storm finds it where late workers are not fenced off.
BOOST_AUTO_TEST_CASE(an_acknowledgement_that_is_not_fenced_is_found) {
  JobStorm storm(ipcm::Durability::relaxed, true, new_seed());
  BOOST_TEST(!problems_of(rage(storm)).empty());
}

BOOST_AUTO_TEST_CASE(the_checker_finds_what_should_not_be) {
  const auto found = [](JobEvidence evidence) { return test::joined(problems_of(evidence)); };
  JobEvidence good{.jobs = 2, .journals = {{{"claimed", 0, 1}, {"acking", 0, 2}, {"acked", 0, 3}}}, .dead = {1}};
  BOOST_TEST(found(good) == "");

  JobEvidence lost = good;
  lost.dead.clear();
  BOOST_TEST(found(lost).find("job 1 is lost") != std::string::npos);
  lost.journals.push_back({{"claimed", 1, 1}, {"acking", 1, 2}});  // killed in between: it may be done
  BOOST_TEST(found(lost) == "");
  lost.journals.back().push_back({"lost", 1, 3});  // told that it was not
  BOOST_TEST(found(lost).find("job 1 is lost") != std::string::npos);

  JobEvidence twice = good;
  twice.journals.push_back({{"claimed", 0, 4}, {"acking", 0, 5}, {"acked", 0, 6}});
  BOOST_TEST(found(twice).find("job 0 was settled 2 times") != std::string::npos);
  JobEvidence dead_and_done = good;
  dead_and_done.dead.insert(0);
  BOOST_TEST(found(dead_and_done).find("job 0 was settled 2 times") != std::string::npos);

  JobEvidence no_result = good;
  no_result.journals[0][2].event = "done";
  BOOST_TEST(found(no_result).find("job 0 was acknowledged without its result") != std::string::npos);
  no_result.results = {0};
  BOOST_TEST(found(no_result) == "");
  no_result.results = {0, 0};
  BOOST_TEST(found(no_result).find("job 0 has 2 results") != std::string::npos);

  JobEvidence order{.jobs = 5 * kGroups + 1};
  for (int job = 1; job < 5 * kGroups; ++job) order.dead.insert(job);
  order.journals = {{{"claimed", 0, 1}, {"acking", 0, 10}, {"acked", 0, 11}},
                    {{"claimed", 5 * kGroups, 5}, {"acking", 5 * kGroups, 6}, {"acked", 5 * kGroups, 7}}};
  BOOST_TEST(found(order).find("was claimed before 0 of its group") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
