// SPDX-License-Identifier: MIT
// What requests need of a store: the reply among other mail, and whether the peer can still answer.
#include <mutex>

#include "client/parcels.hpp"
#include "client/peer_state.hpp"
#include "client/store_endpoint.hpp"
#include "core/names.hpp"
#include "platform/fork.hpp"
#include "platform/process.hpp"

namespace ipcm {

using notify::Event;
using storage::Correlated;

std::optional<Message> StoreEndpoint::take_reply(std::string_view correlation_id) {
  require_inbox("wait for a reply");
  bool there = false;
  read([&](storage::Snapshot& view) {
    there = view.find_correlated(self_.id, correlation_id, Correlated::reply).has_value();
  });
  if (!there) return std::nullopt;
  waiting_->before_taking(Event::mail);
  std::optional<Message> reply;
  std::optional<std::string> problem;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    reply.reset();
    problem.reset();
    if (const auto found = transaction.find_correlated(self_.id, correlation_id, Correlated::reply)) {
      transaction.take_one(self_, found->place, found->id, [&](const storage::StoredMessage& stored) {
        problem = decoding_problem(stored);
        if (!problem) reply = unpack(stored, id());
        return problem;
      });
    }
    more = transaction.has_mail(self_.id);
  });
  waiting_->after_taking(Event::mail, more);
  if (problem) throw Error(ErrorCode::InvalidMessage, "the reply cannot be decoded and was set aside: " + *problem);
  return reply;
}

bool StoreEndpoint::wait_for(Changes changes, std::optional<std::chrono::steady_clock::time_point> deadline,
                             FunctionRef<bool()> look, std::span<const int> more) {
  if (changes == Changes::mail) return waiting_->wait({Event::mail}, deadline, look, more);
  return waiting_->wait({Event::mail, Event::peers}, deadline, look, more);
}

// A peer that is connected anew may have a request before it that its former life did not take; or it may not, and then
// nobody will answer.
class StoreEndpoint::Watch : public PeerWatch {
 public:
  Watch(StoreEndpoint& endpoint, std::string_view peer) : endpoint_(endpoint), peer_(peer) {
    const std::optional<storage::PeerRow> row = endpoint_.find(peer_);
    if (row) adopt(*row, state_of(*row, *endpoint_.store_, endpoint_.now()));
  }

  int fd() const noexcept override { return process_.get(); }

  std::optional<Error> gone(std::string_view correlation_id) override {
    std::optional<storage::PeerRow> row;
    bool untouched = false;
    endpoint_.read([&](storage::Snapshot& view) {
      row = view.find_peer(peer_);
      untouched = row && view.find_correlated(row->id, correlation_id, Correlated::request).has_value();
    });
    if (!row) return error(ErrorCode::PeerGone, "was forgotten");
    const PeerState state = state_of(*row, *endpoint_.store_, endpoint_.now());
    switch (state) {
      case PeerState::crashed: return error(ErrorCode::PeerDied, "died", row->pid);
      case PeerState::expired: return error(ErrorCode::PeerGone, "was suspended until its time ran out");
      case PeerState::disconnected: return error(ErrorCode::PeerDisconnected, "said goodbye");
      case PeerState::suspended: break;
      case PeerState::active:
        if (row->epoch != epoch_ && was_active_ && !untouched) return error(ErrorCode::PeerDied, "died");
    }
    adopt(*row, state);
    return std::nullopt;
  }

 private:
  Error error(ErrorCode code, const std::string& what, std::optional<int> pid = std::nullopt) const {
    return {code, "the peer " + in_quotes(peer_) + " " + what + " before it answered.", pid};
  }

  // Its process shows sooner than anything else that it died.
  void adopt(const storage::PeerRow& row, PeerState state) {
    const bool is_same = was_active_ && row.epoch == epoch_ && state == PeerState::active;
    const bool has_ended = platform::wait_readable(process_.get(), platform::deadline_after({}));
    if (is_same && !has_ended) return;
    epoch_ = row.epoch;
    was_active_ = state == PeerState::active;
    process_.reset();
    const bool is_elsewhere = !row.pid || *row.pid == platform::process_id() || row.host != endpoint_.self_.host;
    if (was_active_ && !has_ended && !is_elsewhere) process_.reset(platform::process_end(*row.pid, row.pid_started));
  }

  StoreEndpoint& endpoint_;
  std::string peer_;
  std::int64_t epoch_ = 0;
  bool was_active_ = false;
  platform::ForkPrivateFd process_;
};

std::unique_ptr<PeerWatch> StoreEndpoint::watch_peer(std::string_view peer) {
  return std::make_unique<Watch>(*this, peer);
}

}  // namespace ipcm
