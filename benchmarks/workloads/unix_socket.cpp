// SPDX-License-Identifier: MIT
// Messages that are not kept, from process to process, against bare datagrams such as those that carry them. Each
// process is on a processor of its own.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "conversation.hpp"
#include "processes.hpp"
#include "route.hpp"
#include "wire.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

ipcm::Spawn fresh_unix_socket_route(const Context& context) {
  return fresh_route(context, "unix_socket", ipcm::SpawnOptions{.protocol = "UnixSocket"});
}

// One process of a stream. What the reader returns is the rate.
using Work = std::function<double()>;

// Messages per second, from the moment at which both begin until the last one is read. `make` is called in the process:
// 0 reads, 1 sends.
double stream(const std::function<Work(std::size_t process)>& make) {
  const StartLine start(2);
  return collect_forked<double>(2, [&](std::size_t process) {
    pin_to_processor(process);
    const Work work = make(process);
    start.wait();
    return work();
  })[0];
}

double send_all(ipcm::Client& sender, std::vector<ipcm::Json>& contents) {
  for (ipcm::Json& content : contents) sender.send_message("reader", std::move(content));
  return 0;
}

double read_all(ipcm::Client& reader, std::size_t count) {
  const Stopwatch watch;
  for (std::size_t next = 0; next < count;) {
    const auto messages = reader.get_messages(1000);
    if (messages.empty()) reader.wait();
    for (const ipcm::Message& message : messages) {
      require(message.content().at("n") == next++, "messages come in the order in which they were sent");
    }
  }
  const double rate = watch.rate(count).value;
  require(!reader.have_ready_messages(), "no more are read than were sent");
  return rate;
}

double stream_over_route(const Context& context, std::size_t count) {
  const ipcm::Spawn store = fresh_unix_socket_route(context);
  const double rate = stream([&](std::size_t process) -> Work {
    const auto client = ipcm::connect(process == 0 ? "reader" : "sender", store.info());
    if (process == 0) return [client, count] { return read_all(*client, count); };
    return [client, contents = contents_of(count)]() mutable { return send_all(*client, contents); };
  });
  const auto books = store.connect("auditor")->all_stats();
  require(books.at("sender").sent.at("reader") == count && books.at("reader").read.at("sender") == count,
          "both counted what was sent and read");
  require_good_books(store);
  return rate;
}

double write_datagrams(int end, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    require(send(end, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "a datagram can be sent");
  }
  return 0;
}

double read_datagrams(int end, const std::vector<std::string>& texts) {
  std::array<char, 1024> bytes{};
  const Stopwatch watch;
  for (const std::string& text : texts) {
    const ssize_t length = recv(end, bytes.data(), bytes.size(), 0);
    require(length >= 0 && std::string_view(bytes.data(), static_cast<std::size_t>(length)) == text,
            "datagrams come whole, in the order in which they were sent");
  }
  return watch.rate(texts.size()).value;
}

double stream_over_datagrams(std::size_t count) {
  const Wire wire;
  const auto texts = texts_of(count);
  return stream([&](std::size_t process) -> Work {
    const int end = wire.end(process);
    return [end, process, &texts] { return process == 0 ? read_datagrams(end, texts) : write_datagrams(end, texts); };
  });
}

}  // namespace

std::vector<Figure> unix_socket(const Context& context) {
  const std::size_t rounds = context.count(10'000, 20);
  const std::size_t count = context.count(100'000, 200);
  return {
      alternate(
          context, {"ping-pong, UnixSocket, p50", "two bare datagrams, p50", "us", Better::lower, 2.0},
          [&] { return Measured{converse_over(fresh_unix_socket_route(context), rounds).p50}; },
          [&] { return Measured{converse_over_datagrams(rounds).p50}; }),
      alternate(
          context, {"send one way, UnixSocket", "bare datagrams, same bytes", "messages/s", Better::higher, 0.5},
          [&] { return Measured{stream_over_route(context, count)}; },
          [&] { return Measured{stream_over_datagrams(count)}; }),
  };
}

}  // namespace bench
