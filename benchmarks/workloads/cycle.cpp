// SPDX-License-Identifier: MIT
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

double cycle_rate(Pair& pair, std::size_t count) {
  auto contents = contents_of(count);
  const Stopwatch watch;
  for (std::size_t number = 0; number < count; ++number) {
    pair.sender->send_message("reader", std::move(contents[number]));
    const auto messages = pair.reader->get_messages();
    require(messages.size() == 1 && messages[0].content().at("n") == number, "what was sent is read");
  }
  return static_cast<double>(count) / watch.seconds();
}

double raw_cycle_rate(RawStore& raw, std::size_t count) {
  const auto texts = texts_of(count);
  const Stopwatch watch;
  for (const std::string& text : texts) {
    insert_alone(raw, text);
    require(raw.take(1000) == 1 && raw.last_content() == text, "what was inserted is read");
  }
  return static_cast<double>(count) / watch.seconds();
}

}  // namespace

std::vector<Figure> send_and_take(const Context& context) {
  Pair pair{fresh_route(context, "cycle", ipcm::Durability::relaxed)};
  RawStore raw(context.folder / "cycle.raw", Sync::relaxed);
  const std::size_t count = context.count(5'000, 50);
  Figure about{
      "send and take, in turn, relaxed", "raw INSERT, SELECT, DELETE", "cycles/s", Better::higher, 0.75, {}, {}, {}};
  Figure figure = alternate(
      context, std::move(about), [&] { return cycle_rate(pair, count); }, [&] { return raw_cycle_rate(raw, count); });
  require_good_books(pair.store);
  return {figure};
}

}  // namespace bench
