// SPDX-License-Identifier: MIT
#include <algorithm>

#include "storm/children/actor/actor.hpp"

namespace storm {

std::vector<ipcm::Message> Actor::take(std::size_t limit) {
  const int call = begin_reading("taking", settings_.name, pair("limit", static_cast<std::int64_t>(limit)));
  auto messages = client_->get_messages(limit);
  std::vector<Event> events;
  for (const auto& message : messages) events.push_back(handed_out(call, "took", settings_.name, message));
  events.push_back(event(call, "over"));
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
  const ipcm::Json content = {{"n", last_number_}, {"re", request.content().at("n")}};
  std::vector<Draft> drafts{reply};
  send_noted(call, drafts, [&] { return std::vector{client_->reply(request, content)}; });
}

void Actor::look_and_remove() {
  const auto limit = static_cast<std::size_t>(1 + up_to(7));
  const int looking = begin_reading("looking", settings_.name, pair("limit", static_cast<std::int64_t>(limit)));
  const auto messages = client_->peek(limit);
  std::vector<Event> events;
  for (const auto& message : messages) events.push_back(handed_out(looking, "saw", settings_.name, message));
  events.push_back(event(looking, "over"));
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

void Actor::wait_a_little() {
  const int call = begin_reading("waiting", settings_.name, "");
  const bool found = client_->wait(std::chrono::milliseconds(up_to(20)));
  note(call, "over", "-", settings_.name, pair("found", found ? 1 : 0));
}

}  // namespace storm
