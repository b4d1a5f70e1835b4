// SPDX-License-Identifier: MIT
// The power goes at any moment: under `full` nothing that was acknowledged is lost, nothing that was taken comes back,
// and the books balance.
#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/ipcm.hpp>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/faults/power_loss.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/simulated_disk.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

using test::Disk;
using test::DiskEvent;
using test::DiskRecording;
using test::Unsynced;

namespace {

const std::string kRoute = "jobs.ipcm";  // what test::RouteFile calls it
constexpr int kSenders = 3;
constexpr int kMessagesOfOne = 100;
// So that the log is moved into the database file, and begun anew, several times.
constexpr std::size_t kLargestFiller = 48 << 10;
constexpr std::size_t kMoments = 20;

// What one call did, and between which events of the disk.
struct Call {
  std::size_t began = 0;
  std::size_t returned = 0;
  std::vector<std::string> messages;  // by name: "sender/number"
};

struct History {
  std::vector<Call> sends;
  std::vector<Call> takes;
};

const std::string& name_of(const ipcm::Message& message) {
  return message.id();  // which is chosen, so that no content has to be decoded for it
}

class Workload {
 public:
  Workload(const test::RouteFile& route, const DiskRecording& disk, unsigned seed)
      : route_(route), disk_(disk), seed_(seed) {}

  // Several senders, each with a connection of its own, and one reader that takes a part of what comes.
  History run() {
    std::vector<std::thread> threads;
    threads.emplace_back([this] { read(); });
    for (int sender = 0; sender < kSenders; ++sender) threads.emplace_back([this, sender] { send(sender); });
    for (std::thread& thread : threads) thread.join();
    if (gave_up_) throw std::runtime_error("the reader waited in vain");
    return history_;
  }

 private:
  void send(int sender) {
    std::mt19937 random(seed_ + static_cast<unsigned>(sender));
    const std::string name = "sender" + std::to_string(sender);
    const auto client = route_.connect(name);
    for (int number = 0; number < kMessagesOfOne; ++number) {
      const std::string filler(random() % kLargestFiller, 'x');
      ipcm::MessageFields fields;
      fields.to = "worker";
      fields.id = name + "/" + std::to_string(number);
      fields.content = filler;
      Call call{disk_.now(), 0, {*fields.id}};
      if (sender == 0) {  // keeps many in flight
        client->send_async(fields, [this, call](const std::string&, const ipcm::Outcome& outcome) mutable {
          outcome.or_throw();
          call.returned = disk_.now();
          add(history_.sends, std::move(call));
        });
      } else {
        client->send_message(fields);
        call.returned = disk_.now();
        add(history_.sends, std::move(call));
      }
    }
  }

  void read() {
    const auto client = route_.connect("worker", {.at_end = ipcm::ConnectOptions::AtEnd::suspend});
    for (std::size_t taken = 0; taken < kSenders * kMessagesOfOne - 50U;) {
      if (gave_up_ = !client->wait(test::kPatience); gave_up_) return;
      Call call{disk_.now(), 0, {}};
      const auto messages = client->get_messages(4);
      call.returned = disk_.now();
      for (const ipcm::Message& message : messages) call.messages.push_back(name_of(message));
      taken += messages.size();
      add(history_.takes, std::move(call));
    }
  }

  void add(std::vector<Call>& calls, Call call) {
    const std::lock_guard lock(mutex_);
    calls.push_back(std::move(call));
  }

