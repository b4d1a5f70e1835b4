// SPDX-License-Identifier: MIT
// A route with secure_delete: what has left its database file cannot be read there.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/ipcm.hpp>

#include "integration/everything.hpp"
#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

constexpr const char* kSecret = "the-secret-that-nobody-is-to-find";
constexpr const char* kKept = "what-is-still-there";

int count(const std::string& bytes, const std::string& text) {
  int found = 0;
  for (std::size_t at = bytes.find(text); at != bytes.npos; at = bytes.find(text, at + 1)) ++found;
  return found;
}

ipcm::MessageFields secret(const std::string& to, std::size_t size, int priority) {
  std::string text;
  while (text.size() < size) text += kSecret;
  return {.to = to, .content = {{"text", text}}, .priority = priority};
}

// Contents of all sizes, in any order of delivery, that leave by each way there is. Something is left.
void use(const test::RouteFile& route) {
  route.make_suspended("reader");
  const auto boss = route.connect("boss");
  boss->create_queue("jobs");
  std::mt19937 random(17);  // NOLINT(cert-msc51-cpp): the same each time
  const auto any = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  const auto size = [&] { return static_cast<std::size_t>(any(5) == 0 ? any(30'000) : any(300)); };
  for (int n = 0; n < 300; ++n) boss->send_message(secret("reader", size(), any(8)));
  for (int n = 0; n < 100; ++n) boss->send_message(secret("jobs", size(), any(8)));
  for (int n = 0; n < 20; ++n) boss->send_message("reader", {{"text", kKept}});
  const auto worker = route.connect("worker");
  for (auto claims = worker->claim("jobs"); !claims.empty(); claims = worker->claim("jobs")) {
    any(3) == 0 ? claims.front().kill("no") : claims.front().ack();
  }
  for (const auto& letter : worker->dead_letters()) worker->purge_dead(std::vector{letter.number});
  const auto reader = route.connect("reader");
  std::vector<ipcm::Message> secrets;
  for (const auto& message : reader->peek()) {
    if (message.content().at("text") != kKept) secrets.push_back(message);
  }
  std::shuffle(secrets.begin(), secrets.end(), random);
  while (!secrets.empty()) {
    const std::size_t some = std::min<std::size_t>(secrets.size(), 1 + random() % 20);
    BOOST_REQUIRE(reader->remove_messages(std::span(secrets).last(some)) == some);
    secrets.resize(secrets.size() - some);
  }
  reader->suspend();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secure_delete)

BOOST_AUTO_TEST_CASE(what_was_taken_is_not_in_the_file_any_more) {
  const test::RouteFile route({.secure_delete = true});
  use(route);
  const std::string bytes = test::read_file(route.path());
  BOOST_TEST(count(bytes, kSecret) == 0);
  BOOST_TEST(count(bytes, kKept) == 20);
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_CASE(without_it_what_was_taken_may_be_in_unused_parts_of_the_file) {
  const test::RouteFile route;
  use(route);
  BOOST_TEST(count(test::read_file(route.path()), kSecret) > 0);
}

BOOST_AUTO_TEST_CASE(the_route_says_so_and_so_do_its_copies) {
  const test::RouteWithEverything route;
  BOOST_TEST(ipcm::route_info(route.info()).secure_delete);
  const auto copied = [&](const std::string& name) { return ipcm::ConnectionInfo::parse(route.folder().file(name)); };
  ipcm::backup_route(route.info(), copied("backup").route);
  ipcm::salvage_route(route.info(), copied("salvaged").route);
  std::vector<std::string> lines = test::dump_of(route.path());
  std::size_t next = 0;
  ipcm::load_route(copied("loaded"), [&](std::string& line) {
    if (next == lines.size()) return false;
    line = lines[next++];
    return true;
  });
  for (const char* name : {"backup", "salvaged", "loaded"}) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(ipcm::route_info(copied(name)).secure_delete);
    }
  }
  const test::RouteFile other;
  BOOST_TEST(!ipcm::route_info(other.info()).secure_delete);
}

BOOST_AUTO_TEST_CASE(what_has_no_file_has_nothing_to_overwrite) {
  CHECK_ERROR(NotSupported, ipcm::spawn({.protocol = "LocalMemory", .secure_delete = true}));
  CHECK_ERROR(NotSupported, ipcm::spawn({.protocol = "UnixSocket", .secure_delete = true}));
}

BOOST_AUTO_TEST_SUITE_END()
