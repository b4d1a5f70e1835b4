// SPDX-License-Identifier: MIT
// A full inbox is emptied by 1,000 at a time. ipcm judges every content before it hands it over; the caller who looks
// into it pays for decoding, the one who passes it on does not.
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

void fill(const Pair& pair, std::size_t count) {
  std::vector<ipcm::MessageFields> messages(count);
  for (std::size_t number = 0; number < count; ++number) {
    messages[number].to = "reader";
    messages[number].content = content_of(number);
  }
  pair.sender->send_messages(messages);
}

Measured decoded_rate(const Pair& pair, std::size_t count) {
  fill(pair, count);
  const Stopwatch watch;
  take_all(*pair.reader, count);
  return watch.rate(count);
}

Measured undecoded_rate(const Pair& pair, std::size_t count) {
  fill(pair, count);
  const Stopwatch watch;
  std::size_t taken = 0;
  while (const std::size_t batch = pair.reader->get_messages(1000).size()) taken += batch;
  const Measured rate = watch.rate(count);
  require(taken == count, "as many messages are taken as were sent");
  return rate;
}

Measured raw_rate(RawStore& raw, std::size_t count) {
  raw.begin();
  for (const std::string& text : texts_of(count)) raw.insert(text);
  raw.commit();
  const Stopwatch watch;
  remove_all(raw, count);
  return watch.rate(count);
}

}  // namespace

std::vector<Figure> drain(const Context& context) {
  const Pair pair{fresh_route(context, "drain", ipcm::Durability::relaxed)};
  RawStore raw(context.folder / "drain.raw", Sync::relaxed);
  const std::size_t count = context.count(20'000, 500);
  const auto measure = [&](const char* name, double reach, Measured (*sample)(const Pair&, std::size_t)) {
    return alternate(
        context, {name, "raw SELECT and DELETE", "messages/s", Better::higher, reach},
        [&] { return sample(pair, count); }, [&] { return raw_rate(raw, count); });
  };
  std::vector<Figure> figures{measure("drain of 20,000, every content looked at", 0.45, decoded_rate),
                              measure("drain of 20,000, contents passed on", 0, undecoded_rate)};
  require_good_books(pair.store);
  return figures;
}

}  // namespace bench
