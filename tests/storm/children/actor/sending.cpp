// SPDX-License-Identifier: MIT
#include <sqlite3.h>

#include <stdexcept>

#include "storm/children/actor/actor.hpp"

namespace storm {
namespace {

using namespace std::chrono_literals;

void run(sqlite3* connection, const char* sql) {
  if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(std::string("an application's SQL failed: ") + sqlite3_errmsg(connection));
  }
}

}  // namespace

bool Actor::has_left(const ipcm::Error& error) const {
  return helps_ && error.code() == ipcm::ErrorCode::Disconnected;
}

// A peer is away, or was never there, or the message had expired before it was sent. The last one stands for a
// transaction that was rolled back on purpose.
bool Actor::is_refusal(const ipcm::Error& error) const {
  return has_left(error) || error.code() == ipcm::ErrorCode::UnknownPeer || error.code() == ipcm::ErrorCode::PeerGone ||
         error.code() == ipcm::ErrorCode::InvalidMessage || error.code() == ipcm::ErrorCode::PeerDisconnected ||
         error.code() == ipcm::ErrorCode::RequestFailed;
}

Actor::Draft Actor::draft(int call, const std::string& inbox, const std::string& op, bool plain) {
  Draft made;
  made.number = shared_.next_number();
  const std::string number = std::to_string(made.number);
  made.fields.to = inbox;
  ipcm::Json content = {{"n", made.number}};
  if (chance(4)) content["pad"] = std::string(static_cast<std::size_t>(up_to(chance(20) ? 9000 : 200)), 'x');
  made.fields.content = content;
  std::string more = pair("op", op) + pair("from", settings_.name);
  const std::int64_t now = clock_->milliseconds();
  const auto at = [](std::int64_t ms) { return ipcm::Message::TimePoint(std::chrono::milliseconds(ms)); };
  const bool grouped = !plain && chance(5);
  if (grouped) {
    made.fields.group_key = "g" + std::to_string(up_to(3));
    more += pair("group", *made.fields.group_key);
  } else if (!plain && chance(5)) {
    made.fields.priority = up_to(7);
    more += pair("priority", *made.fields.priority);
  }
  std::int64_t deliverable = now;
  if (!plain && chance(20)) {
    const std::int64_t due = now + (!grouped && chance(8) ? 3'600'000 : up_to(50));
    deliverable = due;
    made.fields.deliver_at = at(due);
    more += pair("due", due) + pair("clock", now);
  }
  if (!plain && chance(15)) {
    const std::int64_t expires = deliverable + 1 + up_to(100);
    made.fields.expires_at = at(expires);
    more += pair("expires", expires);
  }
  if (!plain && op != "transaction" && op != "request" && chance(8)) {
    made.fields.dedup_key = "k" + std::to_string(up_to(4));
    made.fields.id = number;  // so that whoever is told that it is known is told which one has it
    more += pair("key", *made.fields.dedup_key);
  }
  if (!plain && chance(30)) made.fields.max_attempts = 1 + up_to(2);
  if (op != "reply") {  // which says something else
    more += pair("body", body_of(content, made.fields.priority.value_or(ipcm::kDefaultPriority),
                                 made.fields.group_key.value_or("")));
  }
  made.sending = event(call, "sending", number, inbox, more);
  return made;
}

void Actor::note_sent(int call, const Draft& draft, const std::string& id) {
  const bool is_known = draft.fields.dedup_key && id != draft.fields.id;
  note(call, is_known ? "known" : "sent", draft.sending.message, draft.sending.inbox,
       is_known ? pair("first", id) : std::string());
}

void Actor::note_refused(int call, std::span<const Draft> drafts, const ipcm::Error& error) {
  std::vector<Event> events;
  for (const Draft& draft : drafts) {
    events.push_back(event(call, "refused", draft.sending.message, draft.sending.inbox,
                           pair("error", std::string(ipcm::to_string(error.code())))));
  }
  journal_.write(std::move(events));
}

bool Actor::send_noted(int call, std::vector<Draft>& drafts, const std::function<std::vector<std::string>()>& send) {
  std::vector<Event> events;
  for (const Draft& draft : drafts) events.push_back(draft.sending);
  journal_.write(std::move(events));
  try {
    const std::vector<std::string> ids = send();
    for (std::size_t n = 0; n < drafts.size(); ++n) note_sent(call, drafts[n], ids.at(n));
    return true;
  } catch (const ipcm::Error& error) {
    if (!is_refusal(error)) throw;
    note_refused(call, drafts, error);
    return false;
  }
}

void Actor::send_one() {
  const int call = journal_.begin();
  std::vector<Draft> one{draft(call, some_inbox(), "send")};
  send_noted(call, one, [&] {
    if (one[0].fields.dedup_key || chance(2)) return std::vector{client_->send_message(one[0].fields)};
    std::string id = client_->build_message(one[0].fields).id();
    if (!one[0].fields.id) one[0].fields.id = id;  // as somebody does who must know it before
    if (const auto outcome = client_->try_message(one[0].fields); !outcome) throw ipcm::Error(outcome.error());
    return std::vector{id};
  });
}

void Actor::send_batch() {
  const int call = journal_.begin();
  std::vector<Draft> batch;
  std::vector<Fields> fields;
  for (int n = 2 + up_to(4); n > 0; --n) {
    batch.push_back(draft(call, some_inbox(), "batch"));
    fields.push_back(batch.back().fields);
  }
  send_noted(call, batch, [&] { return client_->send_messages(fields); });
}

