// SPDX-License-Identifier: MIT
#include "support/faults/system_calls.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::atomic<test::SystemCallWatcher*> watcher{nullptr};
thread_local bool inside = false;

template <typename Work>
long watched(const test::SystemCall& call, Work work) {
  test::SystemCallWatcher* const now = watcher.load();
  if (now == nullptr || inside) return static_cast<long>(work());
  inside = true;
  const long result = now->around(call, test::Doing(work));
  inside = false;
  return result;
}

// The function that this program's own stands before.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// The path of a name in an open folder, also where the folder is reached by its descriptor in /proc, as SQLite does.
std::string path_of(int folder, std::string_view path) {
  constexpr std::string_view kDescriptors = "/proc/self/fd/";
  constexpr std::string_view kDescriptorsOfThread = "/proc/thread-self/fd/";
  if (watcher.load() == nullptr || inside) return {};
  for (const std::string_view descriptors : {kDescriptors, kDescriptorsOfThread}) {
    if (!path.starts_with(descriptors)) continue;
    const std::size_t slash = path.find('/', descriptors.size());
    folder = std::atoi(path.data() + descriptors.size());
    path = slash == path.npos ? "." : path.substr(slash + 1);
  }
  if (path.starts_with('/') || folder == AT_FDCWD) return std::string(path);
  std::array<char, 4096> target{};
  const ssize_t size =
      readlink((std::string(kDescriptors) + std::to_string(folder)).c_str(), target.data(), target.size());
  if (size < 0) return std::string(path);
  const std::string opened(target.data(), static_cast<std::size_t>(size));
  return path == "." ? opened : opened + "/" + std::string(path);
}

int open_next(int folder, const char* path, int flags, mode_t mode) {
  static auto* const real = next<int(int, const char*, int, ...)>("openat64");
  const std::string whole = path_of(folder, path);
  return static_cast<int>(watched({.name = "open", .path = whole.c_str(), .flags = flags},
                                  [&] { return real(folder, path, flags, mode); }));
}

int fcntl_next(int fd, int command, void* argument) {
  static auto* const real = next<int(int, int, ...)>("fcntl64");
  return static_cast<int>(watched({.name = "fcntl", .descriptor = fd, .flags = command, .data = argument},
                                  [&] { return real(fd, command, argument); }));
}

ssize_t pread_next(int fd, void* data, std::size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, void*, std::size_t, off_t)>("pread64");
  return watched({.name = "pread", .descriptor = fd}, [&] { return real(fd, data, size, offset); });
}

ssize_t pwrite_next(int fd, const void* data, std::size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite64");
  return watched({.name = "pwrite", .descriptor = fd, .data = data, .size = size, .offset = offset},
                 [&] { return real(fd, data, size, offset); });
}

int ftruncate_next(int fd, off_t size) {
  static auto* const real = next<int(int, off_t)>("ftruncate64");
  return static_cast<int>(
      watched({.name = "ftruncate", .descriptor = fd, .offset = size}, [&] { return real(fd, size); }));
}

void* mmap_next(void* address, std::size_t size, int protection, int flags, int fd, off_t offset) {
  static auto* const real = next<void*(void*, std::size_t, int, int, int, off_t)>("mmap64");
  return reinterpret_cast<void*>(watched({.name = "mmap", .descriptor = fd}, [&] {
    return reinterpret_cast<long>(real(address, size, protection, flags, fd, offset));
  }));
}

}  // namespace

