// SPDX-License-Identifier: MIT
// Jobs that survive their worker. A queue is an inbox that nobody connects under; whoever claims a job from it has it
// until it is acknowledged. When the worker dies, the job is somebody else's at once; when it fails, it is tried again
// after a while, and in the end it is dead, with the reason.
#include <ipcm/ipcm.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "expect.hpp"

using namespace std::chrono_literals;

// Claims a job, and is killed while it does it.
[[noreturn]] void work_and_die(const std::string& info) {
  auto worker = ipcm::connect("first", info);
  const auto claims = worker->claim("jobs");
  std::cout << "first is killed while it does " << claims.at(0).message().content().at("file") << std::endl;
  kill(getpid(), SIGKILL);
  abort();
}

int main() {
  ipcm::Spawn store = ipcm::spawn();
  auto boss = store.connect("boss");
  boss->create_queue("jobs", {.max_attempts = 3, .backoff = ipcm::Backoff::fixed, .retry_delay = 1ms});
  boss->create_queue("results");

  boss->send_message("jobs", {{"file", "a.png"}});
  boss->send_message("jobs", {{"file", "broken.png"}}, {.priority = 0});    // after all others
  boss->send_message("jobs", {{"file", "b.png"}}, {.dedup_key = "b.png"});  // asked for twice,
  boss->send_message("jobs", {{"file", "b.png"}}, {.dedup_key = "b.png"});  // done once
  boss->send_message("jobs", {{"file", "old.png"}}, {.ttl = 1ms});          // too late by its turn
  boss->add_schedule("nightly", "30 2 * * *", {.to = "jobs", .content = {{"file", "all of them"}}});

  const pid_t pid = fork();
  if (pid == 0) work_and_die(store.info());
  int status = 0;
  waitpid(pid, &status, 0);

  auto worker = store.connect("second");
  int done = 0;
  // Waits for the next job: for one that is sent, whose back-off is over, or whose worker has died.
  for (auto claims = worker->claim("jobs"); !claims.empty(); claims = worker->claim("jobs", {.wait = 100ms})) {
    ipcm::Claim& job = claims[0];
    const std::string file = job.message().content().at("file");
    std::cout << "second does " << file << ", attempt " << job.message().attempts() << "\n";
    if (file == "broken.png") {
      const bool again = job.fail("it is no picture");
      std::cout << (again ? "  which fails\n" : "  which fails for good\n");
      continue;
    }
    // The result is stored and the job is done, or neither.
    worker->transaction([&](ipcm::Transaction& all) {
      all.send_message("results", {{"file", file}, {"width", 640}});
      all.ack(job);
    });
    ++done;
  }

  expect(done == 2, "a.png, which the first one had claimed, and b.png once");
  expect(boss->claim("results", {.limit = 10}).size() == 2, "two results");
  const auto dead = boss->dead_letters("jobs");
  expect(dead.size() == 1 && dead[0].reason == "it is no picture", "what could not be done is kept, with the reason");
  expect(dead[0].message.attempts() == 3, "after three attempts");
  std::cout << "dead: " << dead[0].message.content() << " because " << dead[0].reason << "\n";
  expect(boss->schedules().at(0).next_due.has_value(), "tonight there will be more to do");
  expect(ipcm::check_route(ipcm::ConnectionInfo::parse(store.info())).problems.empty(), "the books balance");
}
