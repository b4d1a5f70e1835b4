// SPDX-License-Identifier: MIT
// Forks at every moment of a client's life: in hooks, in constructors, beside threads that connect, leave, look and
// send. What a child of its own connection was told is stored is there, whatever its parent closes meanwhile.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "conformance.hpp"
#include "support/forked_child.hpp"
#include "support/stepped_child.hpp"

namespace {

using test::SteppedChild;

// A child that connects, sends to itself and stays, while its parent, as it believes, is the last one to leave.
class ChildWithMail {
 public:
  explicit ChildWithMail(const ipcm::ConnectionInfo& info)
      : info_(info),
        child_(
            [&] {
              own_ = ipcm::connect("child", info_);
              own_->send_message("child", 1);
              return std::string();
            },
            [&] {
              own_->send_message("child", 2);
              return test::contents(own_->peek());
            }) {}

  std::string connects() { return child_.first(); }
  // After everybody else has left. Empty when all is there.
  std::string finds_its_mail() {
    const std::string seen = child_.second();
    return seen == "[1,2]" ? "" : seen;
  }

 private:
  ipcm::ConnectionInfo info_;
  test::ClientPtr own_;
  SteppedChild child_;
};

// In a class whose constructor forks.
struct Forking : ipcm::Client {
  Forking(Connection connection, const std::function<void()>& forks) : Client(std::move(connection)) { forks(); }
};

struct BusyThreads {
  ~BusyThreads() {
    stop = true;
    for (std::thread& thread : all) thread.join();
  }
  template <typename Work>
  void add(Work work) {
    all.emplace_back([this, work] {
      while (!stop) work();
    });
  }
  std::atomic<bool> stop{false};
  std::vector<std::thread> all;
};

// JSON, but that it may fork while it looks at what is stored: within the transaction that takes it.
class ForkingSerializer : public ipcm::Serializer {
 public:
  std::string_view name() const override { return "FORKING"; }
  std::string encode(const ipcm::Json& content) const override { return content.dump(); }
  ipcm::Json decode(std::string_view bytes) const override {
    if (const auto once = std::exchange(forks, nullptr)) once();
    return ipcm::Json::parse(bytes);
  }

  mutable std::function<void()> forks;
};

// Destroyed after main(), and after everything that the library or its libraries made later.
test::ClientPtr client_until_exit;
std::optional<ipcm::Spawn> store_until_exit;

}  // namespace

