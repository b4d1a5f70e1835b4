// SPDX-License-Identifier: MIT
// Who takes a million messages by the thousand needs no more memory than who takes a thousand. Each sample is a process
// of its own, as a peak never falls.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "one_pair.hpp"
#include "processes.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

constexpr std::size_t kTaken = 1'000;                                // at a time
constexpr std::array<std::size_t, 3> kTold{1'000, 10'000, 100'000};  // messages after which the peak is told, too

// What /proc/self/status says, in MB.
double memory(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) return std::stod(line.substr(what.size() + 1)) / 1024;
  }
  throw std::runtime_error("/proc/self/status does not tell " + what);
}

// In MB.
struct Growth {
  double last = 0;
  std::array<double, 3> told{};
};

class Backlog {
 public:
  Backlog(ipcm::Spawn store, std::size_t size) : store_(std::move(store)), size_(size) {
    store_.connect("reader")->suspend();
  }

  // By how much the peak of a process grows that connects, takes so many, and looks at each.
  Growth growth(std::size_t count) {
    fill();
    const Growth grown = collect_forked<Growth>(1, [&](std::size_t) {
      malloc_trim(0);                               // what was inherited and is free would hide growth
      std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew, at what is in use now
      return take(count, memory("VmRSS"));
    })[0];
    taken_ += count;
    return grown;
  }

  const ipcm::Spawn& store() const { return store_; }

 private:
  // No client is left in this process when it forks.
  void fill() {
    const auto sender = store_.connect("sender");
    while (sent_ - taken_ < size_) {
      std::vector<ipcm::MessageFields> messages(std::min(kTaken, size_ - (sent_ - taken_)));
      for (ipcm::MessageFields& message : messages) {
        message.to = "reader";
        message.content = content_of(sent_++);
      }
      sender->send_messages(messages);
    }
  }

  Growth take(std::size_t count, double before) const {
    Growth grown;
    const auto reader = store_.connect("reader");
    for (std::size_t next = taken_; next < taken_ + count;) {
      const auto batch = reader->get_messages(kTaken);
      require(!batch.empty(), "as many messages can be taken as were sent");
      for (const ipcm::Message& message : batch) {
        require(message.content().at("n") == next++, "messages come in the order in which they were sent");
      }
      grown.last = memory("VmHWM") - before;
      for (std::size_t i = 0; i < kTold.size(); ++i) {
        if (next - taken_ == kTold[i]) grown.told[i] = grown.last;
      }
    }
    reader->suspend();
    return grown;
  }

  ipcm::Spawn store_;
  std::size_t size_;
  std::size_t sent_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace

std::vector<Figure> memory_of_a_reader(const Context& context) {
  Context fewer = context;
  fewer.rounds = std::min(context.rounds, 3);  // a million are queued anew for each
  const std::size_t count = context.count(1'000'000, 5'000);
  Backlog backlog(fresh_route(context, "memory", ipcm::Durability::relaxed), count);
  std::array<std::vector<double>, kTold.size()> told;
  const auto take_all_of_it = [&] {
    const Growth grown = backlog.growth(count);
    for (std::size_t i = 0; i < kTold.size(); ++i) told[i].push_back(grown.told[i]);
    return Measured{grown.last};
  };
  Figure figure =
      alternate(fewer, {"memory to take 1,000,000 by 1,000", "the same for the first 1,000", "MB", Better::lower, 1.2},
                take_all_of_it, [&] { return Measured{backlog.growth(kTaken).last}; });
  for (std::size_t i = 0; i < kTold.size(); ++i) {
    if (kTold[i] <= count) figure.details["MB after " + std::to_string(kTold[i])] = percentile(told[i], 0.5);
  }
  require_good_books(backlog.store());
  return {figure};
}

}  // namespace bench
