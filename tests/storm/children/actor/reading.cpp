// SPDX-License-Identifier: MIT
#include <poll.h>

#include <algorithm>

#include "storm/children/actor/actor.hpp"

namespace storm {

std::vector<ipcm::Message> Actor::take(std::size_t limit) {
  const int call = begin_reading("taking", settings_.name, pair("limit", static_cast<std::int64_t>(limit)));
  const std::shared_lock serving(shared_.serving);
  auto messages = client_->get_messages(limit);
  std::vector<Event> events;
  for (const auto& message : messages) events.push_back(handed_out(call, "took", settings_.name, message));
  events.push_back(over(call));
  journal_.write(std::move(events));
  return messages;
}

void Actor::take_some() {
  std::vector<ipcm::Message> messages = take(static_cast<std::size_t>(1 + up_to(chance(5) ? 40 : 7)));
  if (!messages.empty() && chance(8)) {  // some of them, and they may have been written down in between
    std::erase_if(messages, [this](const auto&) { return chance(3); });
    for (auto& message : messages) {
      if (chance(2)) message = ipcm::Message::from_json(message.to_json());
    }
    return put_back(messages);
  }
  for (const auto& message : messages) {
    if (message.is_request()) answer(message);
  }
}

void Actor::put_back(const std::vector<ipcm::Message>& messages) {
  if (messages.empty()) return;
  const int call = journal_.begin();
  std::vector<Event> events;
  for (const auto& message : messages) events.push_back(event(call, "returning", number_of(message), settings_.name));
  journal_.write(events);
  client_->requeue_messages(messages);
  for (Event& one : events) one.word = "returned";
  journal_.write(std::move(events));
}

void Actor::answer(const ipcm::Message& request) {
  if (chance(4)) return;  // that one waits until its time is up
  const int call = journal_.begin();
  Draft reply = draft(call, request.reply_to(), "reply", true);
  const ipcm::Json content = {{"n", reply.number}, {"re", request.content().at("n")}};
  std::vector<Draft> drafts{reply};
  send_noted(call, drafts, [&] { return std::vector{client_->reply(request, content)}; });
}

void Actor::look_and_remove() {
  const auto limit = static_cast<std::size_t>(1 + up_to(7));
  const std::lock_guard handling(shared_.handling);
  const int looking = begin_reading("looking", settings_.name, pair("limit", static_cast<std::int64_t>(limit)));
  const auto messages = client_->peek(limit);
  std::vector<Event> events;
  for (const auto& message : messages) events.push_back(handed_out(looking, "saw", settings_.name, message));
  events.push_back(over(looking));
  journal_.write(std::move(events));
  if (messages.empty() || chance(4)) return;

  const int call = journal_.begin();
  events.clear();
  for (const auto& message : messages) events.push_back(event(call, "removing", number_of(message), settings_.name));
  journal_.write(events);
  const bool all = client_->remove_messages(messages) == messages.size();
  for (Event& one : events) one.word = all ? "removed" : "vanished";
  for (Event& one : events) one.time = 0;
  journal_.write(std::move(events));
}

// A service removes what it has handled when it comes to it, and answers without a word of what came of the answer.
void Actor::serve_a_while() {
  const std::lock_guard handling(shared_.handling);
  const std::lock_guard serving(shared_.serving);
  const int seeing = begin_reading("serving", settings_.name, "");
  const int removing = journal_.begin();
  std::vector<Event> handled;
  const auto handle = [&](const ipcm::Message& message) {
    const Event seen = handed_out(seeing, "saw", settings_.name, message);
    handled.push_back(event(removing, "removing", number_of(message), settings_.name));
    journal_.write({seen, handled.back()});
  };
  ipcm::Service service(client_);
  service.on_message(handle);
  service.on_request([&](const ipcm::Message& request) {
    handle(request);
    const Draft reply = draft(journal_.begin(), request.reply_to(), "reply", true);
    journal_.write(reply.sending);
    return ipcm::Content({{"n", reply.number}, {"re", request.content().at("n")}});
  });
  service.on_peer_change([](const ipcm::Service::PeerChange&) {});
  service.on_interval(std::chrono::milliseconds(1 + up_to(20)), [&] { service.stop(); });
  service.run();
  for (Event& one : handled) one.word = "removed";
  handled.push_back(over(seeing));
  journal_.write(std::move(handled));
}

void Actor::wait_a_little() {
  const int call = begin_reading("waiting", settings_.name, "");
  const int most = up_to(20);
  bool found = false;
  if (chance(2)) {
    found = client_->wait(std::chrono::milliseconds(most));
  } else {
    pollfd readable{client_->fd(), POLLIN, 0};
    found = poll(&readable, 1, most) > 0;
  }
  journal_.write(over(call, settings_.name, pair("found", found ? 1 : 0)));
}

}  // namespace storm
