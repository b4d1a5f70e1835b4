// SPDX-License-Identifier: MIT
// Another user who changes what a path leads to, the mode of a file or its size while a program uses a route: at any
// call of the system that the program makes.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <random>

#include "faults/users.hpp"
#include "support/errors.hpp"
#include "support/faults/child.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/system_calls.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

#include <ipcm/ipcm.hpp>

namespace exchanging_user {

namespace {

using boost::unit_test::precondition;
using test::kAlice;
using test::kMallory;
using test::kTeam;

namespace fs = std::filesystem;

// So many calls of each operation are tried, at random; IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kMoments = 6;

/// Does something before one call of the system, and counts them.
class BeforeCall : public test::SystemCallWatcher {
 public:
  /// `moment`: the number of the call, from 1; 0: before none.
  BeforeCall(long moment, std::function<void()> act) : moment_(moment), act_(std::move(act)) {
    test::watch_system_calls(this);
  }
  ~BeforeCall() override { test::watch_system_calls(nullptr); }
  BeforeCall(const BeforeCall&) = delete;
  BeforeCall& operator=(const BeforeCall&) = delete;

  long around(const test::SystemCall&, test::Doing act) noexcept override {
    if (++count_ == moment_) act_();
    return act();
  }
  long count() const { return count_; }

 private:
  long moment_;
  std::function<void()> act_;
  std::atomic<long> count_{0};
};

ipcm::SpawnOptions options_of(const std::string& protocol, const std::string& route, const std::string& group = {}) {
  ipcm::SpawnOptions options;
  options.protocol = protocol;
  options.route = route;
  options.group = group;
  options.guard = false;
  return options;
}

ipcm::ConnectionInfo info_of(const std::string& protocol, const std::string& route) {
  ipcm::ConnectionInfo info;
  info.protocol = protocol;
  info.route = route;
  return info;
}

struct Operation {
  std::string name;
  std::function<void(const ipcm::ConnectionInfo& route)> act;
};

void send_and_take(const ipcm::ConnectionInfo& route) {
  const auto boss = ipcm::connect("boss", route);
  boss->fd();
  boss->send_message("boss", std::string(100'000, 'x'));
  boss->get_messages();
  boss->disconnect();
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"list peers", [](const auto& route) { ipcm::list_peers(route); }},
      {"describe", [](const auto& route) { ipcm::route_info(route); }},
      {"check", [](const auto& route) { ipcm::check_route(route); }},
      {"examine", [](const auto& route) { ipcm::examine_route(route); }},
      {"migrate", [](const auto& route) { ipcm::migrate_route(route); }},
      {"send", send_and_take},
      {"spawn", [](const auto& route) { ipcm::spawn(options_of(route.protocol, route.route)); }},
      {"unspawn", [](const auto& route) { ipcm::unspawn(route.route); }},
  };
  return all;
}

// What an operation says, with `act` before one of its calls of the system. Ends with the number of its calls.
std::string outcome_with(const Operation& operation, const ipcm::ConnectionInfo& route, long moment,
                         const std::function<void()>& act, long* count = nullptr) {
  BeforeCall watched(moment, act);
  const std::string outcome = test::code_of_call([&] { operation.act(route); });
  if (count != nullptr) *count = watched.count();
  return outcome;
}

// A folder of the victim's, with files under names that a route gives its own, and what must not change of it.
class Victim {
 public:
  Victim(const std::string& path, unsigned owner, mode_t mode) : path_(path) {
    fs::create_directory(path_);
    for (const char* folder : {"letters", "counts"}) fs::create_directory(path_ + "/" + folder);
    for (const char* file : {"job", "letters/draft-1-1", "counts/1.json"}) test::write_file(path_ + "/" + file, "mine");
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (chown(entry.path().c_str(), owner, owner) != 0) throw std::runtime_error("cannot give a file away");
    }
    if (chown(path_.c_str(), owner, owner) != 0 || chmod(path_.c_str(), mode) != 0) {
      throw std::runtime_error("cannot make the victim's folder");
    }
    before_ = state();
  }

