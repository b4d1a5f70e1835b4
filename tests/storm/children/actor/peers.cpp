// SPDX-License-Identifier: MIT
#include <algorithm>
#include <stdexcept>

#include "storm/children/actor/actor.hpp"
#include "support/process.hpp"

namespace storm {

using namespace std::chrono_literals;

// Null: somebody else has the name, or the route is not brought up to date yet.
std::shared_ptr<ipcm::Client> Actor::connect_noted(const std::string& name, bool again) {
  const int call = journal_.begin();
  note(call, "connecting", "-", name, pair("route", route_name()));
  ipcm::ConnectOptions options;
  options.clock = clock_;
  options.busy_timeout = 30s;
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  options.notifier = settings_.notifier;
  if (is_player()) options.fallback_interval = 60s;  // only a wake-up wakes it
  const auto info = ipcm::ConnectionInfo::parse(settings_.route);
  try {
    auto client = again ? ipcm::reconnect(name, info, options) : ipcm::connect(name, info, options);
    journal_.write({event(call, "connected", "-", name), event(call, "over", "-", name)});
    return client;
  } catch (const ipcm::Error& error) {
    if (error.code() != ipcm::ErrorCode::NameInUse && error.code() != ipcm::ErrorCode::RouteTooOld) throw;
    note(call, "over", "-", name, pair("error", std::string(ipcm::to_string(error.code()))));
    return nullptr;
  }
}

// A rival has the name for a moment only, and the route is brought up to date soon.
void Actor::connect_when_possible(bool again) {
  const bool connected = test::eventually([&] { return (client_ = connect_noted(settings_.name, again)) != nullptr; });
  if (!connected) throw std::runtime_error("cannot connect as " + settings_.name);
  if (again) shared_.use(client_);
}

void Actor::connect() {
  connect_when_possible(false);
  client_->create_queue("jobs", {.max_attempts = 8, .retry_delay = 2ms, .max_retry_delay = 10ms});
  if (is_player()) {
    for (const bool of_helper : {false, true}) {
      const Game one = game(of_helper);
      if (one.of_queue) client_->create_queue(one.inbox), client_->create_queue(one.partner);
    }
  }
  shared_.use(client_);
}

void Actor::leave_noted(ipcm::Client& client, const std::string& how) {
  const int call = journal_.begin();
  note(call, "leaving", "-", client.id(), pair("how", how));
  if (how == "disconnect") {
    client.disconnect();
  } else if (how == "disconnect-emptied") {
    const int removing = journal_.begin();
    std::vector<Event> events;
    const std::lock_guard handling(shared_.handling);
    client.disconnect([&](std::span<const ipcm::Message> batch) {
      std::vector<Event> some;
      for (const auto& message : batch) some.push_back(event(removing, "removing", number_of(message), client.id()));
      journal_.write(some);
      events.insert(events.end(), some.begin(), some.end());
    });
    for (Event& one : events) one.word = "removed";
    if (!events.empty()) journal_.write(std::move(events));
  } else if (how == "suspend-until") {
    client.suspend(std::chrono::milliseconds(up_to(5)));
  } else {
    client.suspend();
  }
  note(call, "left", "-", client.id());
}

// Other threads are in the middle of calls of this client; one of them may be the last that has it.
void Actor::leave() {
  constexpr const char* kWays[] = {"disconnect", "disconnect-emptied", "suspend-until", "suspend", "suspend"};
  leave_noted(*client_, kWays[up_to(4)]);
  shared_.use(nullptr);
  client_.reset();
}

void Actor::go_and_come_back() {
  leave();
  idle(5000);
  connect_when_possible(true);
}

// Wants a name that somebody else has, or had until it was killed a moment ago.
void Actor::rival() {
  if (const auto taken = connect_noted(some_chatter(), false)) leave_noted(*taken, "suspend");
}

void Actor::guest() {
  const std::string name = "guest-" + std::to_string(settings_.life) + "-" + std::to_string(journal_.begin());
  const auto client = connect_noted(name, false);
  if (!client) throw std::runtime_error("the name of a guest was in use: " + name);
  for (int n = up_to(3); n > 0; --n) {
    const int call = journal_.begin();
    std::vector<Draft> one{draft(call, name, "send")};
    send_noted(call, one, [&] { return std::vector{client_->send_message(one[0].fields)}; });
  }
  leave_noted(*client, chance(2) ? "suspend" : "disconnect");
  const int call = journal_.begin();
  note(call, "forgetting", "-", name);
  client_->forget(name);
  note(call, "over", "-", name);
}

void Actor::look_around() {
  const auto peers = client_->peers();
  if (std::ranges::find(peers, settings_.name) != peers.end() || !std::ranges::is_sorted(peers)) {
    throw std::runtime_error("peers() are not those of others, sorted");
  }
  if (!helps_ && !client_->peer_active(settings_.name)) throw std::runtime_error("whoever asks is not active");
  client_->have_ready_messages();
  client_->have_pending_messages();
  for (const auto& [peer, sent] : client_->stats().sent) client_->peer_exists(peer);
  client_->all_stats();
  client_->queues();
  client_->jobs({}, 20);
  client_->schedules();
  client_->peer_active(some_chatter(), std::chrono::milliseconds(up_to(3)));
  client_->change_queue("jobs", [this](ipcm::QueueSettings& settings) {
    settings.retry_delay = std::chrono::milliseconds(1 + up_to(3));
  });
}

}  // namespace storm
