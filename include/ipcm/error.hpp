// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ipcm {

/// What went wrong, for a program to act on. The numbers are not stored anywhere and may change between major versions.
enum class ErrorCode {
  UnknownPeer,       ///< no peer of that name was ever connected
  PeerDisconnected,  ///< the peer said goodbye; it takes no mail until it connects again
  PeerGone,          ///< the peer's suspension ran out; with UnixSocket: it crashed
  NameInUse,         ///< a live client has that name; Error::pid() is its process
  InvalidName,       ///< the name breaks the rules for names
  InvalidMessage,    ///< the message cannot be built or encoded
  DuplicateMessage,  ///< a message with that chosen id is still held for that peer
  TooLarge,          ///< the content is beyond the route's limit
  NotARoute,         ///< the file is not an ipcm route
  RouteMissing,      ///< nothing is there
  RouteGone,         ///< the route was deleted or replaced while it was in use
  RouteDamaged,      ///< the route is damaged, commits have vanished from it, or somebody changed its tables
  RouteTooNew,       ///< the route was made by a newer version of ipcm
  RouteTooOld,       ///< the route wants `ipcm migrate` first
  RouteFull,         ///< no space left
  Unsafe,            ///< files of another user, or links, stand where the route's should
  ReadOnly,          ///< the route may not be written, or not be read
  Busy,              ///< the write lock, or room in a queue, did not come in time; Error::pid() is the holder if known
  WrongProcess,      ///< a client was used in a process that did not make it, or a child was forked amid calls
  Disconnected,      ///< this client is disconnected or suspended
  NotSupported,      ///< this protocol cannot do that
  RequestFailed,     ///< the peer answered a request with an error; the text has its words
  PeerDied,          ///< the peer died before it answered a request
  TimedOut,          ///< no answer to a request came in time
  MessagesWaiting,   ///< disconnected while messages were waiting; the text says whether they are still stored
  LostClaim,         ///< the claim is no longer held
  InvalidArgument,   ///< an argument is out of its range
  StorageFailure,    ///< the storage engine failed; the text has its words
};

/// The enumerator's name, e.g. "UnknownPeer".
std::string_view to_string(ErrorCode code) noexcept;

/// The root, and the only class, of all errors that ipcm throws on purpose.
///
/// what() says what was tried, on what, and what to do about it. code() is for programs.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& text);
  Error(ErrorCode code, const std::string& text, std::optional<int> pid);

  ErrorCode code() const noexcept { return code_; }

  /// The other process that stands in the way, where the code says so and it is known.
  std::optional<int> pid() const noexcept { return pid_; }

 private:
  ErrorCode code_;
  std::optional<int> pid_;
};

}  // namespace ipcm
