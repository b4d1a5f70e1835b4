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

#include "core/fault_point.hpp"
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

// In a folder of another user's that user could take the sockets for its own.
UniqueFd duplicate_if_trusted(const Folder& folder, const Access& access) {
  const FileStatus status = folder.status();
  const bool trusted =
      (status.mode & S_IWOTH) == 0 && (status.is_own() || is_root() || (access.group && status.is_of_own_group()));
  if (!trusted) {
    throw Error(ErrorCode::Unsafe, "the folder " + folder.path() + " belongs to another user, or is open to all.");
  }
  UniqueFd fd(::fcntl(folder.descriptor(), F_DUPFD_CLOEXEC, 0));
  if (!fd) throw_errno(errno, "cannot open the folder " + folder.path());
  return fd;
}

// Gives a socket that was just bound exactly this mode: the umask took some of it away, and a member of the group who
// may not write to a socket cannot wake its owner. Leaves alone what another user has put there meanwhile. Throws
// Error.
void give_mode(int folder, const std::string& name, mode_t mode) {
  const UniqueFd file(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) return;  // removed again, which its owner finds out as it does at any other time
  if (!file) throw_errno(errno, "cannot open the socket " + name + " to let its group use it");
  const auto status = FileStatus::of(file.get());
  if (!status || !S_ISSOCK(status->mode) || status->owner != ::geteuid()) {
    throw Error(ErrorCode::Unsafe, "another user has replaced the socket " + name + ".");
  }
  if ((status->mode & 07777) == mode) return;
  const std::string opened = "/proc/self/fd/" + std::to_string(file.get());
  if (::chmod(opened.c_str(), mode) != 0) throw_errno(errno, "cannot let the group use the socket " + name);
}

}  // namespace

SocketFolder::SocketFolder(std::shared_ptr<const Folder> parent, std::string name, const Access& access)
    : parent_(std::move(parent)),
      name_(std::move(name)),
      path_(parent_->path_of(name_)),
      access_(access),
      folder_(duplicate_if_trusted(Folder::ensure(*parent_, name_, access_), access_)) {}

// The system takes a path for a socket. The one by descriptor leads into the folder that is open, whatever has become
// of the path.
std::string SocketFolder::address_by_descriptor(const std::string& name) const {
  return "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + name;
}

std::string SocketFolder::address_by_path(const std::string& name) const {
  std::string direct = path_ + "/" + name;
  return address_of(direct).fits ? direct : address_by_descriptor(name);
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
    const Address address = address_of(address_by_descriptor(name));
    if (::bind(fd.get(), generic(address), sizeof address.raw) != 0) return false;
    if (!access_.group) return true;  // the folder lets nobody else in
    try {
      give_mode(folder_.get(), name, access_.mode);  // its group it has from the folder
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
  if (errno == ENOENT && reopen(Missing::make) && try_to_bind()) return fd;
  throw_errno(errno, "cannot make the socket " + path_ + "/" + name);
}

std::optional<FileIdentity> SocketFolder::identity_of(const std::string& name) const noexcept {
  const auto status = FileStatus::in(folder_.get(), name);
  return status ? std::optional(status->identity) : std::nullopt;
}

// False once the folder was removed, or another one has its name: a descriptor of the old one leads to no peer.
bool SocketFolder::is_current() const noexcept {
  const auto now = parent_->status_of(name_);
  const auto ours = FileStatus::of(folder_.get());
  return now && ours && now->identity == ours->identity;
}

bool SocketFolder::reopen(Missing missing) const noexcept {
  try {
    const UniqueFd opened = duplicate_if_trusted(
        missing == Missing::make ? Folder::ensure(*parent_, name_, access_) : Folder(*parent_, name_), access_);
    return ::dup3(opened.get(), folder_.get(), O_CLOEXEC) >= 0;
  } catch (const std::exception&) {
    return false;
  }
}

SocketFolder::Delivery SocketFolder::send(int socket, const std::string& name, const void* data,
                                          std::size_t size) const noexcept {
  try {
    const std::string path = address_by_path(name);
    const bool by_descriptor = !path.starts_with(path_);
    const Address address = address_of(path);
    bool reopened = false;
    for (;;) {
      if (::sendto(socket, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, generic(address), sizeof address.raw) >= 0) {
        faults::reach("sent a hint");
        return Delivery::delivered;
      }
      if (errno == EINTR) continue;
      if (errno == ENOENT && by_descriptor && !reopened && reopen(Missing::leave)) {
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
  const Address address = address_of(address_by_descriptor(name));
  while (::connect(fd.get(), generic(address), sizeof address.raw) != 0) {
    if (errno == EINTR) continue;
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return {};
    throw_errno(errno, "cannot reach the socket " + path_ + "/" + name);
  }
  return fd;
}

void SocketFolder::remove(const std::string& name) const noexcept {
  ::unlinkat(folder_.get(), name.c_str(), 0);
}

std::vector<std::string> SocketFolder::names() const {
  if (!is_current() && !reopen(Missing::leave)) return {};
  try {
    return Folder(*parent_, name_).names();
  } catch (const Error&) {  // it was removed
    return {};
  }
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
