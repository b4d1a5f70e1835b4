// SPDX-License-Identifier: MIT
// Class methods `connect` and `reconnect` but for names, the accessors `id`, `route`, `serializer`, `disconnected`, and
// connection infos.
#include <filesystem>

#include "conformance.hpp"

CONFORMANCE_TEST(a_client_knows_who_and_where_it_is) {
  const auto worker = connect_with("CBOR", "worker");
  BOOST_TEST(worker->id() == "worker");
  BOOST_TEST(worker->route() == store().route());
  BOOST_TEST(worker->serializer() == "CBOR");
  BOOST_TEST(!worker->disconnected());
  worker->disconnect();
  BOOST_TEST(worker->disconnected());
  BOOST_TEST(worker->id() == "worker");
  BOOST_TEST(worker->route() == store().route());
}

CONFORMANCE_TEST(every_process_connects_from_the_connection_info_as_one_string) {
  const auto boss = ipcm::connect("boss", store().info());
  const auto worker = ipcm::connect("worker", ipcm::ConnectionInfo::parse(store().info()));
  BOOST_TEST(store().info() == info().to_string());
  const ipcm::Json parts = ipcm::Json::parse(store().info());
  BOOST_TEST(parts.size() == 3);
  BOOST_TEST(parts.at(0) == protocol().name);
  BOOST_TEST(parts.at(1) == "JSON");
  BOOST_TEST(parts.at(2) == store().route());
  boss->send_message("worker", 1);
  BOOST_TEST(worker->have_ready_messages());
}

CONFORMANCE_TEST(clients_of_one_name_on_two_routes_have_nothing_to_do_with_each_other) {
  const auto other_store = ipcm::spawn(spawn_options());
  const auto here = connect("worker");
  const auto there = other_store.connect("worker");
  here->send_message("worker", 1);
  BOOST_TEST(!there->have_ready_messages());
  BOOST_TEST(here->have_ready_messages());
}

CONFORMANCE_TEST_WHERE(protocol.has_store, connecting_finds_what_was_sent_before) {
  const auto boss = connect("boss");
  make_suspended("worker");
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(connect("worker")->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_peer_that_does_not_exist_cannot_reconnect_and_is_not_made) {
  const auto boss = connect("boss");
  const auto error = test::caught([&] { reconnect("worker"); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->code() == ipcm::ErrorCode::UnknownPeer));
  BOOST_TEST(std::string(error->what()).find("worker") != std::string::npos);
  BOOST_TEST(!boss->peer_exists("worker"));
}

CONFORMANCE_TEST_WHERE(protocol.has_store, reconnecting_works_after_suspend_and_after_disconnect) {
  make_suspended("worker");
  BOOST_TEST(reconnect("worker")->id() == "worker");
  make_disconnected("worker");
  BOOST_TEST(ipcm::reconnect("worker", store().info())->id() == "worker");
}

CONFORMANCE_TEST(a_missing_route_is_an_error_and_is_not_made) {
  const auto gone = info();
  store().unspawn();
  CHECK_ERROR(RouteMissing, ipcm::connect("worker", gone));
  CHECK_ERROR(RouteMissing, ipcm::reconnect("worker", gone));
  CHECK_ERROR(RouteMissing, ipcm::connect_anonymous(gone));
  CHECK_ERROR(RouteMissing, ipcm::route_info(gone));
  BOOST_TEST(!std::filesystem::exists(gone.route));
}

CONFORMANCE_TEST(a_serializer_that_nobody_registered_is_refused_with_those_that_are_known) {
  const auto error = test::caught([&] { connect_with("YAML", "worker"); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->code() == ipcm::ErrorCode::InvalidArgument));
  for (const char* known : {"YAML", "JSON", "CBOR", "MessagePack"}) {
    BOOST_TEST(std::string(error->what()).find(known) != std::string::npos, known);
  }
  BOOST_TEST(!connect("boss")->peer_exists("worker"));
}

CONFORMANCE_TEST(a_protocol_that_does_not_exist_is_refused) {
  auto wrong = info();
  wrong.protocol = "CarrierPigeon";
  CHECK_ERROR(InvalidArgument, ipcm::connect("worker", wrong));
  auto options = spawn_options();
  options.protocol = "CarrierPigeon";
  CHECK_ERROR(InvalidArgument, ipcm::spawn(options));
}

CONFORMANCE_TEST(text_that_is_no_connection_info_is_refused) {
  for (const char* text : {"[", "[]", "[1,2,3]", R"(["SQLite"])", R"(["SQLite","JSON"])", R"(["SQLite","JSON",5])",
                           R"(["SQLite","JSON","a","b"])", "", R"(["SQLite","JSON",""])"}) {
    BOOST_TEST_CONTEXT(text) CHECK_ERROR(InvalidArgument, ipcm::connect("worker", text));
  }
}
