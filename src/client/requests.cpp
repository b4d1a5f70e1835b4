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
const Error& refused_by_peer = *new Error(ErrorCode::RequestFailed, "the peer answered with an error.");

Outcome outcome_of(const Message& reply) noexcept {
  if (reply.error().empty()) return {};
  try {
    return Error(ErrorCode::RequestFailed, reply.error());
  } catch (const std::bad_alloc&) {
    return refused_by_peer;
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
  if (pending->handler) {
    pending->asked = asked_peer(endpoint, pending->peer);
  } else {
    pending->watch = endpoint.watch_peer(pending->peer);
  }
  {
    const Lock lock(mutex_);
    require(endpoint_);  // what close() does not find here it would not settle
    const auto [added, is_new] = pending_.emplace(pending->id, pending);
    if (!is_new) {
      throw Error(ErrorCode::DuplicateMessage,
                  "an answer to a request of the correlation id " + in_quotes(pending->id) + " is waited for already.");
    }
    if (pending->handler) {
      try {
        by_deadline_.emplace(deadline, pending.get());
      } catch (...) {
        pending_.erase(added);
        throw;
      }
      ++with_handler_;
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
  {
    const Lock lock(mutex_);
    pending->sent = true;
    if (pending->handler && pending->settled) add_done(pending);
  }
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
  erase(found);
}

void Requests::erase(std::map<std::string, PendingPtr>::iterator pending) noexcept {
  if (pending->second->handler) {
    by_deadline_.erase({pending->second->deadline, pending->second.get()});
    --with_handler_;
  }
  pending_.erase(pending);
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
  if (found == pending_.end() || found->second.get() != &pending) return true;
  if (!pending.handler) {
    erase(found);
    return true;
  }
  by_deadline_.erase({pending.deadline, &pending});
  if (pending.sent) add_done(found->second);
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
  } else if (auto why = pending.watch ? pending.watch->gone() : std::nullopt) {
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

// One who is asked already is watched already, unless that client has gone: then the name may have another one now.
std::shared_ptr<Requests::Asked> Requests::asked_peer(Endpoint& endpoint, const std::string& name) {
  std::shared_ptr<Asked> asked;
  {
    const Lock lock(mutex_);
    const auto [first, last] = asked_.equal_range(name);
    if (first != last) asked = std::prev(last)->second.lock();
  }
  if (asked) {
    const Looking looking(asked->mutex);
    if (!asked->watch->gone()) return asked;
  }
  asked = std::make_shared<Asked>();
  {
    const Looking looking(asked->mutex);
    asked->watch = endpoint.watch_peer(name);
  }
  const Lock lock(mutex_);
  std::erase_if(asked_, [](const auto& one) { return one.second.expired(); });
  asked_.emplace(name, asked);
  return asked;
}

void Requests::add_done(const PendingPtr& pending) noexcept {
  (last_done_ != nullptr ? last_done_->next_done : first_done_) = pending;
  last_done_ = pending.get();
  ++added_;
  added_.notify_all();
}

Requests::PendingPtr Requests::next_done() noexcept {
  const Lock lock(mutex_);
  PendingPtr done = std::move(first_done_);
  first_done_ = done ? std::move(done->next_done) : nullptr;
  if (!first_done_) last_done_ = nullptr;
  return done;
}

std::vector<std::shared_ptr<Requests::Asked>> Requests::asked_peers() {
  const Lock lock(mutex_);
  std::vector<std::shared_ptr<Asked>> peers;
  for (const auto& [name, one] : asked_) {
    if (auto asked = one.lock()) peers.push_back(std::move(asked));
  }
  return peers;
}

// Of those that were sent the one that is due first.
Requests::PendingPtr Requests::first_sent() noexcept {
  const Lock lock(mutex_);
  const auto found = std::ranges::find_if(by_deadline_, [](const Due& due) { return due.second->sent.load(); });
  return found == by_deadline_.end() ? nullptr : pending_.find(found->second->id)->second;
}

std::vector<Requests::PendingPtr> Requests::sent_to(const Asked& asked) {
  const Lock lock(mutex_);
  std::vector<PendingPtr> all;
  for (const auto& [deadline, pending] : by_deadline_) {
    if (pending->asked.get() == &asked && pending->sent) all.push_back(pending_.find(pending->id)->second);
  }
  return all;
}

void Requests::look_for_replies(Endpoint& endpoint) {
  for (const std::string& id : endpoint.replies()) {
    const PendingPtr pending = find(id);
    if (pending && pending->handler && pending->sent) look(*pending);
  }
}

void Requests::look_at_deadlines() {
  while (const PendingPtr pending = first_sent()) {
    if (steady_clock::now() < pending->deadline || !look(*pending)) return;
  }
}

// Returns its process. What it has sent before it went is a reply all the same.
int Requests::look_at_peer(Asked& asked, Endpoint& endpoint) {
  std::optional<Error> why;
  {
    const Looking looking(asked.mutex);
    why = asked.watch->gone();
    if (!why) return asked.watch->fd();
  }
  for (const PendingPtr& pending : sent_to(asked)) {
    const Looking looking(pending->looking);
    if (pending->settled) continue;
    auto reply = endpoint.take_reply(pending->id);
    reply ? settle(*pending, *reply) : settle(*pending, *why);
  }
  return -1;
}

void Requests::wait_for_handled(std::uint64_t seen) noexcept {
  try {
    const Use use(*this);
    if (Endpoint* endpoint = use.endpoint()) return wait_for_any(seen, *endpoint);
  } catch (...) {
    const Error failure = to_error(std::current_exception());
    while (const PendingPtr pending = first_sent()) fail(*pending, failure);
    return;
  }
  added_.wait(seen);  // close() settles those that were sent; of the others nothing is to be told yet
}

void Requests::wait_for_any(std::uint64_t seen, Endpoint& endpoint) {
  const std::vector<std::shared_ptr<Asked>> peers = asked_peers();
  std::vector<int> processes(peers.size(), -1);
  const auto look_at_all = [&] {
    look_for_replies(endpoint);
    for (std::size_t n = 0; n < peers.size(); ++n) processes[n] = look_at_peer(*peers[n], endpoint);
    look_at_deadlines();
    return added_ != seen;
  };
  const PendingPtr first = first_sent();
  const auto deadline = first ? first->deadline : steady_clock::time_point::max();
  endpoint.wait_for(Endpoint::Changes::mail_and_peers, deadline, look_at_all, processes);
}

void Requests::run_handlers() noexcept {
  own_thread_ = std::this_thread::get_id();
  for (;;) {
    const std::uint64_t seen = added_;
    while (const PendingPtr pending = next_done()) {
      pending->handler(*pending->reply);
      forget(pending);
    }
    {
      const Lock lock(mutex_);
      if (with_handler_ == 0) {
        if (added_ != seen) continue;
        own_thread_ = std::thread::id();
        own_thread_runs_ = false;
        break;
      }
    }
    wait_for_handled(seen);
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
