// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace test {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

Deadline patience() {
  return std::chrono::steady_clock::now() + kPatience;
}

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return ends;
}

void close_end(int& end) {
  if (end >= 0) close(end);
  end = -1;
}

int remaining_ms(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) throw std::runtime_error("the child process did not do in time what the test waits for");
  return static_cast<int>(left.count());
}

// Appends what can be read; false at the end.
bool read_some(int end, std::string& into, Deadline deadline) {
  pollfd waiting{end, POLLIN, 0};
  while (poll(&waiting, 1, remaining_ms(deadline)) <= 0) {}
  std::array<char, 65536> buffer;
  const ssize_t count = read(end, buffer.data(), buffer.size());
  if (count < 0 && errno != EINTR) fail("read");
  if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
  return count != 0;
}

void read_both(int& out, int& err, RunResult& result, Deadline deadline) {
  while (out >= 0 || err >= 0) {
    std::array<pollfd, 2> waiting{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), remaining_ms(deadline)) <= 0) continue;
    if (waiting[0].revents != 0 && !read_some(out, result.out, deadline)) close_end(out);
    if (waiting[1].revents != 0 && !read_some(err, result.err, deadline)) close_end(err);
  }
}

int decode(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Process::Process(const std::vector<std::string>& command) {
  ::signal(SIGPIPE, SIG_IGN);
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Also where the tests run under nohup or in the background of a script, which ignore signals that tests send.
  sigset_t every;
  sigfillset(&every);
  posix_spawnattr_setsigdefault(&attributes, &every);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int error = posix_spawnp(&pid_, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(in[0]);
  close(out[1]);
  close(err[1]);
  in_ = in[1];
  out_ = out[0];
  err_ = err[0];
  if (error != 0) {
    errno = error;
    fail("cannot start " + command.at(0));
  }
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close_end(in_);
  close_end(out_);
  close_end(err_);
}

void Process::write(const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(in_, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write to the child process");
    written += static_cast<std::size_t>(count);
  }
}

void Process::close_stdin() {
  close_end(in_);
}

void Process::close_stdout() {
  close_end(out_);
}

std::optional<std::string> Process::read_line() {
  const Deadline deadline = patience();
  for (;;) {
    const std::size_t end = buffered_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      return line;
    }
    if (!read_some(out_, buffered_, deadline)) return std::nullopt;
  }
}

std::string Process::wait_for_line(const std::string& text) {
  while (auto line = read_line()) {
    if (line->starts_with(text)) return *line;
  }
  throw std::runtime_error("the child process ended without the line: " + text);
}

void Process::signal(int number) {
  if (pid_ <= 0) throw std::logic_error("a process that was reaped gets no signals");  // -1 would be every process
  if (kill(pid_, number) != 0) fail("kill");
}

bool Process::has_ended() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
}

RunResult Process::finish() {
  close_stdin();
  return collect();
}

RunResult Process::collect() {
  const Deadline deadline = patience();
  RunResult result;
  result.out = std::move(buffered_);
  read_both(out_, err_, result, deadline);
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) break;
    if (ended < 0 && errno != EINTR) fail("waitpid");
    remaining_ms(deadline);
    pause_briefly();
  }
  pid_ = -1;
  result.exit_code = decode(status);
  return result;
}

void Process::wait_until_stopped() {
  int status = 0;
  if (waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status)) fail("the process did not stop");
}

RunResult run(const std::vector<std::string>& command, const std::string& input) {
  Process process(command);
  // In a thread, for a command that writes before it has read everything.
  std::thread writer([&] {
    try {
      process.write(input);
    } catch (const std::runtime_error&) {  // it did not want to read that much
    }
    process.close_stdin();
  });
  RunResult result = process.collect();
  writer.join();
  return result;
}

std::string child(const std::string& name) {
  return std::string(IPCM_TEST_CHILDREN) + "/" + name;
}

void pause_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace test
