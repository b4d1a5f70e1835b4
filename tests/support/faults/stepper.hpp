// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace test {

/// Precondition of a test: this process may trace its children, which some containers do not let it.
boost::test_tools::assertion_result may_trace(boost::unit_test::test_unit_id test);

/// In the process that is to be traced: from here on, or up to here, its system calls count.
void begin_to_be_traced();
void end_to_be_traced();

struct Stepped {
  bool killed = false;
  long moments = 0;  ///< until then
};

/// Follows the system calls of that child and its threads, by ptrace(2), to its end, and kills it at the n-th moment,
/// counted from 1; 0: never. Each call has two, before the kernel sees it and after it has done it.
///
/// Not strace, which could do the same: this follows a forked process without starting another program for each kill,
/// counts the operation itself only, and is nothing that the machine may not have.
Stepped kill_at_system_call(pid_t child, long n);

/// A system call before the kernel sees it, by its number and its arguments.
struct TracedCall {
  long number = -1;
  std::array<std::uint64_t, 6> arguments{};
};

/// Follows the same child, without killing it, and does something before its n-th call, counted from 1; 0: before none.
/// Returns the calls in their order.
std::vector<TracedCall> act_before_system_call(pid_t child, long n, const std::function<void()>& act);

}  // namespace test
