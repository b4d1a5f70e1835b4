// SPDX-License-Identifier: MIT
// What requests need: the reply among other mail, and whether the peer can still answer.
#include <algorithm>

#include "client/parcels.hpp"
#include "client/unix_socket_endpoint.hpp"
#include "core/names.hpp"
#include "platform/process.hpp"

namespace ipcm {

using notify::Event;
using transport::Letter;
using transport::Mailbox;
using transport::Peer;
using transport::Presence;

std::optional<Message> UnixSocketEndpoint::take_reply(std::string_view correlation_id) {
  require_inbox("wait for a reply");
  const Use use(*this);
  std::optional<Message> reply;
  std::optional<std::string> problem;
  mailbox_->visit_reply(std::string(correlation_id), [&](transport::Place place, const Letter& letter) {
    problem = undecodable(letter);
    if (problem) return Mailbox::Verdict::set_aside;
    reply = message_of(place, letter);
    count_read(letter.sender, 1);
    return Mailbox::Verdict::take;
  });
  if (problem) throw Error(ErrorCode::InvalidMessage, "the reply cannot be decoded and was set aside: " + *problem);
  return reply;
}

std::vector<std::string> UnixSocketEndpoint::replies() {
  require_inbox("wait for a reply");
  const Use use(*this);
  return mailbox_->replies();
}

bool UnixSocketEndpoint::wait_for(Changes changes, std::optional<std::chrono::steady_clock::time_point> deadline,
                                  FunctionRef<bool()> look, std::span<const int> more) {
  if (changes == Changes::peers) return peer_changes_->wait({Event::peers}, deadline, look, more);
  std::vector<int> fds(more.size() + 1, -1);
  const auto look_and_note = [&] {
    const bool done = look();
    std::ranges::copy(more, fds.begin());
    fds.back() = mailbox_ ? mailbox_->arrivals() : -1;
    return done;
  };
  if (changes == Changes::mail) return peer_changes_->wait({}, deadline, look_and_note, fds);
  return peer_changes_->wait({Event::peers}, deadline, look_and_note, fds);
}

// What lay before a client that ended is gone with it: a later one of its name knows nothing of it.
class UnixSocketEndpoint::Watch : public PeerWatch {
 public:
  Watch(const UnixSocketEndpoint& endpoint, std::string_view peer) : endpoint_(endpoint), peer_(peer) {
    const std::optional<Peer> found = endpoint_.find(peer_);
    if (!found) return;
    epoch_ = found->epoch;
    const bool is_here = found->pid != platform::process_id() && found->host == platform::this_process().host;
    if (is_here && endpoint_.table_->presence_of(*found) == Presence::active) {
      process_.reset(platform::process_end(found->pid, std::nullopt));
    }
  }

  int fd() const noexcept override { return process_.get(); }

  std::optional<Error> gone() override {
    const std::optional<Peer> found = endpoint_.find(peer_);
    if (!found) return error(ErrorCode::PeerGone, "was forgotten", std::nullopt);
    switch (endpoint_.table_->presence_of(*found)) {
      case Presence::crashed: return error(ErrorCode::PeerDied, "died", found->pid);
      case Presence::disconnected: return error(ErrorCode::PeerDisconnected, "said goodbye", std::nullopt);
      case Presence::active: break;
    }
    if (found->epoch != epoch_) return error(ErrorCode::PeerDied, "ended", std::nullopt);
    if (platform::wait_readable(process_.get(), platform::deadline_after({}))) process_.reset();  // not that one
    return std::nullopt;
  }

 private:
  Error error(ErrorCode code, const std::string& what, std::optional<int> pid) const {
    return {code, "the peer " + in_quotes(peer_) + " " + what + " before it answered.", pid};
  }

  const UnixSocketEndpoint& endpoint_;
  std::string peer_;
  std::int64_t epoch_ = 0;
  platform::ForkPrivateFd process_;
};

std::unique_ptr<PeerWatch> UnixSocketEndpoint::watch_peer(std::string_view peer) {
  return std::make_unique<Watch>(*this, peer);
}

}  // namespace ipcm
