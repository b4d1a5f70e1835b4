// SPDX-License-Identifier: MIT
#include "faults/users.hpp"

#include <grp.h>

namespace test {

void become(unsigned user, unsigned group) {
  const gid_t member_of = group != 0 ? group : user;
  if (setgroups(1, &member_of) != 0 || setgid(user) != 0 || setuid(user) != 0) {
    throw std::runtime_error("cannot become another user");
  }
}

std::string as_user(unsigned user, unsigned group, const std::function<std::string()>& work) {
  return in_forked_child([&] {
    become(user, group);
    return work();
  });
}

SharedFolder::SharedFolder(unsigned owner, unsigned group, mode_t mode) {
  if (chmod(folder_.path().c_str(), 0755) != 0 || mkdir(path().c_str(), 0700) != 0 ||
      chown(path().c_str(), owner, group) != 0 || chmod(path().c_str(), mode) != 0) {
    throw std::runtime_error("cannot make a shared folder");
  }
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

}  // namespace test
