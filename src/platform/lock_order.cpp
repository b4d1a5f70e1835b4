// SPDX-License-Identifier: MIT
#include "platform/lock_order.hpp"

#ifdef IPCM_CHECK_LOCK_ORDER
#include <cstdio>
#include <cstdlib>
#endif

namespace ipcm::platform::lock_order {

#ifdef IPCM_CHECK_LOCK_ORDER

namespace {

thread_local unsigned held_ranks = 0;  // a bit for each rank

constexpr unsigned bit_of(LockRank rank) noexcept {
  return 1U << static_cast<unsigned>(rank);
}

[[noreturn]] void refuse(const char* what, LockRank rank) noexcept {
  std::fprintf(stderr, "ipcm: %s a lock of rank %u while the ranks 0x%x are held\n", what, static_cast<unsigned>(rank),
               held_ranks);
  std::abort();
}

}  // namespace

void before_lock(LockRank rank) noexcept {
  if (held_ranks >= bit_of(rank)) refuse("takes", rank);
  held_ranks |= bit_of(rank);
}

void after_unlock(LockRank rank) noexcept {
  held_ranks &= ~bit_of(rank);
}

void assert_held(LockRank rank) noexcept {
  if ((held_ranks & bit_of(rank)) == 0) refuse("needs", rank);
}

#else

void before_lock(LockRank) noexcept {}
void after_unlock(LockRank) noexcept {}
void assert_held(LockRank) noexcept {}

#endif

}  // namespace ipcm::platform::lock_order
