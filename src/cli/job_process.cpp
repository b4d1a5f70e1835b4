// SPDX-License-Identifier: MIT
#include "job_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "supervisor.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kTailBytes = 4096;
constexpr std::size_t kReasonBytes = 4096;

void set_nonblocking(int descriptor) {
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// In the child, with all signals blocked: drops what was meant for the parent and gives every signal its default, also
/// one that was ignored when the parent started, as in `ipcm work ... &` of a script: the command could not be ended.
/// Only of an ignored SIGHUP the command keeps what it inherits: whoever runs nohup(1) means it as well.
void reset_signals() noexcept {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0) continue;
    if (action.sa_handler == SIG_DFL || (action.sa_handler == SIG_IGN && number == SIGHUP)) continue;
    ::signal(number, SIG_IGN);  // one that is pending is gone with that
    ::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// While it lives no signal is delivered to this thread.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

[[noreturn]] void throw_cannot_start(const std::string& what, int error) {
  throw CannotStart(what + ": " + std::strerror(error), error);
}

std::string cannot_run(const std::string& command, int error) {
  // What a script names after #! and what loads a program are files, too.
  const bool is_there = error == ENOENT && command.find('/') != command.npos && ::access(command.c_str(), F_OK) == 0;
  return "cannot run " + command + (is_there ? ", whose interpreter is missing" : "");
}

/// UTF-8 without NUL; at most so many bytes of its end.
std::string clean_end(std::string_view text, std::size_t most) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t length = character_bytes(text);
    if (length == 0 || text.front() == '\0') {
      clean += "\xEF\xBF\xBD";  // U+FFFD
    } else {
      clean += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  clean.erase(clean.find_last_not_of(" \t\r\n") + 1);
  std::size_t begin = clean.size() > most ? clean.size() - most : 0;
  while (begin < clean.size() && (static_cast<unsigned char>(clean[begin]) & 0xC0U) == 0x80U) ++begin;
  return clean.substr(begin);
}

}  // namespace

struct JobProcess::Pipe {
  Descriptor read_end;
  Descriptor write_end;

  void open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_cannot_start("cannot make a pipe", errno);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
  }
};

bool CannotStart::is_permanent() const noexcept {
  constexpr std::array kLacking = {EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY, EIO, EINTR};
  return std::find(kLacking.begin(), kLacking.end(), error) == kLacking.end();
}

int CannotStart::exit_code() const noexcept {
  return error == ENOENT ? 127 : 126;
}

void JobProcess::Descriptor::reset(int descriptor) noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = descriptor;
}

JobProcess::JobProcess(Plan plan) : plan_(std::move(plan)) {
  Pipe input;
  Pipe output;
  Pipe errors;
  Pipe failure;  // closed by the exec; or the child writes into it why there was none
  input.open();
  if (plan_.take_output) output.open();
  errors.open();
  failure.open();
  const std::vector<char*> arguments = pointers_to(plan_.command);
  const std::vector<char*> environment = pointers_to(plan_.environment);
  const pid_t parent = ::getpid();
  int fork_error = 0;
  {
    const SignalsBlocked blocked;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, plan_.supervisor != nullptr ? SIGKILL : SIGTERM);
      if (::getppid() != parent) ::_exit(127);
      if (plan_.supervisor != nullptr) plan_.supervisor->add_self();
      ::dup2(input.read_end.get(), STDIN_FILENO);
      if (plan_.take_output) ::dup2(output.write_end.get(), STDOUT_FILENO);
      ::dup2(errors.write_end.get(), STDERR_FILENO);
      ::setrlimit(RLIMIT_NOFILE, &plan_.open_files);
      reset_signals();
      ::execvpe(arguments[0], arguments.data(), environment.data());
      const int problem = errno;
      [[maybe_unused]] const auto ignored = ::write(failure.write_end.get(), &problem, sizeof problem);
      ::_exit(127);
    }
    fork_error = errno;
  }
  if (pid_ < 0) throw_cannot_start("cannot make a process", fork_error);
  failure.write_end.reset();
  int error = 0;
  while (::read(failure.read_end.get(), &error, sizeof error) < 0 && errno == EINTR) continue;
  if (error != 0) {
    reap();
    throw_cannot_start(cannot_run(plan_.command.front(), error), error);
  }
  const auto keep = [](Descriptor& mine, Descriptor& end) {
    mine.reset(end.release());
    set_nonblocking(mine.get());
  };
  keep(input_, input.write_end);
  keep(errors_, errors.read_end);
  if (plan_.take_output) keep(output_, output.read_end);
  if (plan_.input.empty()) input_.reset();
}

JobProcess::~JobProcess() {
  signal(SIGKILL);
  if (pid_ > 0) reap();
}

void JobProcess::reap() noexcept {
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) continue;
  if (plan_.supervisor != nullptr) plan_.supervisor->remove(pid_);  // while the number is taken
  while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
}

void JobProcess::write_input() {
  while (input_.get() >= 0) {
    const ssize_t count = ::write(input_.get(), plan_.input.data() + written_, plan_.input.size() - written_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count > 0) written_ += static_cast<std::size_t>(count);
    if (count < 0 || written_ == plan_.input.size()) {  // EPIPE: it does not want it
      input_.reset();
      std::string().swap(plan_.input);
    }
  }
}

std::string JobProcess::take(Descriptor& from) {
  std::string taken;
  std::array<char, std::size_t{64} << 10U> buffer;
  while (from.get() >= 0 && taken.size() < buffer.size()) {
    const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count <= 0) {
      from.reset();
    } else {
      taken.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  return taken;
}

std::string JobProcess::take_output() {
  return take(output_);
}

std::string JobProcess::take_errors() {
  std::string taken = take(errors_);
  tail_ += taken;
  if (tail_.size() > kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  return taken;
}

std::optional<int> JobProcess::exit_code() const noexcept {
  if (!WIFEXITED(status_)) return std::nullopt;
  return WEXITSTATUS(status_);
}

int JobProcess::ending_signal() const noexcept {
  if (WIFSIGNALED(status_)) return WTERMSIG(status_);
  constexpr int kKilled = 128;
  return WEXITSTATUS(status_) > kKilled ? WEXITSTATUS(status_) - kKilled : 0;
}

std::string JobProcess::reason() const {
  const std::string how = WIFEXITED(status_) ? "exit " + std::to_string(WEXITSTATUS(status_))
                                             : "killed by signal " + std::to_string(WTERMSIG(status_));
  const std::string said = clean_end(tail_, kReasonBytes - how.size() - 2);
  return said.empty() ? how : how + ": " + said;
}

void JobProcess::signal(int number) noexcept {
  if (pid_ > 0) ::kill(-pid_, number);
}

}  // namespace ipcm::cli
