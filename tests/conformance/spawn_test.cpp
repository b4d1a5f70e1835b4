// SPDX-License-Identifier: MIT
// Class methods `spawn` and `unspawn`, and the Spawn object. What is special to files: tests/integration.
#include <filesystem>

#include "conformance.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"

namespace {

bool can_connect(const std::string& info) {
  const auto error = test::caught([&] { ipcm::connect("visitor", info); });
  if (error && error->code() != ipcm::ErrorCode::RouteMissing) throw *error;
  return !error;
}

}  // namespace

CONFORMANCE_TEST(a_spawned_store_is_new_and_ready) {
  BOOST_TEST(store().created());
  BOOST_TEST(store().route() != "");
  const auto boss = store().connect("boss");
  boss->send_message("boss", 1);
  BOOST_TEST(test::contents(boss->get_messages()) == "[1]");
}

CONFORMANCE_TEST(every_spawned_store_is_another_one) {
  const auto other = ipcm::spawn(spawn_options());
  BOOST_TEST(other.route() != store().route());
  BOOST_TEST(ipcm::route_info(ipcm::ConnectionInfo::parse(other.info())).id != ipcm::route_info(info()).id);
}

CONFORMANCE_TEST(a_guarded_store_is_destroyed_when_its_spawn_goes) {
  std::string info;
  {
    const auto guarded = ipcm::spawn(spawn_options());
    info = guarded.info();
    BOOST_TEST(can_connect(info));
  }
  BOOST_TEST(!can_connect(info));
}

CONFORMANCE_TEST(a_store_at_a_route_that_was_named_stays_when_its_spawn_goes) {
  const test::TemporaryFolder folder;
  auto options = spawn_options();
  options.route = folder.file("route");
  std::string route, stash, info;
  for (const bool is_new : {true, false}) {
    const auto spawned = ipcm::spawn(options);
    BOOST_TEST(spawned.created() == is_new);
    route = spawned.route();
    stash = spawned.stash();
    info = spawned.info();
  }
  BOOST_TEST(can_connect(info));
  ipcm::unspawn(route, stash);
}

CONFORMANCE_TEST(a_store_at_a_route_that_was_named_is_destroyed_where_the_caller_says_so) {
  const test::TemporaryFolder folder;
  auto options = spawn_options();
  options.route = folder.file("route");
  const std::string info = ipcm::spawn(options).info();
  BOOST_TEST(can_connect(info));
  options.guard = true;
  { const auto guarded = ipcm::spawn(options); }
  BOOST_TEST(!can_connect(info));
}

CONFORMANCE_TEST(unspawning_by_the_route_alone_leaves_nothing_of_a_private_folder) {
  auto options = spawn_options();
  options.guard = false;
  const auto kept = ipcm::spawn(options);
  const std::filesystem::path folder = std::filesystem::path(kept.route()).parent_path();
  const bool is_private = folder.filename().string().starts_with("ipcm-");
  const std::string stash = protocol().name == "LocalMemory" ? kept.stash() : std::string();
  ipcm::unspawn(kept.route(), stash);
  BOOST_TEST(!can_connect(kept.info()));
  if (is_private) BOOST_TEST(!std::filesystem::exists(folder));
}

CONFORMANCE_TEST(a_store_without_a_guard_stays_until_it_is_unspawned) {
  auto options = spawn_options();
  options.guard = false;
  std::string info, route, stash;
  {
    const auto kept = ipcm::spawn(options);
    info = kept.info();
    route = kept.route();
    stash = kept.stash();
    const auto boss = kept.connect("boss");
    boss->send_message("boss", 1);
  }
  BOOST_TEST(test::contents(ipcm::connect("boss", info)->get_messages()) == (protocol().has_store ? "[1]" : "[]"));
  ipcm::unspawn(route, stash);
  BOOST_TEST(!can_connect(info));
  ipcm::unspawn(route, stash);  // a missing route is not an error
}

