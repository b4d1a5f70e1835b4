// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <ipcm/waited.hpp>

#include "core/function_ref.hpp"
#include "platform/datagram_socket.hpp"
#include "platform/fork.hpp"
#include "platform/lock_order.hpp"
#include "platform/poll.hpp"
#include "transport/inbox.hpp"
#include "transport/letter_folder.hpp"
#include "transport/peer_table.hpp"

namespace ipcm::transport {

/// What one client receives: a socket, the inbox in its memory behind it, and a thread. A letter lies in the socket
/// until somebody reads; only when the socket is full a sender pokes the thread, which moves what is there into the
/// inbox, until that is full, too. All receiving is under one mutex, so letters of one sender keep their order.
///
/// Thread-safe. Made by open() and shared with its thread, so that a forked child can leave it behind: there it must
/// only be forgotten.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  /// `route` must live until close(). Throws Error.
  static std::shared_ptr<Mailbox> open(const RouteFolder& route, const Peer& self);
  /// The end of it in an orderly way; without it the thread goes on.
  void close() noexcept;

  /// What is to become of a letter that is shown.
  enum class Verdict { keep, take, set_aside, stop };
  using Judge = FunctionRef<Verdict(Place, const Letter&)>;
  enum class Enclosures { read, left_out };

  /// Shows the letters that are there, oldest first and with their contents, until `judge` has kept or taken `limit`.
  /// One whose enclosure is lost is set aside without being shown. Throws Error when a content cannot be read just now
  /// and no letter was shown before it: it stays where it is.
  void visit(std::size_t limit, Judge judge, Enclosures enclosures = Enclosures::read);
  /// Shows the reply of that correlation id, wherever it is, if it is there. Throws as visit().
  void visit_reply(const std::string& correlation_id, Judge judge);
  /// The correlation ids of the replies that are there.
  std::vector<std::string> replies();
  /// Removes the letter at that place if it has that id; returns its sender.
  std::optional<std::string> remove(Place place, const MessageId& id);

  /// A letter with its place, if that is known.
  struct Returned {
    std::optional<Place> place;
    Letter letter;
  };
  /// All go back, or none and it returns the index of the first that is there already.
  std::optional<std::size_t> put_back(std::vector<Returned> letters);

  enum class Appended { yes, full, duplicate };
  /// A letter of the client to itself.
  Appended append(Letter letter);

  /// Whether visit() would show a letter.
  bool ready();
  /// Blocks until ready(), or until the time has come; calls `check` before each look and at least once an interval.
  Waited wait(std::optional<platform::MonotonicTime> deadline, std::chrono::milliseconds interval,
              platform::Signals signals, FunctionRef<void()> check);
  /// Called after each arrival that was moved into the inbox, under a lock of the mailbox, by whoever moved it: for
  /// those who wait for more than mail. They wait for arrivals(), too: readable when something can be moved into the
  /// inbox; -1 while there is no room.
  void on_arrival(std::function<void()> told);
  int arrivals();
  /// A descriptor that is readable when a letter may be there, and once every interval.
  int fd(std::chrono::milliseconds interval);

  /// From now on senders are refused; what has come before can still be visited. Everybody who waits wakes up.
  void refuse_more() noexcept;

  /// Set aside by a judge, or with a lost enclosure.
  std::uint64_t dead() const noexcept { return dead_; }
  /// Datagrams that were not letters, or came from another user.
  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  using Mutex = platform::Ranked<platform::ForkSafeMutex, platform::LockRank::call>;
  using Lock = platform::LockGuard<Mutex>;

  Mailbox(const RouteFolder& route, const Peer& self);
  std::size_t receive(std::size_t most) IPCM_REQUIRES(mutex_);
  struct Progress {
    std::size_t left;  // of the limit
    Place last_seen = 0;
    bool shown = false;
  };
  bool visit_what_is_here(Progress& progress, Judge judge, Enclosures enclosures) IPCM_REQUIRES(mutex_);
  void erase(Inbox::Letters::iterator letter) IPCM_REQUIRES(mutex_);
  void update_signal() noexcept IPCM_REQUIRES(mutex_);
  void run() noexcept;
  bool relieve();

  Peer self_;
  std::shared_ptr<const platform::Folder> folder_;  // of the route
  platform::SocketFolder sockets_;
  LetterFolder enclosures_;
  platform::ForkPrivateFd socket_;
  platform::ForkPrivateFd pressure_;
  platform::EventFd signal_;  // set while there is something for those who wait
  unsigned user_;             // whose letters are taken
  std::size_t most_at_once_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> running_{false};
  std::atomic<unsigned> reads_{0};
  std::atomic<std::uint64_t> dead_{0};
  std::atomic<std::uint64_t> dropped_{0};

  Mutex mutex_;
  Inbox inbox_ IPCM_GUARDED_BY(mutex_);
  std::function<void()> on_arrival_ IPCM_GUARDED_BY(mutex_);
  std::vector<char> buffer_ IPCM_GUARDED_BY(mutex_);
  int waiters_ IPCM_GUARDED_BY(mutex_) = 0;
  bool signalled_ IPCM_GUARDED_BY(mutex_) = false;
  bool refusing_ IPCM_GUARDED_BY(mutex_) = false;
  std::unique_ptr<platform::EitherFd> either_fd_ IPCM_GUARDED_BY(mutex_);  // once fd() was asked for
  std::unique_ptr<platform::PeriodicPollFd> poll_fd_ IPCM_GUARDED_BY(mutex_);
};

}  // namespace ipcm::transport
