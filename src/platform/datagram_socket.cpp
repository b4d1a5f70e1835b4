// SPDX-License-Identifier: MIT
#include "platform/datagram_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "platform/file.hpp"
#include "platform/system_error.hpp"

namespace ipcm::platform {
namespace {

struct Address {
  sockaddr_un raw{};
  bool fits = false;
};

Address address_of(const std::string& path) noexcept {
  Address address;
  address.raw.sun_family = AF_UNIX;
  address.fits = path.size() < sizeof address.raw.sun_path;
  if (address.fits) std::memcpy(address.raw.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const Address& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address.raw);
}

UniqueFd open_folder(const std::string& path) {
  ensure_folder(path, 0700);
  UniqueFd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) throw_errno(errno, "cannot open the folder " + path);
  return folder;
}

}  // namespace

SocketFolder::SocketFolder(const std::string& path) : path_(path), folder_(open_folder(path)) {}

std::string SocketFolder::path_of(const std::string& name, int folder) const {
  const std::string direct = path_ + "/" + name;
  if (address_of(direct).fits) return direct;
  return "/proc/self/fd/" + std::to_string(folder) + "/" + name;
}

UniqueFd unbound_datagram_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno(errno, "cannot make a socket");
  return fd;
}

UniqueFd SocketFolder::bind(const std::string& name) const {
  UniqueFd fd = unbound_datagram_socket();
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
    throw_errno(errno, "cannot make a socket that tells its senders");
  }
  const auto try_to_bind = [&] {
    remove(name);
    const Address address = address_of(path_of(name, folder_.get()));
    return ::bind(fd.get(), generic(address), sizeof address.raw) == 0;
  };
  if (try_to_bind()) return fd;
  if (errno == ENOENT) {
    ensure_folder(path_, 0700);
    if (reopen() && try_to_bind()) return fd;
  }
  throw_errno(errno, "cannot make the socket " + path_ + "/" + name);
}

// Somebody may have removed the folder and made another one: a descriptor of the old one leads nowhere.
bool SocketFolder::reopen() const noexcept {
  const UniqueFd opened(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return opened && ::dup3(opened.get(), folder_.get(), O_CLOEXEC) >= 0;
}

SocketFolder::Delivery SocketFolder::send(int socket, const std::string& name, const void* data,
                                          std::size_t size) const noexcept {
  try {
    const std::string path = path_of(name, folder_.get());
    const bool by_descriptor = !path.starts_with(path_);
    const Address address = address_of(path);
    bool reopened = false;
    for (;;) {
      if (::sendto(socket, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, generic(address), sizeof address.raw) >= 0) {
        return Delivery::delivered;
      }
      if (errno == EINTR) continue;
      if (errno == ENOENT && by_descriptor && !reopened && reopen()) {
        reopened = true;
        continue;
      }
      return errno == EAGAIN || errno == ENOBUFS ? Delivery::not_now : Delivery::nobody;
    }
  } catch (...) {  // out of memory for a path
    return Delivery::not_now;
  }
}

void SocketFolder::remove(const std::string& name) const noexcept {
  try {
    ::unlink((path_ + "/" + name).c_str());
  } catch (...) {  // out of memory for a path; whoever binds the name next removes it
  }
}

std::vector<std::string> SocketFolder::names() const {
  std::vector<std::string> names;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(path_, gone)) names.push_back(entry.path().filename());
  return names;
}

namespace {

bool is_from_owner(const msghdr& message) noexcept {
  for (const cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(part))) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
    return sender.uid == ::geteuid() || sender.uid == 0;
  }
  return false;
}

}  // namespace

bool discard_datagrams(int socket, int most) noexcept {
  bool from_owner = false;
  for (; most > 0; --most) {
    char byte = 0;
    iovec content{&byte, sizeof byte};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    // Descriptors that came along are closed by the kernel, as there is no room for them.
    if (::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) >= 0) {
      from_owner = is_from_owner(message) || from_owner;
    } else if (errno != EINTR) {
      break;
    }
  }
  return from_owner;
}

}  // namespace ipcm::platform
