// SPDX-License-Identifier: MIT
#include "storm/run.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "integration/sqlite_shell.hpp"
#include "storm/rules.hpp"

namespace storm {

std::uint64_t setting(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

std::uint64_t seed() {
  const std::uint64_t chosen = setting("IPCM_TEST_SEED", std::random_device()());
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << chosen);
  return chosen;
}

namespace {

Outcome run_to_its_end(const StormOptions& options, std::chrono::milliseconds how_long) {
  StormOptions here = options;
  if (here.with_shells && !test::has_sqlite_shell({})) {
    BOOST_TEST_MESSAGE("there is no sqlite3 shell on this machine: the storm goes without");
    here.with_shells = false;
  }
  Storm storm(here);
  Outcome outcome;
  int calls_at_once = 0;
  int forks = 0;
  try {
    storm.rage(how_long);
    const Evidence evidence = storm.end();
    const History history(evidence);
    const Verdict verdict = judge(history);
    outcome.complaints = verdict.complaints();
    outcome.exercised = verdict.exercised_rules();
    outcome.calls = history.calls().size();
    outcome.messages = history.stories().size();
    calls_at_once = history.calls_at_once();
    forks = history.forks();
  } catch (const std::exception& failure) {  // of the driver, which is a client like others
    outcome.complaints.push_back(std::string("the driver: ") + failure.what());
  }
  outcome.deeds = storm.deeds();
  outcome.deeds["calls beside another one of the same client"] = calls_at_once;
  outcome.deeds["forks"] = forks;
  const bool keeps = options.bug.empty() || options.bug == "none" || setting("IPCM_TEST_KEEP", 0) != 0;
  if (!outcome.complaints.empty() && keeps) {
    outcome.kept_in =
        (std::filesystem::temp_directory_path() / ("ipcm-storm-" + std::to_string(options.seed))).string();
    storm.keep_in(outcome.kept_in);
  }
  return outcome;
}

}  // namespace

Outcome run(const StormOptions& options, std::chrono::milliseconds how_long) {
  try {
    return run_to_its_end(options, how_long);
  } catch (const std::exception& failure) {
    Outcome outcome;
    outcome.complaints.push_back(std::string("the storm did not begin: ") + failure.what());
    return outcome;
  }
}

int Outcome::deed(const std::string& name) const {
  const auto found = deeds.find(name);
  return found == deeds.end() ? 0 : found->second;
}

void Outcome::add(const Outcome& other) {
  complaints.insert(complaints.end(), other.complaints.begin(), other.complaints.end());
  for (const auto& [rule, times] : other.exercised) exercised[rule] += times;
  for (const auto& [deed, times] : other.deeds) deeds[deed] += times;
  calls += other.calls;
  messages += other.messages;
  if (!other.kept_in.empty()) kept_in = other.kept_in;
}

std::vector<std::string> Outcome::idle_rules() const {
  std::vector<std::string> idle;
  for (const auto& [rule, times] : exercised) {
    if (times == 0) idle.push_back(rule);
  }
  return idle;
}

std::string Outcome::summary() const {
  std::ostringstream text;
  text << calls << " calls, " << messages << " messages";
  for (const auto& [deed, times] : deeds) text << ", " << times << " " << deed;
  for (const auto& [rule, times] : exercised) text << "\n  " << times << " times: " << rule;
  for (const std::string& complaint : complaints) text << "\n  COMPLAINT: " << complaint;
  if (!kept_in.empty()) text << "\n  the route and the journals are kept in " << kept_in;
  return text.str();
}

}  // namespace storm
