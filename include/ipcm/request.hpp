// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <ipcm/message.hpp>
#include <ipcm/outcome.hpp>

namespace ipcm {

/// What became of a request.
struct Reply {
  /// Ok: there is an answer. Else RequestFailed: the peer answered with an error. PeerDied, PeerDisconnected, PeerGone:
  /// it ended before it answered. TimedOut. Or what the store or the client itself ran into.
  Outcome outcome{};
  /// The answer; also one that is an error. Nothing where none came.
  std::optional<Message> message{};
};

/// Called once with what became of a request, by a thread of the client's own, one call at a time. It may use the
/// client, and must not throw.
using ReplyHandler = std::function<void(const Reply&)>;

/// A request that was sent, and the answer to come: made by Client::request(). Move-only.
///
/// While it lives, the answer comes here and nowhere else. When it goes before the answer came, or once its time is up,
/// a late answer is an ordinary message for get_messages(): Message::is_reply(). Nothing is lost.
/// Any thread may use it; it may outlive the client, and is then settled with Disconnected.
class Request {
 public:
  Request(Request&&) noexcept;
  Request& operator=(Request&&) noexcept;
  ~Request();

  /// The correlation id, which the answer has too.
  const std::string& id() const noexcept;
  /// Who was asked.
  const std::string& peer() const noexcept;

  /// Blocks until the answer is there, or until it is certain that none comes: at once when the peer dies or says
  /// goodbye without one, and at the latest when the time is up. Throws WrongProcess only, and
  /// std::bad_alloc: then it may be called again.
  const Reply& wait();
  /// The same for at most that long; true when wait() would return at once. Throws InvalidArgument for a negative time.
  bool wait_for(std::chrono::milliseconds time);
  /// wait(), and a copy of the answer; throws the outcome where there is none.
  Message get();

 private:
  friend class Client;
  struct State;
  explicit Request(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ipcm
