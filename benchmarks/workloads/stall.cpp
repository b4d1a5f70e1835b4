// SPDX-License-Identifier: MIT
// The longest that a sender waits. Every 1,000 pages of log somebody has to bring them into the database: by default,
// in SQLite, whoever commits just then.
#include <map>
#include <string>

#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

// The time of each send, in ms, for as long as the workload takes. What is sent is made ready in between.
template <typename Make, typename Send>
std::vector<double> times_of(const Context& context, Make make, Send send) {
  const double limit = std::chrono::duration<double>(context.time(std::chrono::seconds(1))).count();
  std::vector<double> times;
  for (const Stopwatch all; all.seconds() < limit;) {
    auto content = make(times.size());
    const Stopwatch one;
    send(std::move(content));
    times.push_back(one.seconds() * 1e3);
  }
  return times;
}

Figure stall_figure(const Context& context, ipcm::Durability durability) {
  const Pair pair{fresh_route(context, "stall", durability)};
  RawStore raw(context.folder / "stall.raw", same_as(durability));

  std::map<std::string, std::vector<double>> seen;
  const auto worst = [&](const std::string& whose, const std::vector<double>& times) {
    seen["p50, ms" + whose].push_back(percentile(times, 0.5));
    seen["p99, ms" + whose].push_back(percentile(times, 0.99));
    return Measured{spread_of(times).high};
  };
  const auto ours = [&] {
    const auto times = times_of(
        context, [](std::size_t number) { return content_of(number); },
        [&](ipcm::Json content) { pair.sender->send_message("reader", std::move(content)); });
    take_all(*pair.reader, times.size());
    return worst("", times);
  };
  const auto theirs = [&] {
    const auto times = times_of(
        context, [](std::size_t number) { return content_of(number).dump(); },
        [&](const std::string& text) { insert_alone(raw, text); });
    remove_all(raw, times.size());
    return worst(" (baseline)", times);
  };

  const std::string name = "worst send of a second, " + std::string(ipcm::to_string(durability));
  Figure figure = alternate(context, {name, "raw INSERT, its worst", "ms", Better::lower, 0}, ours, theirs);
  for (auto& [what, values] : seen) figure.details[what] = percentile(values, 0.5);
  require_good_books(pair.store);
  std::filesystem::remove(context.folder / "stall.raw");
  return figure;
}

}  // namespace

std::vector<Figure> stall(const Context& context) {
  return {stall_figure(context, ipcm::Durability::relaxed), stall_figure(context, ipcm::Durability::full)};
}

}  // namespace bench
