// SPDX-License-Identifier: MIT
// Several users of one machine: a group that shares a route, and those who are not of it.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <random>

#include "faults/users.hpp"
#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/faults/child.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/stepper.hpp"
#include "support/remote_peer.hpp"
#include "support/text.hpp"

namespace {

using boost::unit_test::precondition;
using test::kAlice;
using test::kBob;
using test::kMallory;
using test::kTeam;

constexpr std::size_t kKillsOfAlice = 10;  // times IPCM_TEST_FAULTS

void spawn_at(const std::string& path, const std::string& group = {}) {
  ipcm::SpawnOptions options;
  options.route = path;
  options.guard = false;
  options.group = group;
  ipcm::spawn(options);
}

// What is open to more than it should be: a line each. A socket is closed by its folder.
std::string too_open(const std::string& folder, unsigned forbidden) {
  std::string complaints;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_socket() && (forbidden & 070) != 0) continue;
    if ((test::mode_of(entry.path()) & forbidden) != 0) complaints += entry.path().filename().string() + " ";
  }
  return complaints;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(other_users)

BOOST_AUTO_TEST_CASE(two_users_of_a_group_exchange_mail, *precondition(test::as_root)) {
  for (const auto& [mode, mask] : {std::pair(02770U, 0U), {02770U, 077U}, {0770U, 0U}, {0770U, 077U}}) {
    const test::SharedFolder team(0, kTeam, mode);  // without the setgid bit what is made there has one's own group
    const std::string path = team.file("jobs.ipcm");
    const std::string info = ipcm::ConnectionInfo::parse(path).to_string();
    test::RemotePeer alice;
    test::RemotePeer bob;
    alice.call({"become", kAlice, kTeam});
    bob.call({"become", kBob, kTeam});
    for (test::RemotePeer* peer : {&alice, &bob}) peer->call({"umask", mask});
    alice.call({"spawn", path, std::to_string(kTeam)});
    const ipcm::Json no_look = {{"fallback_ms", 600'000}};  // so that only a wake-up ends a wait
    bob.call({"connect", "bob", info, no_look});            // the first to open it: its log is his
    alice.call({"connect", "alice", info, no_look});
    BOOST_TEST(too_open(team.path(), 007) == "");
    for (const char* file : {"", "-wal", "-shm", "-lock"}) {
      struct stat status {};
      BOOST_REQUIRE(stat((path + file).c_str(), &status) == 0);
      BOOST_TEST(status.st_gid == kTeam, file);
      BOOST_TEST((status.st_mode & 0777) == 0660U, file);
    }
    bob.start({"wait", 60'000});
    alice.send("bob", "hello");
    BOOST_TEST(bob.finish() == true);
    BOOST_TEST(test::contents(bob.get()) == R"(["hello"])");
    alice.start({"echo", 50, 30'000});
    bob.call({"send_numbers", "alice", 1, 0});
    for (int n = 0; n < 50; ++n) bob.send("alice", n);
    BOOST_TEST(alice.finish() == 50);
    BOOST_TEST(bob.get().size() == 50);
    alice.kill();
    BOOST_TEST(!bob.active("alice"));
    bob.call({"unspawn", path});
    BOOST_TEST(std::filesystem::is_empty(team.path()));
  }
}

BOOST_AUTO_TEST_CASE(who_comes_after_everybody_left_finds_what_the_others_left, *precondition(test::as_root)) {
  const test::SharedFolder team(0, kTeam, 0770);  // without setgid: what is made there gets one's own group
  const std::string path = team.file("jobs.ipcm");
  const auto visit = [&](unsigned user, const std::string& name, std::size_t waiting) {
    return test::as_user(user, kTeam, [&]() -> std::string {
      const auto peer = ipcm::connect(name, path);
      const std::size_t found = peer->get_messages().size();
      peer->send_message("alice", 1);
      peer->suspend();
      return found == waiting ? "" : name + " found " + std::to_string(found);
    });
  };
  BOOST_TEST(test::as_user(kAlice, kTeam, [&] {
               spawn_at(path, std::to_string(kTeam));
               return std::string();
             }) == "");
  BOOST_TEST(visit(kAlice, "alice", 0) == "");
  BOOST_TEST(visit(kBob, "bob", 0) == "");
  BOOST_TEST(visit(kAlice, "alice", 2) == "");
  BOOST_TEST(test::as_user(kBob, kTeam, [&]() -> std::string {
               return test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(path)).problems);
             }) == "");
}

BOOST_AUTO_TEST_CASE(a_folder_of_sockets_that_was_not_given_to_the_group_yet_is_given_by_who_made_it,
                     *precondition(test::as_root)) {
  const test::SharedFolder team(0, kTeam, 0770);
  const std::string path = team.file("jobs.ipcm");
  const std::string outcome = test::as_user(kAlice, kTeam, [&] {
    spawn_at(path, std::to_string(kTeam));
    std::filesystem::remove_all(path + "-wake");
    std::filesystem::create_directory(path + "-wake");  // as one has it who was killed in the middle
    chmod((path + "-wake").c_str(), 0700);
    ipcm::connect("alice", path)->fd();
    return std::string();
  });
  BOOST_TEST(outcome == "");
  struct stat status {};
  BOOST_REQUIRE(stat((path + "-wake").c_str(), &status) == 0);
  BOOST_TEST(status.st_gid == kTeam);
  BOOST_TEST((status.st_mode & 07777) == 02770U);
}

BOOST_AUTO_TEST_CASE(whoever_of_a_group_is_killed_while_it_makes_or_opens_a_route_is_in_nobodys_way,
                     *precondition(test::as_root) * precondition(test::may_trace)) {
  std::mt19937 random(test::seed());
  const auto make = [](const std::string& path) { spawn_at(path, std::to_string(kTeam)); };
  const auto open = [](const std::string& path) { ipcm::connect("alice", path)->fd(); };
  for (const bool opens : {false, true}) {
    const auto kill_alice = [&](const std::string& path, long moment) {
      const pid_t alice = test::fork_child([&] {
        test::become(kAlice, kTeam);
        if (opens) make(path);
        test::begin_to_be_traced();
        opens ? open(path) : make(path);
        test::end_to_be_traced();
        kill(getpid(), SIGKILL);
      });
      const test::Stepped stepped = test::kill_at_system_call(alice, moment);
      test::wait_for_child(alice);
      return stepped.moments;
    };
    const long all = kill_alice(test::SharedFolder(0, kTeam, 0770).file("jobs.ipcm"), 0);
    for (const long moment : test::chosen_up_to(all, kKillsOfAlice, random)) {
      const test::SharedFolder team(0, kTeam, 0770);
      const std::string path = team.file("jobs.ipcm");
      kill_alice(path, moment);
      for (const unsigned user : {kBob, kAlice}) {
        const std::string problems = test::as_user(user, kTeam, [&]() -> std::string {
          make(path);
          const auto client = ipcm::connect(user == kBob ? "bob" : "alice", path);
          client->fd();
          client->send_message(client->id(), 1);
          return test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(path)).problems);
        });
        BOOST_TEST(problems == "", (opens ? "open" : "make")
                                       << ", killed at moment " << moment << ", user " << user << ": " << problems);
      }
      BOOST_TEST(too_open(team.path(), 007) == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(whoever_is_not_of_the_group_can_neither_use_the_route_nor_open_any_of_its_files,
                     *precondition(test::as_root)) {
  for (const bool shared : {false, true}) {
    const test::SharedFolder open(kAlice, kTeam, 0755);  // the folder lets everybody look
    const std::string path = open.file("jobs.ipcm");
    test::RemotePeer alice;
    alice.call({"become", kAlice, kTeam});
    shared ? alice.call({"spawn", path, std::to_string(kTeam)}) : alice.call({"spawn", path});
    alice.call({"connect", "alice", ipcm::ConnectionInfo::parse(path).to_string()});
    alice.call({"wait", 0});
    alice.send("alice", "mine");
    const std::string outcome = test::as_user(kMallory, 0, [&]() -> std::string {
      std::string opened;
      for (const auto& entry : std::filesystem::directory_iterator(open.path())) {
        const int fd = ::open(entry.path().c_str(), O_RDONLY | O_NONBLOCK);
        if (fd >= 0) opened += entry.path().filename().string() + " ";
        close(fd);
      }
      const auto code = [&](auto&& act) {
        const std::string name = test::code_of_call(act);
        if (name != "ReadOnly") opened += name + " ";
      };
      code([&] { ipcm::connect("mallory", path); });
      code([&] { spawn_at(path); });
      code([&] { ipcm::unspawn(path); });
      code([&] { ipcm::list_peers(ipcm::ConnectionInfo::parse(path)); });
      return opened;
    });
    BOOST_TEST(outcome == "");
    BOOST_TEST(test::contents(alice.get()) == R"(["mine"])");
  }
}

BOOST_AUTO_TEST_CASE(a_route_is_private_whatever_the_umask_says, *precondition(test::as_root)) {
  for (const mode_t mask : {0, 027, 077, 0277, 0777}) {
    const test::SharedFolder own(kAlice, kAlice, 0755);
    const std::string outcome = test::as_user(kAlice, 0, [&]() -> std::string {
      umask(mask);
      spawn_at(own.file("jobs.ipcm"));
      const auto alice = ipcm::connect("alice", own.file("jobs.ipcm"));
      alice->fd();
      alice->send_message("alice", 1);
      if (alice->get_messages().size() != 1) return "no mail";
      for (const char* file : {"", "-wal", "-shm", "-lock"}) {
        if (test::mode_of(own.file("jobs.ipcm") + file) != 0600) return std::string(file) + " is not 0600";
      }
      if (test::mode_of(own.file("jobs.ipcm-wake")) != 0700) return "the folder of sockets is not 0700";
      return too_open(own.path(), 077);
    });
    BOOST_TEST(outcome == "", std::oct << mask << ": " << outcome);
  }
}

BOOST_AUTO_TEST_CASE(a_group_that_one_is_not_in_cannot_be_given_a_route, *precondition(test::as_root)) {
  const test::SharedFolder own(kAlice, kAlice, 0755);
  BOOST_TEST(test::as_user(kAlice, 0, [&] {
               return test::code_of_call([&] { spawn_at(own.file("jobs.ipcm"), std::to_string(kTeam)); });
             }) == "ReadOnly");
  BOOST_TEST(!std::filesystem::exists(own.file("jobs.ipcm")));
  CHECK_ERROR(InvalidArgument, spawn_at(own.file("jobs.ipcm"), "no such group"));
  ipcm::SpawnOptions options;
  options.protocol = "UnixSocket";
  options.group = "root";
  CHECK_ERROR(NotSupported, ipcm::spawn(options));
}

BOOST_AUTO_TEST_CASE(root_leaves_the_files_of_a_route_to_its_owner, *precondition(test::as_root)) {
  const test::SharedFolder own(kAlice, kAlice, 0700);
  const std::string path = own.file("jobs.ipcm");
  BOOST_TEST(test::as_user(kAlice, 0, [&] {
               spawn_at(path);
               ipcm::connect("alice", path)->suspend();
               std::filesystem::remove(path + "-lock");
               return std::string();
             }) == "");
  const auto root = ipcm::connect("root", path);
  root->fd();
  root->send_message("alice", 1);
  BOOST_TEST(test::as_user(kAlice, 0, [&]() -> std::string {
               return std::to_string(ipcm::connect("alice", path)->get_messages().size());
             }) == "1");
}

BOOST_AUTO_TEST_SUITE_END()
