// SPDX-License-Identifier: MIT
// Wake-ups are hints: the row in the store is the truth. A hint that is lost costs its receiver one fallback interval,
// a false one costs one look.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ipcm::notify {

/// What a client is woken for.
enum class Event { mail, peers };

/// One client's ear, and its voice to the others' ears. Made for one inbox.
///
/// The order that loses no wake-up is the receiver's duty: arm(), look at the store, and only then sleep on fd().
/// The sender's: commit, then wake(). Threads: wake() and announce() from any; the rest from one at a time.
class Notifier {
 public:
  virtual ~Notifier() = default;

  /// Readable once the event has been signalled after arm(); stays so until drain(). -1: this kind has none, poll.
  virtual int fd(Event event) = 0;

  /// From now on a wake-up must reach this client: it is about to look and then to sleep.
  virtual void arm(Event event) = 0;
  /// It is awake: others need not bother.
  virtual void disarm(Event event) = 0;
  /// Makes fd() unreadable.
  virtual void drain(Event event) = 0;
  /// Makes this client's own fd() readable: there is more than was taken.
  virtual void renew(Event event) = 0;

  /// Tells the client that reads that inbox. Never blocks, never throws: a hint that cannot be given is lost.
  virtual void wake(std::int64_t inbox) noexcept = 0;
  /// Tells everyone who watches peers.
  virtual void announce() noexcept = 0;

  /// Called in a forked child: closes without telling anybody.
  virtual void abandon() noexcept = 0;

  /// The kind and why it was picked, for `ipcm info`.
  virtual std::string describe() const = 0;
};

}  // namespace ipcm::notify
