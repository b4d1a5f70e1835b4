// SPDX-License-Identifier: MIT
// Class method `connect`, the rules for names: 1-255 bytes of valid UTF-8, no control characters, not starting with
// '_';
// and NameInUse.
#include <unistd.h>

#include <atomic>
#include <future>

#include "conformance.hpp"

CONFORMANCE_TEST(a_name_is_any_valid_utf_8_without_control_characters) {
  const auto boss = connect("boss");
  const std::vector<std::string> names = {"a",
                                          "0",
                                          " ",
                                          "a_",
                                          "with space",
                                          "tab-less",
                                          "a/b",
                                          "..",
                                          "%s",
                                          "*",
                                          "'; DROP TABLE peers; --",
                                          "\"",
                                          "\\",
                                          "grüße",
                                          "日本",
                                          "😀",
                                          std::string(255, 'x'),
                                          "é",
                                          "e\xcc\x81",
                                          "A",
                                          std::string(84, 'x') + "日日日日日日日"};
  for (const std::string& name : names) {
    const auto client = connect(name);
    BOOST_TEST(client->id() == name);
    boss->send_message(name, name);
    const auto messages = client->get_messages();
    BOOST_REQUIRE(messages.size() == 1);
    BOOST_TEST(messages[0].to() == name);
    BOOST_TEST(messages[0].content() == name);
    client->send_message("boss", 1);
    BOOST_TEST(test::senders(boss->get_messages()) == name);
  }
  BOOST_TEST(boss->peers().size() == 0);  // all left again; each was a peer of its own
  BOOST_TEST(boss->all_stats().size() == names.size() + 1);
}

CONFORMANCE_TEST(any_other_name_is_refused_and_leaves_nothing) {
  using namespace std::string_literals;
  const std::vector<std::string> names = {
      "",
      std::string(256, 'x'),
      "_",
      "_boss",
      "a\nb",
      "a\tb",
      "\x7f",
      "a\0b"s,
      "\0"s,
      "\x1b[31m",
      "\xff",              // never in UTF-8
      "a\x80",             // a continuation without a start
      "\xe2\x82",          // cut off
      "\xc0\xaf",          // overlong
      "\xed\xa0\x80",      // a surrogate
      "\xf4\x90\x80\x80",  // beyond U+10FFFF
      "a\xc2\x85z",        // U+0085, a control character in two bytes
  };
  const auto boss = connect("boss");
  for (const std::string& name : names) {
    CHECK_ERROR(InvalidName, connect(name));
    CHECK_ERROR(InvalidName, reconnect(name));
  }
  BOOST_TEST(boss->peers().size() == 0);
  BOOST_TEST(ipcm::list_peers(info()).size() == 1);
}

CONFORMANCE_TEST(mail_to_a_name_that_cannot_be_is_refused_as_such) {
  const auto boss = connect("boss");
  for (const char* name : {"_boss", "a\nb", "\xff"}) CHECK_ERROR(InvalidName, boss->send_message(name, 1));
}

CONFORMANCE_TEST(names_that_differ_in_a_byte_are_different_peers) {
  const auto lower = connect("worker");
  const auto upper = connect("Worker");
  const auto spaced = connect("worker ");
  lower->send_message("Worker", 1);
  BOOST_TEST(!spaced->have_ready_messages());
  BOOST_TEST(!lower->have_ready_messages());
  BOOST_TEST(upper->have_ready_messages());
}

CONFORMANCE_TEST(an_active_name_is_refused_with_its_pid_and_its_client_is_not_disturbed) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  boss->send_message("worker", 1);
  for (const bool by_connect : {true, false}) {
    const auto error = test::caught([&] { by_connect ? connect("worker") : come_back("worker"); });
    BOOST_REQUIRE(error.has_value());
    BOOST_TEST((error->code() == ipcm::ErrorCode::NameInUse));
    BOOST_TEST(error->pid().value() == getpid());
    BOOST_TEST(std::string(error->what()).find("worker") != std::string::npos);
  }
  boss->send_message("worker", 2);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1,2]");
  worker->send_message("boss", 3);
  BOOST_TEST(test::contents(boss->get_messages()) == "[3]");
}

CONFORMANCE_TEST(of_threads_that_connect_one_name_at_once_exactly_one_wins) {
  for (int round = 0; round < 10; ++round) {
    constexpr int kThreads = 8;
    std::atomic<int> waiting{kThreads};
    std::vector<std::future<test::ClientPtr>> attempts;
    for (int n = 0; n < kThreads; ++n) {
      attempts.push_back(std::async(std::launch::async, [&]() -> test::ClientPtr {
        --waiting;
        while (waiting > 0) {}
        test::ClientPtr client;
        const auto error = test::caught([&] { client = connect("worker"); });
        if (error && error->code() != ipcm::ErrorCode::NameInUse) throw *error;
        return client;
      }));
    }
    std::vector<test::ClientPtr> winners;
    for (auto& attempt : attempts) {
      if (auto client = attempt.get()) winners.push_back(client);
    }
    BOOST_TEST(winners.size() == 1);
  }
}

CONFORMANCE_TEST(a_name_is_free_again_once_its_client_left) {
  for (int round = 0; round < 3; ++round) {
    connect("worker")->disconnect();
    rest(*connect("worker"));
    connect("worker");  // left by its destructor
  }
}
