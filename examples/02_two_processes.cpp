// SPDX-License-Identifier: MIT
// Two processes. All that the second one needs is the connection info, a short text that may travel by command line,
// environment or file.
#include <ipcm/ipcm.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "expect.hpp"

using namespace std::chrono_literals;

// The worker squares numbers until it is told to stop.
int work(const std::string& info) {
  auto worker = ipcm::connect("worker", info);
  for (;;) {
    worker->wait();  // sleeps until a message is there
    for (const ipcm::Message& message : worker->get_messages()) {
      if (message.is_terminate()) return 0;
      const int number = message.content().get<int>();
      worker->send_message(message.from(), {{"number", number}, {"square", number * number}});
    }
  }
}

// Starts this program again as the worker.
pid_t start_worker(const std::string& info) {
  const pid_t pid = fork();
  if (pid == 0) {
    execl("/proc/self/exe", "02_two_processes", info.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  return pid;
}

int main(int count, char** arguments) {
  if (count > 1) return work(arguments[1]);

  ipcm::Spawn store = ipcm::spawn();
  auto boss = store.connect("boss");
  std::cout << "connection info: " << store.info() << "\n";

  const pid_t pid = start_worker(store.info());
  // A name takes mail once it has connected for the first time; until then a send would throw UnknownPeer.
  expect(boss->peer_active("worker", 30s), "the worker connects");
  std::cout << "the worker is process " << boss->peer_pid("worker").value_or(-1) << "\n";

  for (int number = 1; number <= 3; ++number) boss->send_message("worker", number);

  std::size_t answers = 0;
  while (answers < 3 && boss->wait(30s)) {
    for (const ipcm::Message& message : boss->get_messages()) {
      const ipcm::Json& answer = message.content();
      std::cout << answer.at("number") << " squared is " << answer.at("square") << "\n";
      ++answers;
      expect(answer.at("number") == answers, "answers come in the order of the questions");
      expect(answer.at("square") == answers * answers, "the worker can square");
    }
  }
  expect(answers == 3, "every question is answered");

  store.terminate();  // a broadcast of {"terminate": true}
  int status = -1;
  waitpid(pid, &status, 0);
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the worker ends when it is told to");
}
