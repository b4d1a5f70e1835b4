// SPDX-License-Identifier: MIT
#include <algorithm>

#include <ipcm/client.hpp>
#include <ipcm/error.hpp>

#include "client/claim_state.hpp"
#include "client/endpoint.hpp"
#include "client/job_endpoint.hpp"
#include "client/requests.hpp"

namespace ipcm {
namespace {

// At once where there is memory for that, else when their leases run out.
void release(JobEndpoint& jobs, std::span<ClaimTicket> tickets) noexcept {
  for (ClaimTicket& ticket : tickets) {
    try {
      JobStep steps[] = {Settlement{&ticket, Settlement::Kind::release}};
      jobs.run(steps, false);
    } catch (...) {}
  }
}

}  // namespace

std::vector<Claim> Client::claim(const ClaimOptions& options) {
  return claim({}, options);
}

std::vector<Claim> Client::claim(std::string_view queue, const ClaimOptions& options) {
  const bool is_own = queue.empty() || queue == id();
  std::vector<ClaimTicket> tickets = (is_own ? reader() : endpoint()).jobs().claim(queue, options);
  std::vector<Claim> claims;
  try {
    claims.reserve(tickets.size());
    for (ClaimTicket& ticket : tickets) {
      auto state = std::make_unique<Claim::State>();
      state->endpoint = endpoint_;
      state->ticket = std::move(ticket);
      claims.push_back(Claim(std::move(state)));
    }
  } catch (...) {  // no memory for them: those that have one are released with it, and these here
    std::span<ClaimTicket> rest = std::span(tickets).subspan(claims.size());
    release(endpoint().jobs(), rest);
    throw;
  }
  if (is_own) hand_over_replies(claims);
  return claims;
}

// Replies that are waited for go to whoever waits, whoever finds them.
void Client::hand_over_replies(std::vector<Claim>& claims) {
  for (auto claim = claims.begin(); claim != claims.end();) {
    std::vector<Message> messages;
    if (claim->message().is_reply()) messages.push_back(claim->message());
    const bool is_reply = !messages.empty();
    if (is_reply) requests_->sort_out(messages);
    if (is_reply && messages.empty()) {
      claim->ack();
      claim = claims.erase(claim);
    } else {
      ++claim;
    }
  }
}

std::size_t Client::ack(std::span<Claim> claims) {
  std::vector<JobStep> steps;
  steps.reserve(claims.size());
  for (Claim& claim : claims) {
    claim.state_->require_unsettled();
    if (claim.state_->endpoint.lock() != endpoint_) {
      throw Error(ErrorCode::InvalidArgument, "a client acknowledges claims of its own only.");
    }
    steps.emplace_back(Settlement{&claim.state_->ticket, Settlement::Kind::ack});
  }
  if (steps.empty()) return 0;
  endpoint().jobs().run(steps, false);
  for (Claim& claim : claims) claim.state_->settled = true;
  return static_cast<std::size_t>(std::ranges::count_if(
      steps, [](const JobStep& step) { return std::get<Settlement>(step).result != Settlement::Result::lost; }));
}

void Client::transaction(const std::function<void(Transaction&)>& note) {
  Endpoint& checked = endpoint();
  JobEndpoint& jobs = checked.jobs();
  Transaction noted(std::make_unique<Transaction::State>(Transaction::State{&checked}));
  note(noted);
  if (noted.state_->steps.empty()) return;
  jobs.run(noted.state_->steps, true);
  for (Claim::State* claim : noted.state_->claims) claim->settled = true;
}

bool Client::create_queue(std::string_view name, const QueueSettings& settings) {
  return endpoint().jobs().create_queue(name, settings);
}

QueueSettings Client::queue_settings(std::string_view queue) {
  return endpoint().jobs().queue_settings(queue);
}

void Client::change_queue(std::string_view queue, const std::function<void(QueueSettings&)>& change) {
  endpoint().jobs().change_queue(queue, change);
}

void Client::pause_queue(std::string_view queue) {
  endpoint().jobs().change_queue(queue, [](QueueSettings& settings) { settings.paused = true; });
}

void Client::resume_queue(std::string_view queue) {
  endpoint().jobs().change_queue(queue, [](QueueSettings& settings) { settings.paused = false; });
}

std::vector<QueueInfo> Client::queues() {
  return endpoint().jobs().queues();
}

std::vector<JobInfo> Client::jobs(std::string_view inbox, std::size_t limit) {
  return endpoint().jobs().jobs(inbox, limit);
}

std::size_t Client::promote_delayed(std::string_view inbox, std::span<const std::string> ids) {
  return endpoint().jobs().promote_delayed(inbox, ids);
}

std::vector<DeadLetter> Client::dead_letters(std::string_view inbox, std::int64_t after, std::size_t limit) {
  return endpoint().jobs().dead_letters(inbox, after, limit);
}

std::size_t Client::replay_dead(std::span<const std::int64_t> numbers) {
  return endpoint().jobs().replay(numbers);
}

std::size_t Client::purge_dead(std::span<const std::int64_t> numbers) {
  return endpoint().jobs().purge(numbers);
}

void Client::add_schedule(std::string_view name, std::string_view recurrence, const MessageFields& message,
                          Missed missed) {
  JobEndpoint& jobs = endpoint().jobs();
  if (message.id || message.stamp || message.delay || message.deliver_at || message.dedup_key || message.group_key ||
      message.broadcast.value_or(false)) {
    throw Error(
        ErrorCode::InvalidMessage,
        "a message of a schedule has no id, stamp, delay, deliver_at, dedup_key or group_key, and is no broadcast.");
  }
  jobs.add_schedule(name, recurrence, build_message(message), missed);
}

std::vector<Schedule> Client::schedules() {
  return endpoint().jobs().schedules();
}

bool Client::remove_schedule(std::string_view name) {
  return endpoint().jobs().remove_schedule(name);
}

std::string Client::time_zone() {
  return endpoint().jobs().time_zone();
}

void Client::set_time_zone(std::string_view name) {
  endpoint().jobs().set_time_zone(name);
}

}  // namespace ipcm
