// SPDX-License-Identifier: MIT
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

Measured send_rate(Pair& pair, std::size_t count, std::size_t bytes) {
  auto contents = contents_of(count, bytes);
  const Stopwatch watch;
  for (ipcm::Json& content : contents) pair.sender->send_message("reader", std::move(content));
  const Measured rate = watch.rate(count);
  take_all(*pair.reader, count);
  return rate;
}

Measured insert_rate(RawStore& raw, std::size_t count, std::size_t bytes) {
  const auto texts = texts_of(count, bytes);
  const Stopwatch watch;
  for (const std::string& text : texts) insert_alone(raw, text);
  const Measured rate = watch.rate(count);
  remove_all(raw, count);
  return rate;
}

struct Send {
  std::string name;
  ipcm::Durability durability = ipcm::Durability::relaxed;
  std::size_t count = 0;
  std::size_t bytes = 100;
  double reach = 0;
};

Figure send_figure(const Context& context, const Send& send) {
  Pair pair{fresh_route(context, "send", send.durability)};
  RawStore raw(context.folder / "send.raw", same_as(send.durability));
  Figure about{send.name, "raw INSERT, same bytes", "messages/s", Better::higher, send.reach};
  Figure figure = alternate(
      context, std::move(about), [&] { return send_rate(pair, send.count, send.bytes); },
      [&] { return insert_rate(raw, send.count, send.bytes); });
  require_good_books(pair.store);
  std::filesystem::remove(context.folder / "send.raw");
  return figure;
}

}  // namespace

std::vector<Figure> send_one_by_one(const Context& context) {
  return {
      send_figure(context,
                  {"send one by one, relaxed", ipcm::Durability::relaxed, context.count(10'000, 50), 100, 0.80}),
      send_figure(context, {"send one by one, full", ipcm::Durability::full, context.count(1'000, 20), 100, 0.95}),
  };
}

std::vector<Figure> content_sizes(const Context& context) {
  constexpr auto kRelaxed = ipcm::Durability::relaxed;
  return {
      send_figure(context, {"send contents of 1 KB, relaxed", kRelaxed, context.count(5'000, 20), 1 << 10, 0.7}),
      send_figure(context, {"send contents of 64 KB, relaxed", kRelaxed, context.count(300, 5), 64 << 10, 0.7}),
      send_figure(context, {"send contents of 1 MB, relaxed", kRelaxed, context.count(30, 2), 1 << 20, 0.7}),
      send_figure(context, {"send contents of 16 MB, relaxed", kRelaxed, context.count(4, 1),
                            context.count(16 << 20, 1 << 20), 0.7}),
  };
}

}  // namespace bench
