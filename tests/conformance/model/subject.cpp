// SPDX-License-Identifier: MIT
#include "conformance/model/subject.hpp"

#include <cmath>
#include <set>

#include "support/errors.hpp"
#include "support/text.hpp"

namespace model {
namespace {

using Kind = Operation::Kind;

std::string counts(const char* what, const std::map<std::string, std::uint64_t>& by_name) {
  std::string all = what;
  for (const auto& [name, count] : by_name) {
    if (count != 0) all += " " + name + ":" + std::to_string(count);
  }
  return all;
}

std::string text_of(const ipcm::Stats& stats) {
  return counts("read", stats.read) + " " + counts("sent", stats.sent);
}

}  // namespace

std::string text_of(const ipcm::Message& message) {
  const bool chosen = message.id().starts_with("chosen");
  return std::to_string(message.content().get<int>()) + "/" + message.from() + (message.broadcast() ? "/b" : "") +
         (chosen ? "/" + message.id() : "") + (message.attempts() > 0 ? "#" + std::to_string(message.attempts()) : "");
}

std::vector<std::size_t> positions(const std::vector<int>& picks, std::size_t size) {
  std::set<std::size_t> all;
  for (const int pick : picks) {
    if (size > 0) all.insert(static_cast<std::size_t>(pick) % size);
  }
  return {all.begin(), all.end()};
}

Subject::Subject(ipcm::SpawnOptions options) : store_(ipcm::spawn(options)) {}

Subject::~Subject() = default;

std::string Subject::apply(const Operation& operation, int last_number) {
  last_number_ = last_number;
  std::string given;
  try {
    const std::string code = test::code_of_call([&] { given = answer(operation); });
    return code == "ok" ? given : code;
  } catch (const std::exception& failure) {
    return std::string("an exception: ") + failure.what();
  }
}

ipcm::MessageFields Subject::fields(const Letter& letter, int number) const {
  ipcm::MessageFields fields{.to = letter.to, .content = number, .id = letter.chosen_id};
  if (letter.delay) fields.delay = std::chrono::seconds(*letter.delay);
  if (letter.ttl) fields.ttl = std::chrono::seconds(*letter.ttl);
  fields.priority = letter.priority;
  fields.max_attempts = letter.max_attempts;
  if (!letter.dedup_key.empty()) fields.dedup_key = letter.dedup_key;
  if (!letter.group_key.empty()) fields.group_key = letter.group_key;
  return fields;
}

long Subject::seconds_since_start(double time) const {
  return std::lround(time - std::chrono::duration<double>(start_.time_since_epoch()).count());
}

std::string Subject::answer(const Operation& operation) {
  switch (operation.kind) {
    case Kind::advance_clock: clock_->advance(std::chrono::seconds(operation.seconds)); return "ok";
    case Kind::advance_uptime: machine_.advance_uptime(std::chrono::seconds(operation.seconds)); return "ok";
    case Kind::connect:
    case Kind::reconnect: return connect(operation);
    case Kind::settle: return settle(operation);
    default: break;
  }
  auto& client = clients_.at(operation.actor);
  switch (operation.kind) {
    case Kind::drop: clients_.erase(operation.actor); return "ok";
    case Kind::suspend:
    case Kind::suspend_for:
    case Kind::disconnect:
    case Kind::drain: return leave(*client, operation);
    case Kind::send:
    case Kind::send_too_large:
    case Kind::send_batch:
    case Kind::broadcast: return send(*client, operation);
    case Kind::take:
    case Kind::peek:
    case Kind::remove:
    case Kind::requeue: return read(*client, operation);
    case Kind::forget:
    case Kind::peers:
    case Kind::peer_state:
    case Kind::stats: return look(*client, operation);
    default: return work(*client, operation);
  }
}

std::string Subject::connect(const Operation& operation) {
  ipcm::ConnectOptions options;
  options.clock = clock_;
  const bool again = operation.kind == Kind::reconnect;
  auto client = again ? ipcm::reconnect(operation.actor, store_.info(), options)
                      : ipcm::connect(operation.actor, store_.info(), options);
  clients_[operation.actor] = std::move(client);
  return "ok";
}

std::string Subject::leave(ipcm::Client& client, const Operation& operation) {
  std::string handled;
  switch (operation.kind) {
    case Kind::suspend: client.suspend(); return "ok";
    case Kind::suspend_for: client.suspend(std::chrono::seconds(operation.seconds)); return "ok";
    case Kind::disconnect: return test::code_of(client.disconnect()) + " []";
    default: break;
  }
  const auto outcome = client.disconnect([&](std::span<const ipcm::Message> batch) {
    handled += (handled.empty() ? "" : " ") + keep(taken_[operation.actor], batch);
  });
  return test::code_of(outcome) + " [" + handled + "]";
}

std::string Subject::send(ipcm::Client& client, const Operation& operation) {
  if (operation.kind == Kind::send_too_large) {
    auto message = fields(operation.letters.at(0), 0);
    message.content = std::string(kMaxContent, 'x');
    client.send_message(message);
    return "ok";
  }
  std::vector<ipcm::MessageFields> all;
  for (const Letter& letter : operation.letters) all.push_back(fields(letter, ++last_number_));
  if (operation.kind == Kind::send_batch) {
    client.send_messages(all);
    return "ok";
  }
  if (operation.kind == Kind::send) {
    client.send_message(all.at(0));
    return "ok";
  }
  all.at(0).to.reset();
  std::vector<std::string> reached;
  for (const auto& [name, outcome] : client.broadcast(all.at(0))) {
    reached.push_back(outcome ? name : name + "=" + test::code_of(outcome));
  }
  return joined(reached);
}

std::string Subject::read(ipcm::Client& client, const Operation& operation) {
  Messages& seen = seen_[operation.actor];
  Messages& taken = taken_[operation.actor];
  Messages picked;
  switch (operation.kind) {
    case Kind::take: return keep(taken, client.get_messages(operation.limit));
    case Kind::peek: {
      const auto messages = client.peek(operation.limit);
      seen.clear();  // not where peeking was refused
      return keep(seen, messages);
    }
    case Kind::remove: {
      for (const std::size_t at : positions(operation.picks, seen.size())) picked.push_back(seen.at(at));
      const auto removed = client.remove_messages(picked);
      taken.insert(taken.end(), picked.begin(), picked.end());
      return std::to_string(removed);
    }
    default: break;
  }
  for (const std::size_t at : positions(operation.picks, taken.size())) picked.push_back(taken.at(at));
  client.requeue_messages(picked);
  return "ok";
}

std::string Subject::look(ipcm::Client& client, const Operation& operation) {
  switch (operation.kind) {
    case Kind::forget:
      client.forget(operation.target);
      seen_.erase(operation.target);
      taken_.erase(operation.target);
      return "ok";
    case Kind::peers: return joined(client.peers());
    case Kind::stats: return text_of(client.stats());
    default: break;
  }
  if (!client.peer_exists(operation.target)) return "unknown";
  std::string all = client.peer_active(operation.target) ? "exists active" : "exists offline";
  if (const auto expires = client.peer_suspend_expires(operation.target)) {
    all += " until " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*expires - start_).count());
  }
  return all;
}

