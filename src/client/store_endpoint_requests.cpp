// SPDX-License-Identifier: MIT
// What requests need of a store: the reply among other mail, and whether the peer can still answer.
#include <mutex>

#include "client/job_rules.hpp"
#include "client/parcels.hpp"
#include "client/peer_state.hpp"
#include "client/store_endpoint.hpp"
#include "client/store_jobs.hpp"
#include "core/names.hpp"
#include "platform/fork.hpp"
#include "platform/process.hpp"

namespace ipcm {

using notify::Event;

std::optional<Message> StoreEndpoint::take_reply(std::string_view correlation_id) {
  require_inbox("wait for a reply");
  bool there = false;
  read([&](storage::Snapshot& view) { there = view.find_reply(self_.id, correlation_id).has_value(); });
  if (!there) return std::nullopt;
  waiting_->before_taking(Event::mail);
  std::optional<Message> reply;
  std::optional<std::string> problem;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    reply.reset();
    problem.reset();
    if (const auto found = transaction.find_reply(self_.id, correlation_id)) {
      std::optional<JobRules> rules = rules_for(transaction);
      transaction.take_one(self_, found->place, found->id,
                           [&](const storage::StoredMessage& stored) -> storage::Verdict {
                             if (rules)
                               rules->depart(self_.id, stored.parcel.job.group_key, stored.parcel.job.dedup_key);
                             if (is_expired(stored, now())) return storage::Verdict::Kind::expired;
                             problem = decoding_problem(stored);
                             if (!problem) reply = unpack(stored, id());
                             return problem;
                           });
      if (rules) rules->finish();
    }
    more = has_mail(transaction);
  });
  waiting_->after_taking(Event::mail, more);
  if (problem) throw Error(ErrorCode::InvalidMessage, "the reply cannot be decoded and was set aside: " + *problem);
  return reply;
}

std::vector<std::string> StoreEndpoint::replies() {
  require_inbox("wait for a reply");
  std::vector<std::string> ids;
  read([&](storage::Snapshot& view) { ids = view.replies(self_.id); });
  return ids;
}

bool StoreEndpoint::wait_for(Changes changes, std::optional<std::chrono::steady_clock::time_point> deadline,
                             FunctionRef<bool()> look, std::span<const int> more) {
  if (changes == Changes::mail) {
    std::optional<platform::MonotonicTime> next_change;  // what is for later becomes ready without a hint
    const auto look_ahead = [&] {
      if (look()) return true;
      read([&](storage::Snapshot& view) { next_change = jobs_->outlook(view, self_.id).next_change; });
      return false;
    };
    return waiting_->wait({Event::mail}, deadline, look_ahead, more, &next_change);
  }
  if (changes == Changes::peers) return waiting_->wait({Event::peers}, deadline, look, more);
  return waiting_->wait({Event::mail, Event::peers}, deadline, look, more);
}

// A request outlives the client that it was sent to: whoever connects under the name may answer it. So it fails only
// while the peer is seen dead, or gone.
class StoreEndpoint::Watch : public PeerWatch {
 public:
  Watch(StoreEndpoint& endpoint, std::string_view peer) : endpoint_(endpoint), peer_(peer) {
    if (const std::optional<Seen> seen = endpoint_.look_at(peer_)) watch(seen->row, seen->state);
  }

  int fd() const noexcept override { return process_.get(); }

  std::optional<Error> gone() override {
    const std::optional<Seen> seen = endpoint_.look_at(peer_);
    if (!seen) return error(ErrorCode::PeerGone, "was forgotten");
    const storage::PeerRow& row = seen->row;
    switch (seen->state) {
      case PeerState::crashed: {
        // It may have left in an orderly way since the row was read: then the row is another one now.
        const std::optional<storage::PeerRow> now = endpoint_.find(peer_);
        if (!now || now->state != row.state || now->epoch != row.epoch) return gone();
        return error(ErrorCode::PeerDied, "died", row.pid);
      }
      case PeerState::expired: return error(ErrorCode::PeerGone, "was suspended until its time ran out");
      case PeerState::disconnected: return error(ErrorCode::PeerDisconnected, "said goodbye");
      case PeerState::suspended:
      case PeerState::active: break;
    }
    watch(row, seen->state);
    return std::nullopt;
  }

 private:
  Error error(ErrorCode code, const std::string& what, std::optional<int> pid = std::nullopt) const {
    return {code, "the peer " + in_quotes(peer_) + " " + what + " before it answered.", pid};
  }

  // The end of its process is told sooner than anything else.
  void watch(const storage::PeerRow& row, PeerState state) {
    const bool has_ended = platform::wait_readable(process_.get(), platform::deadline_after({}));
    if (row.epoch == epoch_ && !has_ended) return;
    epoch_ = row.epoch;
    process_.reset();
    const bool is_elsewhere = !row.pid || *row.pid == platform::process_id() || row.host != endpoint_.self_.host;
    if (state != PeerState::active || has_ended || is_elsewhere) return;
    process_.reset(platform::process_end(*row.pid, row.pid_started));
  }

  StoreEndpoint& endpoint_;
  std::string peer_;
  std::int64_t epoch_ = 0;
  platform::ForkPrivateFd process_;
};

std::unique_ptr<PeerWatch> StoreEndpoint::watch_peer(std::string_view peer) {
  return std::make_unique<Watch>(*this, peer);
}

}  // namespace ipcm
