// SPDX-License-Identifier: MIT
#include "support/faults/failing_memory.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> counts{false};
std::atomic<long> count{0};
std::atomic<long> first_failure{0};
std::atomic<bool> fails_for_good{false};

bool fails() noexcept {
  if (!counts.load(std::memory_order_relaxed)) return false;
  const long number = ++count;
  const long failing = first_failure;
  return failing > 0 && (number == failing || (number > failing && fails_for_good));
}

void* allocate(std::size_t size) noexcept {
  return fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

sqlite3_mem_methods ordinary{};

void* sqlite_malloc(int size) {
  return fails() ? nullptr : ordinary.xMalloc(size);
}

void* sqlite_realloc(void* memory, int size) {
  return fails() ? nullptr : ordinary.xRealloc(memory, size);
}

// Before anybody opens a database.
const bool installed = [] {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &ordinary);
  static sqlite3_mem_methods failing = ordinary;
  failing.xMalloc = &sqlite_malloc;
  failing.xRealloc = &sqlite_realloc;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK;
}();

}  // namespace

void* operator new(std::size_t size) {
  if (void* const memory = allocate(size)) return memory;
  throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace test {

void fail_allocation(long n, Lasting lasting) noexcept {
  count = 0;
  first_failure = n;
  fails_for_good = lasting == Lasting::for_good;
  counts = installed;
}

long stop_failing_allocations() noexcept {
  counts = false;
  return count;
}

}  // namespace test
