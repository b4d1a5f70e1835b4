// SPDX-License-Identifier: MIT
#include "storm/children/actor/actor.hpp"

namespace storm {

using namespace std::chrono_literals;

std::vector<ipcm::Claim> Actor::claim(const std::string& inbox, std::size_t limit, std::chrono::milliseconds lease,
                                      std::chrono::milliseconds wait, int& call) {
  call = begin_reading("claiming", inbox,
                       pair("lease", lease.count()) + pair("sleeps", wait > 1s ? 1 : 0) +
                           pair("limit", static_cast<std::int64_t>(limit)));
  auto claims = client_->claim(inbox, {.limit = limit, .lease = lease, .wait = wait});
  std::vector<Event> events;
  for (const ipcm::Claim& one : claims) events.push_back(handed_out(call, "claimed", inbox, one.message()));
  events.push_back(over(call, inbox, pair("found", static_cast<std::int64_t>(claims.size()))));
  journal_.write(std::move(events));
  return claims;
}

void Actor::work(const std::string& inbox) {
  const bool hurried = chance(4);  // its leases run out now and then
  const auto lease = hurried ? std::chrono::milliseconds(1 + up_to(9)) : 30'000ms;
  int call = 0;
  std::vector<ipcm::Claim> claims;
  {
    std::shared_lock serving(shared_.serving, std::defer_lock);
    if (inbox == settings_.name) serving.lock();
    claims = claim(inbox, chance(2) ? 1 : static_cast<std::size_t>(1 + up_to(5)), lease,
                   std::chrono::milliseconds(chance(3) ? up_to(10) : 0), call);
  }
  if (hurried) idle(12'000);
  if (chance(4)) return acknowledge_all(call, claims);
  for (ipcm::Claim& one : claims) settle(call, one);
}

void Actor::settle_noted(int claim_call, const ipcm::Claim& claim, const std::string& how, int time,
                         const std::function<bool()>& settle) {
  const int call = journal_.begin();
  const ipcm::Message message = claim.message();
  const std::string number = number_of(message);
  const std::string inbox = message.to();
  const std::string more =
      pair("how", how) + pair("claim", claim_call) + pair(how == "extend" ? "lease" : "delay", time);
  note(call, "settling", number, inbox, more);
  try {
    const bool lives = settle();
    note(call, lives ? "settled" : "died", number, inbox);
  } catch (const ipcm::Error& error) {
    if (error.code() != ipcm::ErrorCode::LostClaim && !has_left(error)) throw;
    note(call, "lost", number, inbox);
  }
}

void Actor::settle(int claim_call, ipcm::Claim& claim) {
  const auto noted = [&](const std::string& how, int time, const std::function<bool()>& work) {
    settle_noted(claim_call, claim, how, time, work);
  };
  const int delay = chance(2) ? 0 : up_to(5);
  switch (up_to(11)) {
    case 0: return noted("release", delay, [&] { return claim.release(std::chrono::milliseconds(delay)), true; });
    case 1: return noted("fail", 0, [&] { return claim.fail("chance"); });
    case 2: return noted("kill", 0, [&] { return claim.kill("chance"), true; });
    case 3: {
      const int longer = chance(2) ? 30'000 : 1 + up_to(5);
      noted("extend", longer, [&] { return claim.extend(std::chrono::milliseconds(longer)), true; });
      if (claim.settled()) return;
      break;
    }
    case 4:
    case 5: return acknowledge_with_result(claim_call, claim);
    case 6: {  // it goes out of its scope, which says nothing about what came of it
      note(journal_.begin(), "settling", number_of(claim.message()), claim.message().to(),
           pair("how", "release") + pair("claim", claim_call));
      const ipcm::Claim dropped = std::move(claim);
      return;
    }
    default: break;
  }
  noted("ack", 0, [&] { return claim.ack(), true; });
}

void Actor::acknowledge_all(int claim_call, std::vector<ipcm::Claim>& claims) {
  if (claims.empty()) return;
  const int call = journal_.begin();
  std::vector<Event> events;
  for (const ipcm::Claim& one : claims) {
    events.push_back(event(call, "settling", number_of(one.message()), one.message().to(),
                           pair("how", "ack") + pair("claim", claim_call)));
  }
  journal_.write(events);
  if (client_->ack(claims) != claims.size()) return;  // which of them were lost is not told
  for (Event& one : events) one.word = "settled";
  journal_.write(std::move(events));
}

void Actor::acknowledge_with_result(int claim_call, ipcm::Claim& claim) {
  const int call = journal_.begin();
  std::vector<Draft> results;
  for (int n = 1 + up_to(1); n > 0; --n) results.push_back(draft(call, some_inbox(), "transaction"));
  std::vector<Event> events;
  for (const Draft& result : results) events.push_back(result.sending);
  const std::string number = number_of(claim.message());
  const std::string inbox = claim.message().to();
  events.push_back(event(call, "settling", number, inbox, pair("how", "ack") + pair("claim", claim_call)));
  journal_.write(std::move(events));
  try {
    client_->transaction([&](ipcm::Transaction& all) {
      for (const Draft& result : results) all.send_message(result.fields);
      all.ack(claim);
    });
    for (const Draft& result : results) note(call, "sent", result.sending.message, result.sending.inbox);
    note(call, "settled", number, inbox);
  } catch (const ipcm::Error& error) {
    const bool lost = error.code() == ipcm::ErrorCode::LostClaim;
    if (!lost && !is_refusal(error)) throw;
    note_refused(call, results, error);
    note(call, "lost", number, inbox);
  }
  if (!claim.settled()) settle_noted(claim_call, claim, "release", 0, [&] { return claim.release(), true; });
}

// One by one: of several it is not told which were still there.
void Actor::see_to_the_dead() {
  for (const ipcm::DeadLetter& letter : client_->dead_letters({}, 0, 5)) {
    if (!chance(4)) continue;
    const bool replays = chance(2);
    const std::string number = number_of(letter.message);
    const int call = journal_.begin();
    note(call, replays ? "replaying" : "purging", number, letter.message.to(),
         pair("reasoned", letter.reason.empty() ? 0 : 1));
    bool done = false;
    try {
      done = (replays ? client_->replay_dead({&letter.number, 1}) : client_->purge_dead({&letter.number, 1})) == 1;
    } catch (const ipcm::Error& error) {
      if (!is_refusal(error)) throw;
    }
    note(call, !done ? "refused" : replays ? "replayed" : "purged", number, letter.message.to());
  }
}

void Actor::pause_and_resume() {
  const int call = journal_.begin();
  note(call, "pausing", "-", "jobs");
  client_->pause_queue("jobs");
  idle(5000);
  client_->resume_queue("jobs");
  note(call, "over", "-", "jobs");
}

}  // namespace storm
