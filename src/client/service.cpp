// SPDX-License-Identifier: MIT
#include <ipcm/service.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "client/endpoint.hpp"
#include "core/names.hpp"
#include "platform/poll.hpp"

namespace ipcm {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kServiceBatch = 100;
constexpr std::chrono::milliseconds kLongestUnremoved{10};

// What was handled of one batch. Removed when it goes, also where a handler throws.
class Handled {
 public:
  explicit Handled(Client& client) : client_(client) {}

  void add(const Message& message) {
    messages_.push_back(message);
    if (steady_clock::now() - since_ >= kLongestUnremoved) remove();
  }
  void remove() {
    if (!messages_.empty()) client_.remove_messages(messages_);
    messages_.clear();
    since_ = steady_clock::now();
  }

 private:
  Client& client_;
  std::vector<Message> messages_;
  steady_clock::time_point since_ = steady_clock::now();
};

// The words of what a handler threw, as a reply can carry them.
std::string words_of(const std::exception& failure) {
  const std::string words = failure.what();
  if (words.empty()) return "the handler failed without a word";
  if (words.size() > kMaxErrorBytes) {
    const std::string_view kept = std::string_view(words).substr(0, kMaxErrorBytes);
    return std::string(kept.substr(0, first_invalid_utf8(kept)));
  }
  return is_valid_utf8(words) ? words : in_quotes(words);
}

}  // namespace

struct __attribute__((visibility("hidden"))) Service::State {
  State(std::shared_ptr<Client> served, Endpoint& behind) : client(std::move(served)), endpoint(behind) {}

  std::shared_ptr<Client> client;
  Endpoint& endpoint;
  MessageHandler on_message{};
  RequestHandler on_request{};
  PeerHandler on_peer_change{};
  struct Interval {
    std::chrono::milliseconds every;
    std::function<void()> handler;
    steady_clock::time_point next;
  };
  std::deque<Interval> intervals{};  // one may add another: none of them moves
  platform::EventFd stop_signal{};
  std::atomic<bool> stopping{false};

  struct Known {
    bool active;
    std::unique_ptr<PeerWatch> watch;  // of one that is active: its death makes no other noise
  };
  std::map<std::string, Known> known{};
  std::vector<int> fds{};
  steady_clock::time_point next_refresh{};  // of `known`, although nothing says that peers have changed
  bool known_is_old = false;

  void run();
  bool must_stop();
  void sleep();
  void serve_batch();
  void serve(const Message& message);
  void answer(const Message& request);
  void run_intervals();
  bool peers_may_differ();
  std::vector<PeerChange> refresh_peers();
  void tell_peer_changes();
};

Service::Service(std::shared_ptr<Client> client) {
  Endpoint& endpoint = client->endpoint();
  state_ = std::make_unique<State>(std::move(client), endpoint);
}

Service::~Service() = default;

Service& Service::on_message(MessageHandler handler) {
  state_->on_message = std::move(handler);
  return *this;
}

Service& Service::on_request(RequestHandler handler) {
  state_->on_request = std::move(handler);
  return *this;
}

Service& Service::on_peer_change(PeerHandler handler) {
  state_->on_peer_change = std::move(handler);
  return *this;
}

Service& Service::on_interval(std::chrono::milliseconds interval, std::function<void()> handler) {
  if (interval <= std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument,
                "an interval must be positive: " + std::to_string(interval.count()) + " ms.");
  }
  state_->intervals.push_back({interval, std::move(handler), platform::deadline_after(interval)});
  return *this;
}

void Service::run() {
  state_->client->pid_check();
  state_->run();
}

void Service::stop() noexcept {
  state_->stopping = true;
  state_->stop_signal.signal();
}

Client& Service::client() const noexcept {
  return *state_->client;
}

void Service::State::run() {
  struct Ended {
    ~Ended() { stopping = false; }
    std::atomic<bool>& stopping;
  } const ended{stopping};  // by what a handler throws, too: that was the run that was to be stopped
  if (on_peer_change) refresh_peers();
  for (Interval& interval : intervals) interval.next = platform::deadline_after(interval.every);
  while (!stopping) {
    sleep();
    run_intervals();
    if (on_peer_change && !stopping) tell_peer_changes();
    if (!stopping) serve_batch();
  }
}

