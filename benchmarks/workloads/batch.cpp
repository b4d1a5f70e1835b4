// SPDX-License-Identifier: MIT
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

constexpr std::size_t kBatch = 100;

Measured batch_rate(Pair& pair, std::size_t batches) {
  auto contents = contents_of(batches * kBatch);
  auto content = contents.begin();
  const Stopwatch watch;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    std::vector<ipcm::MessageFields> messages(kBatch);
    for (ipcm::MessageFields& message : messages) {
      message.to = "reader";
      message.content = std::move(*content++);
    }
    pair.sender->send_messages(messages);
  }
  const Measured rate = watch.rate(batches * kBatch);
  take_all(*pair.reader, contents.size());
  return rate;
}

Measured raw_batch_rate(RawStore& raw, std::size_t batches) {
  const auto texts = texts_of(batches * kBatch);
  auto text = texts.begin();
  const Stopwatch watch;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    raw.begin();
    for (std::size_t i = 0; i < kBatch; ++i) raw.insert(*text++);
    raw.commit();
  }
  const Measured rate = watch.rate(batches * kBatch);
  remove_all(raw, texts.size());
  return rate;
}

}  // namespace

std::vector<Figure> send_in_batches(const Context& context) {
  Pair pair{fresh_route(context, "batch", ipcm::Durability::relaxed)};
  RawStore raw(context.folder / "batch.raw", Sync::relaxed);
  const std::size_t batches = context.count(300, 2);
  Figure about{"send_messages by 100, relaxed", "raw INSERTs, 100 a transaction", "messages/s", Better::higher, 0.60};
  Figure figure = alternate(
      context, std::move(about), [&] { return batch_rate(pair, batches); },
      [&] { return raw_batch_rate(raw, batches); });
  require_good_books(pair.store);
  return {figure};
}

}  // namespace bench
