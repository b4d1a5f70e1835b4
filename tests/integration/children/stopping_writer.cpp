// SPDX-License-Identifier: MIT
// Stops itself with SIGSTOP in the middle of the transaction in which it sends to "boss", with the turn to write in its
// hands. Without a name it is anonymous.
#include <signal.h>

#include <atomic>
#include <iostream>

#include <ipcm/ipcm.hpp>

namespace {

/// A send looks at the clock for the message's stamp, and then, in its transaction, for whether the recipient's
/// suspension has run out.
class StoppingClock : public ipcm::Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    if (looks_until_stop_.fetch_sub(1) == 1) raise(SIGSTOP);
    return std::chrono::system_clock::now();
  }
  void stop_in_next_send() { looks_until_stop_ = 2; }

 private:
  mutable std::atomic<int> looks_until_stop_{0};
};

}  // namespace

int main(int, char* argv[]) {
  const auto info = ipcm::ConnectionInfo::parse(argv[1]);
  const std::string name = argv[2];
  const auto clock = std::make_shared<StoppingClock>();
  ipcm::ConnectOptions options;
  options.clock = clock;
  const auto client = name.empty() ? ipcm::connect_anonymous(info, options) : ipcm::connect(name, info, options);
  clock->stop_in_next_send();
  client->send_message("boss", "from the stopped one");
  std::cout << "sent" << std::endl;
}
