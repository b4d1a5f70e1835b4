// SPDX-License-Identifier: MIT
#include "unit/support/failing_allocations.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local long allocations_left = 0;  // 0: none is to fail

void* allocate(std::size_t size) noexcept {
  if (allocations_left > 0 && --allocations_left == 0) return nullptr;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* memory = allocate(size)) return memory;
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

FailingAllocation::FailingAllocation(long n) {
  allocations_left = n;
}

FailingAllocation::~FailingAllocation() {
  allocations_left = 0;
}

}  // namespace test
