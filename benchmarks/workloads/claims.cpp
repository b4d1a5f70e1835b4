// SPDX-License-Identifier: MIT
// Jobs: claimed and acknowledged, two transactions each way. What a claim costs beside many that are in flight or for
// later.
#include <algorithm>

#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* kQueue = "jobs";

void fill(ipcm::Client& client, std::size_t count, const ipcm::MessageFields& like = {}) {
  for (std::size_t sent = 0; sent < count; sent += 1000) {
    std::vector<ipcm::MessageFields> messages(std::min<std::size_t>(1000, count - sent), like);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      messages[i].to = kQueue;
      messages[i].content = content_of(sent + i);
    }
    client.send_messages(messages);
  }
}

Measured claim_rate(ipcm::Client& client, std::size_t count, std::size_t batch) {
  fill(client, count);
  const Stopwatch watch;
  std::size_t done = 0;
  while (done < count) {
    auto claims = client.claim(kQueue, {.limit = batch, .lease = 1h});
    require(!claims.empty(), "there is work");
    if (batch == 1) {
      claims[0].ack();
      ++done;
    } else {
      done += client.ack(claims);
    }
  }
  return watch.rate(count);
}

Measured raw_cycle_rate(RawStore& raw, std::size_t count) {
  const auto texts = texts_of(count);
  const Stopwatch watch;
  for (const std::string& text : texts) {
    insert_alone(raw, text);
    require(raw.take(1000) == 1, "what was inserted is read");
  }
  return watch.rate(count);
}

Measured raw_drain_rate(RawStore& raw, std::size_t count) {
  raw.begin();
  for (const std::string& text : texts_of(count)) raw.insert(text);
  raw.commit();
  const Stopwatch watch;
  std::size_t removed = 0;
  while (const std::size_t taken = raw.take(100)) removed += taken;
  require(removed == count, "the baseline finds what it inserted");
  return watch.rate(count);
}

struct JobQueue {
  explicit JobQueue(ipcm::Spawn spawned) : store(std::move(spawned)) { client->create_queue(kQueue); }

  ipcm::Spawn store;
  std::shared_ptr<ipcm::Client> client = store.connect("worker");
};

}  // namespace

std::vector<Figure> claims(const Context& context) {
  const JobQueue queue(fresh_route(context, "claims", ipcm::Durability::relaxed));
  RawStore raw(context.folder / "claims.raw", Sync::relaxed);
  const std::size_t one_by_one = context.count(5'000, 50);
  const std::size_t in_batches = context.count(20'000, 500);
  std::vector<Figure> figures{
      alternate(
          context, {"claim and ack one by one, relaxed", "raw INSERT and DELETE", "jobs/s", Better::higher, 0.5},
          [&] { return claim_rate(*queue.client, one_by_one, 1); }, [&] { return raw_cycle_rate(raw, one_by_one); }),
      alternate(
          context, {"claim and ack by 100, relaxed", "raw SELECT and DELETE by 100", "jobs/s", Better::higher, 0.4},
          [&] { return claim_rate(*queue.client, in_batches, 100); }, [&] { return raw_drain_rate(raw, in_batches); }),
  };

  const std::size_t many = context.count(100'000, 1'000);
  const JobQueue busy(fresh_route(context, "in-flight", ipcm::Durability::relaxed));
  const auto holder = busy.store.connect("holder");
  fill(*busy.client, many);
  const auto held = holder->claim(kQueue, {.limit = many, .lease = 24h});
  require(held.size() == many, "all are in flight");
  const JobQueue scheduled(fresh_route(context, "scheduled", ipcm::Durability::relaxed));
  fill(*scheduled.client, many, {.delay = 24h});
  for (const auto& [name, other] : {std::pair{"claim and ack, 100,000 in flight", &busy},
                                    std::pair{"claim and ack, 100,000 for later", &scheduled}}) {
    figures.push_back(alternate(
        context, {name, "the same on an empty queue", "jobs/s", Better::higher, 0.85},
        [&, other = other] { return claim_rate(*other->client, one_by_one, 1); },
        [&] { return claim_rate(*queue.client, one_by_one, 1); }));
  }
  require_good_books(queue.store);
  require_good_books(busy.store);
  require_good_books(scheduled.store);
  return figures;
}

}  // namespace bench
