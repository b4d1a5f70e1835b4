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
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "platform/file_size_limit.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// Blocks for the page are set aside, so that on a full disk hints and notes can still be written.
bool make_long_enough(int fd, bool limited) noexcept {
  const FileSizeSignalHeldBack held_back(limited);
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (status.st_nlink > 1) return false;  // it may be a file of the user's own that was given a second name
  const auto size = static_cast<off_t>(SharedPage::kSize);
  return (status.st_size >= size && status.st_blocks > 0) || ::posix_fallocate(fd, 0, size) == 0;
}

timespec timespec_of(std::chrono::nanoseconds time) noexcept {
  const auto positive = std::max(time, std::chrono::nanoseconds::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(positive);
  return {seconds.count(), static_cast<long>((positive - seconds).count())};
}

long wait_on(const void* word, std::uint32_t expected, std::chrono::nanoseconds most) noexcept {
  const timespec time = timespec_of(most);
  return ::syscall(SYS_futex, word, FUTEX_WAIT, expected, &time, nullptr, 0);
}

void wake_one_on(const void* word) noexcept {
  ::syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

}  // namespace

SharedPage::SharedPage(const RangeLockFile& file) noexcept : file_(file), limited_(has_file_size_limit()) {
  restore();
}

SharedPage::~SharedPage() {
  if (mapped_ != nullptr) ::munmap(const_cast<void*>(mapped_), kSize);
}

bool SharedPage::read(std::size_t offset, void* into, std::size_t size) const noexcept {
  ssize_t got = 0;
  if (usable_) {
    do got = ::pread(file_.descriptor(), into, size, static_cast<off_t>(offset));
    while (got < 0 && errno == EINTR);
  }
  const std::size_t count = got > 0 ? static_cast<std::size_t>(got) : 0;
  if (count == size) {
    is_cut_.store(false, std::memory_order_relaxed);
    return true;
  }
  std::memset(static_cast<std::byte*>(into) + count, 0, size - count);
  is_cut_.store(usable_, std::memory_order_relaxed);
  return !usable_;
}

void SharedPage::write(std::size_t offset, const void* from, std::size_t size) noexcept {
  if (!usable_ || is_cut_.load(std::memory_order_relaxed)) return;
  const FileSizeSignalHeldBack held_back(limited_);
  while (::pwrite(file_.descriptor(), from, size, static_cast<off_t>(offset)) < 0 && errno == EINTR) {}
}

void SharedPage::restore() noexcept {
  is_cut_ = false;
  usable_ = make_long_enough(file_.descriptor(), limited_);
}

void SharedPage::sync() noexcept {
  if (usable_) ::fdatasync(file_.descriptor());
}

// Null without a mapping. One of an open file description of its own: a forked child inherits mappings, and one of the
// lock file's would keep the locks for as long as the child lives.
const std::uint32_t* SharedPage::word_at(std::size_t offset) noexcept {
  if (mapped_ == nullptr && usable_) {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", file_.descriptor());
    const UniqueFd own(::open(path.data(), O_RDONLY | O_CLOEXEC));
    void* const mapped = own ? ::mmap(nullptr, kSize, PROT_READ, MAP_SHARED, own.get(), 0) : MAP_FAILED;
    if (mapped != MAP_FAILED) mapped_ = mapped;
  }
  if (mapped_ == nullptr) return nullptr;
  return reinterpret_cast<const std::uint32_t*>(static_cast<const std::byte*>(mapped_) + offset);
}

void SharedPage::wait_while_equal(std::size_t offset, std::uint32_t expected, std::chrono::nanoseconds most) noexcept {
  const std::uint32_t* const word = word_at(offset);
  const bool waited = word != nullptr &&
                      (wait_on(word, expected, most) == 0 || errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT);
  if (waited) return;
  const timespec time = timespec_of(most);  // nobody can wake it: the page is cut off, or cannot be mapped
  ::nanosleep(&time, nullptr);
}

void SharedPage::wake_one(std::size_t offset) noexcept {
  if (const std::uint32_t* const word = word_at(offset)) wake_one_on(word);
}

void wait_while_equal(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                      std::chrono::nanoseconds most) noexcept {
  wait_on(&word, expected, most);
}

void wake_one(std::atomic<std::uint32_t>& word) noexcept {
  wake_one_on(&word);
}

}  // namespace ipcm::platform
