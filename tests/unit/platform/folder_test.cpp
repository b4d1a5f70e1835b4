// SPDX-License-Identifier: MIT
#include "platform/folder.hpp"

#include <unistd.h>

#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace folder_test {

using ipcm::platform::Folder;

namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(folder)

BOOST_AUTO_TEST_CASE(links_of_ones_own_in_a_path_are_followed_and_those_of_other_users_are_not) {
  const test::TemporaryFolder top;
  fs::create_directories(top.file("real/inner"));
  fs::create_directory_symlink(top.file("real"), top.file("absolute"));
  fs::create_directory_symlink("real", top.file("relative"));
  fs::create_directory_symlink("../relative/inner", top.file("real/again"));
  fs::create_directory_symlink("loop", top.file("loop"));
  const Folder inner(top.file("real/inner"));
  for (const char* path : {"absolute/inner", "relative/inner", "relative/again", "absolute/../real//inner/"}) {
    BOOST_TEST((Folder(top.file(path)).status().identity == inner.status().identity), path);
  }
  CHECK_ERROR(Unsafe, Folder(top.file("loop")));
  CHECK_ERROR(RouteMissing, Folder(top.file("relative/none")));
  CHECK_ERROR(Unsafe, Folder(Folder(top.path().string()), "relative"));
  if (geteuid() != 0) {
    BOOST_TEST_MESSAGE("not root: links of another user are left out");
    return;
  }
  BOOST_REQUIRE(lchown(top.file("relative").c_str(), 65534, 65534) == 0);
  CHECK_ERROR(Unsafe, Folder(top.file("relative/inner")));
  BOOST_TEST(Folder(top.file("absolute/inner")).names().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace folder_test
