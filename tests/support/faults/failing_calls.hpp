// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "support/faults/system_calls.hpp"

namespace test {

/// What runs out or breaks.
enum class Resource { disk_space, disk, descriptors, locks, threads };
inline constexpr Resource kResources[] = {Resource::disk_space, Resource::disk, Resource::descriptors, Resource::locks,
                                          Resource::threads};
const char* to_string(Resource resource) noexcept;

/// Whether a thing fails once, or from then on.
enum class Lasting { once, for_good };
const char* to_string(Lasting lasting) noexcept;

/// Lets the n-th system call that needs that resource fail, counted from 1; 0: none, they are only counted.
class FailingCalls : public SystemCallWatcher {
 public:
  FailingCalls(Resource resource, long n, Lasting lasting) : resource_(resource), n_(n), lasting_(lasting) {}
  long around(const SystemCall& call, Doing act) noexcept override;
  long count() const noexcept { return count_; }

 private:
  Resource resource_;
  long n_;
  Lasting lasting_;
  std::atomic<long> count_{0};
};

}  // namespace test
