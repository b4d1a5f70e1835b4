// SPDX-License-Identifier: MIT
// Other users of the machine. Only root can be them: without it these tests are skipped, visibly.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <stdexcept>
#include <string>

#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"

namespace test {

inline constexpr unsigned kAlice = 20001;
inline constexpr unsigned kBob = 20002;
inline constexpr unsigned kMallory = 20003;
inline constexpr unsigned kTeam = 20010;

/// For BOOST_TEST_DECORATOR.
inline boost::test_tools::assertion_result as_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(geteuid() == 0);
  result.message() << "it takes root to be several users";
  return result;
}

/// For good: in a process of its own. Group 0: one of the user's own.
void become(unsigned user, unsigned group);

/// Runs `work` in a process of that user; what in_forked_child() returns.
std::string as_user(unsigned user, unsigned group, const std::function<std::string()>& work);

/// A folder of that mode which belongs to a user and a group.
class SharedFolder {
 public:
  SharedFolder(unsigned owner, unsigned group, mode_t mode);
  std::string file(const std::string& name) const { return folder_.file("place/" + name); }
  std::string path() const { return folder_.file("place"); }
  /// Beside it, open to all.
  const TemporaryFolder& outside() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

/// The permissions of a file itself, not of what a link leads to; 0: there is none.
unsigned mode_of(const std::string& path);

}  // namespace test
