// SPDX-License-Identifier: MIT
// Does it matter to a peer how much lies in the inboxes of others?
#include <algorithm>

#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

// The reader's inbox lies between two others, as peers are numbered in the order in which they come.
struct Neighbours {
  explicit Neighbours(ipcm::Spawn spawned) : store(std::move(spawned)) {
    store.connect("before")->suspend();
    reader = store.connect("reader");
    store.connect("after")->suspend();
    sender = store.connect("sender");
  }

  void fill(std::size_t count) const {
    const ipcm::Content content = content_of(0);
    for (std::size_t sent = 0; sent < count; sent += 1000) {
      std::vector<ipcm::MessageFields> messages(std::min<std::size_t>(1000, count - sent));
      for (std::size_t i = 0; i < messages.size(); ++i) {
        messages[i].to = i % 2 == 0 ? "before" : "after";
        messages[i].content = content;
      }
      sender->send_messages(messages);
    }
  }

  ipcm::Spawn store;
  std::shared_ptr<ipcm::Client> reader;
  std::shared_ptr<ipcm::Client> sender;
};

Measured send_rate(const Neighbours& route, std::size_t count) {
  auto contents = contents_of(count);
  const Stopwatch watch;
  for (ipcm::Json& content : contents) route.sender->send_message("reader", std::move(content));
  const Measured rate = watch.rate(count);
  take_all(*route.reader, count);
  return rate;
}

Measured cycle_rate(const Neighbours& route, std::size_t count) {
  auto contents = contents_of(count);
  const Stopwatch watch;
  for (std::size_t number = 0; number < count; ++number) {
    route.sender->send_message("reader", std::move(contents[number]));
    const auto messages = route.reader->get_messages();
    require(messages.size() == 1 && messages[0].content().at("n") == number, "what was sent is read");
  }
  return watch.rate(count);
}

Measured look_time(const Neighbours& route, std::size_t count) {
  bool found = false;
  const Stopwatch watch;
  for (std::size_t i = 0; i < count; ++i) found = route.reader->have_ready_messages() || found;
  const Measured time = watch.time_each(count);
  require(!found, "an empty inbox looks empty");
  return time;
}

}  // namespace

std::vector<Figure> backlog(const Context& context) {
  const Neighbours full(fresh_route(context, "backlog", ipcm::Durability::relaxed));
  const Neighbours empty(fresh_route(context, "empty", ipcm::Durability::relaxed));
  full.fill(context.count(1'000'000, 2'000));

  const auto measure = [&](const char* name, const char* unit, Better better, double reach,
                           Measured (*sample)(const Neighbours&, std::size_t), std::size_t count) {
    return alternate(
        context, {name, "the same on an empty route", unit, better, reach}, [&] { return sample(full, count); },
        [&] { return sample(empty, count); });
  };
  std::vector<Figure> figures{
      measure("send, 1,000,000 queued for others", "messages/s", Better::higher, 0.85, send_rate,
              context.count(5'000, 50)),
      measure("send and take, 1,000,000 queued for others", "cycles/s", Better::higher, 0.85, cycle_rate,
              context.count(5'000, 50)),
      measure("empty look, 1,000,000 queued for others", "us", Better::lower, 1.3, look_time,
              context.count(20'000, 100)),
  };
  require_good_books(full.store);
  require_good_books(empty.store);
  return figures;
}

}  // namespace bench
