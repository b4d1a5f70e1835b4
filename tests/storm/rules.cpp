// SPDX-License-Identifier: MIT
#include "storm/rules.hpp"

namespace storm {
namespace {

constexpr int kMostComplaints = 5;

constexpr Rule kRules[] = {
    {"what was acknowledged is there until it is settled", check_acknowledged_is_there},
    {"what is delivered was sent", check_delivered_was_sent},
    {"each message ends once", check_ends_once},
    {"the dead have a reason", check_dead_have_reasons},
    {"a message stays what it was", check_stays_what_it_was},
    {"a message keeps its place", check_keeps_its_place},
    {"the highest priority first, then the oldest", check_first_come_first_served},
    {"what comes together comes in order", check_order_within_a_call},
    {"a claimed message is nobody else's", check_claimed_by_one},
    {"late workers are fenced off", check_late_ones_are_fenced},
    {"what dead workers held comes back", check_dead_workers_claims_return},
    {"one of a group at a time", check_one_of_a_group},
    {"groups go in order", check_groups_in_order},
    {"a dedup_key is taken once", check_key_taken_once},
    {"a dedup_key is given back", check_key_given_back},
    {"what has expired never comes", check_expired_never_comes},
    {"what is for later comes later", check_later_is_later},
    {"a call is whole or nothing", check_whole_or_not_at_all},
    {"a result goes with its acknowledgement", check_result_goes_with_its_ack},
    {"a broadcast reaches every peer", check_broadcast_reaches_all},
    {"who is away without goodbye takes mail", check_peers_take_mail},
    {"a name has one client", check_one_client_a_name},
    {"a free name can be had", check_free_name_is_given},
    {"no wake-up is lost", check_no_wake_up_is_lost},
    {"a reply comes to whoever asked", check_reply_is_the_askers},
    {"the books are right", check_books},
    {"nobody who took part complained", check_nobody_complained},
};

}  // namespace

void Verdict::begin(std::string rule) {
  rule_ = std::move(rule);
  exercised_[rule_];
}

void Verdict::complain(const std::string& sentence) {
  if (++complaints_of_[rule_] <= kMostComplaints) complaints_.push_back(rule_ + ": " + sentence);
}

std::span<const Rule> all_rules() {
  return kRules;
}

Verdict judge(const History& history) {
  Verdict verdict;
  for (const Rule& rule : kRules) {
    verdict.begin(rule.name);
    rule.check(history, verdict);
  }
  return verdict;
}

}  // namespace storm
