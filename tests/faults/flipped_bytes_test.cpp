// SPDX-License-Identifier: MIT
// A byte of a route, or of its log, that is not what it was: nothing crashes, hangs or throws what is no Error, and no
// message is delivered that nobody sent.
//
// All that says how a page is made up, and others by chance; IPCM_TEST_FAULTS says how many times as many of these, and
// where it is below 1, which share of all.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "faults/ordeal.hpp"
#include "support/faults/seed.hpp"
#include "support/text.hpp"

namespace {

constexpr std::size_t kPage = 4096;
constexpr int kCopiesEvery = 4;  // of the damaged routes one in so many is backed up, dumped and salvaged, too

struct Flip {
  std::size_t at;
  unsigned char mask;
};

std::size_t number_at(const std::string& bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
}

// Where the b-tree of a page is described: its header, the pointers to its cells and the beginnings of these.
// https://www.sqlite.org/fileformat2.html#b_tree_pages
std::set<std::size_t> structure_of(const std::string& file) {
  std::set<std::size_t> places;
  const auto add = [&](std::size_t from, std::size_t count) {
    for (std::size_t at = from; at < std::min(from + count, file.size()); ++at) places.insert(at);
  };
  add(0, 100);
  for (std::size_t page = 0; page < file.size(); page += kPage) {
    const std::size_t header = page == 0 ? 100 : page;
    const std::size_t cells = std::min<std::size_t>(number_at(file, header + 3), 4);  // others are alike
    add(header, 12 + 2 * cells);
    const std::size_t pointers = header + (file[header] == 2 || file[header] == 5 ? 12 : 8);
    if (file[header] != 2 && file[header] != 5 && file[header] != 10 && file[header] != 13) continue;  // no b-tree
    for (std::size_t cell = 0; cell < std::min<std::size_t>(cells, 2); ++cell) {
      add(page + number_at(file, pointers + 2 * cell), 10);
    }
  }
  return places;
}

std::vector<Flip> flips_of(const std::string& file, const std::set<std::size_t>& sample, std::size_t by_chance) {
  std::vector<Flip> flips;
  constexpr unsigned char kMasks[] = {0x01, 0x80, 0xff};
  if (test::tries_everything()) {
    for (std::size_t at = 0; at < file.size(); ++at) flips.push_back({at, kMasks[at % 3]});
    return flips;
  }
  std::mt19937 random(test::seed());
  std::bernoulli_distribution is_tried(std::min(test::times_the_sample(), 1.0));
  std::size_t turn = 0;
  for (const std::size_t at : sample) {
    if (!is_tried(random)) continue;
    if (at < 112) {
      for (const unsigned char mask : kMasks) flips.push_back({at, mask});
    } else {
      flips.push_back({at, kMasks[turn++ % 3]});
    }
  }
  std::uniform_int_distribution<std::size_t> anywhere(0, file.size() - 1);
  const auto others = static_cast<std::size_t>(static_cast<double>(by_chance) * test::times_the_sample());
  for (std::size_t n = 0; n < others; ++n) flips.push_back({anywhere(random), kMasks[n % 3]});
  return flips;
}

std::string describe(const Flip& flip, const test::Endured& verdict) {
  return "byte " + std::to_string(flip.at) + " ^ " + std::to_string(flip.mask) + ": " + verdict.wrong + " altered " +
         std::to_string(verdict.altered.size()) + ", from others " + std::to_string(verdict.from_others.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flipped_bytes)

BOOST_AUTO_TEST_CASE(the_sample_is_whole_to_begin_with) {
  const test::TemporaryFolder folder(test::folder_in_memory());
  for (const test::Sample& sample : {test::sample_at_rest(), test::sample_in_log()}) {
    const std::string path = folder.file("jobs.ipcm");
    test::put_route(path, sample.bytes);
    const test::Endured verdict = test::undergo(path, sample.contents);
    BOOST_TEST(verdict.wrong == "");
    BOOST_TEST(verdict.errors.empty());
    for (const auto& [code, count] : verdict.errors) BOOST_TEST_MESSAGE(code);
    BOOST_TEST(verdict.altered.empty());
    BOOST_TEST(verdict.from_others.empty());
    BOOST_TEST(verdict.delivered.size() >= 17U);
    BOOST_TEST(verdict.problems == "");
  }
}

// A byte of a content that is still JSON cannot be known from what was sent: so one message may be altered.
BOOST_AUTO_TEST_CASE(a_flipped_byte_of_a_route_at_rest_harms_nobody_and_one_message_at_most) {
  const test::Sample sample = test::sample_at_rest();
  const std::vector<Flip> flips = flips_of(sample.bytes.database, structure_of(sample.bytes.database), 60);
  const test::TemporaryFolder folder(test::folder_in_memory());
  const std::string path = folder.file("jobs.ipcm");
  const auto complaints = test::in_children(static_cast<int>(flips.size()), [&](int n) {
    const Flip& flip = flips[static_cast<std::size_t>(n)];
    test::RouteBytes bytes = sample.bytes;
    bytes.database[flip.at] = static_cast<char>(bytes.database[flip.at] ^ flip.mask);
    test::put_route(path, bytes);
    const test::Endured verdict = test::undergo(path, sample.contents, n % kCopiesEvery == 0);
    return verdict.wrong.empty() && verdict.altered.size() <= 1 ? std::string() : describe(flip, verdict);
  });
  BOOST_TEST(complaints.empty(), test::joined(complaints));
  BOOST_TEST_MESSAGE(flips.size() << " bytes of " << sample.bytes.database.size());
}

// Frames of the log have checksums: what is damaged, and all after it, is as if it had not been written.
BOOST_AUTO_TEST_CASE(of_a_log_with_a_flipped_byte_what_is_delivered_is_what_was_sent) {
  const test::Sample sample = test::sample_in_log();
  const std::string& log = sample.bytes.log;
  constexpr std::size_t kFrame = kPage + 24;
  std::set<std::size_t> places;
  for (std::size_t at = 0; at < 32; ++at) places.insert(at);
  for (std::size_t frame = 32; frame < log.size(); frame += kFrame) {
    const bool whole = (frame - 32) / kFrame % 16 == 0;  // of the others two bytes
    for (std::size_t at = 0; at < (whole ? 24U : 2U); ++at) places.insert(frame + at * (whole ? 1 : 11));
  }
  const std::vector<Flip> flips = flips_of(log, places, 100);
  const test::TemporaryFolder folder(test::folder_in_memory());
  const std::string path = folder.file("jobs.ipcm");
  const auto complaints = test::in_children(static_cast<int>(flips.size()), [&](int n) {
    const Flip& flip = flips[static_cast<std::size_t>(n)];
    test::RouteBytes bytes = sample.bytes;
    bytes.log[flip.at] = static_cast<char>(bytes.log[flip.at] ^ flip.mask);
    test::put_route(path, bytes);
    const test::Endured verdict = test::undergo(path, sample.contents, n % kCopiesEvery == 0);
    const bool is_sound = verdict.wrong.empty() && verdict.altered.empty() && verdict.from_others.empty();
    return is_sound ? std::string() : describe(flip, verdict);
  });
  BOOST_TEST(complaints.empty(), test::joined(complaints));
  BOOST_TEST_MESSAGE(flips.size() << " bytes of " << log.size());
}

BOOST_AUTO_TEST_CASE(a_route_that_ends_anywhere_harms_nobody) {
  const test::Sample at_rest = test::sample_at_rest();
  const test::Sample in_log = test::sample_in_log();
  const test::TemporaryFolder folder(test::folder_in_memory());
  const std::string path = folder.file("jobs.ipcm");
  struct Cut {
    const test::Sample& whole;
    test::RouteBytes bytes;
  };
  std::vector<Cut> cut;
  const auto lengths = [](std::size_t size) {
    std::set<std::size_t> all{1, 15, 16, 99, 100, 101, size - 1, size - 17};
    for (std::size_t at = 0; at < size; at += test::tries_everything() ? 512 : 4096) all.insert(at);
    for (std::size_t at = 512; at < size; at += 7777) all.insert(at);
    return all;
  };
  for (const std::size_t length : lengths(at_rest.bytes.database.size())) {
    cut.push_back({at_rest, {at_rest.bytes.database.substr(0, length), ""}});
  }
  for (const std::size_t length : lengths(in_log.bytes.log.size())) {
    cut.push_back({in_log, {in_log.bytes.database, in_log.bytes.log.substr(0, length)}});
  }
  const auto complaints = test::in_children(static_cast<int>(cut.size()), [&](int n) {
    const auto& [whole, bytes] = cut[static_cast<std::size_t>(n)];
    test::put_route(path, bytes);
    const test::Endured verdict = test::undergo(path, whole.contents, n % kCopiesEvery == 0);
    if (verdict.wrong.empty() && verdict.altered.empty()) return std::string();
    return std::to_string(bytes.database.size()) + " bytes and " + std::to_string(bytes.log.size()) +
           " of the log: " + verdict.wrong + " altered " + std::to_string(verdict.altered.size());
  });
  BOOST_TEST(complaints.empty(), test::joined(complaints));
}

BOOST_AUTO_TEST_SUITE_END()
