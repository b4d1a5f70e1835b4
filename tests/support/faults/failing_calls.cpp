// SPDX-License-Identifier: MIT
#include "support/faults/failing_calls.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace test {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_regular(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

bool asks_for_a_lock(const SystemCall& call) {
  if (call.name != std::string_view("fcntl")) return false;
  if (!(call.flags == F_SETLK || call.flags == F_OFD_SETLK)) return false;
  return static_cast<const struct flock*>(call.data)->l_type != F_UNLCK;
}

bool needs(const SystemCall& call, Resource resource) {
  const std::string_view name = call.name;
  switch (resource) {
    case Resource::disk_space:
      if (is_one_of(name, {"write", "pwrite"})) return is_regular(call.descriptor);
      return is_one_of(name, {"posix_fallocate", "mkdir", "bind", "rename"}) ||
             (name == "open" && (call.flags & O_CREAT) != 0);
    case Resource::disk:
      if (is_one_of(name, {"read", "pread", "write", "pwrite"})) return is_regular(call.descriptor);
      return is_one_of(name, {"fsync", "fdatasync", "ftruncate", "unlink", "rmdir", "rename"});
    case Resource::descriptors:
      return is_one_of(name, {"open", "opendir", "socket", "epoll_create1", "eventfd", "timerfd_create"});
    case Resource::locks: return asks_for_a_lock(call);
    case Resource::threads:
      return is_one_of(name, {"pthread_create", "mmap", "epoll_ctl", "setsockopt", "sendto", "sendmsg", "recvmsg"});
  }
  return false;
}

int error_for(Resource resource, std::string_view name) {
  switch (resource) {
    case Resource::disk_space: return ENOSPC;
    case Resource::disk: return EIO;
    case Resource::descriptors: return EMFILE;
    case Resource::locks: return ENOLCK;
    case Resource::threads: break;
  }
  if (name == "pthread_create") return EAGAIN;
  return is_one_of(name, {"sendto", "sendmsg", "setsockopt"}) ? ENOBUFS : ENOMEM;
}

}  // namespace

const char* to_string(Resource resource) noexcept {
  constexpr std::array kNames = {"space", "the disk", "descriptors", "locks", "threads and mappings"};
  return kNames.at(static_cast<std::size_t>(resource));
}

const char* to_string(Lasting lasting) noexcept {
  return lasting == Lasting::once ? "once" : "for good";
}

long FailingCalls::around(const SystemCall& call, Doing act) noexcept {
  if (!needs(call, resource_)) return act();
  const long number = ++count_;
  const bool fails = n_ > 0 && (number == n_ || (number > n_ && lasting_ == Lasting::for_good));
  if (!fails) return act();
  const int error = error_for(resource_, call.name);
  if (call.returns_error) return error;
  errno = error;
  return -1;
}

}  // namespace test
