// SPDX-License-Identifier: MIT
// Another user who changes what a path leads to, the mode of a file or its size while a program uses a route: at any
// call of the system that the program makes.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/exchange_scene.hpp"
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
using test::options_of;
using test::Scene;

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

struct Operation {
  std::string name;
  std::function<void(const ipcm::ConnectionInfo& route)> act;
  bool needs_store = false;
};

void send_and_take(const ipcm::ConnectionInfo& route) {
  const auto boss = ipcm::connect("boss", route);
  boss->fd();
  boss->send_message("boss", std::string(100'000, 'x'));
  boss->get_messages();
  boss->disconnect();
}

void load_beside(const ipcm::ConnectionInfo& route) {
  const std::vector<std::string> dump = {
      R"({"kind":"ipcm-dump","version":1})",
      R"({"kind":"route","created_at":1.5,"durability":"full","max_content":1000,"notifier":"auto","time_zone":"UTC"})",
      R"({"kind":"end","lines":2})"};
  auto next = dump.begin();
  ipcm::load_route(test::info_of(route.protocol, route.route + "-loaded"), [&](std::string& line) {
    if (next == dump.end()) return false;
    line = *next++;
    return true;
  });
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      {"list peers", [](const auto& route) { ipcm::list_peers(route); }},
      {"describe", [](const auto& route) { ipcm::route_info(route); }},
      {"check", [](const auto& route) { ipcm::check_route(route); }},
      {"examine", [](const auto& route) { ipcm::examine_route(route); }},
      {"migrate", [](const auto& route) { ipcm::migrate_route(route); }},
      {"send", send_and_take},
      {"accept loss", [](const auto& route) { ipcm::accept_loss(route); }},
      {"set durability", [](const auto& route) { ipcm::set_durability(route, ipcm::Durability::relaxed); }, true},
      {"dump", [](const auto& route) { ipcm::dump_route(route, [](std::string_view) {}); }, true},
      {"back up beside it", [](const auto& route) { ipcm::backup_route(route, route.route + "-copy"); }, true},
      {"salvage beside it", [](const auto& route) { ipcm::salvage_route(route, route.route + "-saved"); }, true},
      {"load beside it", load_beside, true},
      {"spawn", [](const auto& route) { ipcm::spawn(options_of(route.protocol, route.route)); }},
      {"spawn beside it", [](const auto& route) { ipcm::spawn(options_of(route.protocol, route.route + "-new")); },
       true},
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
    if (operation.needs_store && protocol != "SQLite") continue;
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
  const ipcm::ConnectionInfo route = test::info_of("SQLite", tmp.file("jobs.ipcm"));
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

// Exchanges two files around the open of one of them for writing, and once more before a later call: that is how a
// program can be made to open one file and to look at another.
class ExchangeAroundOpen : public test::SystemCallWatcher {
 public:
  ExchangeAroundOpen(std::string path, long later, std::function<void()> exchange)
      : path_(std::move(path)), later_(later), exchange_(std::move(exchange)) {
    test::watch_system_calls(this);
  }
  ~ExchangeAroundOpen() override { test::watch_system_calls(nullptr); }
  ExchangeAroundOpen(const ExchangeAroundOpen&) = delete;
  ExchangeAroundOpen& operator=(const ExchangeAroundOpen&) = delete;

  long around(const test::SystemCall& call, test::Doing act) noexcept override {
    if (is_open_ && ++calls_since_ == later_) exchange_();
    const bool is_it = !is_open_ && std::string_view(call.name) == "open" && call.path == path_ &&
                       (call.flags & O_ACCMODE) == O_RDWR && (call.flags & O_PATH) == 0;
    if (!is_it) return act();
    is_open_ = true;
    exchange_();
    const long result = act();
    exchange_();
    return result;
  }
  bool has_met_it() const { return is_open_; }

 private:
  std::string path_;
  long later_;
  std::function<void()> exchange_;
  bool is_open_ = false;
  long calls_since_ = 0;
};

// Alice sends herself a message on a route of hers, in a folder of Mallory's, who has exchanged it for a route of
// Mallory's when SQLite opens it. What her call says, and which file has the message that Mallory can read, if any.
std::string outcome_of_exchange(long later) {
  const test::SharedFolder folder(kMallory, kMallory, 0777);
  const std::string route = folder.file("jobs.ipcm");
  const std::string trap = folder.file("trap.ipcm");
  for (const auto& [user, path] : {std::pair(kAlice, route), {kMallory, trap}}) {
    const std::string made = test::as_user(user, 0, [&] {
      ipcm::spawn(options_of("SQLite", path));
      ipcm::connect("boss", path)->suspend();
      return std::string();
    });
    if (!made.empty()) throw std::runtime_error(made);
    for (const char* side : {"-lock", "-wal", "-shm"}) fs::remove(path + side);
    fs::remove_all(path + "-wake");
  }
  chmod(trap.c_str(), 0666);
  const std::string outcome = test::as_user(kAlice, 0, [&] {
    const auto exchange = [&] {
      syscall(SYS_renameat2, AT_FDCWD, route.c_str(), AT_FDCWD, trap.c_str(), RENAME_EXCHANGE);
    };
    ExchangeAroundOpen watched(route, later, exchange);
    const std::string code = test::code_of_call([&] {
      const auto boss = ipcm::connect("boss", route);
      boss->send_message("boss", "a secret of Alice");
      boss->suspend();
    });
    return watched.has_met_it() ? code : "not met";
  });
  for (const char* file : {"jobs.ipcm", "trap.ipcm", "jobs.ipcm-wal", "trap.ipcm-wal"}) {
    struct stat status {};
    if (stat(folder.file(file).c_str(), &status) != 0 || (status.st_uid == kAlice && (status.st_mode & 077) == 0)) {
      continue;
    }
    const bool is_in_it = test::read_file(folder.file(file)).find("a secret of Alice") != std::string::npos;
    if (is_in_it) return outcome + ", in " + file;
  }
  return outcome;
}

// Runs an operation in a process of its own with the lock file cut short before one call; how that ended.
std::string outcome_of_cut(const Operation& operation, const std::string& protocol, long moment, long* count) {
  const test::TemporaryFolder folder;
  const ipcm::ConnectionInfo route = test::info_of(protocol, folder.file("route"));
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
      if (operation.needs_store && std::string_view(protocol) != "SQLite") continue;
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

BOOST_AUTO_TEST_CASE(root_changes_nothing_elsewhere_whenever_the_owner_of_a_route_exchanges_its_folder,
                     *precondition(test::as_root)) {
  exchange_at_any_call("SQLite", false);
}

BOOST_AUTO_TEST_CASE(a_member_of_a_group_changes_nothing_of_another_whenever_that_one_exchanges_the_folder,
                     *precondition(test::as_root)) {
  exchange_at_any_call("SQLite", true);
}

BOOST_AUTO_TEST_CASE(a_route_that_is_exchanged_for_another_users_while_it_is_opened_gets_no_mail,
                     *precondition(test::as_root)) {
  constexpr long kMostCalls = 12;
  for (long later = 0; later <= kMostCalls; ++later) {
    const std::string outcome = outcome_of_exchange(later);
    BOOST_TEST((outcome == "RouteGone" || outcome == "Unsafe"), "exchanged again at call " << later << ": " << outcome);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace exchanging_user
