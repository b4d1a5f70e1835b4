// SPDX-License-Identifier: MIT
#include "processes.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <stdexcept>

namespace bench {
namespace {

[[noreturn]] void run_child(std::size_t index, const std::function<void(std::size_t)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // an interrupted benchmark leaves nobody behind
  try {
    work(index);
    _exit(0);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "process %zu: %s\n", index, failure.what());
    _exit(1);
  }
}

// True when it ended well.
bool reap(std::vector<pid_t>& processes) {
  int status = 0;
  const pid_t gone = waitpid(-1, &status, 0);
  std::erase(processes, gone);
  return gone > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

SharedMemory::SharedMemory(std::size_t bytes)
    : bytes_(bytes), data_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

SharedMemory::~SharedMemory() {
  munmap(data_, bytes_);
}

StartLine::StartLine(std::size_t processes) {
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&*barrier_, &attributes, static_cast<unsigned>(processes));
  pthread_barrierattr_destroy(&attributes);
}

// Not destroyed: pthread_barrier_destroy() would wait for a process that was killed at the barrier.
StartLine::~StartLine() = default;

void run_forked(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::fflush(nullptr);
  std::vector<pid_t> processes;
  bool well = true;
  for (std::size_t index = 0; well && index < count; ++index) {
    const pid_t pid = fork();
    if (pid == 0) run_child(index, work);
    well = pid > 0;
    if (well) processes.push_back(pid);
  }
  while (!processes.empty()) {
    if (!well) {
      for (const pid_t pid : processes) kill(pid, SIGKILL);
    }
    well = reap(processes) && well;
  }
  if (!well) throw std::runtime_error("a process of the benchmark failed");
}

void pin_to_processor(std::size_t number) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::vector<int> processors;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &allowed)) processors.push_back(processor);
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processors.at(number % processors.size()), &one);
  sched_setaffinity(0, sizeof one, &one);
}

}  // namespace bench
