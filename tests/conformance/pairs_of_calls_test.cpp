// SPDX-License-Identifier: MIT
// Two threads in any two calls of one client that may block, with every notifier: neither may ever wait for the other.
// In a build for developers a lock that is taken out of its order ends the process, too: platform/lock_order.hpp.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <thread>

#include "conformance.hpp"
#include "support/process.hpp"

using std::chrono::milliseconds;

namespace {

constexpr int kRounds = 6;
constexpr milliseconds kShort{1};

struct Call {
  const char* name;
  std::function<void(const test::ClientPtr&)> run;
};

void handle(std::vector<ipcm::Claim> claims) {
  for (ipcm::Claim& claim : claims) claim.ack();
}

void serve_once(const test::ClientPtr& client) {
  ipcm::Service service(client);
  service.on_message([](const auto&) {});
  service.on_request([](const auto&) { return ipcm::Content(1); });
  service.on_peer_change([](const auto&) {});
  service.on_interval(kShort, [&] { service.stop(); });
  service.run();
}

std::vector<Call> calls_of(const test::Protocol& protocol) {
  std::vector<Call> calls = {
      {"wait", [](const auto& client) { client->wait(kShort); }},
      {"get_messages", [](const auto& client) { client->get_messages(2); }},
      {"peek and remove", [](const auto& client) { client->remove_messages(client->peek(2)); }},
      {"send", [](const auto& client) { client->send_message("other", 1); }},
      {"send_async", [](const auto& client) { client->send_async("other", 1).get(); }},
      {"broadcast", [](const auto& client) { client->broadcast(1); }},
      {"request", [](const auto& client) { client->request("other", 1, kShort).wait(); }},
      {"request with a handler", [](const auto& client) { client->request("other", 1, kShort, [](const auto&) {}); }},
      {"peer_active", [](const auto& client) { client->peer_active("nobody", kShort); }},
      {"peer_inactive", [](const auto& client) { client->peer_inactive("other", kShort); }},
      {"fd", [](const auto& client) { client->fd(); }},
      {"peer_change_fd", [](const auto& client) { client->peer_change_fd(), client->peers(); }},
      {"a service", serve_once},
  };
  if (protocol.has_jobs) {
    calls.push_back({"claim", [](const auto& client) { handle(client->claim("queue", {.wait = kShort})); }});
    calls.push_back({"claim of its own", [](const auto& client) { handle(client->claim({.wait = kShort})); }});
  }
  return calls;
}

// A thread that makes one call again and again, until its client has left.
class Caller {
 public:
  Caller(const Call& call, test::ClientPtr client)
      : done_(std::async(std::launch::async, [this, &call, client = std::move(client)] {
          try {
            for (;; ++rounds_) call.run(client);
          } catch (const ipcm::Error& error) {
            if (error.code() != ipcm::ErrorCode::Disconnected) failure_ = error.what();
            ended_ = true;
          }
        })) {}

  bool has_done_its_rounds() const { return ended_ || rounds_ >= kRounds; }
  bool ends() { return done_.wait_for(test::kPatience) == std::future_status::ready; }
  const std::string& failure() const { return failure_; }

 private:
  std::atomic<int> rounds_{0};
  std::atomic<bool> ended_{false};
  std::string failure_;
  std::future<void> done_;
};

// Gives the client of each pair something to do.
class Other {
 public:
  Other(test::ClientPtr client, bool has_queue)
      : client_(std::move(client)), has_queue_(has_queue), thread_([this] {
          while (!over_) {
            try {
              converse();
            } catch (const ipcm::Error& error) {
              if (error.code() != ipcm::ErrorCode::Busy) throw;  // its patience is short: an inbox may be full
            }
          }
        }) {}
  ~Other() {
    over_ = true;
    thread_.join();
  }

 private:
  void converse() {
    client_->wait(kShort);
    for (const auto& message : client_->get_messages()) {
      client_->try_message("client", 2);
      if (message.is_request()) client_->try_message({.to = message.reply_to(), .content = 3});
      if (has_queue_) client_->try_message("queue", 4);
    }
    client_->try_message("client", 5);
  }

  const test::ClientPtr client_;
  const bool has_queue_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// Threads that wait for each other cannot be ended.
[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "two threads of one client wait for each other: %s\n", what.c_str());
  std::abort();
}

void try_pair(const test::ClientPtr& client, const Call& one, const Call& two, const std::string& what) {
  Caller first(one, client);
  Caller second(two, client);
  if (!test::eventually([&] { return first.has_done_its_rounds() && second.has_done_its_rounds(); })) give_up(what);
  client->disconnect();
  if (!first.ends() || !second.ends()) give_up(what);
  BOOST_TEST(first.failure() == "", what);
  BOOST_TEST(second.failure() == "", what);
}

}  // namespace

CONFORMANCE_TEST(no_two_calls_of_one_client_wait_for_each_other_whatever_the_notifier) {
  const std::vector<Call> calls = calls_of(protocol());
  for (const ipcm::NotifierKind kind : protocol().notifiers) {
    ipcm::SpawnOptions options = spawn_options();
    options.durability = ipcm::Durability::relaxed;
    options.notifier = kind;
    ipcm::Spawn route = ipcm::spawn(options);
    const auto other = route.connect("other", {.busy_timeout = std::chrono::milliseconds(50)});
    if (protocol().has_jobs) other->create_queue("queue");
    const Other busy(other, protocol().has_jobs);
    for (std::size_t one = 0; one < calls.size(); ++one) {
      for (std::size_t two = one; two < calls.size(); ++two) {
        const std::string what = std::string(calls[one].name) + " beside " + calls[two].name + " with the notifier " +
                                 std::string(ipcm::to_string(kind));
        try_pair(route.connect("client"), calls[one], calls[two], what);
      }
    }
  }
}
