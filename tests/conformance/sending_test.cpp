// SPDX-License-Identifier: MIT
// Instance method `send_message` in its 5 forms: what arrives, and what is refused with nothing stored.
#include "conformance.hpp"

using ipcm::MessageFields;

CONFORMANCE_TEST(a_message_can_be_sent_in_five_forms) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto message = boss->build_message("worker", 1);
  const std::vector<std::string> ids = {
      boss->send_message(message),
      boss->send_message(message, {.content = 2, .id = "second"}),
      boss->send_message("worker", 3),
      boss->send_message("worker", 4, {.id = "fourth"}),
      boss->send_message(MessageFields{.to = "worker", .content = 5}),
  };
  const auto received = worker->get_messages();
  BOOST_TEST(test::contents(received) == "[1,2,3,4,5]");
  BOOST_TEST(test::ids(received) == test::joined(ids));
  BOOST_TEST(ids[0] == message.id());
  BOOST_TEST(ids[1] == "second");
  BOOST_TEST(ids[3] == "fourth");
}

CONFORMANCE_TEST(a_message_arrives_with_every_field_as_it_was_sent) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto sent = boss->build_message("worker", {{"path", "/tmp/a"}, {"size", 17}}, {.broadcast = true});
  boss->send_message(sent);
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 1);
  BOOST_TEST(messages[0].id() == sent.id());
  BOOST_TEST(messages[0].from() == "boss");
  BOOST_TEST(messages[0].to() == "worker");
  BOOST_TEST(messages[0].stamp() == sent.stamp());
  BOOST_TEST(messages[0].broadcast());
  BOOST_TEST(messages[0].content().dump() == R"({"path":"/tmp/a","size":17})");
}

CONFORMANCE_TEST(a_client_can_send_to_itself) {
  const auto worker = connect("worker");
  worker->send_message("worker", 1);
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(messages) == "[1]");
  BOOST_TEST(test::senders(messages) == "worker");
}

CONFORMANCE_TEST(a_refusal_names_the_peer_and_the_client_stays_usable) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto error = test::caught([&] { boss->send_message("nobody-here", 1); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST(std::string(error->what()).find("nobody-here") != std::string::npos);
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_chosen_id_is_refused_while_the_first_of_that_id_is_held_for_that_peer) {
  const auto boss = connect("boss");
  const auto other = connect("other");
  const auto worker = connect("worker");
  boss->send_message("worker", "first", {.id = "order-17"});
  CHECK_ERROR(DuplicateMessage, boss->send_message("worker", "second", {.id = "order-17"}));
  CHECK_ERROR(DuplicateMessage, other->send_message("worker", "third", {.id = "order-17"}));
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{worker:1}");
  BOOST_TEST(test::text(other->stats()) == "read{} sent{}");
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["first"])");
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_chosen_id_may_go_to_another_peer_and_again_once_the_first_was_read) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto third = connect("third");
  boss->send_message("worker", 1, {.id = "order-17"});
  boss->send_message("third", 2, {.id = "order-17"});
  BOOST_TEST(test::contents(third->get_messages()) == "[2]");
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
  boss->send_message("worker", 3, {.id = "order-17"});
  BOOST_TEST(test::contents(worker->get_messages()) == "[3]");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_id_of_a_message_object_counts_as_chosen) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto message = boss->build_message("worker", 1);
  boss->send_message(message);
  CHECK_ERROR(DuplicateMessage, boss->send_message(message));
  BOOST_TEST(worker->get_messages().size() == 1);
  boss->send_message(message);
  BOOST_TEST(worker->get_messages().size() == 1);
}

