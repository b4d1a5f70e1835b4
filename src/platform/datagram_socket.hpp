// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/file.hpp"
#include "platform/fork.hpp"

namespace ipcm::platform {

/// A folder of Unix datagram sockets. A name in it can be reached however long the folder's path is: an address holds
/// 107 bytes, so a longer one goes by way of /proc/self/fd.
class SocketFolder {
 public:
  /// Makes the folder, private to its owner, where it is missing. Throws Error.
  explicit SocketFolder(const std::string& path);

  /// A non-blocking socket bound to that name, which is taken over from whoever had it. Makes the folder anew where
  /// somebody removed it. Throws Error.
  UniqueFd bind(const std::string& name) const;

  enum class Delivery { delivered, nobody, not_now };
  /// One datagram, without waiting. A full queue is `not_now`: its owner has something to wake up to already.
  Delivery send(int socket, const std::string& name, const void* data, std::size_t size) const noexcept;

  /// Which file is there under that name; nothing when there is none.
  std::optional<FileIdentity> identity_of(const std::string& name) const {
    return FileIdentity::at(path_ + "/" + name);
  }

  void remove(const std::string& name) const noexcept;
  std::vector<std::string> names() const;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_of(const std::string& name, int folder) const;
  bool reopen() const noexcept;

  std::string path_;
  mutable ForkPrivateFd folder_;  // its number stays, what it leads to may be made anew
};

/// A non-blocking Unix datagram socket without a name, to send from. Throws Error.
UniqueFd unbound_datagram_socket();

/// Takes what is waiting in a socket that a SocketFolder bound, up to `most` datagrams, and throws it away. True when
/// one of them came from this process's user, or from root.
bool discard_datagrams(int socket, int most) noexcept;

}  // namespace ipcm::platform