CONFORMANCE_TEST_WHERE(protocol.has_store, spawning_an_existing_route_opens_it_and_keeps_what_it_holds) {
  const auto boss = connect("boss");
  make_suspended("worker");
  boss->send_message("worker", 1);
  auto options = spawn_options();
  options.route = store().route();
  options.guard = false;
  options.max_content = 5;
  const auto again = ipcm::spawn(options);
  BOOST_TEST(!again.created());
  BOOST_TEST(again.route() == store().route());
  BOOST_TEST(ipcm::route_info(info()).max_content == ipcm::kDefaultMaxContent);
  BOOST_TEST(test::contents(again.connect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST(spawning_an_existing_route_opens_it_for_those_who_are_connected) {
  const auto worker = connect("worker");
  auto options = spawn_options();
  options.route = store().route();
  options.guard = false;
  options.max_content = 5;
  const auto again = ipcm::spawn(options);
  BOOST_TEST(!again.created());
  BOOST_TEST(again.route() == store().route());
  BOOST_TEST(ipcm::route_info(info()).max_content == ipcm::kDefaultMaxContent);
  again.connect("boss")->send_message("worker", "more than five bytes");
  BOOST_TEST(worker->get_messages().size() == 1);
}

CONFORMANCE_TEST(unspawning_twice_has_no_effect) {
  store().unspawn();
  BOOST_TEST(!can_connect(store().info()));
  store().unspawn();
  ipcm::unspawn(store().route(), store().stash());
}

CONFORMANCE_TEST(clients_of_an_unspawned_store_learn_that_it_is_gone) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  store().unspawn();
  CHECK_ERROR(RouteGone, boss->send_message("worker", 2));
  CHECK_ERROR(RouteGone, worker->get_messages());
  CHECK_ERROR(RouteGone, worker->have_ready_messages());
  CHECK_ERROR(RouteGone, worker->wait(std::chrono::milliseconds(0)));
  CHECK_ERROR(RouteGone, boss->peers());
  CHECK_ERROR(RouteGone, boss->stats());
}

CONFORMANCE_TEST(a_spawn_can_be_moved_and_destroys_its_store_once) {
  auto first = std::make_unique<ipcm::Spawn>(ipcm::spawn(spawn_options()));
  const std::string info = first->info();
  auto second = std::make_unique<ipcm::Spawn>(std::move(*first));
  first.reset();
  BOOST_TEST(can_connect(info));
  BOOST_TEST(second->info() == info);
  auto third = ipcm::spawn(spawn_options());
  const std::string replaced = third.info();
  third = std::move(*second);
  second.reset();
  BOOST_TEST(!can_connect(replaced));
  BOOST_TEST(can_connect(info));
  BOOST_TEST(third.info() == info);
}

CONFORMANCE_TEST(terminate_reaches_every_peer) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  store().terminate();
  for (const auto& client : {boss, worker, third}) {
    const auto messages = client->get_messages();
    BOOST_REQUIRE(messages.size() == 1);
    BOOST_TEST(messages[0].is_terminate());
    BOOST_TEST(messages[0].broadcast());
    BOOST_TEST(messages[0].content().dump() == R"({"terminate":true})");
  }
}

CONFORMANCE_TEST(terminating_a_store_without_peers_does_nothing) {
  store().terminate();
  BOOST_TEST(ipcm::list_peers(info()).empty());
}

CONFORMANCE_TEST(the_spawn_of_a_forked_child_does_not_destroy_the_store) {
  auto mine = std::make_unique<ipcm::Spawn>(ipcm::spawn(spawn_options()));
  const auto boss = mine->connect("boss");
  const std::string wrong = test::in_forked_child([&] {
    const std::string code = test::code_of_call([&] { mine->unspawn(); });
    mine.reset();
    return code == "WrongProcess" ? "" : "unspawn: " + code;
  });
  BOOST_TEST(wrong == "");
  boss->send_message("boss", 1);
  BOOST_TEST(test::contents(boss->get_messages()) == "[1]");
}

CONFORMANCE_TEST(a_serializer_that_nobody_registered_makes_no_store) {
  auto options = spawn_options();
  options.serializer = "YAML";
  CHECK_ERROR(InvalidArgument, ipcm::spawn(options));
}

CONFORMANCE_TEST(the_serializer_of_a_spawn_is_that_of_its_clients) {
  auto options = spawn_options();
  options.serializer = "CBOR";
  const auto other = ipcm::spawn(options);
  BOOST_TEST(other.connect("boss")->serializer() == "CBOR");
  BOOST_TEST(ipcm::connect("boss", other.info())->serializer() == "CBOR");
}