void test::watch_system_calls(SystemCallWatcher* now) noexcept {
  watcher = now;
}

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_next(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_next(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_next(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_next(folder, path, flags, mode);
}

int fcntl(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return fcntl_next(fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return fcntl_next(fd, command, argument);
}

int close(int fd) {
  static auto* const real = next<int(int)>("close");
  return static_cast<int>(watched({.name = "close", .descriptor = fd}, [&] { return real(fd); }));
}

ssize_t read(int fd, void* data, size_t size) {
  static auto* const real = next<ssize_t(int, void*, size_t)>("read");
  return watched({.name = "read", .descriptor = fd}, [&] { return real(fd, data, size); });
}

ssize_t write(int fd, const void* data, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return watched({.name = "write", .descriptor = fd, .data = data, .size = size}, [&] { return real(fd, data, size); });
}

ssize_t pread64(int fd, void* data, size_t size, off64_t offset) {
  return pread_next(fd, data, size, offset);
}

ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  return pread_next(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return pwrite_next(fd, data, size, offset);
}

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return static_cast<int>(watched({.name = "fsync", .descriptor = fd}, [&] { return real(fd); }));
}

int fdatasync(int fd) {
  static auto* const real = next<int(int)>("fdatasync");
  return static_cast<int>(watched({.name = "fdatasync", .descriptor = fd}, [&] { return real(fd); }));
}

int ftruncate64(int fd, off64_t size) noexcept {
  return ftruncate_next(fd, size);
}

int posix_fallocate(int fd, off_t offset, off_t size) {
  static auto* const real = next<int(int, off_t, off_t)>("posix_fallocate");
  return static_cast<int>(watched({.name = "posix_fallocate", .descriptor = fd, .returns_error = true},
                                  [&] { return real(fd, offset, size); }));
}

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  return mmap_next(address, size, protection, flags, fd, offset);
}

void* mmap64(void* address, size_t size, int protection, int flags, int fd, off64_t offset) noexcept {
  return mmap_next(address, size, protection, flags, fd, offset);
}

int unlink(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("unlink");
  const std::string whole = path_of(AT_FDCWD, path);
  return static_cast<int>(watched({.name = "unlink", .path = whole.c_str()}, [&] { return real(path); }));
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* const real = next<int(int, const char*, int)>("unlinkat");
  const std::string whole = path_of(folder, path);
  const char* const name = (flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink";
  return static_cast<int>(watched({.name = name, .path = whole.c_str()}, [&] { return real(folder, path, flags); }));
}

int rmdir(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("rmdir");
  return static_cast<int>(watched({.name = "rmdir", .path = path}, [&] { return real(path); }));
}

DIR* opendir(const char* path) {
  static auto* const real = next<DIR*(const char*)>("opendir");
  const long folder = watched({.name = "opendir", .path = path}, [&] { return reinterpret_cast<long>(real(path)); });
  return folder == -1 ? nullptr : reinterpret_cast<DIR*>(folder);
}

int closedir(DIR* folder) {
  static auto* const real = next<int(DIR*)>("closedir");
  return static_cast<int>(watched({.name = "close", .descriptor = dirfd(folder)}, [&] { return real(folder); }));
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return static_cast<int>(watched({.name = "rename", .path = from, .new_path = to}, [&] { return real(from, to); }));
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static auto* const real = next<int(int, const char*, int, const char*)>("renameat");
  const std::string whole_from = path_of(from_folder, from);
  const std::string whole_to = path_of(to_folder, to);
  return static_cast<int>(watched({.name = "rename", .path = whole_from.c_str(), .new_path = whole_to.c_str()},
                                  [&] { return real(from_folder, from, to_folder, to); }));
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  static auto* const real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  const std::string whole_from = path_of(from_folder, from);
  const std::string whole_to = path_of(to_folder, to);
  return static_cast<int>(watched({.name = "rename", .path = whole_from.c_str(), .new_path = whole_to.c_str()},
                                  [&] { return real(from_folder, from, to_folder, to, flags); }));
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  static auto* const real = next<int(int, const char*, int, const char*, int)>("linkat");
  const std::string whole = path_of(to_folder, to);
  return static_cast<int>(watched({.name = "linkat", .path = whole.c_str()},
                                  [&] { return real(from_folder, from, to_folder, to, flags); }));
}

int chmod(const char* path, mode_t mode) noexcept {
  static auto* const real = next<int(const char*, mode_t)>("chmod");
  return static_cast<int>(watched({.name = "chmod", .path = path}, [&] { return real(path, mode); }));
}

int fchownat(int folder, const char* path, uid_t owner, gid_t group, int flags) noexcept {
  static auto* const real = next<int(int, const char*, uid_t, gid_t, int)>("fchownat");
  return static_cast<int>(watched({.name = "fchownat", .descriptor = folder, .path = path},
                                  [&] { return real(folder, path, owner, group, flags); }));
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const real = next<int(const char*, mode_t)>("mkdir");
  return static_cast<int>(watched({.name = "mkdir", .path = path}, [&] { return real(path, mode); }));
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  static auto* const real = next<int(int, const char*, mode_t)>("mkdirat");
  const std::string whole = path_of(folder, path);
  return static_cast<int>(watched({.name = "mkdir", .path = whole.c_str()}, [&] { return real(folder, path, mode); }));
}

int socket(int domain, int type, int protocol) noexcept {
  static auto* const real = next<int(int, int, int)>("socket");
  return static_cast<int>(watched({.name = "socket"}, [&] { return real(domain, type, protocol); }));
}

int bind(int fd, const sockaddr* address, socklen_t size) noexcept {
  static auto* const real = next<int(int, const sockaddr*, socklen_t)>("bind");
  return static_cast<int>(watched({.name = "bind", .descriptor = fd}, [&] { return real(fd, address, size); }));
}

int connect(int fd, const sockaddr* address, socklen_t size) {
  static auto* const real = next<int(int, const sockaddr*, socklen_t)>("connect");
  return static_cast<int>(watched({.name = "connect", .descriptor = fd}, [&] { return real(fd, address, size); }));
}

ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* address, socklen_t length) {
  static auto* const real = next<ssize_t(int, const void*, size_t, int, const sockaddr*, socklen_t)>("sendto");
  return watched({.name = "sendto", .descriptor = fd}, [&] { return real(fd, data, size, flags, address, length); });
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static auto* const real = next<ssize_t(int, const msghdr*, int)>("sendmsg");
  return watched({.name = "sendmsg", .descriptor = fd}, [&] { return real(fd, message, flags); });
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  static auto* const real = next<ssize_t(int, msghdr*, int)>("recvmsg");
  return watched({.name = "recvmsg", .descriptor = fd}, [&] { return real(fd, message, flags); });
}

int setsockopt(int fd, int level, int option, const void* value, socklen_t size) noexcept {
  static auto* const real = next<int(int, int, int, const void*, socklen_t)>("setsockopt");
  return static_cast<int>(
      watched({.name = "setsockopt", .descriptor = fd}, [&] { return real(fd, level, option, value, size); }));
}

int dup3(int from, int to, int flags) noexcept {
  static auto* const real = next<int(int, int, int)>("dup3");
  return static_cast<int>(watched({.name = "dup3", .descriptor = from}, [&] { return real(from, to, flags); }));
}

int epoll_create1(int flags) noexcept {
  static auto* const real = next<int(int)>("epoll_create1");
  return static_cast<int>(watched({.name = "epoll_create1"}, [&] { return real(flags); }));
}

int epoll_ctl(int poll, int operation, int fd, epoll_event* event) noexcept {
  static auto* const real = next<int(int, int, int, epoll_event*)>("epoll_ctl");
  return static_cast<int>(
      watched({.name = "epoll_ctl", .descriptor = poll}, [&] { return real(poll, operation, fd, event); }));
}

int eventfd(unsigned count, int flags) noexcept {
  static auto* const real = next<int(unsigned, int)>("eventfd");
  return static_cast<int>(watched({.name = "eventfd"}, [&] { return real(count, flags); }));
}

int timerfd_create(clockid_t clock, int flags) noexcept {
  static auto* const real = next<int(clockid_t, int)>("timerfd_create");
  return static_cast<int>(watched({.name = "timerfd_create"}, [&] { return real(clock, flags); }));
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  static auto* const real = next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return static_cast<int>(watched({.name = "pthread_create", .returns_error = true},
                                  [&] { return real(thread, attributes, start, argument); }));
}

}  // extern "C"
