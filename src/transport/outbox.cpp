// SPDX-License-Identifier: MIT
#include "transport/outbox.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "core/random.hpp"
#include "platform/poll.hpp"
#include "transport/datagram_size.hpp"
#include "transport/letter_codec.hpp"

namespace ipcm::transport {
namespace {

// Sockets that are kept open for the next letter to the same peer.
constexpr std::size_t kMostLines = 64;

// A reader that is awake makes room in that time by itself. Then its thread is poked, again and again.
constexpr std::chrono::microseconds kHope{500};
constexpr std::chrono::milliseconds kFirstNap{1};
constexpr std::chrono::milliseconds kLongestNap{100};

// Files that an earlier client of the same id left behind have other numbers.
std::uint64_t random_serial() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  fill_random(bytes);
  std::uint64_t serial = 0;
  std::memcpy(&serial, bytes.data(), sizeof serial);
  return serial >> 1U;
}

std::string cannot_send(const std::string& name, const PeerTable& table) {
  return "cannot send to " + in_quotes(name) + " on " + table.folder().path() + ": ";
}

}  // namespace

/// One letter on its way, through all that may delay it.
class Outbox::Attempt {
 public:
  Attempt(Outbox& outbox, Line& line, const std::string& recipient)
      : outbox_(outbox), line_(line), recipient_(recipient), socket_(line.socket) {}

  void run(const Letter& letter, std::string_view content);

 private:
  bool reach();
  void wait_for_room();
  void wait_for_its_return();
  void enclose(const Letter& letter, std::string_view content);
  platform::MonotonicTime deadline();
  [[noreturn]] void throw_busy(const std::string& why);

  Outbox& outbox_;
  Line& line_;
  const std::string& recipient_;
  platform::ForkPrivateFd& socket_;
  std::optional<platform::MonotonicTime> deadline_;  // from the first delay on
  std::chrono::nanoseconds nap_ = kHope;
  std::string head_;
  std::string_view content_;
  Letter enclosing_;
  LetterFolder::Draft draft_;
};

void Outbox::Attempt::run(const Letter& letter, std::string_view content) {
  content_ = content;
  if (content.size() > kMostInDatagram) {
    enclose(letter, content);
  } else {
    head_ = encode_head(letter, content.size());
  }
  for (;;) {
    if (socket_.get() < 0 && !reach()) {
      wait_for_its_return();
      continue;
    }
    if (draft_) outbox_.enclosures_.address(draft_, *enclosing_.enclosure, line_.peer);
    switch (platform::send_datagram(socket_.get(), head_, content_)) {
      case platform::Sent::yes: draft_.handed_over(); return;
      case platform::Sent::queue_is_full: wait_for_room(); break;
      case platform::Sent::nobody_there: socket_.reset(); break;
      case platform::Sent::too_large:
        if (draft_) throw Error(ErrorCode::StorageFailure, cannot_send(recipient_, outbox_.table_) + "no room for it.");
        enclose(letter, content);
    }
  }
}

void Outbox::Attempt::enclose(const Letter& letter, std::string_view content) {
  enclosing_ = letter;
  enclosing_.enclosure = Enclosure{outbox_.sender_, outbox_.next_serial_++, content.size()};
  draft_ = outbox_.enclosures_.write(*enclosing_.enclosure, content);
  head_ = encode_head(enclosing_, 0);
  content_ = {};
}

// False: the peer is there, but its socket is not: it is just coming or leaving.
bool Outbox::Attempt::reach() {
  line_.peer = outbox_.require_active(recipient_);
  socket_.reset(outbox_.sockets_.connect(line_.peer.mail_socket()));
  return socket_.get() >= 0;
}

platform::MonotonicTime Outbox::Attempt::deadline() {
  if (!deadline_) {
    deadline_ = platform::deadline_after(std::max(outbox_.patience_, std::chrono::milliseconds::zero()));
  }
  return *deadline_;
}

void Outbox::Attempt::wait_for_room() {
  const auto now = std::chrono::steady_clock::now();
  if (deadline() < now) throw_busy("its queue is full and it does not read");
  if (nap_ > kHope) {
    const char byte = 0;
    outbox_.sockets_.send(outbox_.voice_.get(), line_.peer.pressure_socket(), &byte, sizeof byte);
  }
  platform::wait_writable(socket_.get(), std::min(deadline(), now + nap_));
  nap_ = nap_ > kHope ? std::min<std::chrono::nanoseconds>(nap_ * 2, kLongestNap) : kFirstNap;
  outbox_.table_.require_route();
}

void Outbox::Attempt::wait_for_its_return() {
  const auto now = std::chrono::steady_clock::now();
  if (deadline() < now) throw_busy("it is just connecting or leaving");
  platform::wait_readable(-1, std::min(deadline(), now + kFirstNap));
}

void Outbox::Attempt::throw_busy(const std::string& why) {
  throw Error(ErrorCode::Busy,
              cannot_send(recipient_, outbox_.table_) + why + " (process " + std::to_string(line_.peer.pid) + " on " +
                  line_.peer.host + "). Waited for " + std::to_string(outbox_.patience_.count()) +
                  " ms; nothing was sent.",
              line_.peer.pid);
}

// ---------------------------------------------------------------------------------------------------------------------

Outbox::Outbox(const PeerTable& table, std::int64_t sender, std::chrono::milliseconds patience)
    : table_(table),
      sockets_(table.folder().open(), kSocketsName),
      voice_(platform::unbound_datagram_socket()),
      enclosures_(*table.folder().open()),
      sender_(sender),
      patience_(patience),
      next_serial_(random_serial()) {}

void Outbox::send(const std::string& recipient, const Letter& letter, std::string_view content) {
  table_.require_route();
  const std::shared_ptr<Line> line = line_to(recipient);
  const std::lock_guard lock(line->mutex);
  Attempt(*this, *line, recipient).run(letter, content);
}

Peer Outbox::require_active(const std::string& name) const {
  const std::optional<Peer> peer = table_.find(name);
  if (!peer) {
    throw Error(ErrorCode::UnknownPeer, cannot_send(name, table_) + "no peer of that name was ever connected.");
  }
  switch (table_.presence_of(*peer)) {
    case Presence::active: break;
    case Presence::disconnected:
      throw Error(ErrorCode::PeerDisconnected,
                  cannot_send(name, table_) + "it said goodbye and takes no mail until it connects again.");
    case Presence::crashed:
      throw Error(ErrorCode::PeerGone, cannot_send(name, table_) + "its process " + std::to_string(peer->pid) + " on " +
                                           peer->host +
                                           " ended without a word; it takes no mail until it connects again.");
  }
  return *peer;
}

std::shared_ptr<Outbox::Line> Outbox::line_to(const std::string& recipient) {
  const std::lock_guard lock(mutex_);
  auto found = lines_.find(recipient);
  if (found == lines_.end()) {
    make_room();
    found = lines_.emplace(recipient, std::make_shared<Line>()).first;
  }
  found->second->last_use = uses_++;
  return found->second;
}

void Outbox::make_room() {
  if (lines_.size() < kMostLines) return;
  auto oldest = lines_.end();
  for (auto each = lines_.begin(); each != lines_.end(); ++each) {
    const bool in_use = each->second.use_count() > 1;
    if (!in_use && (oldest == lines_.end() || each->second->last_use < oldest->second->last_use)) oldest = each;
  }
  if (oldest != lines_.end()) lines_.erase(oldest);
}

}  // namespace ipcm::transport
