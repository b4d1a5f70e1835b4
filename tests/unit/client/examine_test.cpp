// SPDX-License-Identifier: MIT
// Findings about states that no test can bring a machine into.
#include <boost/test/unit_test.hpp>

#include "client/examine_file_system.hpp"
#include "client/examine_mail.hpp"
#include "storage/memory/memory_store.hpp"
#include "storage/sqlite/examine.hpp"

using ipcm::Finding;
using ipcm::Findings;
using ipcm::Severity;
using ipcm::platform::FileSystemFacts;

namespace {

constexpr std::uint64_t kGigabyte = 1 << 30;

std::vector<Finding> judged(const FileSystemFacts& facts) {
  Findings findings;
  ipcm::judge_file_system(facts, "/there", findings);
  return findings.take();
}

Severity worst(const std::vector<Finding>& findings) {
  Severity severity = Severity::ok;
  for (const Finding& finding : findings) severity = std::max(severity, finding.severity);
  return severity;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examine)

BOOST_AUTO_TEST_CASE(versions_of_sqlite_with_the_wal_reset_bug_are_known) {
  using ipcm::storage::sqlite::has_wal_reset_bug;
  for (const int affected : {3'007'000, 3'040'001, 3'044'005, 3'045'000, 3'046'001, 3'050'006, 3'051'000, 3'051'002}) {
    BOOST_TEST(has_wal_reset_bug(affected), affected);
  }
  for (const int whole : {3'006'023, 3'044'006, 3'050'007, 3'051'003, 3'052'000, 3'053'000}) {
    BOOST_TEST(!has_wal_reset_bug(whole), whole);
  }
}

BOOST_AUTO_TEST_CASE(file_systems_are_judged_by_their_kind_and_their_space) {
  using Kind = FileSystemFacts::Kind;
  BOOST_CHECK(worst(judged({"ext4", Kind::local, false, kGigabyte})) == Severity::ok);
  BOOST_CHECK(worst(judged({"nfs", Kind::network, false, kGigabyte})) == Severity::problem);
  BOOST_CHECK(worst(judged({"overlay", Kind::overlay, false, kGigabyte})) == Severity::note);
  BOOST_CHECK(worst(judged({"tmpfs", Kind::memory, false, kGigabyte})) == Severity::note);
  BOOST_CHECK(worst(judged({"0x1", Kind::unknown, false, kGigabyte})) == Severity::note);
  BOOST_CHECK(worst(judged({"ext4", Kind::local, true, kGigabyte})) == Severity::problem);
  BOOST_CHECK(worst(judged({"ext4", Kind::local, false, 20 << 20})) == Severity::warning);
  BOOST_CHECK(worst(judged({"ext4", Kind::local, false, 1000})) == Severity::problem);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_is_told_of) {
  const auto memory = std::make_shared<ipcm::storage::MemoryRoute>("a route", ipcm::storage::MemoryRouteRecord{});
  ipcm::storage::MemoryStore store(memory);
  for (const double ahead : {-1000.0, 0.0, 10.0}) {
    Findings findings;
    ipcm::examine_mail(store, 5000, 1, 5000 + ahead, findings);
    BOOST_CHECK(worst(findings.take()) == Severity::ok);
  }
  Findings findings;
  ipcm::examine_mail(store, 5000, 1, 5000 + 3600, findings);
  BOOST_CHECK(worst(findings.take()) == Severity::warning);
}

BOOST_AUTO_TEST_SUITE_END()
