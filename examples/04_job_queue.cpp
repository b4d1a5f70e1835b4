// SPDX-License-Identifier: MIT
// A job queue that loses nothing when its worker dies: look at a job, do it, and only then remove it. A worker that
// dies in the middle leaves the job where it was.
#include <ipcm/ipcm.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <set>

#include "expect.hpp"

// Does up to `count` jobs and returns the names of those that it finished.
std::set<std::string> do_jobs(ipcm::Client& worker, int count) {
  std::set<std::string> done;
  while (count-- > 0) {
    const auto jobs = worker.peek(1);  // the oldest, still in the store
    if (jobs.empty()) break;
    const std::string file = jobs[0].content().at("file");
    std::cout << "  process " << getpid() << " does " << file << std::endl;
    done.insert(file);
    worker.remove_messages(jobs);  // done: now it may go
  }
  return done;
}

// A worker that is killed after it has looked at its third job and before it has removed it.
[[noreturn]] void work_and_die(const std::string& info) {
  auto worker = ipcm::connect("worker", info);
  do_jobs(*worker, 2);
  const auto jobs = worker->peek(1);
  std::cout << "  process " << getpid() << " is killed while it does " << jobs.at(0).content().at("file") << std::endl;
  kill(getpid(), SIGKILL);
  abort();
}

int main() {
  ipcm::Spawn store = ipcm::spawn();
  auto boss = store.connect("boss");
  store.connect("worker")->suspend();  // from now on there is an inbox of that name

  // Many messages in one transaction: all of them are stored, or none.
  std::vector<ipcm::MessageFields> jobs;
  for (const char* file : {"a.png", "b.png", "c.png", "d.png", "e.png"}) {
    jobs.push_back({.to = "worker", .content = {{"file", file}}});
  }
  boss->send_messages(jobs);

  std::cout << "the first worker:" << std::endl;
  const pid_t pid = fork();
  if (pid == 0) work_and_die(store.info());
  int status = 0;
  waitpid(pid, &status, 0);
  expect(WIFSIGNALED(status), "the first worker was killed");

  // The name is free again, because the kernel knows that its process is gone.
  std::cout << "the second worker:\n";
  auto worker = ipcm::connect("worker", store.info());

  // One that cannot be done now goes back to its place, before whatever came later.
  const auto postponed = worker->get_messages(1);
  expect(postponed.at(0).content().at("file") == "c.png", "the interrupted job comes first");
  worker->requeue_messages(postponed);

  const std::set<std::string> done = do_jobs(*worker, 5);
  expect(done == std::set<std::string>{"c.png", "d.png", "e.png"}, "all that was not finished is done now");
  expect(!worker->have_ready_messages(), "nothing is left over");
}