  const test::RouteFile& route_;
  const DiskRecording& disk_;
  unsigned seed_;
  bool gave_up_ = false;  // of the reader's thread
  std::mutex mutex_;
  History history_;
};

// What a route must hold, and what it may hold, when the power goes after that many events.
struct Expected {
  std::set<std::string> must;
  std::set<std::string> may;
};

Expected expected_after(const History& history, std::size_t events) {
  Expected expected;
  for (const Call& send : history.sends) {
    if (send.began <= events) expected.may.insert(send.messages.begin(), send.messages.end());
    if (send.returned <= events) expected.must.insert(send.messages.begin(), send.messages.end());
  }
  for (const Call& take : history.takes) {
    for (const std::string& message : take.messages) {
      if (take.began <= events) expected.must.erase(message);
      if (take.returned <= events) expected.may.erase(message);
    }
  }
  return expected;
}

struct Problems {
  std::vector<std::string> damage;  // the route is broken, or its books do not balance
  std::vector<std::string> losses;  // messages that should be there and are not, or the other way round
};

// Starts a machine with that disk and looks at the route.
Problems problems_of(const Disk& disk, const std::string& route, const Expected& expected) {
  const test::TemporaryFolder machine;
  test::write_disk(disk, machine.path().string());
  const auto here = ipcm::ConnectionInfo::parse(machine.file(route));
  Problems problems;
  std::set<std::string> held;
  try {
    problems.damage = ipcm::check_route(here).problems;
    const auto worker = ipcm::reconnect("worker", here);
    std::map<std::string, int> last;
    for (const ipcm::Message& message : worker->peek()) {
      if (!held.insert(name_of(message)).second) problems.damage.push_back(name_of(message) + " is there twice");
      const int number = std::stoi(message.id().substr(message.id().find('/') + 1));
      if (const auto before = last.find(message.from()); before != last.end() && number <= before->second) {
        problems.damage.push_back(name_of(message) + " is out of order");
      }
      last[message.from()] = number;
    }
  } catch (const ipcm::Error& error) {
    problems.damage.emplace_back(error.what());
    return problems;
  }
  for (const std::string& message : expected.must) {
    if (!held.contains(message)) problems.losses.push_back(message + " was acknowledged and is lost");
  }
  for (const std::string& message : held) {
    if (!expected.may.contains(message))
      problems.losses.push_back(message + " was taken and is back, or was never sent");
  }
  return problems;
}

// Moments spread over the whole run, and those around every step of moving the log into the database file.
std::vector<std::size_t> moments(const std::vector<DiskEvent>& events, const std::string& route, std::mt19937& random) {
  std::set<std::size_t> moments;
  const auto at_random = [&] { return random() % (events.size() + 1); };
  while (moments.size() < kMoments) moments.insert(at_random());
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool of_the_file = events[i].name == route || events[i].kind != DiskEvent::Kind::write;
    const bool beginning = events[i].kind == DiskEvent::Kind::write && events[i].offset == 0;
    if (of_the_file || beginning) steps.push_back(i);
  }
  std::ranges::shuffle(steps, random);
  steps.resize(std::min(steps.size(), kMoments));
  for (const std::size_t step : steps) moments.insert({step, step + 1});
  return {moments.begin(), moments.end()};
}

struct Verdict {
  std::size_t disks = 0;
  std::size_t damaged = 0;
  std::size_t lossy = 0;
  std::size_t restarts = 0;  // of the log
  std::string first;         // problem
};

