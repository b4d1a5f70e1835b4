// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <ipcm/message.hpp>

namespace ipcm {

struct ClaimOptions {
  /// How many at most.
  std::size_t limit = 1;
  /// For how long nobody else gets them, unless this process ends or the client leaves: then they are ready at once.
  std::chrono::milliseconds lease{30'000};
  /// How long to wait until there is at least one.
  std::chrono::milliseconds wait{0};
};

/// A message that this client has and nobody else: until it is settled, or its lease runs out. Made by Client::claim().
/// Move-only. A claim that goes out of scope unsettled is released.
///
/// Every call but the accessors settles the claim or prolongs it, in a transaction of its own, and throws
/// Error(LostClaim) when the claim is no longer held: its lease had run out and somebody saw to that. Nothing has
/// happened to the message then, by this call. Also throws Disconnected once the client has left, which releases its
/// claims, and InvalidArgument when this claim was settled before. One thread at a time.
class Claim {
 public:
  Claim(Claim&&) noexcept;
  Claim& operator=(Claim&&) noexcept;
  ~Claim();

  const Message& message() const noexcept;
  /// True after a call that settled it, also by Transaction, and when it was lost.
  bool settled() const noexcept;

  /// It is done, and leaves the queue.
  void ack();
  /// Somebody else is to have it; at once, or after `delay`. Does not count as an attempt.
  void release(std::chrono::milliseconds delay = {});
  /// It could not be done, this time: it is tried again after the back-off of its queue, or is dead once its attempts
  /// are used up. True: it is tried again. The reason is cut to 4096
  /// bytes; one that is not UTF-8 is replaced by words that say so.
  bool fail(std::string_view reason);
  /// It can never be done: it is dead.
  void kill(std::string_view reason);
  /// From now on its lease is that long.
  void extend(std::chrono::milliseconds lease);

 private:
  friend class Client;
  friend class Transaction;
  struct State;
  explicit Claim(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ipcm
