// SPDX-License-Identifier: MIT
// The judge of a storm: each rule is a promise of docs/guarantees.md, held against the evidence.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "storm/history.hpp"

namespace storm {

class Verdict {
 public:
  /// `rule` is the one that is judged next.
  void begin(std::string rule);
  void complain(const std::string& sentence);
  /// Something that the rule could have complained of.
  void exercised(std::int64_t times = 1) { exercised_[rule_] += times; }

  /// One sentence each; of every rule the first few.
  const std::vector<std::string>& complaints() const { return complaints_; }
  /// By rule: how often it could have complained.
  const std::map<std::string, std::int64_t>& exercised_rules() const { return exercised_; }

 private:
  std::string rule_;
  std::map<std::string, int> complaints_of_;
  std::map<std::string, std::int64_t> exercised_;
  std::vector<std::string> complaints_;
};

struct Rule {
  const char* name;
  void (*check)(const History&, Verdict&);
};

std::span<const Rule> all_rules();

/// Holds all rules against what happened.
Verdict judge(const History& history);

// rules/conservation.cpp
void check_acknowledged_is_there(const History& history, Verdict& verdict);
void check_delivered_was_sent(const History& history, Verdict& verdict);
void check_ends_once(const History& history, Verdict& verdict);
void check_dead_have_reasons(const History& history, Verdict& verdict);
// rules/identity.cpp
void check_stays_what_it_was(const History& history, Verdict& verdict);
void check_keeps_its_place(const History& history, Verdict& verdict);
// rules/order.cpp
void check_first_come_first_served(const History& history, Verdict& verdict);
void check_order_within_a_call(const History& history, Verdict& verdict);
// rules/claims.cpp
void check_claimed_by_one(const History& history, Verdict& verdict);
void check_late_ones_are_fenced(const History& history, Verdict& verdict);
void check_dead_workers_claims_return(const History& history, Verdict& verdict);
// rules/groups.cpp
void check_one_of_a_group(const History& history, Verdict& verdict);
void check_groups_in_order(const History& history, Verdict& verdict);
// rules/dedup_keys.cpp
void check_key_taken_once(const History& history, Verdict& verdict);
void check_key_given_back(const History& history, Verdict& verdict);
// rules/times.cpp
void check_expired_never_comes(const History& history, Verdict& verdict);
void check_later_is_later(const History& history, Verdict& verdict);
// rules/calls.cpp
void check_whole_or_not_at_all(const History& history, Verdict& verdict);
void check_result_goes_with_its_ack(const History& history, Verdict& verdict);
void check_broadcast_reaches_all(const History& history, Verdict& verdict);
void check_peers_take_mail(const History& history, Verdict& verdict);
// rules/names.cpp
void check_one_client_a_name(const History& history, Verdict& verdict);
void check_free_name_is_given(const History& history, Verdict& verdict);
// rules/waking.cpp
void check_no_wake_up_is_lost(const History& history, Verdict& verdict);
// rules/requests.cpp
void check_reply_is_the_askers(const History& history, Verdict& verdict);
// rules/books.cpp
void check_books(const History& history, Verdict& verdict);
void check_nobody_complained(const History& history, Verdict& verdict);

}  // namespace storm
