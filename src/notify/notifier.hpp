// SPDX-License-Identifier: MIT
// Wake-ups are hints: the row in the store is the truth. A hint that is lost costs its receiver one fallback interval,
// a false one costs one look.
#pragma once

#include <cstdint>
#include <string>

namespace ipcm::notify {

/// The inbox that a client reads, as a number that is unique on its route.
using Inbox = std::int64_t;

/// What a client is woken for.
enum class Event { mail, peers };

/// One client's ear, and its voice to the others' ears.
///
/// The order that loses no wake-up is the receiver's duty: arm(), look at the store, and only then sleep on fd().
/// The sender's: commit, then wake(). Threads: wake(), announce() and refresh() from any; the rest from one at a time,
/// under the lock of Waiting.
/// Invariant: only refresh() may use the store, and with it the client's locks. It is called while none is held.
class Notifier {
 public:
  virtual ~Notifier() = default;

  /// Readable once the event has been signalled after arm(); stays so until drain(). -1: this kind has none, look
  /// often. The same descriptor for the life of the notifier.
  virtual int fd(Event event) = 0;

  /// From now on a wake-up must reach this client: it is about to look and then to sleep.
  virtual void arm(Event event) = 0;
  /// It is awake: others need not bother.
  virtual void disarm(Event event) noexcept = 0;
  /// Sees by itself what nobody tells it; drain() says what came of it.
  virtual void refresh() noexcept {}
  /// Makes fd() unreadable. True when there was a hint since the last call; what strangers sent is none.
  virtual bool drain(Event event) noexcept = 0;
  /// Makes this client's own fd() readable: there is more than was taken.
  virtual void renew(Event event) noexcept = 0;

  /// Tells the client that reads that inbox. Never blocks, never throws: a hint that cannot be given is lost.
  virtual void wake(Inbox inbox) noexcept = 0;
  /// Tells everyone who watches peers.
  virtual void announce() noexcept = 0;

  /// Makes the addresses under which it is reached anew where somebody removed them, as can be seen only by looking now
  /// and then. True when fd() leads elsewhere from now on.
  virtual bool repair(Event) noexcept { return false; }

  /// Gives up the addresses under which it is reached: another client is about to take its name. Nobody can wake it any
  /// more; it can still wake others.
  virtual void retire() noexcept = 0;

  /// Called in a forked child: from now on nobody is told anything and no file is touched.
  virtual void abandon() noexcept = 0;

  /// The kind, for people.
  virtual std::string describe() const = 0;
};

}  // namespace ipcm::notify
