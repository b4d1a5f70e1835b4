// SPDX-License-Identifier: MIT
#include "conformance/model/generator.hpp"

#include <algorithm>

namespace model {
namespace {

namespace gen = rc::gen;
using Kind = Operation::Kind;

// How often each kind comes up.
const std::vector<std::pair<int, Kind>> kMail = {
    {4, Kind::connect},        {3, Kind::reconnect},   {2, Kind::suspend},   {3, Kind::suspend_for},
    {2, Kind::disconnect},     {2, Kind::drain},       {2, Kind::drop},      {60, Kind::send},
    {1, Kind::send_too_large}, {12, Kind::send_batch}, {4, Kind::broadcast}, {20, Kind::take},
    {6, Kind::peek},           {6, Kind::remove},      {10, Kind::requeue},  {3, Kind::forget},
    {2, Kind::peers},          {3, Kind::peer_state},  {2, Kind::stats},     {8, Kind::advance_clock},
    {10, Kind::at_once}};
const std::vector<std::pair<int, Kind>> kJobs = {
    {8, Kind::create_queue}, {2, Kind::pause_queue},  {3, Kind::resume_queue},    {30, Kind::claim},
    {30, Kind::settle},      {5, Kind::ack_many},     {8, Kind::transaction},     {8, Kind::advance_uptime},
    {2, Kind::queues},       {2, Kind::jobs},         {3, Kind::dead_letters},    {6, Kind::replay_dead},
    {3, Kind::purge_dead},   {4, Kind::add_schedule}, {2, Kind::remove_schedule}, {1, Kind::schedules},
    {12, Kind::at_once}};
// Parts of what is done at once. Not a call that asks more than once, or uses up what the other one may add.
const std::vector<std::pair<int, Kind>> kMailParts = {
    {20, Kind::send},   {4, Kind::send_batch},  {3, Kind::broadcast},  {15, Kind::take}, {5, Kind::peek},
    {4, Kind::remove},  {6, Kind::requeue},     {1, Kind::forget},     {2, Kind::peers}, {2, Kind::stats},
    {1, Kind::suspend}, {1, Kind::suspend_for}, {2, Kind::disconnect}, {2, Kind::drain}};
const std::vector<std::pair<int, Kind>> kJobParts = {
    {20, Kind::claim},       {15, Kind::settle},     {4, Kind::ack_many},     {6, Kind::transaction},
    {2, Kind::create_queue}, {2, Kind::pause_queue}, {2, Kind::resume_queue}, {2, Kind::queues},
    {2, Kind::jobs},         {2, Kind::dead_letters}};

const std::vector<std::string> kPeers = {"a", "b", "c", "\u00e9"};
const std::vector<std::string> kQueues = {"q", "r"};

// From 0 on, as what is smaller is simpler.
int below(int limit) {
  return *gen::inRange(0, limit);
}

bool one_in(int chances) {
  return below(chances) == chances - 1;
}

template <typename T>
T one_of(const std::vector<T>& all) {
  return all.at(static_cast<std::size_t>(below(static_cast<int>(all.size()))));
}

std::optional<int> perhaps(int chances, int from, int to) {
  return one_in(chances) ? std::optional(*gen::inRange(from, to)) : std::nullopt;
}

// Mostly one of two, so that much happens to each.
std::string any_peer() {
  return one_in(4) ? one_of(kPeers) : kPeers.at(static_cast<std::size_t>(below(2)));
}

// Mostly one that is there.
std::string any_queue(const Model& model) {
  const std::vector<std::string> queues = model.inboxes(true);
  if (queues.empty() || one_in(10)) return one_in(4) ? any_peer() : one_of(kQueues);
  return one_of(queues);
}

std::string any_name(const Model& model) {
  const std::vector<std::string> peers = model.inboxes(false);
  if (one_in(10)) return any_peer();
  return peers.empty() || one_in(2) ? any_queue(model) : one_of(peers);
}

void say_of_a_job(Letter& letter) {
  letter.priority = one_in(3) ? std::optional(one_of(std::vector<int>{5, 0, 7})) : std::nullopt;
  letter.delay = perhaps(3, 1, 20);
  letter.ttl = perhaps(4, 1, 20);
  letter.max_attempts = perhaps(4, 1, 4);
  if (one_in(4)) letter.dedup_key = one_in(4) ? "l" : "k";
  if (one_in(2)) letter.group_key = one_in(4) ? "h" : "g";
}

Letter any_letter(const Model& model) {
  Letter letter{.to = any_name(model)};
  if (one_in(6)) letter.chosen_id = "chosen" + std::to_string(below(4));
  if (one_in(model.promises().has_jobs ? 2 : 20)) say_of_a_job(letter);
  return letter;
}

Settling any_settling(bool in_transaction) {
  Settling settling;
  settling.kind = static_cast<Settling::Kind>(below(in_transaction ? 4 : 6));
  settling.pick = below(8);
  if (settling.kind == Settling::Kind::release && one_in(2)) settling.seconds = *gen::inRange(1, 20);
  if (settling.kind == Settling::Kind::extend) settling.seconds = 10 * below(10) + 5;
  return settling;
}

std::vector<int> any_picks() {
  std::vector<int> picks;
  for (int n = below(3); n >= 0; --n) picks.push_back(below(8));
  return picks;
}

using Weights = std::vector<std::pair<int, Kind>>;

Kind any_kind(const Model& model, const Weights& of_mail, const Weights& of_jobs) {
  const auto& weights = one_in(model.promises().has_jobs ? 2 : 10) ? of_jobs : of_mail;
  int total = 0;
  for (const auto& [weight, kind] : weights) total += weight;
  int left = below(total);
  for (const auto& [weight, kind] : weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return Kind::stats;
}

// Mostly one that is connected; sometimes one that left.
std::string any_actor(const Model& model, Kind kind) {
  const std::vector<std::string> connected = model.connected();
  const bool connects = kind == Kind::connect || kind == Kind::reconnect;
  if (connects && one_in(20)) return one_of(kQueues);
  if (connects || connected.empty() || one_in(30)) return any_peer();
  return one_of(connected);
}

void fill_mail(Operation& operation, const Model& model) {
  switch (operation.kind) {
    case Kind::suspend_for: operation.seconds = *gen::inRange(1, 40); break;
    case Kind::advance_clock: operation.seconds = one_of(std::vector<int>{2, 6, 20, 100}); break;
    case Kind::send:
    case Kind::send_too_large: operation.letters = {any_letter(model)}; break;
    case Kind::broadcast: {
      Letter letter = any_letter(model);
      letter.chosen_id.reset();
      letter.to = "all";
      operation.letters = {letter};
      break;
    }
    case Kind::send_batch:
      for (int n = below(5); n > 0; --n) operation.letters.push_back(any_letter(model));
      break;
    case Kind::take:
    case Kind::peek: operation.limit = one_in(3) ? 1'000'000 : static_cast<std::size_t>(1 + below(4)); break;
    case Kind::remove:
    case Kind::requeue: operation.picks = any_picks(); break;
    case Kind::forget:
    case Kind::peer_state: operation.target = any_name(model); break;
    default: break;
  }
}

void fill_jobs(Operation& operation, const Model& model) {
  switch (operation.kind) {
    case Kind::create_queue:
      operation.target = one_in(8) ? one_of(kPeers) : one_of(kQueues);
      operation.max_attempts = below(4);
      operation.retry_delay = below(6);
      operation.dedup_window = one_in(2) ? 10 : 0;
      break;
    case Kind::claim:
      operation.target = one_in(3) ? "" : any_queue(model);
      operation.limit = static_cast<std::size_t>(1 + below(4));
      operation.seconds = 10 * below(10) + 5;  // never at the very moment that the uptime moves to
      break;
    case Kind::advance_uptime: operation.seconds = 10 * (1 + below(6)); break;
    case Kind::settle: operation.settlings = {any_settling(false)}; break;
    case Kind::transaction:
      for (int n = below(3); n > 0; --n) operation.settlings.push_back(any_settling(true));
      for (int n = below(3); n > 0; --n) operation.letters.push_back(any_letter(model));
      break;
    case Kind::ack_many:
    case Kind::replay_dead:
    case Kind::purge_dead: operation.picks = any_picks(); break;
    case Kind::add_schedule: {
      Letter letter{.to = any_name(model)};
      letter.priority = one_in(3) ? std::optional(6) : std::nullopt;
      letter.ttl = perhaps(3, 1, 20);
      letter.max_attempts = perhaps(4, 1, 4);
      operation.letters = {letter};
      operation.seconds = *gen::inRange(5, 40);
      operation.missed = one_of(std::vector<std::string>{"once", "all", "skip"});
      operation.schedule = one_of(std::vector<std::string>{"s", "t"});
      break;
    }
    case Kind::remove_schedule: operation.schedule = one_of(std::vector<std::string>{"s", "t"}); break;
    case Kind::pause_queue:
    case Kind::resume_queue:
    case Kind::jobs: operation.target = any_queue(model); break;
    case Kind::dead_letters: operation.target = one_in(2) ? "" : any_queue(model); break;
    default: break;
  }
}

bool all_held(const Model& model, const Operation& operation) {
  return std::ranges::all_of(operation.settlings, [&](const Settling& settling) {
    return model.holds(operation.actor, settling.pick) && model.is_certain(operation.actor, settling);
  });
}

Operation any_part(const Model& model, const std::string& actor) {
  Operation part;
  part.kind = any_kind(model, kMailParts, kJobParts);
  part.actor = actor;
  fill_mail(part, model);
  fill_jobs(part, model);
  return part;
}

// Two calls of any kind; or one that makes mail ready, while two threads wait for it.
std::vector<Operation> any_parts(const Model& model, const std::string& actor) {
  if (!one_in(4)) return {any_part(model, actor), any_part(model, actor)};
  Operation waits;
  waits.kind = Kind::wait;
  waits.actor = actor;
  Operation sends;
  sends.kind = Kind::send;
  sends.actor = actor;
  sends.letters = {any_letter(model)};
  sends.letters[0].to = actor;
  return {waits, waits, sends};
}

bool leaves(Kind kind) {
  return kind == Kind::suspend || kind == Kind::suspend_for || kind == Kind::disconnect || kind == Kind::drain;
}

// Whether each part would make sense before and after the others, and none uses up what another one adds or uses up.
bool make_sense_at_once(const Model& model, const Operation& operation) {
  const std::vector<Operation>& parts = operation.parts;
  const auto count = [&](auto is) {
    return std::ranges::count_if(parts, [&](const auto& one) { return is(one.kind); });
  };
  const bool all_make_sense = std::ranges::all_of(parts, [&](const Operation& one) {
    if (one.actor != operation.actor) return false;
    return one.kind == Kind::wait || makes_sense(model, one);
  });
  if (!all_make_sense || count(uses_claims) > 1) return false;
  const auto is_peek = [](Kind kind) { return kind == Kind::peek; };
  const auto is_remove = [](Kind kind) { return kind == Kind::remove; };
  if (count(is_peek) + (count(is_remove) > 0 ? 1 : 0) > 1 && count(is_peek) > 0) return false;
  const bool waits = std::ranges::any_of(parts, [](const auto& one) { return one.kind == Kind::wait; });
  if (waits && (count(leaves) > 0 || !model.is_connected(operation.actor))) return false;
  const auto acknowledges_many = [](Kind kind) {
    return kind == Kind::ack_many;
  };  // of which nothing is left if refused
  if (count(leaves) > 0 && count(acknowledges_many) > 0) return false;
  const auto drains = [](Kind kind) { return kind == Kind::drain; };  // batch by batch: what comes meanwhile comes last
  const auto adds = [](Kind kind) {
    return kind == Kind::send || kind == Kind::send_batch || kind == Kind::requeue || kind == Kind::settle ||
           kind == Kind::transaction;
  };
  if (count(drains) > 0 && count(adds) > 0) return false;
  for (const Model::Outcome& outcome : model.apply_at_once(operation)) {
    const bool still_make_sense = std::ranges::all_of(parts, [&](const Operation& one) {
      return one.kind == Kind::wait || uses_claims(one.kind) || makes_sense(outcome.after, one);
    });
    if (!still_make_sense) return false;
    if (waits && outcome.after.ready(operation.actor) != std::pair(true, false)) return false;
  }
  return true;
}

}  // namespace

rc::Gen<Operation> any_operation(const Model& model) {
  return gen::exec([model] {
    Operation operation;
    operation.kind = model.connected().empty() ? Kind::connect : any_kind(model, kMail, kJobs);
    if (!moves_a_clock(operation.kind)) operation.actor = any_actor(model, operation.kind);
    fill_mail(operation, model);
    fill_jobs(operation, model);
    if (operation.kind == Kind::at_once) operation.parts = any_parts(model, operation.actor);
    return operation;
  });
}

bool makes_sense(const Model& model, const Operation& operation) {
  const std::string& actor = operation.actor;
  if (moves_a_clock(operation.kind) || operation.kind == Kind::connect || operation.kind == Kind::reconnect)
    return true;
  if (!model.has_client(actor)) return false;
  switch (operation.kind) {
    case Kind::at_once: return make_sense_at_once(model, operation);
    case Kind::remove: return model.seen_by(actor) > 0;
    case Kind::requeue: return model.taken_by(actor) > 0;
    case Kind::settle:
      return model.handles_of(actor) > 0 &&
             (!model.is_connected(actor) || !model.holds(actor, operation.settlings[0].pick) ||
              model.is_certain(actor, operation.settlings[0]));
    case Kind::ack_many:
      return model.handles_of(actor) > 0 &&
             std::ranges::all_of(operation.picks, [&](int pick) { return model.holds(actor, pick); });
    case Kind::transaction:
      return (!operation.settlings.empty() || !operation.letters.empty()) && all_held(model, operation);
    case Kind::replay_dead:
    case Kind::purge_dead: return model.dead() > 0;
    case Kind::pause_queue:
    case Kind::resume_queue: return operation.target != actor;
    default: return true;
  }
}

}  // namespace model