// The signal first: that of a stop() whose run() ended before it came would never end.
bool Service::State::must_stop() {
  stop_signal.drain();
  return stopping;
}

void Service::State::sleep() {
  std::optional<steady_clock::time_point> deadline;
  if (on_peer_change) deadline = next_refresh;
  for (const Interval& interval : intervals) deadline = std::min(deadline.value_or(interval.next), interval.next);
  const int peers = on_peer_change ? client->peer_change_fd() : -1;
  fds = {stop_signal.get(), peers};
  for (const auto& [name, peer] : known) {
    if (peer.watch) fds.push_back(peer.watch->fd());
  }
  endpoint.wait_for(
      Endpoint::Changes::mail, deadline, [&] { return must_stop() || peers_may_differ() || endpoint.ready(); }, fds);
}

// Where nobody can tell of changes, the descriptor of peers is readable hundreds of times a second, and says little.
bool Service::State::peers_may_differ() {
  if (!on_peer_change || known_is_old) return known_is_old;
  const bool is_due = steady_clock::now() >= next_refresh;
  const bool one_ended = platform::wait_readable(std::span(fds).subspan(2), {});
  const bool hinted = platform::wait_readable(fds[1], {}) && endpoint.peers_may_have_changed();
  known_is_old = is_due || one_ended || hinted;
  return known_is_old;
}

void Service::State::run_intervals() {
  const auto now = steady_clock::now();
  for (std::size_t n = 0; n < intervals.size() && !stopping; ++n) {
    if (now < intervals[n].next) continue;
    const auto missed = (now - intervals[n].next) / intervals[n].every;
    intervals[n].next += (missed + 1) * intervals[n].every;
    intervals[n].handler();
  }
}

// --- peers -----------------------------------------------------------------------------------------------------------

// What is different from what was known.
std::vector<Service::PeerChange> Service::State::refresh_peers() {
  next_refresh = platform::deadline_after(endpoint.options().fallback_interval);
  known_is_old = false;
  std::map<std::string, Known> now;
  std::vector<PeerChange> changes;
  for (const std::string& name : client->peers()) {
    auto watch = endpoint.watch_peer(name);
    const bool active = client->peer_active(name);
    const auto before = known.find(name);
    if (before == known.end() || before->second.active != active) changes.push_back({name, true, active});
    now.emplace(name, Known{active, active ? std::move(watch) : nullptr});
  }
  for (const auto& [name, peer] : known) {
    if (!now.contains(name)) changes.push_back({name, false, false});
  }
  known = std::move(now);
  return changes;
}

void Service::State::tell_peer_changes() {
  if (!peers_may_differ()) return;
  for (const PeerChange& change : refresh_peers()) {
    if (!stopping) on_peer_change(change);
  }
}

// --- messages --------------------------------------------------------------------------------------------------------

void Service::State::serve_batch() {
  const std::vector<Message> batch = client->peek(kServiceBatch);
  Handled handled(*client);
  try {
    for (const Message& message : batch) {
      if (stopping || client->disconnected()) break;
      serve(message);
      handled.add(message);
    }
  } catch (...) {
    if (!client->disconnected()) handled.remove();
    throw;
  }
  if (!client->disconnected()) handled.remove();
}

void Service::State::serve(const Message& message) {
  if (message.is_terminate()) {
    stopping = true;
  } else if (message.is_request() && on_request) {
    answer(message);
  } else if (on_message) {
    on_message(message);
  } else {
    throw Error(ErrorCode::InvalidMessage, "no handler takes the message " + in_quotes(message.id()) + " from " +
                                               in_quotes(message.from()) + ". It stays in the inbox.");
  }
}

void Service::State::answer(const Message& request) {
  std::optional<Content> content;
  std::string error;
  try {
    content = on_request(request);
  } catch (const std::exception& failure) {
    error = words_of(failure);
  }
  try {
    content ? client->reply(request, *content) : client->reply_error(request, error);
  } catch (const Error& failure) {
    switch (failure.code()) {
      case ErrorCode::UnknownPeer:
      case ErrorCode::PeerDisconnected:
      case ErrorCode::PeerGone: return;  // nobody is there to be answered
      case ErrorCode::InvalidMessage:
      case ErrorCode::TooLarge: client->reply_error(request, words_of(failure)); return;
      default: throw;
    }
  }
}

}  // namespace ipcm
