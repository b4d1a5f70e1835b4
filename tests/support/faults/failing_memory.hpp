// SPDX-License-Identifier: MIT
// In a program that uses this header memory can run out: for `operator new`, and for SQLite, which has its own ways.
#pragma once

#include "support/faults/failing_calls.hpp"

namespace test {

/// From now on the n-th allocation of this process fails, counted from 1; 0: none, they are only counted.
void fail_allocation(long n, Lasting lasting) noexcept;

/// From now on there is enough. Returns how many allocations there were since then.
long stop_failing_allocations() noexcept;

}  // namespace test
