// SPDX-License-Identifier: MIT
#include "conversation.hpp"

#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "processes.hpp"
#include "route.hpp"
#include "wire.hpp"

namespace bench {
namespace {

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

}  // namespace

Latency converse(std::size_t rounds, const MakeTalker& make) {
  const StartLine start(2);
  return collect_forked<Latency>(2, [&](std::size_t process) {
    pin_to_processor(process);
    const auto talker = make(process);
    start.wait();
    return process == 0 ? lead(*talker, rounds) : follow(*talker, rounds);
  })[0];
}

Latency converse_over(const ipcm::Spawn& store, std::size_t rounds) {
  const Latency seen =
      converse(rounds, [&](std::size_t process) { return std::make_unique<RouteTalker>(store.info(), process); });
  require_good_books(store);
  return seen;
}

Latency converse_over_datagrams(std::size_t rounds) {
  const Wire wire;
  return converse(rounds, [&](std::size_t process) { return std::make_unique<BareDatagrams>(wire.end(process)); });
}

}  // namespace bench
