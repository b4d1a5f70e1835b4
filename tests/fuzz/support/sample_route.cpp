// SPDX-License-Identifier: MIT
#include "fuzz/support/sample_route.hpp"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include <SQLiteCpp/Database.h>
#include <ipcm/ipcm.hpp>

#include "fuzz/support/fuzz.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;

namespace fuzz {
namespace {

namespace fs = std::filesystem;

// In memory where the system has such a folder: a fuzzer lays out a route thousands of times.
fs::path fast_folder() {
  return fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
}

void fill(ipcm::Client& boss) {
  boss.create_queue("jobs", {.max_attempts = 3, .dedup_window = 1h});
  boss.send_message("jobs", 1, {.priority = 7, .dedup_key = "key"});
  boss.send_message("jobs", 2, {.group_key = "group"});
  boss.send_message("jobs", 3, {.ttl = 1h, .group_key = "group"});
  boss.send_message("jobs", 4, {.delay = 1h, .max_attempts = 2});
  boss.send_message("jobs", 5);
  auto claims = boss.claim("jobs", {.limit = 2});
  claims.at(0).kill("a reason");
  claims.at(1).fail("another one");
  boss.send_message({.to = "worker", .content = {{"n", 6}}, .id = "chosen"});
  boss.send_message("worker", std::string(5000, 'x'));
  boss.send_message({.to = "worker", .content = 7, .reply_to = "boss", .correlation_id = "c"});
  boss.add_schedule("daily", "0 9 * * *", {.to = "jobs", .content = 8, .ttl = 1h}, ipcm::Missed::all);
}

RouteBytes make() {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("jobs.ipcm");
  ipcm::SpawnOptions options;
  options.route = path;
  options.guard = false;
  options.durability = ipcm::Durability::volatile_mode;  // else each use would wait for the disk
  options.time_zone = "UTC";
  const ipcm::Spawn store = ipcm::spawn(options);
  store.connect("worker")->suspend();
  store.connect("gone")->disconnect();
  store.connect("away")->suspend(1h);
  fill(*store.connect("boss"));
  SQLite::Database(path, SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto boss = store.connect("boss");
  boss->send_message("worker", 9);
  const auto claims = boss->claim("jobs");
  return {test::read_file(path), test::read_file(path + "-wal")};
}

// What a call throws is an answer.
template <typename Act>
void attempt(Act&& act) {
  try {
    act();
  } catch (const ipcm::Error&) {}
}

// Whatever can be saved of a route is a whole one.
void copy(const ipcm::ConnectionInfo& info) {
  const std::string other = info.route + ".copy";
  attempt([&] { ipcm::backup_route(info, other); });
  attempt([&] { ipcm::unspawn(other); });
  bool is_made = false;
  attempt([&] { is_made = !ipcm::salvage_route(info, other).nothing(); });
  if (is_made) {
    require(ipcm::check_route(ipcm::ConnectionInfo::parse(other)).problems.empty(), "what was salvaged adds up");
  }
  attempt([&] { ipcm::unspawn(other); });
}

void look_at(const ipcm::ConnectionInfo& info) {
  attempt([&] { ipcm::route_info(info); });
  attempt([&] { ipcm::list_peers(info); });
  attempt([&] { ipcm::check_route(info); });
  attempt([&] { ipcm::examine_route(info); });
  attempt([&] { ipcm::dump_route(info, [](std::string_view) {}); });
  copy(info);
  attempt([&] { ipcm::migrate_route(info); });
}

void look_around(ipcm::Client& client) {
  attempt([&] { client.peers(); });
  attempt([&] { client.all_stats(); });
  attempt([&] { client.queues(); });
  attempt([&] { client.schedules(); });
  attempt([&] { client.time_zone(); });
  attempt([&] { client.have_ready_messages(); });
  attempt([&] { client.have_pending_messages(); });
  attempt([&] { client.wait(0ms); });
  attempt([&] {
    for (const ipcm::JobInfo& job : client.jobs()) job.message.to_json();
  });
  attempt([&] {
    for (const ipcm::DeadLetter& dead : client.dead_letters()) dead.message.to_json();
  });
}

void work(ipcm::Client& client) {
  attempt([&] {
    int n = 0;
    for (ipcm::Claim& claim : client.claim("jobs", {.limit = 10})) {
      switch (++n % 4) {
        case 0: claim.ack(); break;
        case 1: claim.fail("no"); break;
        case 2: claim.release(1ms); break;
        default: claim.extend(1s); break;
      }
    }
  });
  attempt([&] {
    std::vector<std::int64_t> numbers;
    for (const ipcm::DeadLetter& dead : client.dead_letters()) numbers.push_back(dead.number);
    client.replay_dead(numbers);
  });
  attempt([&] { client.remove_schedule("daily"); });
  attempt([&] { client.set_time_zone("Europe/Berlin"); });
  attempt([&] { client.change_queue("jobs", [](ipcm::QueueSettings& settings) { settings.max_attempts = 1; }); });
}

void read_and_write(ipcm::Client& client) {
  attempt([&] { client.send_message("worker", 10, {.delay = 0ms, .group_key = "group"}); });
  attempt([&] { client.send_message("jobs", 11, {.dedup_key = "key"}); });
  attempt([&] { client.broadcast(12); });
  attempt([&] { client.peek(); });
  attempt([&] {
    const auto messages = client.get_messages(2);
    for (const ipcm::Message& message : messages) message.to_json();
    client.requeue_messages(messages);
  });
  attempt([&] { client.remove_messages(client.peek(1)); });
  attempt([&] { client.get_messages(); });
  attempt([&] { client.forget("away"); });
}

}  // namespace

const RouteBytes& sample_route() {
  static const RouteBytes sample = make();
  return sample;
}

Workplace::Workplace() : folder_((fast_folder() / "ipcm-fuzz-XXXXXX").string()) {
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp failed: " + folder_);
  path_ = folder_ + "/jobs.ipcm";
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Workplace::lay_out(const RouteBytes& bytes) const {
  for (const auto& entry : fs::directory_iterator(folder_)) fs::remove_all(entry.path());
  test::write_file(path_, bytes.file);
  if (!bytes.log.empty()) test::write_file(path_ + "-wal", bytes.log);
  fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
}

void use_route(const std::string& path) {
  const auto info = ipcm::ConnectionInfo::parse(path);
  ipcm::ConnectOptions options;
  options.busy_timeout = 100ms;
  options.notifier = ipcm::NotifierKind::poll;
  look_at(info);
  attempt([&] {
    const auto worker = ipcm::connect("worker", info, options);
    look_around(*worker);
    work(*worker);
    read_and_write(*worker);
    attempt([&] { worker->disconnect(); });
  });
  attempt([&] { ipcm::connect_anonymous(info, options)->send_message("worker", 13); });
  look_at(info);
}

}  // namespace fuzz
