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

bool can_separate_mounts() {
  return in_forked_child([] { return std::string(separate_mounts() ? "" : "no"); }).empty();
}

}  // namespace test
