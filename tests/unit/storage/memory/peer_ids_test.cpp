// SPDX-License-Identifier: MIT
#include "storage/memory/peer_ids.hpp"

#include <boost/test/unit_test.hpp>

#include <ranges>
#include <set>

namespace {

using ipcm::storage::free_peer_id;
using ipcm::storage::kHighestPeer;
using ipcm::storage::PeerId;

}  // namespace

BOOST_AUTO_TEST_SUITE(peer_ids)

BOOST_AUTO_TEST_CASE(ids_go_up_from_1_to_what_fits_into_20_bits) {
  BOOST_TEST(kHighestPeer == 1'048'575);
  BOOST_TEST(free_peer_id(std::set<PeerId>{}).value() == 1);
  BOOST_TEST(free_peer_id(std::set<PeerId>{1}).value() == 2);
  BOOST_TEST(free_peer_id(std::set<PeerId>{7, 9}).value() == 10);
  BOOST_TEST(free_peer_id(std::set<PeerId>{kHighestPeer - 1}).value() == kHighestPeer);
}

BOOST_AUTO_TEST_CASE(once_the_highest_is_used_the_lowest_gap_is_filled) {
  BOOST_TEST(free_peer_id(std::set<PeerId>{kHighestPeer}).value() == 1);
  BOOST_TEST(free_peer_id(std::set<PeerId>{1, 2, 4, 6, kHighestPeer}).value() == 3);
  BOOST_TEST(free_peer_id(std::views::iota(PeerId{2}, kHighestPeer + 1)).value() == 1);
}

BOOST_AUTO_TEST_CASE(there_is_none_when_all_are_used) {
  BOOST_TEST(!free_peer_id(std::views::iota(PeerId{1}, kHighestPeer + 1)));
}

BOOST_AUTO_TEST_SUITE_END()
