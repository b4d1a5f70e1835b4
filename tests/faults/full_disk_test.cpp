// SPDX-License-Identifier: MIT
// A full disk: RouteFull, nothing lost, nothing half done, and usable again once there is space.
#include <sys/mount.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

#include <ipcm/ipcm.hpp>

namespace {

// A file system of a few megabytes; unmounted when it goes out of scope.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    const std::string options = std::string("mode=0700,size=") + size;
    mounted_ = mount("ipcm-test", folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  std::string file(const std::string& name) const { return folder_.file(name); }

  /// Takes all the space that is left.
  void fill() const {
    std::ofstream filler(file("filler"), std::ios::binary);
    const std::string block(1024, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {}
  }
  void make_space() const { std::filesystem::remove(file("filler")); }

 private:
  test::TemporaryFolder folder_;
  bool mounted_ = false;
};

boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id) {
  if (SmallDisk("1m").mounted()) return true;
  boost::test_tools::assertion_result no(false);
  no.message() << "mounting a small file system takes root";
  return no;
}

ipcm::Spawn route_on(const SmallDisk& disk) {
  ipcm::SpawnOptions options;
  options.route = disk.file("jobs.ipcm");
  return ipcm::spawn(options);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(full_disk, *boost::unit_test::precondition(can_mount))

BOOST_AUTO_TEST_CASE(a_send_that_finds_no_space_fails_whole_and_all_before_it_is_kept) {
  const SmallDisk disk("4m");
  auto store = route_on(disk);
  const auto boss = store.connect("boss");
  const auto worker = store.connect("worker");
  const std::string content(20'000, 'x');
  int sent = 0;
  std::string code = "ok";
  while (code == "ok" && sent < 10'000) {
    code = test::code_of(boss->try_message("worker", {{"n", sent}, {"text", content}}));
    if (code == "ok") ++sent;
  }
  BOOST_TEST(code == "RouteFull");
  BOOST_TEST(sent > 10);
  CHECK_ERROR(RouteFull,
              boss->send_messages(std::vector<ipcm::MessageFields>(200, {.to = "worker", .content = content})));
  BOOST_TEST(boss->stats().sent.at("worker") == static_cast<std::uint64_t>(sent));
  BOOST_TEST(worker->have_ready_messages());
  BOOST_TEST(worker->peek().size() == static_cast<std::size_t>(sent));
  BOOST_TEST(test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(store.info())).problems) == "");
}

BOOST_AUTO_TEST_CASE(a_route_is_usable_again_once_there_is_space) {
  const SmallDisk disk("4m");
  auto store = route_on(disk);
  const auto boss = store.connect("boss");
  const auto worker = store.connect("worker");
  for (int n = 0; n < 5; ++n) boss->send_message("worker", n);
  disk.fill();
  std::string code = "ok";
  for (int tries = 0; code == "ok" && tries < 10'000; ++tries) {
    code = test::code_of(boss->try_message("worker", std::string(5000, 'x')));
  }
  BOOST_TEST(code == "RouteFull");
  disk.make_space();
  boss->send_message("worker", "after");
  const auto messages = worker->get_messages();
  BOOST_TEST(test::contents(std::span(messages).first(5)) == "[0,1,2,3,4]");
  BOOST_TEST(messages.back().content() == "after");
  BOOST_TEST(test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(store.info())).problems) == "");
}