std::string Subject::keep(Messages& into, std::span<const ipcm::Message> messages) {
  std::vector<std::string> words;
  for (const auto& message : messages) {
    words.push_back(text_of(message));
    into.push_back(message);
  }
  return joined(words);
}

// --- what must hold after every step ---------------------------------------------------------------------------------

std::string Subject::differences(const Model& state) {
  std::string all;
  const std::vector<std::string> connected = state.connected();
  for (const std::string& name : connected) {
    const auto [may_be, may_not_be] = state.ready(name);
    const bool ready = clients_.at(name)->have_ready_messages();
    if (!(ready ? may_be : may_not_be)) all += name + (ready ? " says that mail is ready. " : " says that none is. ");
    const bool pending = clients_.at(name)->have_pending_messages();
    if (pending != state.pending(name)) all += name + (pending ? " says that mail will come. " : " says none will. ");
  }
  if (connected.empty() || !state.promises().has_store) return all;
  std::vector<std::string> words;
  for (const auto& [name, stats] : clients_.at(connected[0])->all_stats()) {
    if (text_of(stats) != "read sent") words.push_back(name + " " + text_of(stats));
  }
  if (joined(words) != state.all_stats()) all += "Counted: " + joined(words) + ", instead of: " + state.all_stats();
  return all;
}

std::string Subject::problems(const Model& state) const {
  const auto info = ipcm::ConnectionInfo::parse(store_.info());
  std::string all = test::joined(ipcm::check_route(info).problems);
  const auto queued = ipcm::route_info(info).queued;
  if (state.promises().has_store && queued != state.queued()) {
    all += std::to_string(queued) + " queued instead of " + std::to_string(state.queued());
  }
  return all;
}

}  // namespace model
