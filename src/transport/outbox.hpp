// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/datagram_socket.hpp"
#include "platform/fork.hpp"
#include "transport/letter.hpp"
#include "transport/letter_folder.hpp"
#include "transport/peer_table.hpp"

namespace ipcm::transport {

/// What one client sends: a socket for each of the peers that it wrote to last. Thread-safe: letters to one peer go in
/// the order of the calls, and who waits for one peer holds up nobody who writes to another.
class Outbox {
 public:
  /// `table` must live longer. `sender`: the id of the client. `patience`: how long a send waits for a slow reader.
  Outbox(const PeerTable& table, std::int64_t sender, std::chrono::milliseconds patience);

  /// Returns once the letter lies in the recipient's queue. `letter` is without its content.
  /// Throws Error, with nothing sent: UnknownPeer, PeerDisconnected, PeerGone, Busy, RouteGone, RouteFull.
  void send(const std::string& recipient, const Letter& letter, std::string_view content);

  /// The peer of that name if it would be sent to; throws what send() throws otherwise.
  Peer require_active(const std::string& name) const;

 private:
  // A plain mutex: it is held for as long as a reader is slow, and a fork must not wait for that. A forked child
  // never locks it.
  struct Line {
    std::mutex mutex;
    platform::ForkPrivateFd socket;
    Peer peer;
    std::atomic<std::uint64_t> last_use{0};
  };
  class Attempt;

  std::shared_ptr<Line> line_to(const std::string& recipient);
  void make_room();

  const PeerTable& table_;
  platform::SocketFolder sockets_;
  platform::ForkPrivateFd voice_;
  LetterFolder enclosures_;
  std::int64_t sender_;
  std::chrono::milliseconds patience_;
  std::atomic<std::uint64_t> next_serial_;
  std::atomic<std::uint64_t> uses_{0};

  platform::ForkSafeMutex mutex_;  // guards what follows
  std::map<std::string, std::shared_ptr<Line>, std::less<>> lines_;
};

}  // namespace ipcm::transport
