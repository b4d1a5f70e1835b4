// SPDX-License-Identifier: MIT
#include "integration/everything.hpp"

#include <boost/test/unit_test.hpp>

#include "support/remote_peer.hpp"

namespace test {
namespace {

using namespace std::chrono_literals;

ipcm::SpawnOptions unusual() {
  ipcm::SpawnOptions options;
  options.durability = ipcm::Durability::relaxed;
  options.max_content = 1 << 20;
  options.time_zone = "Europe/Berlin";
  options.secure_delete = true;
  return options;
}

void send_mail(const RouteFile& route, int more) {
  const auto boss = route.connect("boss");
  for (int n = 0; n < 10; ++n) boss->send_message("worker", {{"n", n}});
  boss->send_message({.to = "worker", .content = {{"text", std::string(20'000, 'x')}}, .id = "order-17"});
  boss->send_message({.to = "worker", .content = "an answer, please", .reply_to = "boss"});
  boss->send_message({.to = "worker", .content = "soon", .ttl = 1000h, .priority = 7, .max_attempts = 2});
  boss->send_message(
      {.to = "worker", .content = ipcm::Content::from_text("{\n  \"b\": 1,\n  \"a\": 1.50\n}"), .priority = 1});
  boss->send_message({.to = "worker", .content = ipcm::Content::from_text("{\"b\":1,\"a\":1.50,\"b\":2}")});
  boss->send_message({.to = "worker", .content = "much later", .delay = 1000h});
  boss->send_message({.to = "worker", .content = "only once", .delay = 999h, .dedup_key = "only once"});
  for (int n = 0; n < 3; ++n) boss->send_message({.to = "jobs", .content = n, .group_key = "in a row"});
  for (int n = 0; n < 5; ++n) boss->send_message({.to = "jobs", .content = {{"job", n}}});
  boss->send_message({.to = "jobs", .content = "keyed", .dedup_key = "k"});
  boss->broadcast("to all of you");
  boss->add_schedule("nightly", "30 2 * * *", {.to = "jobs", .content = "tidy up"}, ipcm::Missed::all);
  boss->add_schedule("often", "every 2h", {.to = "worker", .content = "still there?", .priority = 2});
  for (int n = 0; n < more; ++n) {
    boss->send_message("worker",
                       {{"more", n}, {"text", std::string(n % 7 == 6 ? 9000 : 40, static_cast<char>('a' + n % 26))}});
  }
  ipcm::connect("packer", ipcm::ConnectionInfo::parse(R"(["SQLite","CBOR",")" + route.path() + "\"]"))
      ->send_message("worker", {{"binary", ipcm::Json::binary({0, 1, 255})}});
}

void take_some(const RouteFile& route) {
  const auto reader = route.connect("reader");
  BOOST_REQUIRE(reader->get_messages().size() == 1);  // the broadcast
  reader->disconnect();
  const auto worker = route.connect("worker");
  BOOST_REQUIRE(worker->get_messages(4).size() == 4);
  std::vector<ipcm::Claim> jobs = worker->claim("jobs", {.limit = 2});
  BOOST_REQUIRE(jobs.size() == 2);
  jobs[0].kill("it can never be done");
  jobs[1].ack();
  worker->suspend();
}

}  // namespace

RouteWithEverything::RouteWithEverything(int more) : RouteFile(unusual()) {
  make_suspended("worker");
  make_suspended("idle");
  make_suspended("reader");
  connect("short")->suspend(1h);
  {
    const auto boss = connect("boss");
    boss->create_queue(
        "jobs", {.max_attempts = 3, .backoff = ipcm::Backoff::fixed, .retry_delay = 1500ms, .dedup_window = 1000h});
    boss->create_queue("paused");
    boss->pause_queue("paused");
  }
  send_mail(*this, more);
  take_some(*this);
  {
    RemotePeer holder(info(), "holder");
    BOOST_REQUIRE(!holder.call({"claim", "jobs", 2, 3'600'000, 0}).empty());
    holder.kill();
  }
  // As after a life that ended with more than 1000 messages unread.
  BOOST_REQUIRE(PlainSql(path()).run("UPDATE peers SET stale_until = (1 << 32) + 3 WHERE name = 'worker'") == "");
  fold_log(path());
}

void fold_log(const std::string& path) {
  { PlainSql(path).query("PRAGMA wal_checkpoint(TRUNCATE)"); }
}

std::vector<std::string> dump_of(const std::string& path) {
  std::vector<std::string> lines;
  ipcm::dump_route(ipcm::ConnectionInfo::parse(path), [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

}  // namespace test
