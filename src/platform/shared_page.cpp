// SPDX-License-Identifier: MIT
#include "platform/shared_page.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/file_size_limit.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// Blocks for the page are set aside before it is touched: on a full disk that fails here, and not as SIGBUS later.
bool make_long_enough(int fd) noexcept {
  const FileSizeSignalHeldBack held_back(has_file_size_limit());
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (status.st_nlink > 1) return false;  // it may be a file of the user's own that somebody gave a second name
  const auto size = static_cast<off_t>(SharedPage::kSize);
  return (status.st_size >= size && status.st_blocks > 0) || ::posix_fallocate(fd, 0, size) == 0;
}

}  // namespace

SharedPage::SharedPage(int fd) noexcept {
  if (!make_long_enough(fd)) return;
  // A mapping keeps the open file description that it was made from, and a forked child inherits mappings: made from
  // the caller's own, it would keep that one's locks for as long as the child lives.
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", fd);
  const UniqueFd own(::open(path.data(), O_RDWR | O_CLOEXEC));
  if (!own) return;
  void* const mapped = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, own.get(), 0);
  if (mapped != MAP_FAILED) data_ = mapped;
}

SharedPage::~SharedPage() {
  if (data_ != nullptr) ::munmap(data_, kSize);
}

void SharedPage::sync() noexcept {
  if (data_ != nullptr) ::msync(data_, kSize, MS_SYNC);
}

void wait_while_equal(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                      std::chrono::nanoseconds most) noexcept {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::max(most, std::chrono::nanoseconds::zero()));
  const timespec time{seconds.count(),
                      static_cast<long>(std::max(most - seconds, std::chrono::nanoseconds::zero()).count())};
  ::syscall(SYS_futex, &word, FUTEX_WAIT, expected, &time, nullptr, 0);
}

void wake_one(std::atomic<std::uint32_t>& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

}  // namespace ipcm::platform
