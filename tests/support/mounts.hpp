// SPDX-License-Identifier: MIT
// Mounts that only one process sees.
#pragma once

#include <boost/test/unit_test.hpp>

#include <string>

namespace test {

/// Gives this process, which should be a forked child, mounts of its own. Returns false if the system does not let it.
bool separate_mounts() noexcept;

/// Shows the file or folder `from` at `at`, which is there, in this process. Call separate_mounts() before.
bool bind_mount(const std::string& from, const std::string& at) noexcept;

/// For boost::unit_test::precondition: a child of this process can have mounts of its own.
boost::test_tools::assertion_result with_mounts(boost::unit_test::test_unit_id);

}  // namespace test
