// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/access.hpp"
#include "platform/folder.hpp"
#include "platform/fork.hpp"
#include "platform/poll.hpp"

namespace ipcm::platform {

/// A folder of Unix datagram sockets. A name in it can be reached however long the folder's path is: an address holds
/// 107 bytes, so a longer one goes by way of /proc/self/fd.
class SocketFolder {
 public:
  /// Opens the folder of that name in `parent`, and makes it for those who have `access` if it is missing. Throws
  /// Error: Unsafe if it is another user's, or no folder.
  SocketFolder(std::shared_ptr<const Folder> parent, std::string name, const Access& access = {});

  /// A non-blocking socket bound to that name, which is taken over from whoever had it. Makes the folder anew where
  /// somebody removed it; what else is called makes none. Throws Error.
  UniqueFd bind(const std::string& name) const;

  enum class Delivery { delivered, nobody, not_now };
  /// One datagram, without waiting. A full queue is `not_now`: its owner has something to wake up to already.
  Delivery send(int socket, const std::string& name, const void* data, std::size_t size) const noexcept;

  /// Which file is there under that name; nothing when there is none.
  std::optional<FileIdentity> identity_of(const std::string& name) const noexcept;
  /// A non-blocking socket without a name of its own whose datagrams go to that one: to the socket that is bound to it
  /// now, not to one that takes the name over. Without one where nobody has the name. Throws Error for anything else.
  UniqueFd connect(const std::string& name) const;

  void remove(const std::string& name) const noexcept;
  std::vector<std::string> names() const;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string address_by_path(const std::string& name) const;
  std::string address_by_descriptor(const std::string& name) const;
  bool is_current() const noexcept;
  enum class Missing { make, leave };
  bool reopen(Missing missing) const noexcept;

  std::shared_ptr<const Folder> parent_;
  std::string name_;
  std::string path_;
  Access access_;
  mutable ForkPrivateFd folder_;  // its number stays, what it leads to may be made anew
};

/// A non-blocking Unix datagram socket without a name, to send from. Throws Error.
UniqueFd unbound_datagram_socket();

enum class Sent { yes, queue_is_full, nobody_there, too_large };
/// One datagram, of two parts, through a socket that SocketFolder::connect() made; without waiting. Throws Error for
/// anything else that goes wrong, with nothing sent.
Sent send_datagram(int socket, std::string_view first, std::string_view second);

/// Sleeps until a connected socket may take another datagram, or has nobody at its other end, or the time has come;
/// false for the latter.
bool wait_writable(int socket, MonotonicTime until);

struct Received {
  std::size_t size = 0;
  bool whole = false;       ///< false: it was larger than the buffer
  unsigned user = 0;        ///< who sent it, by the kernel's word
  bool known_user = false;  ///< false: the kernel did not say
};
/// Lets the kernel say of each datagram who sent it. Throws Error.
void ask_for_senders(int socket);
/// One datagram, without waiting; false: there is none. Throws Error.
bool receive_datagram(int socket, std::span<char> buffer, Received& received);

/// From now on nobody can send to the socket. What it holds can still be received, and it counts as readable.
void refuse_datagrams(int socket) noexcept;

/// Whose datagrams count.
enum class Senders {
  owner,   ///< this process's user, and root
  anybody  ///< who can reach the socket
};
/// Takes what is waiting in a socket that asks for its senders, up to `most` datagrams, and throws it away. True when
/// one of them counts.
bool discard_datagrams(int socket, int most, Senders senders) noexcept;

}  // namespace ipcm::platform
