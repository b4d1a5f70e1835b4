// SPDX-License-Identifier: MIT
// The judge finds what must not be, in evidence made by hand, and is silent about what a kill may do.
#include <boost/test/unit_test.hpp>

#include <sstream>

#include "storm/rules.hpp"
#include "support/text.hpp"

namespace {

using storm::Evidence;
using storm::Pair;
using storm::Remains;
using State = Remains::State;

// Lines of journals: time life call word message inbox more. All of them in one, as only times count.
Evidence evidence(const std::string& lines, std::vector<Remains> remains = {}) {
  std::istringstream in(lines);
  return {{storm::parse_journal(in)}, std::move(remains), {}, {}};
}

std::string judged(const Evidence& all) {
  return test::joined(storm::judge(storm::History(all)).complaints());
}

std::string judged(const std::string& lines, std::vector<Remains> remains = {}) {
  return judged(evidence(lines, std::move(remains)));
}

Remains left(const std::string& message, const std::string& inbox, State state = State::ready) {
  return {message, inbox, state, "", 0, 0, state == State::dead ? "chance" : ""};
}

bool has(const std::string& complaints, const std::string& what) {
  return complaints.find(what) != std::string::npos;
}

std::string sent(const std::string& number, const std::string& inbox, int time, const std::string& more = "") {
  const std::string call = number + "00 ";
  return std::to_string(time) + " 1 " + call + "sending " + number + " " + inbox + " op=send from=a " + more + "\n" +
         std::to_string(time + 1) + " 1 " + call + "sent " + number + " " + inbox + "\n";
}

// One call that takes, claims or looks, from `time` to `time + 2`.
std::string handed_out(const std::string& word, int life, int call, const std::string& inbox, int time,
                       const std::vector<std::string>& numbers, const std::string& more = "") {
  const std::string id = " " + std::to_string(life) + " " + std::to_string(call) + " ";
  const std::string past = word == "taking" ? "took" : word == "claiming" ? "claimed" : "saw";
  std::string lines = std::to_string(time) + id + word + " - " + inbox + " by=r limit=9 " + more + "\n";
  for (const std::string& number : numbers) {
    lines += std::to_string(time + 1) + id + past + " " + number + " " + inbox +
             " attempts=" + (word == "claiming" ? "1" : "0") + "\n";
  }
  return lines + std::to_string(time + 2) + id + "over - -\n";
}

std::string took(const std::string& inbox, int time, const std::vector<std::string>& numbers) {
  return handed_out("taking", 2, time, inbox, time, numbers);
}

// With a lease of 1 ms, so that times are above and below 1,000,000.
std::string claimed(int life, int call, int time, const std::vector<std::string>& numbers) {
  return handed_out("claiming", life, call, "q", time, numbers, "lease=1");
}

std::string settled(int life, int call, int claim, const std::string& how, int time, const std::string& number,
                    const std::string& end = "settled") {
  const std::string id = " " + std::to_string(life) + " " + std::to_string(call) + " ";
  return std::to_string(time) + id + "settling " + number + " q how=" + how + " claim=" + std::to_string(claim) + "\n" +
         std::to_string(time + 1) + id + end + " " + number + " q\n";
}

std::string killed(int life, int time) {
  return std::to_string(time + 1) + " 0 " + std::to_string(time) + " killed - - life=" + std::to_string(life) +
         " began=" + std::to_string(time) + "\n";
}

std::string connected(const std::string& name, int life, int time) {
  const std::string id = " " + std::to_string(life) + " " + std::to_string(time) + " ";
  return std::to_string(time) + id + "connecting - " + name + " route=x\n" + std::to_string(time + 1) + id +
         "connected - " + name + "\n" + std::to_string(time + 1) + id + "over - " + name + "\n";
}

std::string gone(const std::string& name, int life, int time, const std::string& how) {
  const std::string id = " " + std::to_string(life) + " " + std::to_string(time) + " ";
  return std::to_string(time) + id + "leaving - " + name + " how=" + how + "\n" + std::to_string(time + 1) + id +
         "left - " + name + "\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(judge_of_a_storm)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_must_be_taken_or_there) {
  BOOST_TEST(judged(sent("5", "p", 1)) ==
             "what was acknowledged is there until it is settled: "
             "message 5 to p of a was acknowledged and is lost");
  BOOST_TEST(judged(sent("5", "p", 1), {left("5", "p")}) == "");
  BOOST_TEST(judged(sent("5", "p", 1) + took("p", 10, {"5"})) == "");
}

BOOST_AUTO_TEST_CASE(one_who_was_killed_while_it_took_is_an_excuse_for_as_much_as_it_could_take) {
  const std::string taking = "10 2 1 taking - p limit=1\n" + killed(2, 12);
  BOOST_TEST(judged(sent("5", "p", 1) + taking) == "");
  BOOST_TEST(has(judged(sent("5", "p", 1) + sent("6", "p", 3) + taking), "is lost"));
  BOOST_TEST(has(judged(sent("5", "p", 20) + taking), "is lost"));  // sent when that one was dead
}

BOOST_AUTO_TEST_CASE(what_was_not_acknowledged_may_be_there_or_not_but_what_was_refused_may_not) {
  const std::string tried = "1 1 1 sending 5 p op=send from=a\n";
  BOOST_TEST(judged(tried) == "");
  BOOST_TEST(judged(tried, {left("5", "p")}) == "");
  BOOST_TEST(has(judged(tried + "2 1 1 refused 5 p error=PeerGone\n", {left("5", "p")}), "although it was refused"));
  BOOST_TEST(has(judged("", {left("5", "p")}), "message 5 to p was never sent"));
}

BOOST_AUTO_TEST_CASE(a_message_ends_once_unless_it_went_back) {
  const std::string twice = sent("5", "p", 1) + took("p", 10, {"5"}) + took("p", 30, {"5"});
  BOOST_TEST(has(judged(twice), "ended 2 times"));
  BOOST_TEST(judged(twice + "20 2 2 returning 5 p\n21 2 2 returned 5 p\n") == "");
  BOOST_TEST(has(judged(sent("5", "p", 1) + took("p", 10, {"5"}), {left("5", "p")}), "is there 1 times"));
  BOOST_TEST(
      has(judged(sent("5", "p", 1) + took("p", 10, {"5"}) + "20 2 2 returning 5 p\n21 2 2 returned 5 p\n"), "is lost"));
}

BOOST_AUTO_TEST_CASE(a_message_that_vanishes_under_its_reader_is_found) {
  const std::string removing = "20 2 1 removing 5 p\n21 2 1 vanished 5 p\n";
  BOOST_TEST(has(judged(sent("5", "p", 1) + removing, {left("5", "p")}), "gone before its reader removed it"));
}

BOOST_AUTO_TEST_CASE(what_another_thread_of_the_reader_took_first_has_not_vanished) {
  const std::string removing = sent("5", "p", 1) + "20 2 1 removing 5 p\n23 2 1 vanished 5 p\n";
  BOOST_TEST(judged(removing + took("p", 20, {"5"})) == "");
  BOOST_TEST(has(judged(removing + handed_out("looking", 2, 9, "p", 20, {"5"}), {left("5", "p")}), "was gone before"));
}

BOOST_AUTO_TEST_CASE(what_one_thread_claims_while_another_leaves_may_be_anybodys) {
  const std::string lines = sent("5", "q", 1) + connected("r", 2, 2) +
                            "9 2 9 leaving - r how=suspend\n14 2 9 left - r\n" + claimed(2, 1, 10, {"5"}) +
                            settled(3, 2, 1, "ack", 2'000'000, "5");
  BOOST_TEST(judged(lines + claimed(3, 1, 100, {"5"})) == "");
  BOOST_TEST(judged(lines + connected("r", 2, 20) + claimed(3, 1, 100, {"5"})) == "");
}

BOOST_AUTO_TEST_CASE(a_forked_child_dies_with_its_process_unless_it_was_seen_to_end_before) {
  const int child = 2 + storm::kLivesApart;
  const std::string taking = std::to_string(child) + " 1 taking - p limit=1\n";
  BOOST_TEST(judged(sent("5", "p", 1) + "10 " + taking + killed(2, 12)) == "");
  BOOST_TEST(has(judged(sent("5", "p", 20) + "10 " + taking + killed(2, 12)), "is lost"));
  BOOST_TEST(has(judged(sent("5", "p", 20) + "10 " + taking + killed(child, 15) + killed(2, 30)), "is lost"));
}

BOOST_AUTO_TEST_CASE(the_dead_need_a_reason) {
  Remains dead = left("5", "p", State::dead);
  BOOST_TEST(judged(sent("5", "p", 1), {dead}) == "");
  dead.reason.clear();
  BOOST_TEST(has(judged(sent("5", "p", 1), {dead}), "dead without a reason"));
  const std::string purged = "15 2 3 purging 5 p reasoned=0\n16 2 3 purged 5 p\n";
  BOOST_TEST(has(judged(sent("5", "p", 1) + purged), "dead without a reason"));
}

BOOST_AUTO_TEST_CASE(a_message_stays_what_it_was_in_its_place) {
  const auto seen = [](int call, const std::string& more) {
    const std::string id = std::to_string(call) + " 2 " + std::to_string(call);
    return id + " looking - p by=p\n" + id + " saw 5 p " + more + "\n" + id + " over - -\n";
  };
  const std::vector<Remains> there{left("5", "p")};
  BOOST_TEST(judged(sent("5", "p", 1) + seen(10, "print=a place=7") + seen(20, "print=a place=7"), there) == "");
  BOOST_TEST(has(judged(sent("5", "p", 1) + seen(10, "print=a") + seen(20, "print=b"), there), "is not what it was"));
  const std::string moved = sent("5", "p", 1) + seen(10, "place=7") + seen(20, "place=8");
  BOOST_TEST(has(judged(moved, there), "from another place"));
  BOOST_TEST(judged(moved + "15 2 3 replaying 5 p reasoned=1\n16 2 3 replayed 5 p\n", there) == "");
}

BOOST_AUTO_TEST_CASE(a_message_that_is_not_what_was_sent_is_found) {
  const auto seen = [](const std::string& more) {
    return sent("5", "p", 1, "body=x") + "9 2 9 looking - p by=p\n9 2 9 saw 5 p " + more + "\n9 2 9 over - -\n";
  };
  const std::vector<Remains> there{left("5", "p")};
  BOOST_TEST(judged(seen("from=a body=x"), there) == "");
  BOOST_TEST(has(judged(seen("from=a body=y"), there), "came with another body"));
  BOOST_TEST(has(judged(seen("from=b body=x"), there), "came with another from"));
}

BOOST_AUTO_TEST_CASE(what_is_skipped_is_found) {
  const std::string both = sent("5", "p", 1) + sent("6", "p", 3);
  BOOST_TEST(judged(both + took("p", 10, {"5"}) + took("p", 20, {"6"})) == "");
  BOOST_TEST(has(judged(both + took("p", 10, {"6"}) + took("p", 20, {"5"})), "somebody got 6, which stands behind it"));
  BOOST_TEST(has(judged(both + took("p", 10, {"6"}), {left("5", "p")}), "somebody got 6"));
  const std::string urgent = sent("5", "p", 1) + sent("6", "p", 3, "priority=7");
  BOOST_TEST(judged(urgent + took("p", 10, {"6"}) + took("p", 20, {"5"})) == "");
  BOOST_TEST(has(judged(urgent + took("p", 10, {"5"}) + took("p", 20, {"6"})), "somebody got 5"));
}

BOOST_AUTO_TEST_CASE(what_was_put_back_stands_where_it_stood) {
  const std::string lines =
      sent("5", "p", 1) + sent("6", "p", 3) + took("p", 10, {"5"}) + "20 2 4 returning 5 p\n21 2 4 returned 5 p\n";
  BOOST_TEST(judged(lines + took("p", 30, {"5", "6"})) == "");
  BOOST_TEST(has(judged(lines + took("p", 30, {"6"}) + took("p", 40, {"5"})), "somebody got 6"));
}

BOOST_AUTO_TEST_CASE(order_within_a_call_is_judged) {
  BOOST_TEST(has(judged(sent("5", "p", 1) + sent("6", "p", 3) + took("p", 10, {"6", "5"})), "5 to p came behind 6"));
}

BOOST_AUTO_TEST_CASE(who_claims_what_is_claimed_is_found_unless_the_claim_may_be_over) {
  const std::string first = sent("5", "q", 1) + claimed(2, 1, 10, {"5"});
  const std::string ack = settled(3, 2, 1, "ack", 2'000'000, "5");
  BOOST_TEST(has(judged(first + claimed(3, 1, 100, {"5"}) + ack), "while it was claimed"));
  BOOST_TEST(judged(first + claimed(3, 1, 1'000'100, {"5"}) + ack) == "");  // its lease had ended
  BOOST_TEST(judged(first + settled(2, 2, 1, "release", 50, "5") + claimed(3, 1, 100, {"5"}) + ack) == "");
  BOOST_TEST(judged(connected("r", 2, 2) + killed(2, 60) + first + claimed(3, 1, 100, {"5"}) + ack) == "");
  const std::string came_back = connected("r", 2, 2) + gone("r", 2, 4, "suspend") + connected("r", 2, 6) + first +
                                claimed(3, 1, 100, {"5"}) + ack;
  BOOST_TEST(has(judged(came_back), "while it was claimed"));
  const std::string longer = "50 2 2 settling 5 q how=extend claim=1 lease=30\n51 2 2 settled 5 q\n";
  BOOST_TEST(has(judged(first + longer + claimed(3, 1, 1'000'100, {"5"}) + ack), "while it was claimed"));
}

BOOST_AUTO_TEST_CASE(a_late_acknowledgement_is_found) {
  const std::string lines = sent("5", "q", 1) + claimed(2, 1, 10, {"5"}) + claimed(3, 1, 1'000'100, {"5"});
  BOOST_TEST(has(judged(lines + settled(2, 2, 1, "ack", 1'000'200, "5")), "by one who held it no more"));
  BOOST_TEST(
      judged(lines + settled(2, 2, 1, "ack", 1'000'200, "5", "lost") + settled(3, 2, 1, "ack", 1'000'300, "5")) == "");
}

BOOST_AUTO_TEST_CASE(what_the_dead_still_hold_is_found) {
  const std::string lines = sent("5", "q", 1) + claimed(2, 1, 10, {"5"}) + killed(2, 20);
  BOOST_TEST(has(judged(lines, {left("5", "q", State::claimed)}), "is still claimed"));
  BOOST_TEST(judged(lines, {left("5", "q")}) == "");
}

BOOST_AUTO_TEST_CASE(two_of_a_group_at_once_and_out_of_order_are_found) {
  const std::string both = sent("5", "q", 1, "group=g") + sent("6", "q", 3, "group=g");
  const std::string acks = settled(2, 2, 1, "ack", 200, "5") + settled(3, 2, 1, "ack", 210, "6");
  BOOST_TEST(
      has(judged(both + claimed(2, 1, 10, {"5"}) + claimed(3, 1, 100, {"6"}) + acks), "of its group was claimed"));
  const std::string in_turn = both + claimed(2, 1, 10, {"5"}) + settled(2, 2, 1, "ack", 50, "5");
  BOOST_TEST(judged(in_turn + claimed(3, 1, 100, {"6"}) + settled(3, 2, 1, "ack", 210, "6")) == "");
  BOOST_TEST(has(judged(both + claimed(3, 1, 100, {"6"}) + settled(3, 2, 1, "ack", 210, "6"), {left("5", "q")}),
                 "before 5 of its group was done"));
}

BOOST_AUTO_TEST_CASE(a_dedup_key_that_is_taken_twice_is_found) {
  const std::string both = sent("5", "q", 1, "key=k") + sent("6", "q", 30, "key=k");
  BOOST_TEST(has(judged(both, {left("5", "q"), left("6", "q")}), "although 5 has its dedup_key"));
  BOOST_TEST(judged(both + took("q", 10, {"5"}), {left("6", "q")}) == "");
}

BOOST_AUTO_TEST_CASE(a_dedup_key_that_is_not_given_back_is_found) {
  const std::string again = " 1 9 sending 6 q op=send from=a key=k\n";
  const std::string known = " 1 9 known 6 q first=5\n";
  const std::string lines = sent("5", "q", 1, "key=k") + took("q", 10, {"5"});
  BOOST_TEST(judged(lines + "20" + again + "21" + known) == "");  // clocks differ by that much
  BOOST_TEST(has(judged(lines + "9000000000" + again + "9000000001" + known), "known as 5, which was gone"));
  BOOST_TEST(has(judged("20" + again + "21" + known), "which there never was"));
}

BOOST_AUTO_TEST_CASE(what_comes_after_its_end_or_before_its_time_is_found) {
  const auto read = [](const std::string& field, int clock) {
    return judged(sent("5", "p", 1, field) +
                  handed_out("taking", 2, 1, "p", 10, {"5"}, "clock=" + std::to_string(clock)));
  };
  BOOST_TEST(read("expires=100", 100) == "");
  BOOST_TEST(has(read("expires=100", 107), "7 ms after its end"));
  BOOST_TEST(read("due=100", 100) == "");
  BOOST_TEST(has(read("due=10000", 100), "before its time"));
}

BOOST_AUTO_TEST_CASE(half_a_batch_is_found) {
  const std::string batch = "1 1 1 sending 5 p op=batch from=a\n1 1 1 sending 6 p op=batch from=a\n" + killed(1, 5);
  BOOST_TEST(judged(batch) == "");
  BOOST_TEST(judged(batch, {left("5", "p"), left("6", "p")}) == "");
  BOOST_TEST(has(judged(batch, {left("5", "p")}), "6 to p is not there, but others of its call are"));
}

BOOST_AUTO_TEST_CASE(a_result_without_its_acknowledgement_and_the_reverse_are_found) {
  const std::string lines = sent("5", "q", 1) + claimed(2, 1, 10, {"5"}) +
                            "20 2 2 sending 6 p op=transaction from=r\n20 2 2 settling 5 q how=ack claim=1\n" +
                            killed(2, 30);
  BOOST_TEST(judged(lines, {left("6", "p")}) == "");
  BOOST_TEST(judged(lines, {left("5", "q")}) == "");
  BOOST_TEST(has(judged(lines, {left("5", "q"), left("6", "p")}), "stored, but it was not acknowledged"));
  BOOST_TEST(has(judged(lines), "its result is not there"));
}

BOOST_AUTO_TEST_CASE(a_peer_that_a_broadcast_misses_is_found) {
  const std::string peers = connected("a", 1, 1) + connected("p", 2, 3);
  const std::string cast = "20 1 20 casting 5 - from=a route=x\n";
  const std::string reached = "20 1 20 sending 5 p op=cast from=a\n22 1 20 sent 5 p\n";
  const std::string over = "22 1 20 over - -\n";
  BOOST_TEST(judged(peers + cast + reached + over, {left("5", "p")}) == "");
  BOOST_TEST(has(judged(peers + cast + over), "broadcast 5 did not reach p"));
  BOOST_TEST(has(judged(peers + gone("p", 2, 10, "suspend") + cast + over), "did not reach p"));
  BOOST_TEST(judged(peers + gone("p", 2, 10, "disconnect") + cast + over) == "");
  const std::string third = connected("q", 3, 6);  // killed in the middle: all or nobody
  const std::string half = peers + third + cast + killed(1, 30);
  BOOST_TEST(has(judged(half, {left("5", "p")}), "but not q"));
  BOOST_TEST(judged(half + "40 2 9 forgetting - q\n", {left("5", "p")}) == "");  // with its mail
}

BOOST_AUTO_TEST_CASE(mail_that_is_refused_for_a_peer_that_takes_it_is_found) {
  const std::string refused = "20 1 9 sending 5 p op=send from=a\n21 1 9 refused 5 p error=PeerGone\n";
  BOOST_TEST(has(judged(connected("p", 2, 3) + refused), "though that peer takes mail"));
  BOOST_TEST(has(judged(connected("p", 2, 3) + killed(2, 10) + refused), "though that peer takes mail"));
  BOOST_TEST(judged(connected("p", 2, 3) + gone("p", 2, 10, "suspend-until") + refused) == "");
}

BOOST_AUTO_TEST_CASE(two_clients_of_one_name_and_a_free_name_that_is_refused_are_found) {
  BOOST_TEST(has(judged(connected("p", 2, 3) + connected("p", 3, 10)), "two clients had the name p"));
  BOOST_TEST(judged(connected("p", 2, 3) + gone("p", 2, 6, "suspend") + connected("p", 3, 10)) == "");
  const std::string at_once =  // both were let in
      "1 2 1 connecting - p route=x\n2 3 1 connecting - p route=x\n5 2 1 connected - p\n6 3 1 connected - p\n";
  BOOST_TEST(has(judged(at_once), "two clients had the name p"));
  const std::string refused = "20 3 1 connecting - p route=x\n21 3 1 over - p error=NameInUse\n";
  BOOST_TEST(judged(connected("p", 2, 3) + refused) == "");
  BOOST_TEST(has(judged(connected("p", 2, 3) + gone("p", 2, 6, "suspend") + refused), "but nobody had it"));
}

BOOST_AUTO_TEST_CASE(who_sleeps_on_over_mail_is_found) {
  const std::string sleeps = "1 2 1 waiting - p by=p sleeps=1\n8000000000 2 1 over - p found=1\n";
  BOOST_TEST(has(judged(sent("5", "p", 100) + sleeps, {left("5", "p")}), "slept on"));
  BOOST_TEST(
      judged("7000000000 1 1 sending 5 p op=send from=a\n7000000001 1 1 sent 5 p\n" + sleeps, {left("5", "p")}) == "");
  BOOST_TEST(judged(sent("5", "p", 100) + sleeps + "50 0 1 deafening - p\n", {left("5", "p")}) == "");
}

BOOST_AUTO_TEST_CASE(a_reply_to_another_question_is_found) {
  const auto answered = [](const std::string& reply) {
    return judged(
        "1 1 1 sending 5 p op=request from=a\n2 1 1 sent 5 p\n3 1 2 taking - a op=reply re=5 asked=p\n"
        "4 3 9 sending 6 a op=reply from=p\n5 3 9 sent 6 a\n6 1 2 took 6 a " +
            reply + "\n6 1 2 over - -\n",
        {left("5", "p")});
  };
  BOOST_TEST(answered("re=5 from=p") == "");
  BOOST_TEST(has(answered("re=4 from=p"), "request 5 was answered with the answer to 4"));
  BOOST_TEST(has(answered("re=5 from=q"), "was answered by q"));
}

BOOST_AUTO_TEST_CASE(books_that_do_not_agree_with_the_journals_are_found) {
  Evidence all = evidence(sent("5", "p", 1) + sent("6", "p", 3) + took("p", 10, {"5"}), {left("6", "p")});
  all.books = {{"a", "p", 2, 1, 0, 0, 1}};
  BOOST_TEST(judged(all) == "");
  all.books[0].read = 2;
  BOOST_TEST(has(judged(all), "2 read instead of 1 to 1"));
  all.books[0] = {"a", "p", 1, 1, 0, 0, 0};
  BOOST_TEST(has(judged(all), "1 sent instead of 2 to 2"));
  Evidence cut = evidence(sent("5", "p", 1) + "20 1 20 casting 6 - from=a route=x\n" + killed(1, 30), {left("5", "p")});
  cut.books = {{"a", "p", 2, 0, 0, 0, 2}};  // the broadcast may have reached it
  BOOST_TEST(judged(cut) == "");
  cut.books[0] = {"a", "p", 3, 0, 0, 0, 3};
  BOOST_TEST(has(judged(cut), "3 sent instead of 1 to 2"));
}

BOOST_AUTO_TEST_CASE(whoever_failed_is_heard) {
  Evidence all;
  all.complaints = {"p0 ended by itself"};
  BOOST_TEST(has(judged(all), "p0 ended by itself"));
}

BOOST_AUTO_TEST_CASE(a_journal_that_ends_what_it_never_began_is_refused) {
  BOOST_CHECK_THROW(judged("2 1 1 sent 5 p\n"), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
