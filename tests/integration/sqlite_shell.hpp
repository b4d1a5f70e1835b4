// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "support/process.hpp"

namespace test {

/// For a test that needs the sqlite3 shell: boost::unit_test::precondition(test::has_sqlite_shell).
boost::test_tools::assertion_result has_sqlite_shell(boost::unit_test::test_unit_id);

/// A person at the sqlite3 shell, in a process of its own, which ends at its first error. It waits half a minute for
/// those who write. kill -9 when it goes out of scope.
class SqliteShell {
 public:
  explicit SqliteShell(const std::string& path);

  /// The lines that the SQL wrote. Throws with the shell's own words when it failed.
  std::vector<std::string> ask(const std::string& sql);
  // The same in two steps.
  void begin(const std::string& sql);
  std::vector<std::string> finish();

 private:
  Process process_;
};

}  // namespace test
