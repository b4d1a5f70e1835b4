// SPDX-License-Identifier: MIT
// What it costs that a sleeping reader can be woken: to who sends to a reader that never sleeps, and to those who
// sleep. The baseline is a route where nobody is told anything, and who waits looks every few milliseconds.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "processes.hpp"
#include "route.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kIdleClients = 50;
constexpr std::chrono::minutes kPatience{1};  // so that a message that never comes is an error, not the end of it all

ipcm::Spawn fresh_route_with(const Context& context, ipcm::NotifierKind notifier) {
  return fresh_route(context, "wakeups",
                     ipcm::SpawnOptions{.durability = ipcm::Durability::relaxed, .notifier = notifier});
}

void read_without_rest(ipcm::Client& reader, std::size_t count) {
  for (std::size_t next = 0; next < count;) {
    for (const ipcm::Message& message : reader.get_messages()) {
      require(message.content().at("n") == next++, "messages come in the order in which they were sent");
    }
  }
  require(reader.get_messages().empty(), "no more are read than were sent");
}

// Of the sender, whose processor time is told, too.
Measured send_rate(const Context& context, ipcm::NotifierKind notifier, std::size_t count) {
  const ipcm::Spawn store = fresh_route_with(context, notifier);
  const StartLine start(2);
  const Measured rate = collect_forked<Measured>(2, [&](std::size_t process) {
    pin_to_processor(process);
    const auto client = ipcm::connect(process == 0 ? "sender" : "reader", store.info());
    if (process == 1) {
      start.wait();
      read_without_rest(*client, count);
      return Measured{};
    }
    auto contents = contents_of(count);
    start.wait();
    const Stopwatch watch;
    for (ipcm::Json& content : contents) client->send_message("reader", std::move(content));
    return watch.rate(count);
  })[0];
  require_good_books(store);
  return rate;
}

// Of the threads of this process but the one that asks.
bool others_sleep() {
  const std::string own = std::to_string(gettid());
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    if (thread.path().filename() == own) continue;
    std::string stat;
    std::getline(std::ifstream(thread.path() / "stat"), stat);
    const std::size_t name_end = stat.rfind(") ");
    require(name_end != std::string::npos, "the system tells whether a thread sleeps");
    if (stat[name_end + 2] != 'S') return false;
  }
  return true;
}

void rest_until(const std::function<bool()>& holds) {
  for (const Stopwatch watch; !holds();) {
    require(watch.seconds() < 60, "all come to rest within a minute");
    std::this_thread::sleep_for(milliseconds(1));
  }
}

// Clients of this process, each of which waits in a thread of its own, until it gets a message.
class IdleClients {
 public:
  explicit IdleClients(const std::string& info) : info_(info) {
    for (std::size_t number = 0; number < kIdleClients; ++number) {
      clients_.push_back(ipcm::connect(name_of(number), info));
    }
    for (std::size_t number = 0; number < kIdleClients; ++number) {
      waiting_.push_back(std::async(std::launch::async, [this, number] { wait_for_message(number); }));
    }
    rest_until([this] { return began_ == kIdleClients && others_sleep(); });
    std::this_thread::sleep_for(milliseconds(200));  // who polls has come to its longest sleep by then
  }

  // In percent of one processor.
  double processor_share(milliseconds time) const {
    const Stopwatch watch;
    std::this_thread::sleep_for(time);
    const double share = 100 * watch.processor_seconds() / watch.seconds();
    require(woken_ == 0, "all slept while it was counted");
    return share;
  }

  // Throws unless each of them got its message.
  void wake() {
    const auto waker = ipcm::connect("waker", info_);
    for (std::size_t number = 0; number < kIdleClients; ++number) {
      waker->send_message(name_of(number), content_of(number));
    }
    for (std::future<void>& one : waiting_) one.get();
    require(woken_ == kIdleClients, "each was woken");
  }

 private:
  static std::string name_of(std::size_t number) { return "idle-" + std::to_string(number); }

  void wait_for_message(std::size_t number) {
    ipcm::Client& client = *clients_[number];
    ++began_;
    require(client.wait(kPatience), "a message comes");
    ++woken_;
    const auto messages = client.get_messages();
    require(messages.size() == 1 && messages[0].content().at("n") == number, "each gets its message, once");
  }

  std::string info_;
  std::atomic<std::size_t> began_{0};
  std::atomic<std::size_t> woken_{0};
  std::vector<std::shared_ptr<ipcm::Client>> clients_;
  std::vector<std::future<void>> waiting_;
};

Measured idle_share(const Context& context, ipcm::NotifierKind notifier) {
  const milliseconds time(context.count(5'000, 300));
  const ipcm::Spawn store = fresh_route_with(context, notifier);
  const double share = collect_forked<double>(1, [&](std::size_t) {
    IdleClients idle(store.info());
    const double seen = idle.processor_share(time);
    idle.wake();
    return seen;
  })[0];
  require_good_books(store);
  return Measured{share};
}

}  // namespace

std::vector<Figure> wakeups(const Context& context) {
  constexpr auto kDefault = ipcm::NotifierKind::automatic;
  constexpr auto kPoll = ipcm::NotifierKind::poll;
  const std::size_t count = context.count(20'000, 50);
  return {
      alternate(
          context,
          {"send, relaxed, receiver busy, wake-ups on", "the same with notifier poll", "messages/s", Better::higher,
           0.95},
          [&] { return send_rate(context, kDefault, count); }, [&] { return send_rate(context, kPoll, count); }),
      alternate(
          context,
          {"processor time of 50 idle clients", "the same with notifier poll", "%", Better::lower, 0.2, Aim::value},
          [&] { return idle_share(context, kDefault); }, [&] { return idle_share(context, kPoll); }),
  };
}

}  // namespace bench