CONFORMANCE_TEST(an_id_that_the_callers_generator_made_is_kept_and_not_compared) {
  const std::string uuid = "01890a5d-ac96-774b-bcce-b302099a8057";
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto message = boss->build_message("worker", 1);
  BOOST_TEST(boss->send_message("worker", 1, {.uuid = uuid}) == uuid);
  BOOST_TEST(boss->send_message(message, {.content = 2, .uuid = uuid}) == uuid);
  for (const auto& received : worker->get_messages()) BOOST_TEST(received.id() == uuid);
  CHECK_ERROR(InvalidMessage, boss->send_message("worker", 3, {.id = "order-17", .uuid = uuid}));
  for (const std::string bad :
       {"", "order-17", "01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5dac96774bbcceb302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a8057 "}) {
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", 3, {.uuid = bad}));
  }
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(content_beyond_the_routes_limit_is_refused_before_anything_is_written) {
  auto options = spawn_options();
  options.max_content = 1000;
  const auto small = ipcm::spawn(options);
  const auto boss = small.connect("boss");
  const auto worker = small.connect("worker");
  const std::string just_fits(998, 'x');  // two quotes more
  const std::string too_long(999, 'x');
  CHECK_ERROR(TooLarge, boss->send_message("worker", too_long));
  BOOST_TEST(test::code_of(boss->try_message("worker", too_long)) == "TooLarge");
  const std::vector<MessageFields> batch = {{.to = "worker", .content = 1}, {.to = "worker", .content = too_long}};
  CHECK_ERROR(TooLarge, boss->send_messages(batch));
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{}");
  boss->send_message("worker", just_fits);
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 1);
  BOOST_TEST(messages[0].content() == just_fits);
}

CONFORMANCE_TEST(the_limit_counts_encoded_bytes) {
  auto options = spawn_options();
  options.max_content = 100;
  const auto small = ipcm::spawn(options);
  auto info = ipcm::ConnectionInfo::parse(small.info());
  const std::string text(98, 'x');  // JSON: 100 bytes; CBOR and MessagePack: 100 bytes
  for (const char* serializer : {"JSON", "CBOR", "MessagePack"}) {
    info.serializer = serializer;
    const auto client = ipcm::connect("client", info);
    client->send_message("client", text);
    CHECK_ERROR(TooLarge, client->send_message("client", text + "x"));
    CHECK_ERROR(TooLarge, client->send_message("client", std::string(50, '"') + std::string(51, 'x')));
    BOOST_TEST(client->get_messages().size() == 1);
  }
}

CONFORMANCE_TEST(the_limit_is_64_mib_unless_the_route_says_otherwise) {
  BOOST_TEST(ipcm::route_info(info()).max_content == std::uint64_t{64} << 20);
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto json = ipcm::find_serializer("JSON");
  std::string bytes = "\"" + std::string((std::size_t{64} << 20) - 2, 'x') + "\"";
  boss->send_message("worker", ipcm::Content::encoded(bytes, json));
  bytes.insert(1, "x");
  CHECK_ERROR(TooLarge, boss->send_message("worker", ipcm::Content::encoded(bytes, json)));
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 1);
  bytes.erase(1, 1);
  BOOST_TEST((messages[0].content_text() == bytes));
}

CONFORMANCE_TEST(a_route_cannot_be_made_with_a_limit_beyond_the_highest) {
  auto options = spawn_options();
  options.max_content = ipcm::kHighestMaxContent + 1;
  CHECK_ERROR(InvalidArgument, ipcm::spawn(options));
  options.max_content = 0;
  CHECK_ERROR(InvalidArgument, ipcm::spawn(options));
}

CONFORMANCE_TEST(content_that_cannot_be_encoded_is_refused_and_nothing_is_stored) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  for (const char* broken : {"\xff", "abc\xc0\xaf", "\xed\xa0\x80"}) {
    CHECK_ERROR(InvalidMessage, boss->send_message("worker", broken));
    BOOST_TEST(test::code_of(boss->try_message("worker", {{"deep", {{"text", broken}}}})) == "InvalidMessage");
  }
  const std::vector<MessageFields> batch = {{.to = "worker", .content = 1}, {.to = "worker", .content = "\xff"}};
  CHECK_ERROR(InvalidMessage, boss->send_messages(batch));
  BOOST_TEST(!worker->have_ready_messages());
  BOOST_TEST(test::text(boss->stats()) == "read{} sent{}");
}
