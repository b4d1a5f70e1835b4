// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "notify/notifier.hpp"
#include "platform/datagram_socket.hpp"
#include "platform/folder.hpp"
#include "platform/range_lock.hpp"

namespace ipcm::notify {

/// Wake-ups between processes: one Unix datagram to a socket in a private folder beside the route.
///
/// Whether a receiver sleeps is told by a byte that it keeps locked on the route's lock file while it does, so that a
/// sender can leave out the datagram, and so that a receiver that died does not seem asleep. Contents mean nothing.
class SocketNotifier : public Notifier {
 public:
  struct Place {
    std::shared_ptr<const platform::Folder> home;  ///< in which the next two lie
    std::string folder;                            ///< of the sockets
    std::string lock_file;                         ///< of the route
    off_t sleep_base;                              ///< inbox + this is its byte in the lock file
    off_t presence_base;  ///< inbox + this is the byte that its client holds as long as it lives
    off_t folder_byte;    ///< shared while something is made in the folder; had by who removes the route
    /// Who may wake its clients: where that is a group, whoever the folder lets in.
    platform::Access access{};
  };

  /// `inbox` 0: a client without one. Throws Error: RouteGone, or where the file system has no sockets.
  SocketNotifier(const Place& place, Inbox inbox);
  ~SocketNotifier() override;

  int fd(Event event) override;
  void arm(Event event) override;
  void disarm(Event event) noexcept override;
  bool drain(Event event) noexcept override;
  bool repair(Event event) noexcept override;
  void renew(Event event) noexcept override;
  void wake(Inbox inbox) noexcept override;
  void announce() noexcept override;
  void retire() noexcept override;
  void abandon() noexcept override { abandoned_ = true; }
  std::string describe() const override;

 private:
  /// A socket that is made when it is first needed: most clients never sleep on most events.
  struct Ear {
    std::string name;
    platform::ForkPrivateFd fd;
    std::optional<platform::FileIdentity> identity{};  // of the name in the folder, as it was bound
    bool retired = false;
  };

  class RouteStays;
  platform::SocketFolder open_folder(const Place& place);
  Ear& ear(Event event) noexcept { return event == Event::mail ? mail_ : peers_; }
  bool bind(Ear& ear) noexcept;
  bool signal(const std::string& name) const noexcept;

  bool is_stale(const std::string& name) const;

  off_t sleep_base_;
  off_t presence_base_;
  off_t folder_byte_;
  Inbox inbox_;
  platform::Senders senders_;
  platform::RangeLockFile locks_;  // of the route as it was when this client connected
  platform::SocketFolder folder_;
  platform::ForkPrivateFd voice_;
  Ear mail_;
  Ear peers_;
  std::atomic<bool> mail_armed_{false};
  std::atomic<bool> abandoned_{false};
};

}  // namespace ipcm::notify
