// SPDX-License-Identifier: MIT
#include "platform/read_apart.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "platform/unique_fd.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"

namespace {

using ipcm::platform::Folder;
using ipcm::platform::UniqueFd;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool is_locked_for_others(const std::string& path) {
  return test::in_forked_child([&] {
           const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
           struct flock lock = whole_file();
           ::fcntl(fd.get(), F_GETLK, &lock);
           return std::string(lock.l_type != F_UNLCK ? "locked" : "");
         }) == "locked";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_apart)

BOOST_AUTO_TEST_CASE(what_is_read_is_the_beginning_of_the_file) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("file");
  test::write_file(path, "dear diary");
  BOOST_TEST(ipcm::platform::read_apart(Folder(folder.path().string()), "file", 4).value() == "dear");
  BOOST_TEST(ipcm::platform::read_apart(Folder(folder.path().string()), "file", 100).value() == "dear diary");
  BOOST_TEST(!ipcm::platform::read_apart(Folder(folder.path().string()), "none", 4));
  std::filesystem::create_symlink(path, folder.file("link"));
  BOOST_TEST(!ipcm::platform::read_apart(Folder(folder.path().string()), "link", 4));
}

BOOST_AUTO_TEST_CASE(it_drops_no_lock_that_this_process_has_on_the_file) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("file");
  test::write_file(path, "dear diary");
  const UniqueFd holder(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock = whole_file();
  BOOST_REQUIRE(::fcntl(holder.get(), F_SETLK, &lock) == 0);
  BOOST_TEST(ipcm::platform::read_apart(Folder(folder.path().string()), "file", 4).value() == "dear");
  BOOST_TEST(ipcm::platform::data_extents_apart(Folder(folder.path().string()), "file").size() == 1U);
  BOOST_TEST(is_locked_for_others(path));
  { const UniqueFd other(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }
  BOOST_TEST(!is_locked_for_others(path));  // as any other way to read it does
}

BOOST_AUTO_TEST_CASE(holes_lie_between_the_extents) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("file");
  test::write_file(path, std::string(4096, 'x'));
  std::filesystem::resize_file(path, 1 << 30);
  const auto extents = ipcm::platform::data_extents_apart(Folder(folder.path().string()), "file");
  BOOST_REQUIRE(!extents.empty());
  BOOST_TEST(extents.front().begin == 0U);
  BOOST_TEST(extents.back().end < std::uint64_t{1} << 29U);
}

BOOST_AUTO_TEST_SUITE_END()
