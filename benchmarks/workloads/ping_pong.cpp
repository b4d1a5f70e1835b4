// SPDX-License-Identifier: MIT
// A round trip over a route of SQLite, against bare datagrams and against plain SQLite.
#include <unistd.h>

#include <chrono>
#include <thread>

#include "conversation.hpp"
#include "raw_store.hpp"
#include "route.hpp"
#include "wire.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

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

Latency over_route(const Context& context, ipcm::Durability durability, std::size_t rounds) {
  const ipcm::Spawn store = fresh_route(context, "ping_pong", durability);
  for (const char* name : {"ping", "pong"}) store.connect(name)->suspend();  // both take mail before either begins
  return converse_over(store, rounds);
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
          [&] { return Measured{converse_over_datagrams(rounds).p50}; }),
      alternate(
          context, {"ping-pong, relaxed, p99", "two bare datagrams, p99", "us", Better::lower, 0},
          [&] { return Measured{over_route(context, kRelaxed, rounds).p99}; },
          [&] { return Measured{converse_over_datagrams(rounds).p99}; }),
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
