// SPDX-License-Identifier: MIT
#include "conformance/model/generator.hpp"

#include <array>
#include <utility>

namespace model {
namespace {

using Kind = Operation::Kind;

// How often each kind comes up.
constexpr std::array<std::pair<Kind, int>, 22> kWeights = {{
    {Kind::connect, 4},       {Kind::reconnect, 3},  {Kind::suspend, 2},
    {Kind::suspend_for, 3},   {Kind::disconnect, 2}, {Kind::disconnect_with_handler, 1},
    {Kind::drop, 2},          {Kind::send, 30},      {Kind::send_too_large, 1},
    {Kind::send_batch, 8},    {Kind::broadcast, 4},  {Kind::take, 18},
    {Kind::peek, 6},          {Kind::remove, 6},     {Kind::requeue, 10},
    {Kind::ready, 3},         {Kind::forget, 3},     {Kind::peers, 3},
    {Kind::peer_state, 4},    {Kind::stats, 4},      {Kind::all_stats, 2},
    {Kind::advance_clock, 3},
}};

}  // namespace

std::string Generator::any_name() {
  static const std::array<std::string, 5> kNames = {"a", "b", "c", "d", "é"};
  return kNames.at(static_cast<std::size_t>(below(5)));
}

Kind Generator::any_kind() {
  int total = 0;
  for (const auto& [kind, weight] : kWeights) total += weight;
  int left = below(total);
  for (const auto& [kind, weight] : kWeights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return Kind::ready;
}

Letter Generator::letter() {
  Letter letter{.to = any_name(), .number = ++last_number_, .chosen_id = {}};
  if (one_in(6)) letter.chosen_id = "chosen" + std::to_string(below(6));
  return letter;
}

std::vector<int> Generator::some_of(const std::vector<int>& numbers) {
  std::vector<int> some;
  for (const int number : numbers) {
    if (one_in(3)) some.push_back(number);
  }
  return some;
}

Operation Generator::next(const Model& model) {
  Operation operation{.kind = any_kind(), .actor = any_name()};
  const bool connects = operation.kind == Kind::connect || operation.kind == Kind::reconnect;
  // Mostly clients that are connected; sometimes one that left; none that never was.
  const bool may_be_gone = connects || operation.kind == Kind::advance_clock || one_in(30);
  if (!model.is_connected(operation.actor) && !may_be_gone) operation.kind = Kind::connect;
  if (!model.has_client(operation.actor) && operation.kind != Kind::reconnect &&
      operation.kind != Kind::advance_clock) {
    operation.kind = Kind::connect;
  }
  fill(operation, model);
  return operation;
}

void Generator::fill(Operation& operation, const Model& model) {
  const bool connected = model.is_connected(operation.actor);
  switch (operation.kind) {
    // Deadlines at odd seconds, the clock at even ones: whether a deadline has passed is never a matter of equality.
    case Kind::suspend_for: operation.seconds = 1 + 2 * below(20); break;
    case Kind::advance_clock: operation.seconds = 2 + 2 * below(10); break;
    case Kind::send:
    case Kind::send_too_large: operation.letters = {letter()}; break;
    case Kind::broadcast: operation.letters = {Letter{.to = "all", .number = ++last_number_, .chosen_id = {}}}; break;
    case Kind::send_batch:
      for (int n = below(6); n > 0; --n) operation.letters.push_back(letter());
      break;
    case Kind::take:
    case Kind::peek: operation.limit = one_in(3) ? 1'000'000 : static_cast<std::size_t>(1 + below(5)); break;
    case Kind::remove:
      if (connected) operation.numbers = some_of(model.seen_by(operation.actor));
      break;
    case Kind::requeue:
      if (connected) operation.numbers = some_of(model.taken_by(operation.actor));
      if (operation.numbers.size() > 3) operation.numbers.resize(3);
      break;
    case Kind::forget:
    case Kind::peer_state: operation.target = any_name(); break;
    default: break;
  }
}

}  // namespace model
