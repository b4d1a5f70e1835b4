// SPDX-License-Identifier: MIT
#include "core/random.hpp"

#include <sys/mman.h>
#include <sys/random.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

namespace ipcm {
namespace {

void ask_kernel(std::uint8_t* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = getrandom(to, size, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    to += got;
    size -= static_cast<std::size_t>(got);
  }
}

/// A thread's stock of random bytes. The kernel wipes its page in every forked child, by whatever call it forks, so the
/// child finds it empty: `left` is 0.
struct Stock {
  std::size_t left;
  std::uint8_t bytes[4096 - sizeof(std::size_t)];
};

Stock* make_stock() noexcept {
  void* page = mmap(nullptr, sizeof(Stock), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (madvise(page, sizeof(Stock), MADV_WIPEONFORK) == 0) return static_cast<Stock*>(page);
  munmap(page, sizeof(Stock));  // a kernel before 4.14: every request goes to it
  return nullptr;
}

enum class StockState { untried, ready, none };

// Trivially destructible, so that a destructor which runs at the thread's end may still ask for random bytes.
thread_local Stock* stock = nullptr;
thread_local StockState state = StockState::untried;

struct StockKeeper {
  ~StockKeeper() {
    if (stock) munmap(stock, sizeof(Stock));
    stock = nullptr;
    state = StockState::none;
  }
};

Stock* this_threads_stock() noexcept {
  if (state == StockState::untried) {
    static thread_local StockKeeper keeper;
    stock = make_stock();
    state = stock ? StockState::ready : StockState::none;
  }
  return stock;
}

}  // namespace

void fill_random(std::span<std::uint8_t> bytes) {
  Stock* from = this_threads_stock();
  if (!from) return ask_kernel(bytes.data(), bytes.size());
  if (from->left < bytes.size()) {
    from->left = 0;
    ask_kernel(from->bytes, sizeof from->bytes);
    from->left = sizeof from->bytes;
  }
  from->left -= bytes.size();
  std::memcpy(bytes.data(), from->bytes + from->left, bytes.size());
}

}  // namespace ipcm
