// SPDX-License-Identifier: MIT
// Calls of one client by several threads: each happens at one moment, so what comes of them is what would have come of
// one after the other.
#include <algorithm>
#include <numeric>

#include "conformance/model/model.hpp"

namespace model {
namespace {

using Kind = Operation::Kind;

// In what order a client keeps what it got is its own affair: what each part adds stands in the order of the parts.
template <typename List>
void rotate_to_order_of_parts(List& list, const std::vector<std::size_t>& sizes) {
  const auto at = [&](std::size_t n) { return list.begin() + static_cast<std::ptrdiff_t>(sizes[n]); };
  if (sizes[0] <= sizes[1] && sizes[1] <= sizes[2]) std::rotate(at(0), at(1), at(2));
}

}  // namespace

Model::Outcome Model::apply_in_order(const Operation& operation, const std::vector<std::size_t>& order) const {
  Outcome outcome{std::vector<Answers>(operation.parts.size()), *this};
  Model& after = outcome.after;
  std::vector<int> first_numbers;
  int number = last_number_;
  for (const Operation& part : operation.parts) {
    first_numbers.push_back(number);
    number += numbers_of(part);
  }
  std::vector<std::size_t> taken{taken_by(operation.actor)};
  std::vector<std::size_t> handles{handles_of(operation.actor)};
  for (const std::size_t n : order) {
    const Operation& part = operation.parts[n];
    after.last_number_ = first_numbers[n];
    outcome.answers[n] = after.apply(part);
    if (part.kind == Kind::wait) continue;
    taken.push_back(after.taken_by(operation.actor));
    handles.push_back(after.handles_of(operation.actor));
  }
  after.last_number_ = number;
  if (taken.size() == 3 && !std::ranges::is_sorted(order)) {
    rotate_to_order_of_parts(after.taken_[operation.actor], taken);
    rotate_to_order_of_parts(after.handles_[operation.actor], handles);
  }
  return outcome;
}

// Those that wait come last: they end once the others have made mail ready.
std::vector<Model::Outcome> Model::apply_at_once(const Operation& operation) const {
  std::vector<std::size_t> order;
  std::vector<std::size_t> waiting;
  for (std::size_t n = 0; n < operation.parts.size(); ++n) {
    (operation.parts[n].kind == Kind::wait ? waiting : order).push_back(n);
  }
  std::vector<Outcome> outcomes;
  do {
    std::vector<std::size_t> all = order;
    all.insert(all.end(), waiting.begin(), waiting.end());
    outcomes.push_back(apply_in_order(operation, all));
  } while (std::ranges::next_permutation(order).found);
  return outcomes;
}

Operation Model::normalized(Operation operation) const {
  for (Operation& part : operation.parts) part = normalized(std::move(part));
  const auto cut = [](int& pick, std::size_t size) {
    if (size > 0) pick %= static_cast<int>(size);
  };
  for (int& pick : operation.picks) {
    const std::string& actor = operation.actor;
    cut(pick, operation.kind == Kind::remove     ? seen_by(actor)
              : operation.kind == Kind::requeue  ? taken_by(actor)
              : operation.kind == Kind::ack_many ? handles_of(actor)
                                                 : dead());
  }
  for (Settling& settling : operation.settlings) cut(settling.pick, handles_of(operation.actor));
  return operation;
}

std::string Model::text() const {
  std::string all = all_stats() + "\n" + dead_letters("") + "\n" + schedules() + "\n";
  for (const auto& [name, life] : clients_) all += name + (life != 0 ? " is there\n" : " was there\n");
  for (const auto& [name, peer] : peers_) {
    all += name + " " + std::to_string(static_cast<int>(peer.presence)) + " " +
           std::to_string(peer.deadline.value_or(-1)) + (peer.inbox.settings.paused ? " paused" : "") + ":";
    for (const auto& [place, held] : peer.inbox.messages()) {
      all += " " + std::to_string(place.below_highest) + "," + std::to_string(place.number) + "=" +
             held.message.text() + "," + std::to_string(static_cast<int>(held.state)) + "," +
             std::to_string(held.due.value_or(-1)) + "," + held.claimed.worker + "," +
             std::to_string(held.claimed.lease_end);
    }
    for (const std::string& worker : peer.workers) all += " " + worker;
    all += "\n";
  }
  for (const auto& [name, messages] : taken_) {
    all += name + " took";
    for (const auto& [place, message] : messages) all += " " + message.text();
    all += "\n";
  }
  return all;
}

}  // namespace model
