// SPDX-License-Identifier: MIT
// Class method `local_clients(route)`.
#include <algorithm>

#include "conformance.hpp"
#include "support/forked_child.hpp"

namespace {

std::string names_of(const std::vector<test::ClientPtr>& clients) {
  std::vector<std::string> names;
  for (const auto& client : clients) names.push_back(client->id());
  std::sort(names.begin(), names.end());
  return test::joined(names);
}

}  // namespace

CONFORMANCE_TEST(the_clients_of_this_process_on_a_route_are_known) {
  BOOST_TEST(ipcm::local_clients(store().route()).empty());
  const auto boss = connect("boss");
  const auto worker = ipcm::connect("worker", store().info());
  const auto other_store = ipcm::spawn(spawn_options());
  const auto elsewhere = other_store.connect("elsewhere");
  BOOST_TEST(names_of(ipcm::local_clients(store().route())) == "boss,worker");
  BOOST_TEST(names_of(ipcm::local_clients(other_store.route())) == "elsewhere");
  const auto found = ipcm::local_clients(store().route());
  BOOST_TEST((std::find(found.begin(), found.end(), boss) != found.end()));
}

CONFORMANCE_TEST(a_client_that_left_is_not_among_them) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  auto third = connect("third");
  boss->disconnect();
  rest(*worker);
  third.reset();
  BOOST_TEST(names_of(ipcm::local_clients(store().route())) == "");
  const auto back = come_back("worker");
  BOOST_TEST(names_of(ipcm::local_clients(store().route())) == "worker");
}

CONFORMANCE_TEST(the_list_does_not_keep_a_client_alive_but_who_holds_it_does) {
  auto boss = connect("boss");
  boss.reset();
  connect("boss");  // would be NameInUse
  boss = connect("boss");
  auto held = ipcm::local_clients(store().route());
  boss.reset();
  CHECK_ERROR(NameInUse, connect("boss"));
  BOOST_REQUIRE(held.size() == 1);
  held[0]->send_message("boss", 1);
  held.clear();
  connect("boss");
}

CONFORMANCE_TEST(all_clients_of_a_route_can_be_disconnected_through_it) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (const auto& client : ipcm::local_clients(store().route())) client->disconnect();
  BOOST_TEST(boss->disconnected());
  BOOST_TEST(worker->disconnected());
}

CONFORMANCE_TEST(a_route_that_nobody_knows_has_none) {
  BOOST_TEST(ipcm::local_clients("/nowhere").empty());
  BOOST_TEST(ipcm::local_clients("").empty());
}

CONFORMANCE_TEST(a_forked_child_has_none) {
  const auto boss = connect("boss");
  BOOST_TEST(test::in_forked_child([&] { return names_of(ipcm::local_clients(store().route())); }) == "");
  BOOST_TEST(names_of(ipcm::local_clients(store().route())) == "boss");
}
