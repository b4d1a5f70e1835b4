// SPDX-License-Identifier: MIT
#include "integration/storm/storm.hpp"

#include <signal.h>

#include <thread>
#include <utility>

namespace storm {
namespace {

constexpr int kFewestKills = 40;  // on a slow machine it takes longer instead

ipcm::SpawnOptions with(ipcm::Durability durability) {
  ipcm::SpawnOptions options;
  options.durability = durability;
  return options;
}

}  // namespace

Storm::Storm(const StormOptions& options) : options_(options), random_(options.seed), route_(with(options.durability)) {
  const std::string info = route_.info().to_string();
  for (int n = 0; n < kReaders; ++n) route_.make_suspended(reader_name(n));
  for (int n = 0; n < kSenders; ++n) {
    const std::string name = "sender" + std::to_string(n);
    add(name, {test::child("storm_sender"), info, name, journal(name)});
  }
  for (int n = 0; n < kReaders; ++n) {
    const std::string name = reader_name(n);
    add(name, {test::child("storm_reader"), info, name, journal(name), options_.reader_mode});
  }
  if (!options_.with_shells) return;
  for (auto* const person : {look_at_views, send_by_sql}) {
    shells_.push_back(std::async(std::launch::async, person, stop_shells_.get_token(), route_.path(), random_()));
  }
}

Storm::~Storm() {
  stop_shells_.request_stop();
}

void Storm::add(const std::string& name, std::vector<std::string> command) {
  auto process = std::make_unique<test::Process>(command);
  actors_.push_back({name, std::move(command), std::move(process)});
}

// Whoever ended before, because something failed, is found out here.
void Storm::kill(Actor& actor) {
  actor.process->signal(SIGKILL);
  const test::RunResult result = actor.process->finish();
  if (result.exit_code != 128 + SIGKILL) complaints_.push_back(actor.name + " ended by itself: " + result.err);
}

// Kills at moments that nothing announces, so it sleeps. One in four may be killed while it still connects.
void Storm::rage(std::chrono::milliseconds how_long) {
  const auto end = std::chrono::steady_clock::now() + how_long;
  const std::size_t victims = kSenders + (options_.kill_readers ? kReaders : 0);
  for (; kills_ < kFewestKills || std::chrono::steady_clock::now() < end; ++kills_) {
    std::this_thread::sleep_for(std::chrono::microseconds(1000 + random_() % 40'000));
    Actor& victim = actors_.at(random_() % victims);
    if (random_() % 4 != 0) victim.process->read_line();  // "started"
    kill(victim);
    victim.process = std::make_unique<test::Process>(victim.command);
  }
}

void Storm::end() {
  stop_shells_.request_stop();
  if (!shells_.empty()) {
    looks_ = shells_.at(0).get();
    mail_by_sql_ = shells_.at(1).get();
  }
  for (Actor& actor : actors_) kill(actor);
  actors_.clear();
}

std::vector<Evidence> Storm::evidence() const {
  std::vector<Evidence> all(kReaders);
  const auto add_sender = [&](const std::string& name, const std::vector<Entry>& entries) {
    for (Evidence& one : all) one.senders[name];
    for (const Entry& entry : entries) {
      all.at(static_cast<std::size_t>(entry.number % kReaders)).senders[name].push_back(entry);
    }
  };
  for (int n = 0; n < kSenders; ++n) {
    const std::string name = "sender" + std::to_string(n);
    add_sender(name, read_journal(journal(name)));
  }
  if (options_.with_shells) add_sender(kShellName, mail_by_sql_.journal);
  for (int n = 0; n < kReaders; ++n) {
    Evidence& one = all.at(static_cast<std::size_t>(n));
    one.reader = read_journal(journal(reader_name(n)));
    one.reader_removes = options_.reader_mode == "remove";
    const auto client = route_.connect(reader_name(n));
    one.read = client->stats().read;
    for (const auto& message : client->peek()) {
      one.queued.push_back({Entry::Event::delivered, message.from(), message.content().get<int>()});
    }
  }
  return all;
}

std::vector<std::string> Storm::complaints() const {
  std::vector<std::string> all = complaints_;
  for (const std::string& words : {looks_.problem, mail_by_sql_.problem, route_.problems()}) {
    if (!words.empty()) all.push_back(words);
  }
  return all;
}

}  // namespace storm
