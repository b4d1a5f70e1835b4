// SPDX-License-Identifier: MIT
#include "platform/read_apart.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <memory>

namespace ipcm::platform {
namespace {

struct Reading {
  int folder;
  const char* name;
  char* into;
  std::size_t size;
  ssize_t got;
};

// In the child, on a stack of its own and in this process's memory: system calls only.
int read_in_child(void* data) {
  auto& reading = *static_cast<Reading*>(data);
  const int fd = ::openat(reading.folder, reading.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd >= 0) reading.got = ::pread(fd, reading.into, reading.size, 0);
  return 0;  // its end closes the descriptor
}

// A handler would run in the child with the memory of the parent.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// Without CLONE_FILES the child has a table of descriptors of its own. Without a signal at its end nobody but this call
// waits for it.
bool run_in_child(int (*work)(void*), void* data) {
  alignas(16) std::array<char, std::size_t{32} << 10U> stack;  // grows downward
  const SignalsBlocked blocked;
  const int child = ::clone(work, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK, data);
  if (child < 0) return false;
  while (::waitpid(child, nullptr, __WALL) < 0 && errno == EINTR) {}
  return true;
}

constexpr std::size_t kMostExtents = 4096;

struct Extents {
  int folder;
  const char* name;
  std::array<Extent, kMostExtents> found;
  std::size_t count;
};

int find_extents_in_child(void* data) {
  auto& extents = *static_cast<Extents*>(data);
  const int fd = ::openat(extents.folder, extents.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  off_t at = 0;
  while (fd >= 0 && extents.count < kMostExtents) {
    const off_t begin = ::lseek(fd, at, SEEK_DATA);
    if (begin < 0) break;
    at = ::lseek(fd, begin, SEEK_HOLE);
    if (at <= begin) break;
    extents.found[extents.count++] = {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(at)};
  }
  return 0;
}

}  // namespace

std::optional<std::string> read_apart(const Folder& folder, const std::string& name, std::size_t size) {
  std::string bytes(size, '\0');
  Reading reading{folder.descriptor(), name.c_str(), bytes.data(), size, -1};
  if (!run_in_child(read_in_child, &reading) || reading.got < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(reading.got));
  return bytes;
}

std::vector<Extent> data_extents_apart(const Folder& folder, const std::string& name) {
  constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();
  const auto extents = std::make_unique<Extents>();
  extents->folder = folder.descriptor();
  extents->name = name.c_str();
  if (!run_in_child(find_extents_in_child, extents.get()) || extents->count == 0) return {{0, kEndless}};
  std::vector<Extent> found(extents->found.begin(), extents->found.begin() + static_cast<long>(extents->count));
  if (found.size() == kMostExtents) found.back().end = kEndless;
  return found;
}

}  // namespace ipcm::platform
