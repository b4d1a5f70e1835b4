// SPDX-License-Identifier: MIT
// The order in which one thread may take the locks of a client. Where the library is built for its developers every
// lock and unlock is checked against it, so that an inversion ends the process the first time that it is possible, not
// when two threads meet in it.
#pragma once

#include <cstdint>

#include "platform/thread_safety.hpp"

namespace ipcm::platform {

/// The locks of a client. Invariant: a thread that holds one takes only those that stand below it, and no second one
/// of the same rank. No handler and no hook of a program is called while one is held; its serializers, its clock and
/// the `change` of Client::change_queue() are, and must not use the client.
enum class LockRank : std::uint8_t {
  send_queue,  ///< SendQueue: let go before a group is stored
  leaving,     ///< UnixSocketEndpoint: one thread at a time says goodbye
  reply,       ///< Requests::Pending: from taking a reply out of the inbox until it is handed over
  call,        ///< StoreEndpoint: the use of the store; Mailbox: what was received
  counters,    ///< UnixSocketEndpoint: the counters
  requests,    ///< Requests: what is open
  waiting,     ///< Waiting: who sleeps, and the notifier
  hub,         ///< LocalHub: who is there to be woken
};

namespace lock_order {

/// Ends the process with a word on stderr where this thread must not take a lock of that rank now.
void before_lock(LockRank rank) noexcept;
void after_unlock(LockRank rank) noexcept;
/// Ends the process with a word on stderr where this thread does not hold a lock of that rank.
void assert_held(LockRank rank) noexcept;

}  // namespace lock_order

/// A mutex that knows its place in the order.
template <typename Mutex, LockRank rank>
class IPCM_CAPABILITY("mutex") Ranked {
 public:
  void lock() IPCM_ACQUIRE() IPCM_UNCHECKED {  // it is what is held
    lock_order::before_lock(rank);
    mutex_.lock();
  }
  void unlock() IPCM_RELEASE() IPCM_UNCHECKED {
    mutex_.unlock();
    lock_order::after_unlock(rank);
  }
  void assert_held() const noexcept IPCM_ASSERTS_HELD() { lock_order::assert_held(rank); }

 private:
  Mutex mutex_;
};

}  // namespace ipcm::platform