BOOST_AUTO_TEST_CASE(a_new_client_on_a_full_disk_gets_an_error_or_works) {
  const SmallDisk disk("4m");
  auto store = route_on(disk);
  const auto boss = store.connect("boss");
  boss->send_message("boss", 1);
  disk.fill();
  const std::string code = test::code_of_call([&] { store.connect("late"); });
  BOOST_TEST((code == "ok" || code == "RouteFull"), code);
  disk.make_space();
  store.connect("late");
  BOOST_TEST(test::contents(boss->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(a_route_cannot_be_made_on_a_full_disk_and_nothing_is_left_of_it) {
  const SmallDisk disk("1m");
  disk.fill();
  CHECK_ERROR(RouteFull, route_on(disk));
  disk.make_space();
  auto store = route_on(disk);
  BOOST_TEST(store.created());
  store.connect("boss")->send_message("boss", 1);
}

BOOST_AUTO_TEST_CASE(of_what_is_in_flight_to_a_full_disk_exactly_what_is_acknowledged_is_stored) {
  const SmallDisk disk("4m");
  auto store = route_on(disk);
  const auto worker = store.connect("worker");
  auto boss = store.connect("boss");
  std::vector<std::string> acknowledged;
  std::set<std::string> codes;
  for (int n = 0; n < 100; ++n) {
    boss->send_async("worker", std::string(90'000, 'x'), [&](const std::string& id, const ipcm::Outcome& outcome) {
      if (outcome) acknowledged.push_back(id);
      codes.insert(test::code_of(outcome));
    });
  }
  boss.reset();
  BOOST_TEST(codes == (std::set<std::string>{"RouteFull", "ok"}), boost::test_tools::per_element());
  std::vector<std::string> stored;
  for (const auto& message : worker->peek()) stored.push_back(message.id());
  BOOST_TEST(stored == acknowledged, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_copy_that_finds_no_space_nothing_is_left) {
  const test::TemporaryFolder elsewhere;
  ipcm::SpawnOptions options;
  options.route = elsewhere.file("jobs.ipcm");
  const auto store = ipcm::spawn(options);
  const auto info = ipcm::ConnectionInfo::parse(store.info());
  const auto boss = store.connect("boss");
  for (int n = 0; n < 100; ++n) boss->send_message("boss", std::string(20'000, 'x'));
  std::vector<std::string> lines;
  ipcm::dump_route(info, [&](std::string_view line) { lines.emplace_back(line); });

  const SmallDisk disk("1m");
  const std::string target = disk.file("copy");
  CHECK_ERROR(RouteFull, ipcm::backup_route(info, target));
  CHECK_ERROR(RouteFull, ipcm::salvage_route(info, target));
  std::size_t next = 0;
  CHECK_ERROR(RouteFull, ipcm::load_route(ipcm::ConnectionInfo::parse(target), [&](std::string& line) {
                if (next == lines.size()) return false;
                line = lines[next++];
                return true;
              }));
  BOOST_TEST(std::filesystem::is_empty(std::filesystem::path(target).parent_path()));
  BOOST_TEST(boss->get_messages().size() == 100U);
  BOOST_TEST(test::joined(ipcm::check_route(info).problems) == "");
}

// --- draining --------------------------------------------------------------------------------------------------------

namespace {

// Sends numbered messages, small and large, until there is no space for any. Returns how many were acknowledged.
int send_until_full(ipcm::Client& sender, const std::string& recipient, std::size_t large) {
  int sent = 0;
  for (const std::size_t size : {large, std::size_t{10}}) {
    std::string code = "ok";
    while (code == "ok" && sent < 100'000) {
      const std::string text(sent % 2 == 0 ? size : 10, 'x');
      code = test::code_of(sender.try_message(recipient, {{"n", sent}, {"text", text}}));
      if (code == "ok") ++sent;
    }
    BOOST_TEST(code == "RouteFull");
  }
  return sent;
}

std::string problems_of(const ipcm::Spawn& store) {
  return test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(store.info())).problems);
}

// Takes all that there is, one by one.
std::string take_all(ipcm::Client& reader, int count) {
  int next = 0;
  for (auto batch = reader.get_messages(1); !batch.empty(); batch = reader.get_messages(1)) {
    if (batch.front().content().at("n") != next++) return "out of order at " + std::to_string(next - 1);
  }
  return next == count ? "" : "there were " + std::to_string(next) + " of " + std::to_string(count);
}

std::string work_off(ipcm::Client& worker, int count) {
  int next = 0;
  for (auto claims = worker.claim("jobs"); !claims.empty(); claims = worker.claim("jobs")) {
    if (claims.front().message().content().at("n") != next++) return "out of order at " + std::to_string(next - 1);
    claims.front().ack();
  }
  return next == count ? "" : "there were " + std::to_string(next) + " of " + std::to_string(count);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_disk_that_senders_have_filled_is_drained_by_another_process_and_filled_again) {
  const SmallDisk disk("3m");
  auto store = route_on(disk);
  store.connect("worker")->suspend();
  const auto boss = store.connect("boss");
  for (int round = 0; round < 3; ++round) {
    const int sent = send_until_full(*boss, "worker", 20'000);
    BOOST_TEST(sent > 50);
    const std::string outcome = test::in_forked_child([&] {
      const auto worker = store.connect("worker");
      std::string taken = take_all(*worker, sent);
      worker->suspend();
      return taken;
    });
    BOOST_TEST(outcome == "");
    BOOST_TEST(problems_of(store) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_disk_that_jobs_have_filled_is_worked_off_by_another_process_and_filled_again) {
  const SmallDisk disk("3m");
  auto store = route_on(disk);
  const auto boss = store.connect("boss");
  boss->create_queue("jobs");
  for (int round = 0; round < 3; ++round) {
    const int sent = send_until_full(*boss, "jobs", 20'000);
    BOOST_TEST(sent > 50);
    BOOST_TEST(test::in_forked_child([&] { return work_off(*store.connect("worker"), sent); }) == "");
    BOOST_TEST(problems_of(store) == "");
  }
}

BOOST_AUTO_TEST_CASE(of_a_full_disk_whose_log_is_being_read_nothing_is_lost_and_it_is_drained_afterwards) {
  const SmallDisk disk("3m");
  auto store = route_on(disk);
  const auto worker = store.connect("worker");
  const auto boss = store.connect("boss");
  boss->send_message("worker", {{"n", 0}});
  test::PlainSql other(disk.file("jobs.ipcm"));
  BOOST_TEST(other.query("BEGIN; SELECT count(*) FROM messages") == "1");
  int sent = 1;
  while (boss->try_message("worker", {{"n", sent}, {"text", std::string(20'000, 'x')}})) ++sent;
  disk.fill();
  int taken = 0;  // as many as the log has room for
  std::string code = "ok";
  while (code == "ok") {
    std::vector<ipcm::Message> batch;
    code = test::code_of_call([&] { batch = worker->get_messages(1); });
    if (code != "ok") break;
    BOOST_REQUIRE(!batch.empty());
    BOOST_TEST(batch.front().content().at("n") == taken++);
  }
  BOOST_TEST(code == "RouteFull");
  BOOST_TEST(worker->peek().size() == static_cast<std::size_t>(sent - taken));
  BOOST_TEST(other.run("COMMIT") == "");
  for (auto batch = worker->get_messages(1); !batch.empty(); batch = worker->get_messages(1)) {
    BOOST_TEST(batch.front().content().at("n") == taken++);
  }
  BOOST_TEST(taken == sent);
  BOOST_TEST(problems_of(store) == "");
}

BOOST_AUTO_TEST_CASE(a_disk_that_something_else_fills_to_the_last_byte_is_drained_all_the_same) {
  const SmallDisk disk("3m");
  auto store = route_on(disk);
  const auto boss = store.connect("boss");
  const auto worker = store.connect("worker");
  boss->create_queue("jobs");
  for (int n = 0; n < 20; ++n) {
    boss->send_message("worker", {{"n", n}, {"text", std::string(20'000, 'x')}});
    boss->send_message("jobs", {{"n", n}, {"text", std::string(20'000, 'x')}});
  }
  disk.fill();
  BOOST_TEST(take_all(*worker, 20) == "");
  BOOST_TEST(work_off(*worker, 20) == "");
  BOOST_TEST(problems_of(store) == "");
  disk.make_space();
  boss->send_message("worker", {{"n", 0}});
  BOOST_TEST(take_all(*worker, 1) == "");
}

BOOST_AUTO_TEST_SUITE_END()
