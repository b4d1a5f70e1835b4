// SPDX-License-Identifier: MIT
// A message is sent and taken before the next one is sent: the inbox is empty in between. Two clients are compared with
// two connections, as each commit of one makes the other read its pages anew; one client that writes to itself, with
// one.
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

Measured cycle_rate(ipcm::Client& sender, ipcm::Client& reader, std::size_t count) {
  auto contents = contents_of(count);
  const Stopwatch watch;
  for (std::size_t number = 0; number < count; ++number) {
    sender.send_message(reader.id(), std::move(contents[number]));
    const auto messages = reader.get_messages();
    require(messages.size() == 1 && messages[0].content().at("n") == number, "what was sent is read");
  }
  return watch.rate(count);
}

Measured raw_cycle_rate(RawStore& sender, RawStore& reader, std::size_t count) {
  const auto texts = texts_of(count);
  const Stopwatch watch;
  for (const std::string& text : texts) {
    insert_alone(sender, text);
    require(reader.take(1000) == 1 && reader.last_content() == text, "what was inserted is read");
  }
  return watch.rate(count);
}

}  // namespace

std::vector<Figure> send_and_take(const Context& context) {
  Pair pair{fresh_route(context, "cycle", ipcm::Durability::relaxed)};
  RawStore first(context.folder / "cycle.raw", Sync::relaxed);
  RawStore second(context.folder / "cycle.raw", Sync::relaxed);
  const std::size_t count = context.count(5'000, 50);
  std::vector<Figure> figures{
      alternate(
          context,
          {"send and take in turn, two clients, relaxed", "raw, two connections", "cycles/s", Better::higher, 0.75},
          [&] { return cycle_rate(*pair.sender, *pair.reader, count); },
          [&] { return raw_cycle_rate(first, second, count); }),
      alternate(
          context,
          {"send and take in turn, one client, relaxed", "raw, one connection", "cycles/s", Better::higher, 0.75},
          [&] { return cycle_rate(*pair.reader, *pair.reader, count); },
          [&] { return raw_cycle_rate(first, first, count); }),
  };
  require_good_books(pair.store);
  return figures;
}

}  // namespace bench
