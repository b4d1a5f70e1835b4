// SPDX-License-Identifier: MIT
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

double drain_rate(Pair& pair, std::size_t count) {
  std::vector<ipcm::MessageFields> messages(count);
  for (std::size_t number = 0; number < count; ++number) {
    messages[number].to = "reader";
    messages[number].content = content_of(number);
  }
  pair.sender->send_messages(messages);
  const Stopwatch watch;
  take_all(*pair.reader, count);  // decodes each
  return static_cast<double>(count) / watch.seconds();
}

double raw_drain_rate(RawStore& raw, std::size_t count) {
  raw.begin();
  for (const std::string& text : texts_of(count)) raw.insert(text);
  raw.commit();
  const Stopwatch watch;
  remove_all(raw, count);
  return static_cast<double>(count) / watch.seconds();
}

}  // namespace

std::vector<Figure> drain(const Context& context) {
  Pair pair{fresh_route(context, "drain", ipcm::Durability::relaxed)};
  RawStore raw(context.folder / "drain.raw", Sync::relaxed);
  const std::size_t count = context.count(20'000, 500);
  Figure about{"drain by 1,000, contents decoded",
               "raw SELECT, DELETE of the range",
               "messages/s",
               Better::higher,
               0.45,
               {},
               {},
               {}};
  Figure figure = alternate(
      context, std::move(about), [&] { return drain_rate(pair, count); }, [&] { return raw_drain_rate(raw, count); });
  require_good_books(pair.store);
  return {figure};
}

}  // namespace bench