  /// What has changed, for people; empty where nothing has.
  std::string changes() const {
    const std::string now = state();
    return now == before_ ? std::string() : "before:\n" + before_ + "now:\n" + now;
  }

 private:
  std::string state() const {
    std::string all = describe(path_);
    std::map<std::string, std::string> sorted;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      sorted[entry.path()] = describe(entry.path()) + (entry.is_regular_file() ? test::read_file(entry.path()) : "");
    }
    for (const auto& [name, text] : sorted) all += name + " " + text + "\n";
    return all;
  }
  static std::string describe(const std::string& path) {
    struct stat status {};
    lstat(path.c_str(), &status);
    return std::to_string(status.st_mode) + " " + std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid) +
           "\n";
  }

  std::string path_;
  std::string before_;
};

// A route of one user's in a folder that another works with, and a link that the folder can be exchanged with.
struct Scene {
  Scene(const std::string& protocol, bool of_team)
      : home(kMallory, of_team ? kTeam : kMallory, of_team ? 02770 : 0755),
        victim(home.outside().file("victim"), of_team ? kAlice : 0, of_team ? 0700 : 0755),
        folder(home.file("folder")),
        link(home.file("link")),
        route(info_of(protocol, protocol == "SQLite" ? folder + "/evil" : folder)) {
    const std::string made = test::as_user(kMallory, of_team ? kTeam : 0, [&] {
      umask(of_team ? 007 : 022);
      fs::create_directory(folder);
      ipcm::spawn(options_of(protocol, route.route, of_team ? std::to_string(kTeam) : ""));
      ipcm::connect("worker", route)->disconnect();
      for (const char* side : {"-lock", "-wal", "-shm"}) fs::remove(route.route + side);
      fs::create_directory_symlink(home.outside().file("victim"), link);
      return std::string();
    });
    if (!made.empty()) throw std::runtime_error(made);
  }
  void exchange() const { syscall(SYS_renameat2, AT_FDCWD, folder.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE); }

  test::SharedFolder home;
  Victim victim;
  std::string folder;
  std::string link;
  ipcm::ConnectionInfo route;
};

// Runs an operation as that user with the exchange before one call; what has changed of the victim's, or went wrong.
std::string harm_of_exchange(const Operation& operation, const Scene& scene, unsigned user, long moment, long* count) {
  const std::string outcome = test::as_user(user, user == 0 ? 0 : kTeam, [&] {
    long calls = 0;
    const std::string code = outcome_with(
        operation, scene.route, moment, [&] { scene.exchange(); }, &calls);
    return "calls " + std::to_string(calls) + " " + code;
  });
  if (!outcome.starts_with("calls ")) return outcome;  // an exception that is no Error, or a signal
  if (count != nullptr) *count = std::stol(outcome.substr(6));
  return scene.victim.changes();
}

void exchange_at_any_call(const std::string& protocol, bool of_team) {
  std::mt19937 random(test::seed());
  const unsigned user = of_team ? kAlice : 0;
  for (const Operation& operation : operations()) {
    long count = 0;
    BOOST_TEST(harm_of_exchange(operation, Scene(protocol, of_team), user, 0, &count) == "", operation.name);
    for (const long moment : test::chosen_up_to(count, kMoments, random)) {
      const std::string harm = harm_of_exchange(operation, Scene(protocol, of_team), user, moment, nullptr);
      BOOST_TEST(harm == "", protocol << ", " << operation.name << ", at call " << moment << ": " << harm);
    }
  }
}

