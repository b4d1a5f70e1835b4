// SPDX-License-Identifier: MIT
// A round trip between two processes, each on a processor of its own: both sleep while the other works.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

#include "processes.hpp"
#include "raw_store.hpp"
#include "route.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

struct Latency {
  double p50 = 0;
  double p99 = 0;
};

// One end of a conversation.
class Talker {
 public:
  virtual ~Talker() = default;
  virtual void send(std::size_t number) = 0;
  virtual std::size_t receive() = 0;
};

// Made in its own process: 0 begins, 1 answers.
using MakeTalker = std::function<std::unique_ptr<Talker>(std::size_t process)>;

Latency lead(Talker& talker, std::size_t rounds) {
  std::vector<double> times;
  times.reserve(rounds);
  for (std::size_t number = 0; number < rounds; ++number) {
    const Stopwatch watch;
    talker.send(number);
    require(talker.receive() == number, "the answer is to the question");
    times.push_back(watch.seconds() * 1e6);
  }
  return {percentile(times, 0.5), percentile(times, 0.99)};
}

Latency follow(Talker& talker, std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i) talker.send(talker.receive());
  return {};
}

Latency converse(std::size_t rounds, const MakeTalker& make) {
  const StartLine start(2);
  return collect_forked<Latency>(2, [&](std::size_t process) {
    pin_to_processor(process);
    const auto talker = make(process);
    start.wait();
    return process == 0 ? lead(*talker, rounds) : follow(*talker, rounds);
  })[0];
}

class RouteTalker : public Talker {
 public:
  RouteTalker(const std::string& info, std::size_t process)
      : other_(process == 0 ? "pong" : "ping"), client_(ipcm::connect(process == 0 ? "ping" : "pong", info)) {}

  void send(std::size_t number) override { client_->send_message(other_, content_of(number)); }

  std::size_t receive() override {
    for (;;) {
      const auto messages = client_->get_messages();
      if (!messages.empty()) return messages.at(0).content().at("n");
      client_->wait();
    }
  }

 private:
  std::string other_;
  std::shared_ptr<ipcm::Client> client_;
};

class BareDatagrams : public Talker {
 public:
  explicit BareDatagrams(int end) : end_(end) {}

  void send(std::size_t number) override {
    std::array<std::size_t, 13> bytes{number};  // some 100 bytes
    require(write(end_, bytes.data(), sizeof bytes) == sizeof bytes, "a datagram can be sent");
  }

  std::size_t receive() override {
    std::array<std::size_t, 13> bytes{};
    require(read(end_, bytes.data(), sizeof bytes) == sizeof bytes, "a datagram comes whole");
    return bytes[0];
  }

 private:
  int end_;
};

// The plain way to pass messages over SQLite: woken by a datagram, or looking every millisecond.
class RawTalker : public Talker {
 public:
  RawTalker(const std::filesystem::path& file, Sync sync, std::size_t process, int wake_end)
      : inbox_(file, sync, process == 0 ? "ping" : "pong"),
        outbox_(file, sync, process == 0 ? "pong" : "ping"),
        wake_end_(wake_end) {}

  void send(std::size_t number) override {
    outbox_.begin();
    outbox_.insert_shared(content_of(number).dump());
    outbox_.commit();
    if (wake_end_ >= 0) require(write(wake_end_, "", 1) == 1, "a datagram can be sent");
  }

  std::size_t receive() override {
    while (inbox_.empty()) sleep();
    inbox_.take(1);
    return ipcm::Json::parse(inbox_.last_content()).at("n");
  }

 private:
  void sleep() const {
    char hint = 0;
    if (wake_end_ >= 0) {
      require(read(wake_end_, &hint, 1) == 1, "a datagram comes");
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  RawStore inbox_;
  RawStore outbox_;
  int wake_end_;
};

// A pair of connected datagram sockets.
class Wire {
 public:
  Wire() { require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends_.data()) == 0, "a socket can be made"); }
  ~Wire() {
    for (const int end : ends_) close(end);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int end(std::size_t process) const { return ends_.at(process); }

 private:
  std::array<int, 2> ends_{};
};

Latency over_route(const Context& context, ipcm::Durability durability, std::size_t rounds) {
  const ipcm::Spawn store = fresh_route(context, "ping_pong", durability);
  for (const char* name : {"ping", "pong"}) store.connect(name)->suspend();  // both take mail before either begins
  const Latency seen =
      converse(rounds, [&](std::size_t process) { return std::make_unique<RouteTalker>(store.info(), process); });
  require_good_books(store);
  return seen;
}

Latency over_datagrams(std::size_t rounds) {
  const Wire wire;
  return converse(rounds, [&](std::size_t process) { return std::make_unique<BareDatagrams>(wire.end(process)); });
}

Latency over_raw_store(const Context& context, Sync sync, bool woken, std::size_t rounds) {
  const std::filesystem::path file = context.folder / "ping_pong.raw";
  const Wire wire;
  for (const std::size_t process : {0, 1}) RawTalker(file, sync, process, -1);  // makes the tables
  const Latency seen = converse(rounds, [&](std::size_t process) {
    return std::make_unique<RawTalker>(file, sync, process, woken ? wire.end(process) : -1);
  });
  std::filesystem::remove(file);
  return seen;
}

}  // namespace

std::vector<Figure> ping_pong(const Context& context) {
  const std::size_t rounds = context.count(3'000, 20);
  const std::size_t slow_rounds = context.count(500, 20);
  constexpr auto kRelaxed = ipcm::Durability::relaxed;
  constexpr auto kFull = ipcm::Durability::full;
  return {
      alternate(
          context, {"ping-pong, relaxed, p50", "two bare datagrams, p50", "us", Better::lower, 3.0},
          [&] { return Measured{over_route(context, kRelaxed, rounds).p50}; },
          [&] { return Measured{over_datagrams(rounds).p50}; }),
      alternate(
          context, {"ping-pong, relaxed, p99", "two bare datagrams, p99", "us", Better::lower, 0},
          [&] { return Measured{over_route(context, kRelaxed, rounds).p99}; },
          [&] { return Measured{over_datagrams(rounds).p99}; }),
      alternate(
          context, {"ping-pong, relaxed, p50 against raw", "raw SQLite and a datagram, p50", "us", Better::lower, 0},
          [&] { return Measured{over_route(context, kRelaxed, rounds).p50}; },
          [&] { return Measured{over_raw_store(context, Sync::relaxed, true, rounds).p50}; }),
      alternate(
          context,
          {"ping-pong, relaxed, p99 against polling", "raw SQLite, a look every ms, p50", "us", Better::lower, 0.8},
          [&] { return Measured{over_route(context, kRelaxed, rounds).p99}; },
          [&] { return Measured{over_raw_store(context, Sync::relaxed, false, slow_rounds).p50}; }),
      alternate(
          context, {"ping-pong, full, p50", "raw SQLite, FULL, and a datagram, p50", "us", Better::lower, 0.75},
          [&] { return Measured{over_route(context, kFull, slow_rounds).p50}; },
          [&] { return Measured{over_raw_store(context, Sync::full, true, slow_rounds).p50}; }),
  };
}

}  // namespace bench
