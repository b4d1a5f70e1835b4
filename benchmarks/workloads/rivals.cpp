// SPDX-License-Identifier: MIT
// Two queues that are servers, each with the durability that is nearest to that of the route. All get the same bytes
// and answer the same questions; see rivals/queue.hpp.
#include <algorithm>
#include <functional>

#include "one_pair.hpp"
#include "processes.hpp"
#include "programs.hpp"
#include "rivals/queue.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

constexpr std::size_t kInOneRequest = 100;

// How long to measure, and how much to make ready at a time, outside of what is measured.
struct Extent {
  double seconds = 0;
  std::size_t chunk = 0;
  std::size_t producers = 0;
};

using Measure = Measured (*)(Queue&, const Extent&);

Load load_of(std::size_t number) {
  Load load{content_of(number), {}};
  load.text = load.content.dump();
  return load;
}

std::vector<Load> loads_of(std::size_t first, std::size_t count) {
  std::vector<Load> loads;
  loads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) loads.push_back(load_of(first + i));
  return loads;
}

void verify_and_clear(Queue& queue, std::size_t count) {
  require(queue.length() == count, queue.name() + " holds what was put");
  require(queue.clear() == count, queue.name() + " hands out what was put");
}

// `put` is given chunk after chunk.
template <typename Put>
Measured put_rate(Queue& queue, const Extent& extent, Put put) {
  const auto producer = queue.connect("producer");
  std::size_t count = 0;
  double seconds = 0;
  do {
    auto loads = loads_of(count, extent.chunk);
    const Stopwatch watch;
    put(*producer, loads);
    seconds += watch.seconds();
    count += loads.size();
  } while (seconds < extent.seconds);
  verify_and_clear(queue, count);
  return {static_cast<double>(count) / seconds};
}

Measured one_by_one(Queue& queue, const Extent& extent) {
  return put_rate(queue, extent, [](Producer& producer, std::span<Load> loads) {
    for (Load& load : loads) producer.put(load);
  });
}

Measured in_batches(Queue& queue, const Extent& extent) {
  return put_rate(queue, extent, [](Producer& producer, std::span<Load> loads) {
    for (; !loads.empty(); loads = loads.subspan(std::min(kInOneRequest, loads.size()))) {
      producer.put_all(loads.first(std::min(kInOneRequest, loads.size())));
    }
  });
}

Measured by_many(Queue& queue, const Extent& extent) {
  struct Part {
    std::size_t count = 0;
    double seconds = 0;
  };
  const StartLine start(extent.producers);
  const auto parts = collect_forked<Part>(extent.producers, [&](std::size_t process) {
    const auto producer = queue.connect("producer-" + std::to_string(process));
    start.wait();
    Part part;
    for (const Stopwatch watch; part.seconds < extent.seconds; part.seconds = watch.seconds()) {
      Load load = load_of(part.count++);
      producer->put(load);
    }
    return part;
  });
  Part all;
  for (const Part& part : parts) {
    all.count += part.count;
    all.seconds = std::max(all.seconds, part.seconds);
  }
  verify_and_clear(queue, all.count);
  return {static_cast<double>(all.count) / all.seconds};
}

Measured get_and_acknowledge(Queue& queue, const Extent& extent) {
  const auto producer = queue.connect("producer");
  std::size_t count = 0;
  double seconds = 0;
  do {
    auto loads = loads_of(count, extent.chunk);
    producer->put_all(loads);
    const Stopwatch watch;
    for (const Load& load : loads)
      require(queue.get_and_acknowledge() == load.text, "what was put is got in its order");
    seconds += watch.seconds();
    count += loads.size();
  } while (seconds < extent.seconds);
  verify_and_clear(queue, 0);
  return {static_cast<double>(count) / seconds};
}

struct Rival {
  std::string name;
  std::function<std::unique_ptr<Queue>(const std::filesystem::path& folder)> start;
};

// Each figure has a fresh server and a fresh route: what one leaves to be done afterwards is not for the next to pay.
void compare(const Context& context, ipcm::Durability durability, const Rival& rival, std::vector<Figure>& figures) {
  const bool full = durability == ipcm::Durability::full;
  const Extent extent{context.smoke ? 0.001 : 0.5, context.count(full ? 200 : 1'000, 5), context.count(8, 2)};
  const auto measure = [&](const std::string& what, Measure sample, double reach) {
    const std::filesystem::path folder = context.folder / "rival";
    const auto theirs = rival.start(folder);
    const auto ours = make_route_queue(context, durability);
    const std::string name = what + ", " + std::string(ipcm::to_string(durability)) + ", against " + rival.name;
    figures.push_back(alternate(
        context, {name, theirs->name(), "messages/s", Better::higher, reach}, [&] { return sample(*ours, extent); },
        [&] { return sample(*theirs, extent); }));
    std::filesystem::remove_all(folder);
  };
  measure("put one by one, 1 producer", one_by_one, full ? 0.9 : 1);
  measure("put one by one, 8 producers", by_many, 1);
  measure("put by 100", in_batches, 1);
  measure("get and acknowledge", get_and_acknowledge, 1);
}

using Start = std::unique_ptr<Queue> (*)(const std::string& program, const std::filesystem::path& folder, Sync sync);

// Nothing where it is not installed.
void compare_both(const Context& context, const std::string& program, Start start, const std::string& name_full,
                  const std::string& name_relaxed, std::vector<Figure>& figures) {
  const auto found = find_program(program);
  if (!found) return;
  const auto with = [&](Sync sync) {
    return [=](const std::filesystem::path& folder) { return start(*found, folder, sync); };
  };
  compare(context, ipcm::Durability::full, {name_full, with(Sync::full)}, figures);
  compare(context, ipcm::Durability::relaxed, {name_relaxed, with(Sync::relaxed)}, figures);
}

}  // namespace

std::vector<Figure> rivals(const Context& context) {
  std::vector<Figure> figures;
  compare_both(context, "beanstalkd", start_beanstalkd, "beanstalkd -f0", "beanstalkd", figures);
  compare_both(context, "redis-server", start_redis, "Redis always", "Redis everysec", figures);
  return figures;
}

}  // namespace bench