// What Alice's operation on a route of Mallory's in a folder like /tmp says, if Mallory changes the mode of the route
// before one call. Another process does that when Alice's asks for it.
std::string outcome_of_flip(const Operation& operation, mode_t first, long moment, long* count) {
  const test::SharedFolder tmp(0, 0, 01777);
  const ipcm::ConnectionInfo route = info_of("SQLite", tmp.file("jobs.ipcm"));
  test::as_user(kMallory, 0, [&] {
    ipcm::spawn(options_of("SQLite", route.route));
    ipcm::connect("boss", route)->suspend();
    for (const char* side : {"-lock", "-wal", "-shm"}) fs::remove(route.route + side);
    fs::remove_all(route.route + "-wake");
    return std::string();
  });
  chmod(route.route.c_str(), first);
  std::array<int, 2> ends{};
  BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const pid_t mallory = test::fork_child([&] {
    close(ends[0]);
    char byte = 0;
    while (read(ends[1], &byte, 1) == 1) {
      chmod(route.route.c_str(), first == 0644 ? 0666 : 0644);
      if (write(ends[1], &byte, 1) != 1) return;
    }
  });
  close(ends[1]);
  const std::string outcome = test::as_user(kAlice, 0, [&] {
    long calls = 0;
    const auto flip = [&] {
      char byte = 'f';
      if (write(ends[0], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1) _exit(4);
    };
    const std::string code = outcome_with(operation, route, moment, flip, &calls);
    return "calls " + std::to_string(calls) + " " + code;
  });
  close(ends[0]);
  test::wait_for_child(mallory);
  if (count != nullptr && outcome.starts_with("calls ")) *count = std::stol(outcome.substr(6));
  const std::size_t code = outcome.rfind(' ');
  return code == outcome.npos ? outcome : outcome.substr(code + 1);
}

// Runs an operation in a process of its own with the lock file cut short before one call; how that ended.
std::string outcome_of_cut(const Operation& operation, const std::string& protocol, long moment, long* count) {
  const test::TemporaryFolder folder;
  const ipcm::ConnectionInfo route = info_of(protocol, folder.file("route"));
  const std::string lock_file = route.route + (protocol == "SQLite" ? "-lock" : "/lock");
  const std::string outcome = test::in_forked_child([&] {
    ipcm::spawn(options_of(protocol, route.route));
    const auto worker = ipcm::connect("worker", route);
    long calls = 0;
    const auto cut = [&] { static_cast<void>(truncate(lock_file.c_str(), 0)); };
    const std::string code = outcome_with(operation, route, moment, cut, &calls);
    worker->send_message("worker", 1);
    return "calls " + std::to_string(calls) + " " + code + ", mail " + test::contents(worker->peek());
  });
  if (count != nullptr && outcome.starts_with("calls ")) *count = std::stol(outcome.substr(6));
  return outcome;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchanging_user)

BOOST_AUTO_TEST_CASE(a_route_of_another_user_is_not_used_whenever_its_mode_changes, *precondition(test::as_root)) {
  std::mt19937 random(test::seed());
  const Operation connect_and_send{"send", send_and_take};
  for (const mode_t first : {0644, 0666}) {
    long count = 0;
    const std::string as_it_is = outcome_of_flip(connect_and_send, first, 0, &count);
    BOOST_TEST(as_it_is == "Unsafe", as_it_is);
    for (const long moment : test::chosen_up_to(count, 2 * kMoments, random)) {
      const std::string outcome = outcome_of_flip(connect_and_send, first, moment, nullptr);
      BOOST_TEST(outcome == "Unsafe",
                 "mode " << std::oct << first << std::dec << ", changed at call " << moment << ": " << outcome);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_lock_file_that_is_cut_short_at_any_call_ends_nobody) {
  std::mt19937 random(test::seed());
  for (const char* protocol : {"SQLite", "UnixSocket"}) {
    for (const Operation& operation : operations()) {
      if (operation.name == "unspawn") continue;  // then there is no route for the rest of it
      long count = 0;
      const std::string whole = outcome_of_cut(operation, protocol, 0, &count);
      BOOST_TEST(whole.ends_with(" ok, mail [1]"), protocol << ", " << operation.name << ": " << whole);
      for (const long moment : test::chosen_up_to(count, kMoments, random)) {
        const std::string outcome = outcome_of_cut(operation, protocol, moment, nullptr);
        BOOST_TEST(outcome.ends_with(" ok, mail [1]"),
                   protocol << ", " << operation.name << ", cut at call " << moment << ": " << outcome);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(root_changes_nothing_elsewhere_whenever_the_owner_of_a_socket_route_exchanges_its_folder,
                     *precondition(test::as_root)) {
  exchange_at_any_call("UnixSocket", false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace exchanging_user
