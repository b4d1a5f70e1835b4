// SPDX-License-Identifier: MIT
#include "platform/datagram_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/fault_point.hpp"
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

// A folder of somebody else's would let him take the sockets in it for his own.
UniqueFd open_folder(const std::string& path, const Access& access) {
  ensure_folder(path, access);
  UniqueFd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) throw_errno(errno, "cannot open the folder " + path);
  const auto status = FileStatus::of(folder.get());
  const bool trusted = status && (status->mode & S_IWOTH) == 0 &&
                       (status->is_own() || ::geteuid() == 0 || (access.group && status->is_of_own_group()));
  if (!trusted) throw Error(ErrorCode::Unsafe, "the folder " + path + " belongs to another user, or is open to all.");
  return folder;
}

// Gives a socket that was just bound exactly this mode: the umask took some of it away, and a member of the group who
// may not write to a socket cannot wake its owner. Leaves alone what another user has put there meanwhile. Throws
// Error.
void give_mode(const std::string& path, mode_t mode) {
  const UniqueFd file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) return;  // removed again, which its owner finds out as it does at any other time
  if (!file) throw_errno(errno, "cannot open the socket " + path + " to let its group use it");
  const auto status = FileStatus::of(file.get());
  if (!status || !S_ISSOCK(status->mode) || status->owner != ::geteuid()) {
    throw Error(ErrorCode::Unsafe, "another user has replaced the socket " + path + ".");
  }
  if ((status->mode & 07777) == mode) return;
  const std::string opened = "/proc/self/fd/" + std::to_string(file.get());
  if (::chmod(opened.c_str(), mode) != 0) throw_errno(errno, "cannot let the group use the socket " + path);
}

}  // namespace

SocketFolder::SocketFolder(const std::string& path, const Access& access)
    : path_(path), access_(access), folder_(open_folder(path, access)) {}

std::string SocketFolder::path_of(const std::string& name, int folder) const {
  std::string direct = path_ + "/" + name;
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
  ask_for_senders(fd.get());
  const auto try_to_bind = [&] {
    remove(name);
    faults::reach("removed the socket of before");
    const std::string path = path_of(name, folder_.get());
    const Address address = address_of(path);
    if (::bind(fd.get(), generic(address), sizeof address.raw) != 0) return false;
    if (!access_.group) return true;  // the folder lets nobody else in
    try {
      give_mode(path, access_.mode);  // its group it has from the folder
    } catch (...) {
      remove(name);
      throw;
    }
    return true;
  };
  if (try_to_bind()) {
    faults::reach("bound a socket");
    return fd;
  }
  if (errno == ENOENT) {
    ensure_folder(path_, access_);
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
        faults::reach("sent a hint");
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

UniqueFd SocketFolder::connect(const std::string& name) const {
  UniqueFd fd = unbound_datagram_socket();
  const Address address = address_of(path_of(name, folder_.get()));
  while (::connect(fd.get(), generic(address), sizeof address.raw) != 0) {
    if (errno == EINTR) continue;
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return {};
    throw_errno(errno, "cannot reach the socket " + path_ + "/" + name);
  }
  return fd;
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

Sent send_datagram(int socket, std::string_view first, std::string_view second) {
  std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                             iovec{const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = second.empty() ? 1 : 2;
  for (;;) {
    if (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      faults::reach("sent a datagram");
      return Sent::yes;
    }
    switch (errno) {
      case EINTR: continue;
      case EAGAIN: return Sent::queue_is_full;
      case EMSGSIZE: return Sent::too_large;
      case ECONNREFUSED:
      case ECONNRESET:
      case ENOTCONN:
      case EPIPE: return Sent::nobody_there;
      default: throw_errno(errno, "cannot send a datagram");
    }
  }
}

bool wait_writable(int socket, MonotonicTime until) {
  for (;;) {
    const auto left = std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{seconds.count(), static_cast<long>((left - seconds).count())};
    pollfd waiting{socket, POLLOUT, 0};
    const int ready = ::ppoll(&waiting, 1, &time, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw_errno(errno, "cannot wait");
  }
}

void ask_for_senders(int socket) {
  const int yes = 1;
  if (::setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0) {
    throw_errno(errno, "cannot ask for the senders of datagrams");
  }
}

bool receive_datagram(int socket, std::span<char> buffer, Received& received) {
  iovec part{buffer.data(), buffer.size()};
  // Room for the sender only: descriptors that somebody passes along are closed by the kernel.
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  while ((size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == EAGAIN) return false;
    if (errno != EINTR) throw_errno(errno, "cannot receive a datagram");
  }
  received = {static_cast<std::size_t>(size), (message.msg_flags & MSG_TRUNC) == 0};
  const cmsghdr* const first = CMSG_FIRSTHDR(&message);
  if (first != nullptr && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_CREDENTIALS &&
      first->cmsg_len == CMSG_LEN(sizeof(ucred))) {
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(first), sizeof sender);
    received.user = sender.uid;
    received.known_user = true;
  }
  return true;
}

void refuse_datagrams(int socket) noexcept {
  ::shutdown(socket, SHUT_RD);
}

bool discard_datagrams(int socket, int most, Senders senders) noexcept {
  bool counts = false;
  char byte = 0;
  Received received;
  try {
    while (most-- > 0 && receive_datagram(socket, std::span(&byte, 1), received)) {
      const bool from_owner = received.known_user && (received.user == ::geteuid() || received.user == 0);
      counts = counts || from_owner || senders == Senders::anybody;
    }
  } catch (const Error&) {  // nothing that its owner can do about it
  }
  return counts;
}

}  // namespace ipcm::platform
