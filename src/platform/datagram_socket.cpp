// SPDX-License-Identifier: MIT
#include "platform/datagram_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

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
  const auto try_to_bind = [&](int folder) {
    remove(name);
    const Address address = address_of(path_of(name, folder));
    return ::bind(fd.get(), generic(address), sizeof address.raw) == 0;
  };
  if (try_to_bind(folder_.get())) return fd;
  if (errno == ENOENT && try_to_bind(open_folder(path_).get())) return fd;
  throw_errno(errno, "cannot make the socket " + path_ + "/" + name);
}

SocketFolder::Delivery SocketFolder::send(int socket, const std::string& name, const void* data,
                                          std::size_t size) const noexcept {
  try {
    const Address address = address_of(path_of(name, folder_.get()));
    for (;;) {
      if (::sendto(socket, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, generic(address), sizeof address.raw) >= 0) {
        return Delivery::delivered;
      }
      if (errno == EINTR) continue;
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

void discard_datagrams(int socket, int most) noexcept {
  char byte = 0;
  while (most-- > 0 && (::recv(socket, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == EINTR)) {}
}

}  // namespace ipcm::platform