Verdict power_loss_at_many_moments(ipcm::Durability durability, bool ignore_syncs) {
  const unsigned seed = test::seed();
  std::mt19937 random(seed);

  const test::RouteFile route({.durability = durability});
  route.make_suspended("worker");
  const std::string folder = route.folder().path().string();
  test::SimulatedDisk disk(folder);
  History history;
  std::vector<DiskEvent> events;
  {
    DiskRecording recording(folder);
    if (ignore_syncs) recording.ignore_syncs();
    history = Workload(route, recording, seed).run();
    events = recording.events();
  }

  Verdict verdict;
  for (const DiskEvent& event : events) {
    if (event.kind == DiskEvent::Kind::write && event.name == kRoute + "-wal" && event.offset == 0) {
      ++verdict.restarts;
    }
  }
  std::size_t applied = 0;
  for (const std::size_t moment : moments(events, kRoute, random)) {
    while (applied < moment) disk.apply(events[applied++]);
    const Expected expected = expected_after(history, moment);
    for (const Unsynced fate : {Unsynced::lost, Unsynced::kept, Unsynced::mixed}) {
      const Problems problems = problems_of(disk.after_power_loss(fate, random), kRoute, expected);
      ++verdict.disks;
      verdict.damaged += problems.damage.empty() ? 0 : 1;
      verdict.lossy += problems.losses.empty() ? 0 : 1;
      for (const auto& found : {problems.damage, problems.losses}) {
        if (found.empty() || !verdict.first.empty()) continue;
        verdict.first = "after " + std::to_string(moment) + " of " + std::to_string(events.size()) + " events, seed " +
                        std::to_string(seed) + ": " + found.front();
      }
    }
  }
  BOOST_TEST_MESSAGE(verdict.disks << " disks, " << verdict.damaged << " damaged, " << verdict.lossy
                                   << " that lost something, " << events.size() << " events, " << verdict.restarts
                                   << " beginnings of the log");
  return verdict;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(power_loss)

BOOST_AUTO_TEST_CASE(under_full_nothing_acknowledged_is_lost_and_nothing_taken_comes_back) {
  const Verdict verdict = power_loss_at_many_moments(ipcm::Durability::full, false);
  BOOST_TEST(verdict.damaged == 0U, verdict.first);
  BOOST_TEST(verdict.lossy == 0U, verdict.first);
  BOOST_TEST(verdict.restarts > 1U);
}

BOOST_AUTO_TEST_CASE(under_full_every_operation_that_was_acknowledged_is_there_and_no_other_is_half_done) {
  const unsigned seed = test::seed();
  std::size_t disks = 0;
  for (const test::Operation& operation : test::operations()) {
    const test::PowerLosses losses = test::lose_power_during(operation, seed);
    BOOST_TEST(losses.bad == 0U, losses.bad << " of " << losses.disks << ": " << losses.first);
    disks += losses.disks;
  }
  BOOST_TEST_MESSAGE(disks << " disks");
}

BOOST_AUTO_TEST_CASE(a_disk_that_does_not_sync_is_caught) {
  BOOST_TEST(power_loss_at_many_moments(ipcm::Durability::full, true).lossy > 0U);
}

BOOST_AUTO_TEST_CASE(under_relaxed_messages_may_be_lost_but_the_route_is_whole) {
  const Verdict verdict = power_loss_at_many_moments(ipcm::Durability::relaxed, false);
  BOOST_TEST(verdict.damaged == 0U, verdict.first);
  BOOST_TEST(verdict.lossy > 0U);
}

BOOST_AUTO_TEST_CASE(a_sync_that_fails_is_an_error_and_the_connection_is_not_used_again) {
  const test::RouteFile route;
  route.make_suspended("worker");
  {
    DiskRecording recording(route.folder().path().string());
    const auto boss = route.connect("boss");
    boss->send_message("worker", 1);
    recording.fail_syncs();
    const auto error = test::caught([&] { boss->send_message("worker", 2); });
    BOOST_REQUIRE(error.has_value());
    BOOST_TEST((error->code() == ipcm::ErrorCode::StorageFailure));
    BOOST_TEST(std::string(error->what()).find("is unknown") != std::string::npos, error->what());
    CHECK_ERROR(StorageFailure, boss->send_message("worker", 3));
  }
  // The second may be there or not; the first must, and the third must not.
  const std::string held = test::contents(route.connect("worker")->peek());
  BOOST_TEST((held == "[1]" || held == "[1,2]"), held);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(a_client_of_a_volatile_route_syncs_its_checkpoints_once_the_route_is_full) {
  const test::RouteFile route({.durability = ipcm::Durability::volatile_mode});
  route.make_suspended("worker");
  DiskRecording recording(route.folder().path().string());
  const auto boss = route.connect("boss");
  const auto syncs_of_the_file_while_sending = [&] {
    const std::size_t before = recording.now();
    // Two logs' worth, of a thousand pages each.
    for (int n = 0; n < 200; ++n) boss->send_message("worker", std::string(48 << 10, 'x'));
    const std::vector<DiskEvent> events = recording.events();
    return std::count_if(events.begin() + static_cast<std::ptrdiff_t>(before), events.end(), [&](const auto& event) {
      return event.kind == DiskEvent::Kind::sync && event.name == kRoute;
    });
  };
  BOOST_TEST(syncs_of_the_file_while_sending() == 0);
  ipcm::set_durability(route.info(), ipcm::Durability::full);
  BOOST_TEST(syncs_of_the_file_while_sending() > 0);
}

BOOST_AUTO_TEST_SUITE_END()
