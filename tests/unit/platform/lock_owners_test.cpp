// SPDX-License-Identifier: MIT
#include "platform/lock_owners.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <sstream>

#include <boost/test/unit_test.hpp>

#include "support/temporary_folder.hpp"
#include "support/text.hpp"

using ipcm::platform::lock_owners;
using ipcm::platform::lock_owners_in;

BOOST_AUTO_TEST_SUITE(lock_owners_suite)

BOOST_AUTO_TEST_CASE(who_holds_any_of_the_bytes_is_found_and_nobody_else) {
  std::istringstream locks(
      "1: POSIX  ADVISORY  READ 30 fe:00:77 123 123\n"
      "2: POSIX  ADVISORY  READ 20 fe:00:77 126 130\n"
      "3: POSIX  ADVISORY  WRITE 21 fe:00:77 0 EOF\n"
      "3: -> POSIX  ADVISORY  WRITE 22 fe:00:77 124 124\n"  // waits
      "4: POSIX  ADVISORY  READ 23 fe:00:77 0 122\n"        // before
      "5: POSIX  ADVISORY  READ 24 fe:00:77 128 128\n"      // behind
      "6: POSIX  ADVISORY  READ 25 fe:00:78 124 124\n"      // another file
      "7: OFDLCK ADVISORY  READ -1 fe:00:77 124 124\n"
      "8: FLOCK  ADVISORY  WRITE 26 fe:00:77 0 EOF\n"
      "9: POSIX  ADVISORY  READ 30 fe:00:77 125 125\n"
      "nonsense\n"
      "10: POSIX ADVISORY READ many fe:00:77 124 124\n");
  BOOST_TEST(lock_owners_in(locks, "fe:00:77", 123, 127) == (std::vector<pid_t>{20, 21, 30}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_lock_of_this_process_is_found) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("locked");
  const int fd = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_start = 124;
  lock.l_len = 1;
  BOOST_REQUIRE(fcntl(fd, F_SETLK, &lock) == 0);
  const auto file = ipcm::platform::FileIdentity::of(fd).value();
  const std::vector<pid_t> owners = lock_owners(file, 123, 127);
  const bool system_tells = access("/proc/locks", R_OK) == 0;
  BOOST_TEST((owners == std::vector<pid_t>{getpid()} || (!system_tells && owners.empty())));
  BOOST_TEST(lock_owners(file, 125, 127).empty());
  close(fd);
}

BOOST_AUTO_TEST_SUITE_END()
