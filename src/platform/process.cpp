// SPDX-License-Identifier: MIT
#include "platform/process.hpp"

#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "platform/process_facts.hpp"

namespace ipcm::platform {
namespace {

// Field 22 of /proc/PID/stat (proc(5)), counted after the command name, which is in parentheses and may hold anything.
std::optional<std::int64_t> start_time(const std::string& process) {
  const std::string text = stat_of_process(process);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  std::int64_t ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return ticks;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

ProcessIdentity this_process() {
  return {::getpid(), start_time("self"), host_name()};
}

UniqueFd process_end(int pid, std::optional<std::int64_t> started) {
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (process && started && start_time(std::to_string(pid)) != started) return {};  // another one of that number
  return process;
}

int process_id() noexcept {
  return ::getpid();
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

unsigned effective_user() noexcept {
  return ::geteuid();
}

int pid_is_running(int pid) noexcept {
  if (pid <= 0) return 0;
  if (::kill(pid, 0) == 0) return 1;
  return errno == EPERM ? -1 : 0;
}

}  // namespace ipcm::platform
