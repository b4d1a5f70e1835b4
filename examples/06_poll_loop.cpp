// SPDX-License-Identifier: MIT
// A client in an event loop of your own: fd() goes into poll(), epoll or asio beside your other descriptors.
#include <ipcm/ipcm.hpp>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <string>

#include "expect.hpp"

// Another process: sends three messages, and writes a line into a pipe.
[[noreturn]] void send_and_write(const std::string& info, int pipe_end) {
  auto sender = ipcm::connect("sensor", info);
  for (int value = 1; value <= 3; ++value) sender->send_message("monitor", {{"value", value}});
  const std::string line = "a line from the pipe\n";
  const bool written = write(pipe_end, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  sender->disconnect();
  _exit(written ? 0 : 1);
}

int main() {
  ipcm::Spawn store = ipcm::spawn();
  auto monitor = store.connect("monitor");
  std::array<int, 2> pipe_ends{};
  expect(pipe(pipe_ends.data()) == 0, "a pipe can be made");

  const pid_t pid = fork();
  if (pid == 0) send_and_write(store.info(), pipe_ends[1]);
  close(pipe_ends[1]);

  int values = 0;
  std::string text;
  bool pipe_open = true;
  while (values < 3 || pipe_open) {
    std::array<pollfd, 2> waiting{{{monitor->fd(), POLLIN, 0}, {pipe_open ? pipe_ends[0] : -1, POLLIN, 0}}};
    const int ready = poll(waiting.data(), waiting.size(), 30'000);
    expect(ready > 0, "something happens within half a minute");

    if (waiting[0].revents != 0) {
      // Readable means that there may be mail: read until there is none. Never read from the descriptor itself.
      for (auto messages = monitor->get_messages(); !messages.empty(); messages = monitor->get_messages()) {
        for (const ipcm::Message& message : messages) {
          std::cout << "message: " << message.content() << "\n";
          expect(message.content().at("value") == ++values, "messages come in order");
        }
      }
    }
    if (waiting[1].revents != 0) {
      std::array<char, 256> buffer;
      const ssize_t count = read(pipe_ends[0], buffer.data(), buffer.size());
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
      pipe_open = count > 0;
    }
  }
  std::cout << "pipe:    " << text;
  close(pipe_ends[0]);

  int status = -1;
  waitpid(pid, &status, 0);
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the sender ended well");
  expect(text == "a line from the pipe\n", "one loop served both");
}
