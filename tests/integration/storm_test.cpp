// SPDX-License-Identifier: MIT
// kill -9, dozens of times: nothing that was acknowledged is lost, nothing comes twice, order is kept, the books
// balance.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <memory>
#include <random>
#include <thread>

#include "integration/route_file.hpp"
#include "integration/storm/checker.hpp"
#include "support/process.hpp"
#include "support/text.hpp"

namespace {

constexpr int kSenders = 3;
constexpr int kKills = 40;

std::uint64_t seed() {
  const char* given = std::getenv("IPCM_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

/// The processes of one storm, each started anew when it was killed.
class Storm {
 public:
  explicit Storm(const std::string& reader_mode) : reader_mode_(reader_mode) {
    route_.make_suspended("reader");
    for (int n = 0; n < kSenders; ++n) senders_.push_back(start_sender(n));
  }

  void start_reader() {
    reader_.reset();  // killed and reaped, if there was one
    reader_ = started({test::child("storm_reader"), route_.info().to_string(), reader_mode_, journal("reader")});
  }
  void restart_sender(int n) {
    auto& sender = senders_.at(static_cast<std::size_t>(n));
    sender.reset();
    sender = start_sender(n);
  }
  void end() {
    reader_.reset();
    senders_.clear();
  }

  const test::RouteFile& route() const { return route_; }
  std::string journal(const std::string& name) const { return route_.folder().file(name + ".journal"); }
  static std::string sender_name(int n) { return "sender" + std::to_string(n); }

  storm::Evidence evidence() const {
    storm::Evidence evidence;
    for (int n = 0; n < kSenders; ++n) {
      evidence.senders[sender_name(n)] = storm::read_journal(journal(sender_name(n)));
    }
    evidence.reader = storm::read_journal(journal("reader"));
    evidence.reader_removes = reader_mode_ == "remove";
    const auto client = route_.connect("reader");
    evidence.read = client->stats().read;
    for (const auto& message : client->peek()) {
      evidence.queued.push_back({storm::Entry::Event::delivered, message.from(), message.content().get<int>()});
    }
    return evidence;
  }

 private:
  static std::unique_ptr<test::Process> started(const std::vector<std::string>& command) {
    auto process = std::make_unique<test::Process>(command);
    const auto line = process->read_line();
    if (line != "started") throw std::runtime_error("a child did not start: " + process->finish().err);
    return process;
  }
  std::unique_ptr<test::Process> start_sender(int n) const {
    return started({test::child("storm_sender"), route_.info().to_string(), sender_name(n), journal(sender_name(n))});
  }

  std::string reader_mode_;
  test::RouteFile route_;
  std::vector<std::unique_ptr<test::Process>> senders_;
  std::unique_ptr<test::Process> reader_;
};

void check(const Storm& storm) {
  const auto evidence = storm.evidence();
  BOOST_TEST(test::joined(storm::problems(evidence)) == "");
  BOOST_TEST(storm.route().problems() == "");
  std::size_t sent = 0;
  for (const auto& [name, entries] : evidence.senders) {
    BOOST_TEST(entries.size() > 10, name << " hardly sent anything");
    sent += entries.size();
  }
  BOOST_TEST(evidence.reader.size() > 100);
  BOOST_TEST_MESSAGE(sent << " entries by senders, " << evidence.reader.size() << " by the reader, "
                          << evidence.queued.size() << " still queued");
}

// Kills at moments that nothing announces, so it sleeps; the first number says how often the reader is hit.
void rage(Storm& storm, int reader_share) {
  std::mt19937_64 random(seed());
  storm.start_reader();
  for (int kill = 0; kill < kKills; ++kill) {
    std::this_thread::sleep_for(std::chrono::microseconds(1000 + random() % 40'000));
    if (reader_share > 0 && random() % 4 < static_cast<std::uint64_t>(reader_share)) {
      storm.start_reader();
    } else {
      storm.restart_sender(static_cast<int>(random() % kSenders));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_storm)

BOOST_AUTO_TEST_CASE(senders_and_a_reader_that_removes_what_it_wrote_down_lose_nothing) {
  Storm storm("remove");
  rage(storm, 2);
  storm.end();
  check(storm);
}

BOOST_AUTO_TEST_CASE(a_reader_that_takes_gets_every_message_once_while_senders_are_killed) {
  Storm storm("take");
  rage(storm, 0);
  storm.end();
  check(storm);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_killed_after_taking_loses_what_it_held_and_no_more) {
  Storm storm("take");
  rage(storm, 3);
  storm.end();
  check(storm);
}

BOOST_AUTO_TEST_SUITE_END()
