// SPDX-License-Identifier: MIT
#include "support/stepped_child.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <stdexcept>

namespace test {
namespace {

constexpr char kEnd = '\n';

void say(int to, std::string text) {
  for (char& byte : text) byte = byte == kEnd ? ' ' : byte;
  text += kEnd;
  if (write(to, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(3);
}

std::string hear(int from) {
  std::string text;
  for (char byte = 0;;) {
    const ssize_t got = read(from, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1) return "the child ended before it was done: " + text;
    if (byte == kEnd) return text;
    text += byte;
  }
}

std::string outcome_of_step(const SteppedChild::Step& step) {
  try {
    return step();
  } catch (const std::exception& error) {
    return std::string("threw: ") + error.what();
  }
}

}  // namespace

SteppedChild::SteppedChild(const Step& first, const Step& second) {
  std::array<int, 2> to_child{};
  std::array<int, 2> from_child{};
  if (pipe(to_child.data()) != 0 || pipe(from_child.data()) != 0) throw std::runtime_error("pipe failed");
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    // The test framework's own handlers would go on with the next test, in the child.
    for (const int number : {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV}) signal(number, SIG_DFL);
    alarm(60);  // a child that hangs must not hang the test
    close(to_child[1]);
    close(from_child[0]);
    say(from_child[1], outcome_of_step(first));
    char go = 0;
    if (read(to_child[0], &go, 1) != 1) _exit(0);
    say(from_child[1], outcome_of_step(second));
    _exit(0);
  }
  close(to_child[0]);
  close(from_child[1]);
  told_ = to_child[1];
  said_ = from_child[0];
}

SteppedChild::~SteppedChild() {
  close(told_);
  close(said_);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

std::string SteppedChild::first() {
  return hear(said_);
}

std::string SteppedChild::second() {
  if (write(told_, "g", 1) != 1) return "the child cannot be told";
  return hear(said_);
}

}  // namespace test