std::future<std::string> Actor::send_with_handler(const Fields& fields) {
  const auto told = std::make_shared<std::promise<std::string>>();
  client_->send_async(fields, [told](const std::string& id, const ipcm::Outcome& outcome) {
    outcome ? told->set_value(id) : told->set_exception(std::make_exception_ptr(outcome.error()));
  });
  return told->get_future();
}

void Actor::send_many_at_once() {
  const int call = journal_.begin();
  std::vector<Draft> drafts;
  std::vector<std::future<std::string>> sent;
  for (int n = 1 + up_to(15); n > 0; --n) {
    drafts.push_back(draft(call, some_inbox(), "async"));
    journal_.write(drafts.back().sending);
    try {
      sent.push_back(chance(2) ? client_->send_async(drafts.back().fields) : send_with_handler(drafts.back().fields));
    } catch (const ipcm::Error& error) {  // it was refused before it was handed in
      if (!is_refusal(error)) throw;
      note_refused(call, {&drafts.back(), 1}, error);
      drafts.pop_back();
    }
  }
  for (std::size_t n = 0; n < sent.size(); ++n) {
    try {
      note_sent(call, drafts[n], sent[n].get());
    } catch (const ipcm::Error& error) {
      if (!is_refusal(error)) throw;
      note_refused(call, {&drafts[n], 1}, error);
    }
  }
}

// To whom it goes is known once it has gone. Each copy counts as sent when the call began.
void Actor::broadcast() {
  const int call = journal_.begin();
  const std::int64_t number = shared_.next_number();
  Event casting =
      event(call, "casting", std::to_string(number), "-", pair("from", settings_.name) + pair("route", route_name()));
  casting.time = now();
  journal_.write(casting);
  std::map<std::string, ipcm::Outcome> outcomes;
  try {
    outcomes = client_->broadcast({{"n", number}});
  } catch (const ipcm::Error& error) {
    if (!has_left(error)) throw;
    return note(call, "over", "-", "-", pair("error", std::string(to_string(error.code()))));
  }
  std::vector<Event> events;
  for (const auto& [peer, outcome] : outcomes) {
    outcome.or_throw();
    Event sending =
        event(call, "sending", std::to_string(number), peer, pair("op", "cast") + pair("from", settings_.name));
    sending.time = casting.time;
    events.push_back(sending);
    events.push_back(event(call, "sent", std::to_string(number), peer));
  }
  events.push_back(event(call, "over"));
  journal_.write(std::move(events));
}

// In a transaction of its own, on a connection of its own; now and then it is rolled back.
void Actor::send_by_application(const std::string& inbox, bool plain) {
  const int call = journal_.begin();
  std::vector<Draft> drafts;
  for (int n = plain ? 1 : 1 + up_to(2); n > 0; --n) drafts.push_back(draft(call, inbox, "application", plain));
  const bool commits = plain || !chance(8);
  const std::lock_guard opening(shared_.opening);
  sqlite3* connection = nullptr;
  sqlite3_open(settings_.route.c_str(), &connection);
  sqlite3_busy_timeout(connection, 20'000);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> closed(connection, sqlite3_close);
  run(connection, "PRAGMA wal_autocheckpoint = 0; BEGIN IMMEDIATE");
  const bool sent = send_noted(call, drafts, [&] {
    std::vector<std::string> ids;
    for (const Draft& draft : drafts) ids.push_back(ipcm::send_in(connection, *client_, draft.fields));
    if (!commits) throw ipcm::Error(ipcm::ErrorCode::RequestFailed, "rolled back on purpose");
    run(connection, "COMMIT");
    return ids;
  });
  if (!sent) run(connection, "ROLLBACK");
}

void Actor::ask() {
  const int call = journal_.begin();
  const std::string peer = some_chatter();
  if (peer == settings_.name) return;
  std::vector<Draft> drafts{draft(call, peer, "request", true)};
  const std::string& number = drafts[0].sending.message;
  const std::chrono::milliseconds patience(1 + up_to(30));
  const auto told = std::make_shared<std::promise<ipcm::Reply>>();
  std::vector<ipcm::Request> request;  // or none: a handler is called
  // Before it is sent: whatever thread reads may hand over the answer.
  const int waiting = begin_reading("taking", settings_.name,
                                    pair("op", "reply") + pair("re", number) + pair("asked", peer) + "limit=1");
  const bool sent = send_noted(call, drafts, [&] {
    if (chance(2)) {
      client_->request(peer, drafts[0].fields.content, patience,
                       [told](const ipcm::Reply& reply) { told->set_value(reply); });
    } else {
      request.push_back(client_->request(peer, drafts[0].fields.content, patience));
    }
    return std::vector<std::string>{number};
  });
  if (!sent) return journal_.write(over(waiting));
  const ipcm::Reply reply = request.empty() ? told->get_future().get() : request[0].wait();
  std::vector<Event> events;
  if (reply.message) {
    events.push_back(handed_out(waiting, "took", settings_.name, *reply.message));
    events.back().more += pair("re", std::to_string(reply.message->content().at("re").get<std::int64_t>()));
  }
  events.push_back(over(waiting));
  journal_.write(std::move(events));
}

}  // namespace storm
