// SPDX-License-Identifier: MIT
// The folder that is a route of the protocol UnixSocket, and who is on it, when something goes wrong in the middle.
#include "transport/route_folder.hpp"

#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"
#include "transport/peer_table.hpp"
#include "transport/removal_sign.hpp"

namespace route_folder_test {

using namespace ipcm::transport;

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kPatience{10'000};

struct Route {
  test::TemporaryFolder parent;
  RouteFolder folder{parent.file("route")};

  Route() { BOOST_REQUIRE(create()); }
  bool create() const { return create_route_folder(folder, {"id", 1, 1000}, kPatience); }
  bool can_be_used() const {
    return test::code_of_call([&] {
             ipcm::transport::PeerTable table(folder, kPatience);
             table.claim("worker", [](const Peer&) {});
             table.require_route();
           }) == "ok";
  }
  void give_sign() const {
    const ipcm::platform::RangeLockFile locks(*folder.open(), kLockName);
    RemovalSign(locks).give();
  }
  // What writes the table fails from now on.
  void spoil_table() const { fs::create_directory(folder.table() + ".new"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(route_folder)

BOOST_AUTO_TEST_CASE(a_route_whose_removal_was_cut_short_at_any_point_is_made_anew) {
  const Route route;
  BOOST_TEST(!route.create());
  route.give_sign();  // the remover was killed after its first step
  BOOST_TEST(route.create());
  BOOST_TEST(route.can_be_used());

  route.give_sign();
  fs::remove(route.folder.mark());  // or before its last ones
  BOOST_TEST(route.create());
  BOOST_TEST(route.can_be_used());

  fs::remove(route.folder.lock_file());  // somebody else did that
  BOOST_TEST(route.create());
  BOOST_TEST(route.can_be_used());
}

BOOST_AUTO_TEST_CASE(a_name_stays_taken_while_what_was_prepared_for_it_is_there) {
  const Route route;
  ipcm::transport::PeerTable first(route.folder, kPatience);
  route.spoil_table();
  bool prepared = false;
  BOOST_TEST(test::code_of_call([&] { first.claim("worker", [&](const Peer&) { prepared = true; }); }) != "ok");
  BOOST_TEST(prepared);
  fs::remove(route.folder.table() + ".new");
  ipcm::transport::PeerTable second(route.folder, kPatience);
  CHECK_ERROR(NameInUse, second.claim("worker", [](const Peer&) {}));
}

BOOST_AUTO_TEST_CASE(a_peer_that_could_not_be_forgotten_keeps_its_books) {
  const Route route;
  std::int64_t id = 0;
  {
    ipcm::transport::PeerTable table(route.folder, kPatience);
    id = table.claim("worker", [](const Peer&) {}).id;
    table.write_counts(id, {{{{"boss", 7}}, {}}, 2});
  }
  ipcm::transport::PeerTable table(route.folder, kPatience);
  route.spoil_table();
  BOOST_TEST(test::code_of_call([&] { table.forget("worker"); }) != "ok");
  BOOST_TEST(table.counts_of(id).dead == 2U);
  fs::remove(route.folder.table() + ".new");
  table.forget("worker");
  BOOST_TEST(table.counts_of(id).dead == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace route_folder_test
