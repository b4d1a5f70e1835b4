// SPDX-License-Identifier: MIT
// Eight processes send to one, each as fast as it can, for a fixed time. A rate alone would hide that a few of them did
// all the work, so the fairness among them and the longest single send are told, too.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "processes.hpp"
#include "raw_store.hpp"
#include "route.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

constexpr std::size_t kSenders = 8;

struct Part {
  double count = 0;
  double worst_send = 0;  // seconds
  double finished = 0;    // seconds after the start
};

struct Outcome {
  double rate = 0;
  double fairness = 0;  // Jain: 1 when all sent the same, 1 / kSenders when one sent all
  double worst_ms = 0;
};

using SendOne = std::function<void(std::size_t number)>;

Part send_for(std::chrono::milliseconds time, const SendOne& send) {
  Part part;
  const double limit = std::chrono::duration<double>(time).count();
  const Stopwatch all;
  while (all.seconds() < limit) {
    const Stopwatch one;
    send(static_cast<std::size_t>(part.count));
    part.worst_send = std::max(part.worst_send, one.seconds());
    ++part.count;
  }
  return part;
}

// Process kSenders is the reader.
Outcome judge(const std::vector<Part>& parts) {
  double sum = 0;
  double squares = 0;
  double worst = 0;
  for (std::size_t sender = 0; sender < kSenders; ++sender) {
    sum += parts[sender].count;
    squares += parts[sender].count * parts[sender].count;
    worst = std::max(worst, parts[sender].worst_send);
  }
  const Part& reader = parts[kSenders];
  require(reader.count == sum, "every message that was sent is read");
  return {sum / reader.finished, sum * sum / (static_cast<double>(kSenders) * squares), worst * 1e3};
}

// The reader goes on until all senders are done and nothing is left.
template <typename TakeSome>
Part read_all(const std::atomic<std::size_t>& done, TakeSome take_some) {
  Part part;
  const Stopwatch watch;
  for (;;) {
    const bool last = done == kSenders;
    const std::size_t taken = take_some();
    part.count += static_cast<double>(taken);
    if (last && taken == 0) break;
    if (taken > 0) part.finished = watch.seconds();
  }
  return part;
}

std::size_t take_in_order(ipcm::Client& reader, std::map<std::string, std::size_t>& next) {
  if (!reader.wait(std::chrono::milliseconds(20))) return 0;
  const auto messages = reader.get_messages(1000);
  for (const ipcm::Message& message : messages) {
    require(message.content().at("n") == next[message.from()]++, "each sender's messages come in their order");
  }
  return messages.size();
}

Outcome through_route(const Context& context, ipcm::Durability durability) {
  const ipcm::Spawn store = fresh_route(context, "senders", durability);
  store.connect("reader")->suspend();
  const StartLine start(kSenders + 1);
  const Shared<std::atomic<std::size_t>> done;
  const auto parts = collect_forked<Part>(kSenders + 1, [&](std::size_t process) {
    const bool sends = process < kSenders;
    const auto client = ipcm::connect(sends ? "sender-" + std::to_string(process) : "reader", store.info());
    start.wait();
    if (!sends) {
      std::map<std::string, std::size_t> next;
      return read_all(*done, [&] { return take_in_order(*client, next); });
    }
    const Part part = send_for(context.time(std::chrono::seconds(2)),
                               [&](std::size_t number) { client->send_message("reader", content_of(number)); });
    ++*done;
    return part;
  });
  require_good_books(store);
  return judge(parts);
}

std::size_t take_or_sleep(RawStore& raw) {
  if (!raw.empty()) return raw.take(1000);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return 0;
}

Outcome through_raw_store(const Context& context, Sync sync) {
  const std::filesystem::path file = context.folder / "senders.raw";
  { const RawStore makes_the_file(file, sync); }
  const StartLine start(kSenders + 1);
  const Shared<std::atomic<std::size_t>> done;
  const auto parts = collect_forked<Part>(kSenders + 1, [&](std::size_t process) {
    RawStore raw(file, sync);
    start.wait();
    if (process == kSenders) return read_all(*done, [&] { return take_or_sleep(raw); });
    const Part part = send_for(context.time(std::chrono::seconds(2)), [&](std::size_t number) {
      const std::string text = content_of(number).dump();
      raw.begin();
      raw.insert_shared(text);
      raw.commit();
    });
    ++*done;
    return part;
  });
  std::filesystem::remove(file);
  return judge(parts);
}

Figure senders_figure(const Context& context, const std::string& name, ipcm::Durability durability, double reach) {
  const Sync sync = durability == ipcm::Durability::full ? Sync::full : Sync::relaxed;
  std::map<std::string, std::vector<double>> seen;
  const auto note = [&](const std::string& whose, const Outcome& outcome) {
    seen["fairness" + whose].push_back(outcome.fairness);
    seen["worst send, ms" + whose].push_back(outcome.worst_ms);
    return Measured{outcome.rate};
  };
  Figure figure = alternate(
      context, {name, "raw SQLite with busy_timeout", "messages/s", Better::higher, reach},
      [&] { return note("", through_route(context, durability)); },
      [&] { return note(" (baseline)", through_raw_store(context, sync)); });
  for (auto& [what, values] : seen) figure.details[what] = percentile(values, 0.5);
  return figure;
}

}  // namespace

std::vector<Figure> many_senders(const Context& context) {
  return {
      senders_figure(context, "8 processes to one reader, full", ipcm::Durability::full, 1.8),
      senders_figure(context, "8 processes to one reader, relaxed", ipcm::Durability::relaxed, 0.85),
  };
}

}  // namespace bench
