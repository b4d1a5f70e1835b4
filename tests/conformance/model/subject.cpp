// SPDX-License-Identifier: MIT
#include "conformance/model/subject.hpp"

#include <barrier>
#include <cmath>
#include <future>
#include <set>
#include <utility>

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

Subject::Subject(ipcm::SpawnOptions options, std::chrono::milliseconds patience)
    : patience_(patience), store_(ipcm::spawn(options)) {}

Subject::~Subject() = default;

std::string Subject::apply(const Operation& operation, int last_number) {
  hands_.last_number = last_number;
  return apply(operation, hands_);
}

std::string Subject::apply(const Operation& operation, Hands& hands) {
  std::string given;
  try {
    const std::string code = test::code_of_call([&] { given = answer(operation, hands); });
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

std::string Subject::answer(const Operation& operation, Hands& hands) {
  switch (operation.kind) {
    case Kind::advance_clock: clock_->advance(std::chrono::seconds(operation.seconds)); return "ok";
    case Kind::advance_uptime: machine_.advance_uptime(std::chrono::seconds(operation.seconds)); return "ok";
    case Kind::connect:
    case Kind::reconnect: return connect(operation);
    case Kind::settle: return settle(operation, hands);
    default: break;
  }
  auto& client = clients_.at(operation.actor);
  switch (operation.kind) {
    case Kind::drop: clients_.erase(operation.actor); return "ok";
    case Kind::wait: return wait(*client);
    case Kind::suspend:
    case Kind::suspend_for:
    case Kind::disconnect:
    case Kind::drain: return leave(*client, operation, hands);
    case Kind::send:
    case Kind::send_too_large:
    case Kind::send_batch:
    case Kind::broadcast: return send(*client, operation, hands);
    case Kind::take:
    case Kind::peek:
    case Kind::remove:
    case Kind::requeue: return read(*client, operation, hands);
    case Kind::forget:
    case Kind::peers:
    case Kind::peer_state:
    case Kind::stats: return look(*client, operation, hands);
    default: return work(*client, operation, hands);
  }
}

std::string Subject::connect(const Operation& operation) {
  ipcm::ConnectOptions options;
  options.clock = clock_;
  options.fallback_interval = 4 * patience_;  // only a wake-up wakes who waits
  const bool again = operation.kind == Kind::reconnect;
  auto client = again ? ipcm::reconnect(operation.actor, store_.info(), options)
                      : ipcm::connect(operation.actor, store_.info(), options);
  clients_[operation.actor] = std::move(client);
  return "ok";
}

std::string Subject::leave(ipcm::Client& client, const Operation& operation, Hands& hands) {
  std::string handled;
  switch (operation.kind) {
    case Kind::suspend: client.suspend(); return "ok";
    case Kind::suspend_for: client.suspend(std::chrono::seconds(operation.seconds)); return "ok";
    case Kind::disconnect: return test::code_of(client.disconnect()) + " []";
    default: break;
  }
  const auto outcome = client.disconnect([&](std::span<const ipcm::Message> batch) {
    handled += (handled.empty() ? "" : " ") + keep(hands.taken[operation.actor], batch);
  });
  return test::code_of(outcome) + " [" + handled + "]";
}

std::string Subject::send(ipcm::Client& client, const Operation& operation, Hands& hands) {
  if (operation.kind == Kind::send_too_large) {
    auto message = fields(operation.letters.at(0), 0);
    message.content = std::string(kMaxContent, 'x');
    client.send_message(message);
    return "ok";
  }
  std::vector<ipcm::MessageFields> all;
  for (const Letter& letter : operation.letters) all.push_back(fields(letter, ++hands.last_number));
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

std::string Subject::read(ipcm::Client& client, const Operation& operation, Hands& hands) {
  Messages& seen = hands.seen[operation.actor];
  Messages& taken = hands.taken[operation.actor];
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

std::string Subject::look(ipcm::Client& client, const Operation& operation, Hands& hands) {
  switch (operation.kind) {
    case Kind::forget:
      client.forget(operation.target);
      hands.forgot = true;
      hands.seen.erase(operation.target);
      hands.taken.erase(operation.target);
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

// At the end of its time it looks once more, and finds what nobody woke it for.
std::string Subject::wait(ipcm::Client& client) const {
  const auto end = std::chrono::steady_clock::now() + patience_;
  const bool found = client.wait(patience_);
  if (!found) return "nothing";
  return std::chrono::steady_clock::now() < end ? "found" : "found by itself";
}

std::string Subject::keep(Messages& into, std::span<const ipcm::Message> messages) {
  std::vector<std::string> words;
  for (const auto& message : messages) {
    words.push_back(text_of(message));
    into.push_back(message);
  }
  return joined(words);
}

// --- several at once -------------------------------------------------------------------------------------------------

// Two threads do not use one list: the claims are those of the part that settles some.
Subject::Hands Subject::hands_for(const Operation& part) {
  Hands hands;
  const std::string& actor = part.actor;
  hands.seen[actor] = hands_.seen[actor];
  hands.taken[actor] = hands_.taken[actor];
  if (uses_claims(part.kind)) hands.claims[actor] = std::exchange(hands_.claims[actor], {});
  return hands;
}

void Subject::take_back(const Operation& part, Hands hands) {
  const std::string& actor = part.actor;
  std::vector<ipcm::Claim>& claims = hands_.claims[actor];
  if (uses_claims(part.kind)) claims.swap(hands.claims[actor]);  // those that others made come after them
  for (ipcm::Claim& claim : hands.claims[actor]) claims.push_back(std::move(claim));
  if (part.kind == Kind::peek) hands_.seen[actor] = std::move(hands.seen[actor]);
  if (part.kind != Kind::forget) return;
  for (auto* lists : {&hands_.seen, &hands_.taken}) {
    if (hands.forgot) lists->erase(part.target);
  }
}

std::vector<std::string> Subject::apply_at_once(const Operation& operation, int last_number) {
  std::vector<Hands> hands;
  for (const Operation& part : operation.parts) {
    hands.push_back(hands_for(part));
    hands.back().last_number = last_number;
    last_number += numbers_of(part);
  }
  const std::size_t taken_before = hands_.taken[operation.actor].size();
  std::barrier start(static_cast<std::ptrdiff_t>(hands.size()));
  std::vector<std::future<std::string>> threads;
  for (std::size_t n = 0; n < hands.size(); ++n) {
    threads.push_back(std::async(std::launch::async, [&, n] {
      start.arrive_and_wait();
      return apply(operation.parts[n], hands[n]);
    }));
  }
  std::vector<std::string> answers;
  for (auto& thread : threads) answers.push_back(thread.get());
  for (std::size_t n = 0; n < hands.size(); ++n) {
    const Messages& taken = hands[n].taken[operation.actor];
    Messages& all = hands_.taken[operation.actor];
    all.insert(all.end(), taken.begin() + static_cast<std::ptrdiff_t>(taken_before), taken.end());
    take_back(operation.parts[n], std::move(hands[n]));
  }
  return answers;
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
