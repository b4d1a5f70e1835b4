// SPDX-License-Identifier: MIT
#include "support/faults/child.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <utility>

namespace test {
namespace {

constexpr unsigned kPatienceSeconds = 300;  // for one that hangs; with sanitizers on a busy machine some need a minute

void close_end(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

}  // namespace

Pipe::Pipe() {
  signal(SIGPIPE, SIG_IGN);  // who is gone is found out by the error
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  reading_ = ends[0];
  writing_ = ends[1];
}

Pipe::~Pipe() {
  close_end(reading_);
  close_end(writing_);
}

void Pipe::write(const std::string& text) const {
  if (::write(writing_, text.data(), text.size()) < 0) throw std::runtime_error("cannot write to a pipe");
}

std::string Pipe::read_line() {
  close_end(writing_);
  std::string line;
  char byte = 0;
  while (::read(reading_, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

int Pipe::keep_reading_end() {
  close_end(writing_);
  return std::exchange(reading_, -1);
}

int Pipe::keep_writing_end() {
  close_end(reading_);
  return std::exchange(writing_, -1);
}

std::string read_to_end(int descriptor) {
  std::string all;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

pid_t fork_child(const std::function<void()>& work) {
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  // The test framework's own handlers would go on with the next test, in the child.
  for (const int number : {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV}) signal(number, SIG_DFL);
  alarm(kPatienceSeconds);
  try {
    work();
  } catch (const std::exception& error) {
    std::cerr << "a child threw: " << error.what() << std::endl;
    _exit(1);
  }
  _exit(0);
}

int wait_for_child(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace test
