// SPDX-License-Identifier: MIT
#include "platform/datagram_socket.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "support/temporary_folder.hpp"

using ipcm::platform::Access;
using ipcm::platform::SocketFolder;

namespace {

Access for_group() {
  Access access(0660);
  access.group = ::getegid();
  return access;
}

std::shared_ptr<const ipcm::platform::Folder> opened(const test::TemporaryFolder& folder) {
  return std::make_shared<ipcm::platform::Folder>(folder.path().string());
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  BOOST_REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// The umask of the process while it exists.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

// Lets the process open `more` descriptors, and no further one, while it exists.
class FewDescriptors {
 public:
  explicit FewDescriptors(unsigned more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::open("/", O_PATH | O_CLOEXEC);
    ::close(next);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(next) + more;
    BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(datagram_socket)

BOOST_AUTO_TEST_CASE(a_group_may_use_its_sockets_whatever_the_umask_of_their_owner) {
  const test::TemporaryFolder top;
  const Umask strict(0077);
  const SocketFolder sockets(opened(top), "sockets", for_group());
  const auto bound = sockets.bind("1.mail");
  BOOST_TEST(mode_of(top.file("sockets/1.mail")) == 0660U);
}

BOOST_AUTO_TEST_CASE(a_group_may_use_sockets_in_a_folder_that_another_process_has_made_anew) {
  const test::TemporaryFolder top;
  const Umask strict(0077);
  const SocketFolder sockets(opened(top), "sockets", for_group());
  std::filesystem::remove_all(top.file("sockets"));
  const SocketFolder made_by_another(opened(top), "sockets", for_group());
  const auto bound = sockets.bind("1.mail");
  BOOST_TEST(mode_of(top.file("sockets/1.mail")) == 0660U);
}

BOOST_AUTO_TEST_CASE(a_socket_that_its_group_cannot_be_let_into_is_an_error_and_leaves_no_file) {
  const test::TemporaryFolder top;
  const Umask strict(0077);
  const SocketFolder sockets(opened(top), "sockets", for_group());
  {
    const FewDescriptors for_the_socket_alone(1);
    BOOST_CHECK_THROW(sockets.bind("1.mail"), ipcm::Error);
  }
  BOOST_TEST(!std::filesystem::exists(top.file("sockets/1.mail")));
  const auto bound = sockets.bind("1.mail");
  BOOST_TEST(mode_of(top.file("sockets/1.mail")) == 0660U);
}

BOOST_AUTO_TEST_SUITE_END()
