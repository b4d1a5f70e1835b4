// SPDX-License-Identifier: MIT
// The judge of the storm must find what it is there to find: storms whose library is wrong in one way, until somebody
// complains. src/core/fault_point.hpp tells how a bug gets into the library.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <ostream>

#include "storm/run.hpp"
#include "support/text.hpp"

namespace {

using namespace std::chrono_literals;

struct SeededBug {
  const char* name;       // of has_bug(); with /N only every N-th time
  const char* complaint;  // how one of the complaints begins
  const char* or_complaint = nullptr;
};

std::ostream& operator<<(std::ostream& out, const SeededBug& bug) {
  return out << bug.name;
}

constexpr SeededBug kBugs[] = {
    {"a wake-up is lost/3", "no wake-up is lost"},
    // A client may notice first that a commit has vanished.
    {"a commit is rolled back/200", "what was acknowledged is there", "the driver: the route "},
    {"late workers are not fenced off", "late workers are fenced off"},
    {"a reader skips a message/20", "the highest priority first"},
    {"what is taken stays/20", "each message ends once"},
    {"what is put back loses its place", "a message keeps its place"},
    {"groups are ignored", "groups go in order"},
    {"dedup_keys are ignored", "a dedup_key is taken once"},
    {"dedup_keys are kept for ever", "a dedup_key is given back"},
    {"the dead keep their claims", "what dead workers held comes back"},
    {"a broadcast misses a peer/5", "a broadcast reaches every peer"},
    {"the books are not settled/20", "nobody who took part complained: The inbox of "},
    {"the expired are delivered", "what has expired never comes"},
    {"what is for later comes at once", "what is for later comes later"},
    {"a name is had twice", "a name has one client"},
    {"priorities are inverted", "what comes together comes in order"},
    {"leases are ignored", "a claimed message is nobody else's"},
    {"a reply goes to the wrong client", "what was acknowledged is there"},
    {"a transaction forgets its messages/4", "what was acknowledged is there"},
    // Of one client in several threads, and of forks.
    {"two threads may take the same", "each message ends once"},
    {"a hint reaches one thread only", "no wake-up is lost"},
    {"a write takes no lock/100", "nobody who took part complained"},
    {"a child uses its parent's client", "nobody who took part complained"},
    {"the suspended get no mail", "who is away without goodbye takes mail"},
};

constexpr int kMostStorms = 8;  // each longer than the one before: where little is done in a second, too

storm::StormOptions with_bug(const std::string& bug, std::uint64_t seed) {
  return {.seed = seed, .durability = ipcm::Durability::relaxed, .with_shells = false, .bug = bug};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seeded_bugs)

BOOST_DATA_TEST_CASE(it_is_found, boost::unit_test::data::make(kBugs), bug) {
  const std::uint64_t seed = storm::seed();
  const bool takes_time = std::string_view(bug.complaint) == "no wake-up is lost" ||
                          std::string_view(bug.name) == "dedup_keys are kept for ever";
  std::string others;
  for (int n = 0; n < kMostStorms; ++n) {
    const storm::Outcome outcome =
        storm::run(with_bug(bug.name, seed + static_cast<unsigned>(n)), (takes_time ? 7s : 2s) * (n + 1));
    const bool found = std::ranges::any_of(outcome.complaints, [&](const std::string& complaint) {
      return complaint.starts_with(bug.complaint) ||
             (bug.or_complaint != nullptr && complaint.starts_with(bug.or_complaint));
    });
    BOOST_TEST_MESSAGE("storm " << n + 1 << ": " << outcome.calls
                                << " calls, complaints: " << test::joined(outcome.complaints));
    others += test::joined(outcome.complaints);
    if (found) return;
  }
  BOOST_ERROR("nobody complained that " << bug.complaint << ", but: " << others);
}

BOOST_AUTO_TEST_CASE(a_library_that_could_have_bugs_and_has_none_is_complained_of_by_nobody) {
  const storm::Outcome outcome = storm::run(with_bug("none", storm::seed()), 6s);
  BOOST_TEST(outcome.complaints.empty(), outcome.summary());
}

BOOST_AUTO_TEST_SUITE_END()
