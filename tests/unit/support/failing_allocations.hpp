// SPDX-License-Identifier: MIT
#pragma once

namespace test {

/// While it lives, the n-th allocation of this thread through operator new, counted from 1, throws std::bad_alloc.
class FailingAllocation {
 public:
  explicit FailingAllocation(long n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
};

}  // namespace test
