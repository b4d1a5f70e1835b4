// SPDX-License-Identifier: MIT
// A client in Boost.Asio: its descriptor is waited for, and stays the client's.
#include <ipcm/ipcm.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <iostream>
#include <thread>
#include <utility>

#include "expect.hpp"

namespace asio = boost::asio;

/// Calls back with each message, for as long as the context runs.
class Inbox {
 public:
  using Handler = std::function<void(const ipcm::Message&)>;

  Inbox(asio::io_context& context, std::shared_ptr<ipcm::Client> client, Handler handler)
      : client_(std::move(client)), handler_(std::move(handler)), descriptor_(context, client_->fd()) {
    wait();
  }
  ~Inbox() { descriptor_.release(); }  // or asio would close it

 private:
  void wait() {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& failed) {
      if (failed) return;  // cancelled
      for (auto messages = client_->get_messages(); !messages.empty(); messages = client_->get_messages()) {
        for (const ipcm::Message& message : messages) handler_(message);
      }
      wait();
    });
  }

  std::shared_ptr<ipcm::Client> client_;
  Handler handler_;
  asio::posix::stream_descriptor descriptor_;
};

int main() {
  ipcm::Spawn store = ipcm::spawn();
  asio::io_context context;
  int received = 0;
  Inbox inbox(context, store.connect("monitor"), [&](const ipcm::Message& message) {
    std::cout << message.from() << " says " << message.content() << "\n";
    expect(message.content() == ++received, "messages come in order");
    if (received == 5) context.stop();
  });
  asio::steady_timer too_long(context, std::chrono::seconds(30));
  too_long.async_wait([&](const boost::system::error_code&) { context.stop(); });

  std::thread sensor([&] {
    auto sender = store.connect("sensor");
    for (int value = 1; value <= 5; ++value) sender->send_message("monitor", value);
  });
  context.run();
  sensor.join();
  expect(received == 5, "all five came");
}
