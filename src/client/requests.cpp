// SPDX-License-Identifier: MIT
#include "client/requests.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "client/failure.hpp"
#include "core/names.hpp"
#include "platform/background_thread.hpp"

namespace ipcm {
namespace {

using std::chrono::steady_clock;

// For when there is no memory for the peer's own words, which are in the reply. Never destroyed: clients may be static.
const Error& kRefusedByPeer = *new Error(ErrorCode::RequestFailed, "the peer answered with an error.");

Outcome outcome_of(const Message& reply) noexcept {
  if (reply.error().empty()) return {};
  try {
    return Error(ErrorCode::RequestFailed, reply.error());
  } catch (const std::bad_alloc&) {
    return kRefusedByPeer;
  }
}

Error too_late(const Requests::Pending& pending) {
  return {ErrorCode::TimedOut, "the peer " + in_quotes(pending.peer) +
                                   " did not answer in time. A late answer will be an ordinary message."};
}

}  // namespace

// A use of the endpoint by a thread that is in no call of the client: it may be the last thing that keeps the client
// from being destroyed.
class Requests::Use {
 public:
  explicit Use(Requests& requests) noexcept : requests_(requests) {
    ++requests_.uses_;
    endpoint_ = requests_.endpoint_;  // close() looks the other way round
  }
  ~Use() {
    if (--requests_.uses_ == 0) requests_.uses_.notify_all();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  /// Null once closed.
  Endpoint* endpoint() const noexcept { return endpoint_; }

 private:
  Requests& requests_;
  Endpoint* endpoint_ = nullptr;
};

Requests::Requests(Endpoint& endpoint)
    : endpoint_(&endpoint),
      // NOLINTNEXTLINE(bugprone-throw-keyword-missing): it is kept, for those who ask later
      left_(ErrorCode::Disconnected,
            "the client " + in_quotes(endpoint.id()) + " left " + endpoint.route() + " before an answer came.") {}

Requests::PendingPtr Requests::send(const Message& request, steady_clock::time_point deadline, ReplyHandler handler) {
  const auto require = [&](Endpoint* endpoint) -> Endpoint& {
    if (endpoint != nullptr) return *endpoint;
    throw Error(ErrorCode::Disconnected, "the client is disconnected: it cannot ask " + in_quotes(request.to()) + ".");
  };
  Endpoint& endpoint = require(endpoint_);
  auto pending = std::make_shared<Pending>();
  pending->id = request.correlation_id();
  pending->peer = request.to();
  pending->deadline = deadline;
  pending->handler = std::move(handler);
  pending->watch = endpoint.watch_peer(request.to());
  {
    const Lock lock(mutex_);
    require(endpoint_);  // what close() does not find here it would not settle
    if (!pending_.emplace(pending->id, pending).second) {
      throw Error(ErrorCode::DuplicateMessage,
                  "an answer to a request of the correlation id " + in_quotes(pending->id) + " is waited for already.");
    }
    ++count_;
  }
  try {
    if (pending->handler) run_own_thread();  // before it is sent: without a thread it must not be
    endpoint.send(std::span(&request, 1));
  } catch (...) {
    forget(pending);
    if (pending->handler) handlers_changed(endpoint);
    throw;
  }
  pending->sent = true;
  if (pending->handler) handlers_changed(endpoint);
  return pending;
}

void Requests::handlers_changed(Endpoint& endpoint) noexcept {
  ++added_;
  added_.notify_all();
  endpoint.look_again();
}

void Requests::run_own_thread() {
  ++added_;  // one that is about to end stays
  const Lock lock(mutex_);
  if (own_thread_runs_) return;
  platform::start_background_thread([self = shared_from_this()] { self->run_handlers(); });
  own_thread_runs_ = true;
}

void Requests::forget(const PendingPtr& pending) {
  const Lock lock(mutex_);
  const auto found = pending_.find(pending->id);
  if (found == pending_.end() || found->second != pending) return;
  pending_.erase(found);
  --count_;
}

bool Requests::settle(Pending& pending, Outcome outcome, Message* answer) noexcept {
  const Lock lock(mutex_);
  if (pending.settled) return false;
  Reply& reply = pending.reply.emplace();
  reply.outcome = std::move(outcome);
  if (answer != nullptr) reply.message = std::move(*answer);
  pending.settled = true;
  const auto found = pending_.find(pending.id);
  if (found == pending_.end() || found->second.get() != &pending || pending.handler) return true;
  pending_.erase(found);
  --count_;
  return true;
}

bool Requests::settle(Pending& pending, Message& reply) noexcept {
  return settle(pending, outcome_of(reply), &reply);
}

void Requests::fail(Pending& pending, const Error& reason) noexcept {
  const Looking looking(pending.looking);
  settle(pending, reason);
}

int Requests::process_of(Pending& pending) {
  const Looking looking(pending.looking);
  return pending.watch->fd();
}

bool Requests::look(Pending& pending) {
  if (pending.settled) return true;
  Endpoint* endpoint = endpoint_.load();
  if (endpoint == nullptr) return pending.settled;
  const Looking looking(pending.looking);
  if (pending.settled) return true;
  if (auto reply = endpoint->take_reply(pending.id)) {
    settle(pending, *reply);
  } else if (auto why = pending.watch->gone()) {
    reply = endpoint->take_reply(pending.id);  // it may have answered and left since the look before
    reply ? settle(pending, *reply) : settle(pending, *std::move(why));
  } else if (steady_clock::now() >= pending.deadline) {
    settle(pending, too_late(pending));
  }
  return pending.settled;
}

bool Requests::wait(const PendingPtr& pending, std::optional<steady_clock::time_point> until) {
  if (pending->settled) return true;
  const Use use(*this);
  Endpoint* const endpoint = use.endpoint();
  if (endpoint == nullptr) return pending->settled;
  int process = process_of(*pending);
  try {
    const auto deadline = until ? std::min(*until, pending->deadline) : pending->deadline;
    const auto look_once = [&] {
      const bool settled = look(*pending);
      process = settled ? -1 : process_of(*pending);
      return settled;
    };
    endpoint->wait_for(Endpoint::Changes::mail_and_peers, deadline, look_once, std::span(&process, 1));
  } catch (const std::bad_alloc&) {
    throw;  // whoever waits may wait again
  } catch (...) {
    fail(*pending, to_error(std::current_exception()));
  }
  return pending->settled;
}

Requests::PendingPtr Requests::find(const std::string& id) {
  const Lock lock(mutex_);
  const auto found = pending_.find(id);
  return found != pending_.end() && !found->second->settled ? found->second : nullptr;
}

void Requests::erase_awaited(std::vector<Message>& messages, FunctionRef<bool(Pending&, Message&)> hand_over) {
  if (count_ == 0) return;
  auto kept = messages.begin();
  for (Message& message : messages) {
    const PendingPtr pending = message.is_reply() ? find(message.correlation_id()) : nullptr;
    if (pending && hand_over(*pending, message)) continue;
    if (&*kept != &message) *kept = std::move(message);
    ++kept;
  }
  if (kept == messages.end()) return;
  messages.erase(kept, messages.end());
  if (Endpoint* endpoint = endpoint_.load()) endpoint->look_again();
}

// What was settled otherwise since it was found, by its time that ran out for example, stays: then it is mail.
void Requests::sort_out(std::vector<Message>& messages) {
  erase_awaited(messages, [this](Pending& pending, Message& message) { return settle(pending, message); });
}

void Requests::sort_out_peeked(std::vector<Message>& messages) {
  erase_awaited(messages, [this](Pending& pending, Message&) { return look(pending); });
}

// --- handlers --------------------------------------------------------------------------------------------------------

Requests::PendingPtr Requests::with_handlers() noexcept {
  const Lock lock(mutex_);
  PendingPtr first;
  for (const auto& [id, pending] : pending_) {
    if (pending->handler) pending->next_in_hand = std::exchange(first, pending);
  }
  return first;
}

void Requests::wait_for_handled(Pending& first, std::uint64_t seen) noexcept {
  bool all_sent = true;
  auto deadline = steady_clock::time_point::max();
  std::size_t count = 0;
  for (const Pending* pending = &first; pending != nullptr; pending = pending->next_in_hand.get()) {
    ++count;
    if (pending->sent) deadline = std::min(deadline, pending->deadline);
    all_sent = all_sent && pending->sent;
  }
  {
    const Use use(*this);
    if (Endpoint* endpoint = use.endpoint()) return wait_for_any_of(first, count, deadline, seen, *endpoint);
  }
  if (!all_sent)
    added_.wait(seen);  // close() settles the others; of those that are being sent nothing is to be told yet
}

void Requests::wait_for_any_of(Pending& first, std::size_t count, steady_clock::time_point deadline, std::uint64_t seen,
                               Endpoint& endpoint) noexcept {
  try {
    std::vector<int> processes(count, -1);
    const auto look_at_all = [&] {
      bool any = added_ != seen;
      auto process = processes.begin();
      for (Pending* pending = &first; pending != nullptr; pending = pending->next_in_hand.get()) {
        if (pending->sent) any = look(*pending) || any;
        *process++ = pending->sent && !pending->settled ? process_of(*pending) : -1;
      }
      return any;
    };
    endpoint.wait_for(Endpoint::Changes::mail_and_peers, deadline, look_at_all, processes);
  } catch (...) {
    const Error failure = to_error(std::current_exception());
    for (Pending* pending = &first; pending != nullptr; pending = pending->next_in_hand.get()) {
      if (pending->sent) fail(*pending, failure);
    }
  }
}

void Requests::run_handlers() noexcept {
  own_thread_ = std::this_thread::get_id();
  for (;;) {
    const std::uint64_t seen = added_;
    PendingPtr first = with_handlers();
    if (!first) {
      const Lock lock(mutex_);
      if (added_ != seen) continue;
      own_thread_ = std::thread::id();
      own_thread_runs_ = false;
      break;
    }
    wait_for_handled(*first, seen);
    while (first) {
      const PendingPtr pending = std::exchange(first, std::move(first->next_in_hand));
      if (!pending->sent || !pending->settled) continue;
      pending->handler(*pending->reply);
      forget(pending);
    }
  }
  ++changes_;
  changes_.notify_all();
}

Requests::PendingPtr Requests::first_open() {
  const Lock lock(mutex_);
  const auto found = std::ranges::find_if(pending_, [](const auto& one) { return !one.second->settled; });
  return found == pending_.end() ? nullptr : found->second;
}

void Requests::close(const Error& reason, bool wait_for_handlers) noexcept {
  if (Endpoint* endpoint = endpoint_.exchange(nullptr)) {
    while (const PendingPtr pending = first_open()) fail(*pending, reason);
    endpoint->look_again();
  }
  while (const std::uint32_t uses = uses_) uses_.wait(uses);
  while (wait_for_handlers) {
    const std::uint32_t changes = changes_;
    {
      const Lock lock(mutex_);
      if (!own_thread_runs_ || on_own_thread()) return;
    }
    changes_.wait(changes);
  }
}

}  // namespace ipcm
