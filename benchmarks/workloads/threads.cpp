// SPDX-License-Identifier: MIT
// Threads that share one client: under `full` each waits for the disk, and one sync could serve all who wait.
#include <future>

#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

// Thread t sends the numbers from t * each on.
void verify(ipcm::Client& reader, std::size_t threads, std::size_t each) {
  std::vector<std::size_t> sent(threads);
  std::size_t count = 0;
  for (auto batch = reader.get_messages(1000); !batch.empty(); batch = reader.get_messages(1000)) {
    for (const ipcm::Message& message : batch) {
      const auto number = message.content().at("n").get<std::size_t>();
      require(number % each == sent.at(number / each)++, "each thread's messages come in their order");
    }
    count += batch.size();
  }
  require(count == threads * each, "as many messages are read as were sent");
}

Measured send_rate(const Pair& pair, std::size_t threads, std::size_t each) {
  auto contents = contents_of(threads * each);
  std::vector<std::future<void>> running;
  const Stopwatch watch;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    running.push_back(std::async(std::launch::async, [&, thread] {
      for (std::size_t i = 0; i < each; ++i) {
        pair.sender->send_message("reader", std::move(contents[thread * each + i]));
      }
    }));
  }
  for (std::future<void>& thread : running) thread.get();
  const Measured rate = watch.rate(contents.size());
  verify(*pair.reader, threads, each);
  return rate;
}

}  // namespace

std::vector<Figure> threads_of_a_client(const Context& context) {
  constexpr std::size_t kThreads = 16;
  const Pair pair{fresh_route(context, "threads", ipcm::Durability::full)};
  const std::size_t count = context.count(1'600, 32);
  Figure figure = alternate(
      context, {"16 threads on one client, full", "1 thread", "messages/s", Better::higher, 3.5},
      [&] { return send_rate(pair, kThreads, count / kThreads); }, [&] { return send_rate(pair, 1, count); });
  require_good_books(pair.store);
  return {figure};
}

}  // namespace bench
