// SPDX-License-Identifier: MIT
#include "conformance/model/subject.hpp"

#include <algorithm>

#include "support/errors.hpp"
#include "support/text.hpp"

namespace model {
namespace {

using Kind = Operation::Kind;

constexpr std::size_t kMaxContent = 100;

ipcm::SpawnOptions options_for(const std::string& protocol) {
  ipcm::SpawnOptions options;
  options.protocol = protocol;
  options.max_content = kMaxContent;
  options.durability = ipcm::Durability::relaxed;  // nothing cuts the power here
  return options;
}

std::string spaced(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

std::string text(const ipcm::Message& message) {
  const bool chosen = message.id().starts_with("chosen");
  return std::to_string(message.content().get<int>()) + "/" + message.from() + (message.broadcast() ? "/b" : "") +
         (chosen ? "/" + message.id() : "");
}

std::string counts(const char* what, const std::map<std::string, std::uint64_t>& by_name) {
  std::string all = what;
  for (const auto& [name, count] : by_name) {
    if (count != 0) all += " " + name + ":" + std::to_string(count);
  }
  return all;
}

std::string text(const ipcm::Stats& stats) {
  return counts("read", stats.read) + " " + counts("sent", stats.sent);
}

ipcm::MessageFields fields(const Letter& letter) {
  return {.to = letter.to, .content = letter.number, .id = letter.chosen_id};
}

}  // namespace

Subject::Subject(const std::string& protocol) : protocol_(protocol), store_(ipcm::spawn(options_for(protocol))) {}

std::string Subject::apply(const Operation& operation) {
  std::string given;
  const std::string code = test::code_of_call([&] { given = answer(operation); });
  return code == "ok" ? given : code;
}

std::string Subject::problems(std::size_t expected_queued) const {
  const auto info = ipcm::ConnectionInfo::parse(store_.info());
  std::string all = test::joined(ipcm::check_route(info).problems);
  const auto queued = ipcm::route_info(info).queued;
  if (queued != expected_queued)
    all += std::to_string(queued) + " queued instead of " + std::to_string(expected_queued);
  return all;
}

std::string Subject::answer(const Operation& operation) {
  if (operation.kind == Kind::advance_clock) {
    clock_->advance(std::chrono::seconds(operation.seconds));
    return "ok";
  }
  if (operation.kind == Kind::connect || operation.kind == Kind::reconnect) {
    ipcm::ConnectOptions options;
    options.clock = clock_;
    const bool again = operation.kind == Kind::reconnect;
    clients_[operation.actor] = again ? ipcm::reconnect(operation.actor, store_.info(), options)
                                      : ipcm::connect(operation.actor, store_.info(), options);
    return "ok";
  }
  auto& client = clients_.at(operation.actor);
  switch (operation.kind) {
    case Kind::drop: clients_.erase(operation.actor); return "ok";
    case Kind::suspend:
    case Kind::suspend_for:
    case Kind::disconnect:
    case Kind::disconnect_with_handler: return leave(*client, operation);
    case Kind::send:
    case Kind::send_too_large:
    case Kind::send_batch:
    case Kind::broadcast: return send(*client, operation);
    case Kind::take:
    case Kind::peek:
    case Kind::remove:
    case Kind::requeue:
    case Kind::ready: return read(*client, operation);
    default: return look(*client, operation);
  }
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
    handled += (handled.empty() ? "" : " ") + keep(operation.actor, batch, true);
  });
  return test::code_of(outcome) + " [" + handled + "]";
}

std::string Subject::send(ipcm::Client& client, const Operation& operation) {
  if (operation.kind == Kind::send_batch) {
    std::vector<ipcm::MessageFields> batch;
    for (const Letter& letter : operation.letters) batch.push_back(fields(letter));
    client.send_messages(batch);
    return "ok";
  }
  if (operation.kind == Kind::broadcast) {
    std::vector<std::string> reached;
    for (const auto& [name, outcome] : client.broadcast(operation.letters.at(0).number)) {
      reached.push_back(outcome ? name : name + "=" + test::code_of(outcome));
    }
    return spaced(reached);
  }
  auto message = fields(operation.letters.at(0));
  if (operation.kind == Kind::send_too_large) message.content = std::string(kMaxContent, 'x');
  client.send_message(message);
  return "ok";
}

std::string Subject::read(ipcm::Client& client, const Operation& operation) {
  switch (operation.kind) {
    case Kind::take: return keep(operation.actor, client.get_messages(operation.limit), true);
    case Kind::peek: {
      const auto messages = client.peek(operation.limit);
      seen_[operation.actor].clear();  // not where peeking was refused
      return keep(operation.actor, messages, false);
    }
    case Kind::ready: return client.have_ready_messages() ? "yes" : "no";
    case Kind::remove: {
      const auto messages = find(seen_[operation.actor], operation.numbers);
      const auto removed = client.remove_messages(messages);
      for (const auto& message : messages) taken_[operation.actor].insert_or_assign(message.content(), message);
      return std::to_string(removed);
    }
    default: client.requeue_messages(find(taken_[operation.actor], operation.numbers)); return "ok";
  }
}

std::string Subject::look(ipcm::Client& client, const Operation& operation) {
  switch (operation.kind) {
    case Kind::forget: client.forget(operation.target); return "ok";
    case Kind::peers: return spaced(client.peers());
    case Kind::stats: return text(client.stats());
    case Kind::peer_state: {
      if (!client.peer_exists(operation.target)) return "unknown";
      std::string all = client.peer_active(operation.target) ? "exists active" : "exists offline";
      if (const auto expires = client.peer_suspend_expires(operation.target)) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*expires - start_).count();
        all += " until " + std::to_string(seconds);
      }
      return all;
    }
    default: break;
  }
  std::vector<std::string> words;  // all_stats
  for (const auto& [name, stats] : client.all_stats()) {
    if (text(stats) != "read sent") words.push_back(name + " " + text(stats));
  }
  return spaced(words);
}

std::string Subject::keep(const std::string& name, std::span<const ipcm::Message> messages, bool taken) {
  std::vector<std::string> words;
  for (const auto& message : messages) {
    words.push_back(text(message));
    (taken ? taken_ : seen_)[name].insert_or_assign(message.content(), message);
  }
  return spaced(words);
}

std::vector<ipcm::Message> Subject::find(const Messages& among, const std::vector<int>& numbers) const {
  std::vector<ipcm::Message> found;
  for (const int number : numbers) found.push_back(among.at(number));
  return found;
}

}  // namespace model
