// SPDX-License-Identifier: MIT
#include <algorithm>

#include "conformance/model/subject.hpp"
#include "support/errors.hpp"

namespace model {
namespace {

using Kind = Operation::Kind;

constexpr const char* kReason = "reason";

std::string text_of(const ipcm::QueueInfo& queue) {
  return queue.name + (queue.settings.paused ? " paused" : "") + " ready:" + std::to_string(queue.ready) +
         " scheduled:" + std::to_string(queue.scheduled) + " in flight:" + std::to_string(queue.in_flight) +
         " dead:" + std::to_string(queue.dead) + " workers:" + std::to_string(queue.workers);
}

std::string text_of(const ipcm::JobInfo& job) {
  std::string text = model::text_of(job.message);
  if (job.state == ipcm::JobInfo::State::in_flight) text += " by " + job.worker;
  if (job.state == ipcm::JobInfo::State::scheduled) text += job.schedule.empty() ? " later" : " of " + job.schedule;
  return text;
}

std::string text_of(const ipcm::DeadLetter& dead) {
  return dead.message.to() + ":" + model::text_of(dead.message) + " " + dead.reason + " by " + dead.worker;
}

template <typename All>
std::string texts_of(const All& all) {
  std::vector<std::string> words;
  for (const auto& one : all) words.push_back(text_of(one));
  return joined(words);
}

}  // namespace

std::string Subject::work(ipcm::Client& client, const Operation& operation, Hands& hands) {
  switch (operation.kind) {
    case Kind::create_queue: {
      ipcm::QueueSettings settings;
      settings.max_attempts = operation.max_attempts.value_or(0);
      settings.backoff = ipcm::Backoff::fixed;
      settings.retry_delay = std::chrono::seconds(operation.retry_delay.value_or(0));
      settings.dedup_window = std::chrono::seconds(operation.dedup_window.value_or(0));
      return client.create_queue(operation.target, settings) ? "new" : "old";
    }
    case Kind::pause_queue: client.pause_queue(operation.target); return "ok";
    case Kind::resume_queue: client.resume_queue(operation.target); return "ok";
    case Kind::queues: return texts_of(client.queues());
    case Kind::jobs: return texts_of(client.jobs(operation.target));
    case Kind::claim: return claim(client, operation, hands);
    case Kind::ack_many: return ack_many(client, operation, hands);
    case Kind::transaction: return transaction(client, operation, hands);
    case Kind::dead_letters:
    case Kind::replay_dead:
    case Kind::purge_dead: return dead_letters(client, operation);
    default: return schedules(client, operation, hands);
  }
}

std::string Subject::claim(ipcm::Client& client, const Operation& operation, Hands& hands) {
  const ipcm::ClaimOptions options{.limit = operation.limit, .lease = std::chrono::seconds(operation.seconds)};
  std::vector<std::string> words;
  for (ipcm::Claim& claim : client.claim(operation.target, options)) {
    words.push_back(model::text_of(claim.message()));
    hands.claims[operation.actor].push_back(std::move(claim));
  }
  return joined(words);
}

std::string Subject::settle(const Operation& operation, Hands& hands) {
  std::vector<ipcm::Claim>& claims = hands.claims[operation.actor];
  if (claims.empty()) return "nothing";
  const Settling& settling = operation.settlings.at(0);
  const auto at = claims.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(settling.pick) % claims.size());
  const std::chrono::seconds seconds(settling.seconds);
  std::string answer = "ok";
  const std::string code = test::code_of_call([&] {
    switch (settling.kind) {
      case Settling::Kind::ack: at->ack(); break;
      case Settling::Kind::release: at->release(seconds); break;
      case Settling::Kind::fail: answer = at->fail(kReason) ? "again" : "dead"; break;
      case Settling::Kind::kill: at->kill(kReason); break;
      case Settling::Kind::extend: at->extend(seconds); break;
      case Settling::Kind::let_go: break;
    }
  });
  if (settling.kind != Settling::Kind::extend || code != "ok") {
    const ipcm::Claim gone = std::move(*at);  // ends here
    claims.erase(at);
  }
  return code == "ok" ? answer : code;
}

std::string Subject::ack_many(ipcm::Client& client, const Operation& operation, Hands& hands) {
  std::vector<ipcm::Claim>& claims = hands.claims[operation.actor];
  const auto all = positions(operation.picks, claims.size());
  std::vector<ipcm::Claim> picked;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    picked.insert(picked.begin(), std::move(claims[*at]));
    claims.erase(claims.begin() + static_cast<std::ptrdiff_t>(*at));
  }
  return std::to_string(client.ack(picked));
}

std::string Subject::transaction(ipcm::Client& client, const Operation& operation, Hands& hands) {
  std::vector<ipcm::Claim>& claims = hands.claims[operation.actor];
  std::vector<int> settled;
  client.transaction([&](ipcm::Transaction& all) {
    for (const Settling& settling : operation.settlings) {
      if (claims.empty()) continue;
      const std::size_t at = static_cast<std::size_t>(settling.pick) % claims.size();
      if (std::ranges::find(settled, static_cast<int>(at)) != settled.end()) continue;
      settled.push_back(static_cast<int>(at));
      switch (settling.kind) {
        case Settling::Kind::ack: all.ack(claims[at]); break;
        case Settling::Kind::release: all.release(claims[at], std::chrono::seconds(settling.seconds)); break;
        case Settling::Kind::fail: all.fail(claims[at], kReason); break;
        default: all.kill(claims[at], kReason); break;
      }
    }
    for (const Letter& letter : operation.letters) all.send_message(fields(letter, ++hands.last_number));
  });
  const auto gone = positions(settled, claims.size());
  for (auto at = gone.rbegin(); at != gone.rend(); ++at) {
    claims.erase(claims.begin() + static_cast<std::ptrdiff_t>(*at));
  }
  return "ok";
}

std::string Subject::dead_letters(ipcm::Client& client, const Operation& operation) {
  if (operation.kind == Kind::dead_letters) return texts_of(client.dead_letters(operation.target));
  const auto dead = client.dead_letters();
  std::vector<std::int64_t> numbers;
  for (const std::size_t at : positions(operation.picks, dead.size())) numbers.push_back(dead[at].number);
  const bool replays = operation.kind == Kind::replay_dead;
  return std::to_string(replays ? client.replay_dead(numbers) : client.purge_dead(numbers));
}

std::string Subject::schedules(ipcm::Client& client, const Operation& operation, Hands& hands) {
  switch (operation.kind) {
    case Kind::add_schedule: {
      const auto message = fields(operation.letters.at(0), ++hands.last_number);
      const std::string recurrence = "every " + std::to_string(operation.seconds) + "s";
      client.add_schedule(operation.schedule, recurrence, message, ipcm::parse_missed(operation.missed));
      return "ok";
    }
    case Kind::remove_schedule: return client.remove_schedule(operation.schedule) ? "yes" : "no";
    default: break;
  }
  std::vector<std::string> words;
  for (const ipcm::Schedule& schedule : client.schedules()) {
    words.push_back(schedule.name + "->" + schedule.message.to() + " at " +
                    std::to_string(seconds_since_start(schedule.next_due.value_or(0))));
  }
  return joined(words);
}

}  // namespace model
