// SPDX-License-Identifier: MIT
#include "platform/range_lock.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "support/temporary_folder.hpp"

using ipcm::platform::Folder;
using ipcm::platform::RangeLockFile;

BOOST_AUTO_TEST_SUITE(range_lock)

BOOST_AUTO_TEST_CASE(two_objects_of_one_process_exclude_each_other) {
  const test::TemporaryFolder folder;
  RangeLockFile one(Folder(folder.path().string()), "lock", 0600);
  RangeLockFile other(Folder(folder.path().string()), "lock", 0600);
  BOOST_TEST(one.try_lock(7));
  BOOST_TEST(one.try_lock(7));  // what is held can be had again
  BOOST_TEST(!other.try_lock(7));
  BOOST_TEST(other.try_lock(8));
  BOOST_TEST(other.is_locked_by_other(7));
  BOOST_TEST(!one.is_locked_by_other(7));
  one.unlock(7);
  BOOST_TEST(!other.is_locked_by_other(7));
  BOOST_TEST(other.try_lock(7));
}

BOOST_AUTO_TEST_CASE(a_lock_ends_with_its_object) {
  const test::TemporaryFolder folder;
  RangeLockFile stays(Folder(folder.path().string()), "lock", 0600);
  std::optional<RangeLockFile> goes(std::in_place, Folder(folder.path().string()), "lock", 0600);
  BOOST_TEST(goes->try_lock(1));
  goes.reset();
  BOOST_TEST(stays.try_lock(1));
}

BOOST_AUTO_TEST_CASE(a_forked_child_does_not_keep_its_parents_lock) {
  const test::TemporaryFolder folder;
  std::optional<RangeLockFile> parent(std::in_place, Folder(folder.path().string()), "lock", 0600);
  BOOST_TEST(parent->try_lock(1));
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  parent.reset();
  RangeLockFile other(Folder(folder.path().string()), "lock", 0600);
  BOOST_TEST(other.try_lock(1));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_killed_process_holds_nothing) {
  const test::TemporaryFolder folder;
  int ready[2];
  BOOST_REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    RangeLockFile locks(Folder(folder.path().string()), "lock", 0600);
    const char byte = locks.try_lock(1) ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte = 0;
  BOOST_REQUIRE(read(ready[0], &byte, 1) == 1);
  BOOST_TEST(byte == 'y');
  RangeLockFile other(Folder(folder.path().string()), "lock", 0600);
  BOOST_TEST(!other.try_lock(1));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  BOOST_TEST(other.try_lock(1));
  close(ready[0]);
  close(ready[1]);
}

BOOST_AUTO_TEST_CASE(a_lock_file_that_was_replaced_is_noticed) {
  const test::TemporaryFolder folder;
  const RangeLockFile locks(Folder(folder.path().string()), "lock", 0600);
  BOOST_TEST(locks.is_still_at_path());
  std::filesystem::remove(folder.file("lock"));
  BOOST_TEST(!locks.is_still_at_path());
  test::write_file(folder.file("lock"), "");
  BOOST_TEST(!locks.is_still_at_path());
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_in_its_place_is_refused) {
  const test::TemporaryFolder folder;
  test::write_file(folder.file("target"), "");
  std::filesystem::create_symlink(folder.file("target"), folder.file("lock"));
  BOOST_CHECK_THROW(RangeLockFile(Folder(folder.path().string()), "lock", 0600), ipcm::Error);
}

BOOST_AUTO_TEST_SUITE_END()
