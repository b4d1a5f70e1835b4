// SPDX-License-Identifier: MIT
#include "support/mounts.hpp"

#include <sched.h>
#include <sys/mount.h>

#include "support/forked_child.hpp"

namespace test {

bool separate_mounts() noexcept {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool bind_mount(const std::string& from, const std::string& at) noexcept {
  return ::mount(from.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

boost::test_tools::assertion_result with_mounts(boost::unit_test::test_unit_id) {
  const std::string refusal = in_forked_child([] { return std::string(separate_mounts() ? "" : "no"); });
  boost::test_tools::assertion_result result(refusal.empty());
  result.message() << "this process cannot have mounts of its own: it takes root, and a root folder that is a mount";
  return result;
}

}  // namespace test
