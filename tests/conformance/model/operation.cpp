// SPDX-License-Identifier: MIT
#include "conformance/model/operation.hpp"

#include <array>

namespace model {
namespace {

using Kind = Operation::Kind;

constexpr std::array kNames = {
    "connect",      "reconnect",       "suspend",     "suspend_for",  "disconnect",   "drain",         "drop",
    "send",         "send_too_large",  "send_batch",  "broadcast",    "take",         "peek",          "remove",
    "requeue",      "forget",          "peers",       "peer_state",   "stats",        "advance_clock", "wait",
    "at_once",      "create_queue",    "pause_queue", "resume_queue", "claim",        "settle",        "ack_many",
    "transaction",  "advance_uptime",  "queues",      "jobs",         "dead_letters", "replay_dead",   "purge_dead",
    "add_schedule", "remove_schedule", "schedules"};

constexpr std::array kSettlings = {"ack", "release", "fail", "kill", "extend", "let_go"};

std::string given(const char* name, const std::optional<int>& value) {
  return value ? std::string(" ") + name + "=" + std::to_string(*value) : "";
}

std::string given(const char* name, const std::string& value) {
  return value.empty() ? "" : std::string(" ") + name + "=" + value;
}

std::string given(const char* name, int value) {
  return value == 0 ? "" : std::string(" ") + name + "=" + std::to_string(value);
}

}  // namespace

std::string Letter::text() const {
  return (number != 0 ? std::to_string(number) : "") + "->" + to + given("as", chosen_id.value_or("")) +
         given("priority", priority) + given("delay", delay) + given("ttl", ttl) + given("max_attempts", max_attempts) +
         given("dedup", dedup_key) + given("group", group_key);
}

std::string Settling::text() const {
  return std::string(kSettlings.at(static_cast<std::size_t>(kind))) + " " + std::to_string(pick) +
         given("seconds", seconds);
}

std::string Operation::text() const {
  std::string all = moves_a_clock(kind) ? "" : actor + ".";
  all += kNames.at(static_cast<std::size_t>(kind));
  if (kind == Kind::at_once) {
    std::string both;
    for (const Operation& part : parts) both += (both.empty() ? "" : " || ") + part.text();
    return all + "(" + both + ")";
  }
  all += "(" + target;
  if (limit != 0) all += limit > 1000 ? " all" : given("limit", static_cast<int>(limit));
  all += given("seconds", seconds) + given("schedule", schedule) + given("missed", missed) +
         given("max_attempts", max_attempts) + given("retry_delay", retry_delay) + given("dedup_window", dedup_window);
  for (const Letter& letter : letters) all += " [" + letter.text() + "]";
  for (const Settling& settling : settlings) all += " [" + settling.text() + "]";
  for (const int pick : picks) all += " " + std::to_string(pick);
  return all + ")";
}

bool moves_a_clock(Kind kind) {
  return kind == Kind::advance_clock || kind == Kind::advance_uptime;
}

int numbers_of(const Operation& operation) {
  int numbers = operation.kind == Kind::send_too_large ? 0 : static_cast<int>(operation.letters.size());
  for (const Operation& part : operation.parts) numbers += numbers_of(part);
  return numbers;
}

bool uses_claims(Kind kind) {
  return kind == Kind::settle || kind == Kind::ack_many || kind == Kind::transaction;
}

bool is_of_jobs(Kind kind) {
  return kind >= Kind::create_queue && kind != Kind::advance_uptime;
}

}  // namespace model