CONFORMANCE_TEST_SHARED(a_child_that_a_hook_of_the_destructor_forked_loses_nothing) {
  std::optional<ChildWithMail> child;
  std::string connected;
  ipcm::ConnectOptions options;
  options.hooks.pre_disconnect = [&] { connected = child.emplace(info()).connects(); };
  connect("parent", options).reset();
  BOOST_TEST(connected == "");
  for (int round = 0; round < 2; ++round) connect("last")->disconnect();
  BOOST_TEST(child->finds_its_mail() == "");
  child.reset();
  if (protocol().has_store) BOOST_TEST(test::contents(connect("child")->get_messages()) == "[1,2]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_SHARED(a_child_that_a_constructor_of_a_client_forked_loses_nothing) {
  std::optional<ChildWithMail> child;
  std::string connected;
  auto parent = ipcm::connect_as<Forking>("parent", info(), {}, [&] { connected = child.emplace(info()).connects(); });
  BOOST_TEST(connected == "");
  parent.reset();
  for (int round = 0; round < 2; ++round) connect("last")->disconnect();
  BOOST_TEST(child->finds_its_mail() == "");
  child.reset();
  if (protocol().has_store) BOOST_TEST(test::contents(connect("child")->get_messages()) == "[1,2]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_SHARED(a_child_that_is_forked_beside_threads_that_come_look_and_go_loses_nothing) {
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    BusyThreads threads;
    std::atomic<int> passes{0};
    threads.add([&] {
      ipcm::connect("one", info()).reset();
      ++passes;
    });
    threads.add([&] {
      ipcm::list_peers(info());
      ++passes;
    });
    while (passes <= round % 3) std::this_thread::yield();
    std::optional<ChildWithMail> child;
    BOOST_TEST(child.emplace(info()).connects() == "");
    threads.stop = true;
    for (std::thread& thread : threads.all) thread.join();
    threads.all.clear();
    connect("last")->disconnect();
    BOOST_TEST(child->finds_its_mail() == "");
    child.reset();
    if (protocol().has_store) BOOST_TEST(test::contents(connect("child")->get_messages()) == "[1,2]");
    BOOST_TEST(problems() == "");
  }
}

CONFORMANCE_TEST_SHARED(the_child_of_a_hook_does_not_leave_in_its_parents_name) {
  const auto other = connect("other");
  const pid_t parent = getpid();
  bool still_there = false;
  ipcm::ConnectOptions options;
  options.hooks.pre_disconnect = [&] {
    const pid_t child = fork();
    if (child == 0) return;  // it goes on with what the parent was doing
    waitpid(child, nullptr, 0);
    still_there = other->peer_active("leaver");
  };
  options.at_end = ipcm::ConnectOptions::AtEnd::disconnect;
  auto leaver = connect("leaver", options);
  leaver.reset();
  if (getpid() != parent) _exit(0);
  BOOST_TEST(still_there);
  BOOST_TEST(!other->peer_active("leaver"));
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST_WHERE(protocol.has_store&& protocol.several_processes,
                       a_child_that_was_forked_from_within_a_call_neither_connects_nor_ends_the_call) {
  const auto serializer = std::make_shared<const ForkingSerializer>();
  static const bool registered = (ipcm::register_serializer(serializer), true);
  BOOST_REQUIRE(registered);
  const auto client = connect_with("FORKING", "client");
  client->send_message("client", 1);
  const pid_t parent = getpid();
  pid_t child = 0;
  std::string within;
  serializer->forks = [&] {
    child = fork();
    if (child == 0) within = test::code_of_call([&] { ipcm::connect("child", info()); });
  };
  std::vector<ipcm::Message> messages;
  const std::string outcome = test::code_of_call([&] { messages = client->get_messages(); });
  if (getpid() != parent) _exit(within == "WrongProcess" && outcome == "WrongProcess" ? 0 : 1);
  BOOST_TEST(child > 0);
  int status = -1;
  waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  BOOST_TEST(outcome == "ok");
  BOOST_TEST(test::contents(messages) == "[1]");
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(forks_beside_many_busy_clients_do_not_have_to_wait_for_them_all_to_rest) {
  constexpr int kClients = 6;
  constexpr int kForks = 20;
  std::vector<test::ClientPtr> clients;
  for (int count = 0; count < kClients; ++count) clients.push_back(connect("peer" + std::to_string(count)));
  const auto begin = std::chrono::steady_clock::now();
  {
    BusyThreads threads;
    for (const test::ClientPtr& client : clients) {
      threads.add([client] {
        client->try_message(client->id(), 1);
        client->get_messages();
      });
    }
    for (int count = 0; count < kForks; ++count) {
      const pid_t child = fork();
      if (child == 0) _exit(0);
      waitpid(child, nullptr, 0);
    }
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(20)));  // it was 5 seconds a fork
}

CONFORMANCE_TEST(a_child_can_send_a_content_that_threads_of_its_parent_were_sending) {
  const ipcm::Content greeting = {{"hello", "world"}};
  const auto client = connect("client");
  BusyThreads threads;
  for (int count = 0; count < 2; ++count) {
    threads.add([&] {
      client->send_message("client", greeting);
      client->get_messages();
    });
  }
  for (int round = 0; round < 20; ++round) {
    BOOST_REQUIRE(test::in_forked_child([&] {
                    const ipcm::Spawn own_store = ipcm::spawn(spawn_options());
                    const auto own = own_store.connect("own");
                    own->send_message("own", greeting);
                    return own->get_messages().size() == 1 ? "" : "nothing came";
                  }) == "");
  }
}

CONFORMANCE_TEST(a_client_with_mail_that_lives_until_the_exit_of_its_process_ends_well) {
  // All that a thread and the process keep for later calls is there before.
  const auto before = connect("before");
  before->send_message("before", {{"n", 1}});
  before->get_messages();
  const std::string outcome = test::in_forked_child(
      [&] {
        ipcm::SpawnOptions options = spawn_options();
        options.guard = true;
        store_until_exit.emplace(ipcm::spawn(options));
        client_until_exit = store_until_exit->connect("client");
        client_until_exit->send_message("client", {{"n", 1}});
        client_until_exit->get_messages();
        client_until_exit->send_message("client", {{"n", std::string(100, 'x')}});
        return store_until_exit->route();
      },
      test::ChildExit::orderly);
  BOOST_TEST(outcome.find("ended by signal") == std::string::npos, outcome);
  BOOST_TEST(outcome.find("threw") == std::string::npos, outcome);
  BOOST_TEST(!std::filesystem::exists(outcome));  // its guard has removed it
}

CONFORMANCE_TEST(looking_for_local_clients_never_runs_a_hook_that_cannot_look_for_them_itself) {
  const std::string route = store().route();
  BusyThreads threads;
  threads.add([&] { ipcm::local_clients(route); });
  threads.add([&] { ipcm::local_clients("elsewhere"); });
  ipcm::ConnectOptions options;
  options.hooks.pre_disconnect = [&] { ipcm::local_clients(route); };
  for (int round = 0; round < 100; ++round) {
    const auto client = connect("client" + std::to_string(round), options);
  }
  threads.stop = true;
  for (std::thread& thread : threads.all) thread.join();
  threads.all.clear();
  BOOST_TEST(ipcm::local_clients(route).empty());
}
