// SPDX-License-Identifier: MIT
#include <ipcm/claim.hpp>

#include <ipcm/error.hpp>

#include "client/claim_state.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

std::shared_ptr<Endpoint> require(const std::weak_ptr<Endpoint>& endpoint, const ClaimTicket& ticket) {
  std::shared_ptr<Endpoint> locked = endpoint.lock();
  if (!locked || locked->disconnected()) {
    throw Error(ErrorCode::Disconnected, "the claim on the message " + in_quotes(ticket.message.id()) +
                                             " ended when its client left; the message is ready again.");
  }
  if (locked->in_own_process()) return locked;
  throw Error(ErrorCode::WrongProcess,
              "the claim on the message " + in_quotes(ticket.message.id()) + " belongs to process " +
                  std::to_string(locked->pid()) + ", not to a process forked from it.",
              locked->pid());
}

}  // namespace

void Claim::State::require_unsettled() const {
  if (!settled) return;
  throw Error(ErrorCode::InvalidArgument,
              "the claim on the message " + in_quotes(ticket.message.id()) + " was settled before.");
}

Settlement::Result Claim::State::run(Settlement step) {
  require_unsettled();
  step.claim = &ticket;
  const bool ends = step.kind != Settlement::Kind::extend;
  JobStep steps[] = {std::move(step)};
  try {
    require(endpoint, ticket)->jobs().run(steps, true);
  } catch (const Error& error) {
    settled = error.code() == ErrorCode::LostClaim || error.code() == ErrorCode::Disconnected;
    throw;
  }
  settled = ends;
  return std::get<Settlement>(steps[0]).result;
}

Claim::Claim(std::unique_ptr<State> state) : state_(std::move(state)) {}
Claim::Claim(Claim&&) noexcept = default;

Claim& Claim::operator=(Claim&& other) noexcept {
  Claim old(std::move(*this));  // released at the end of the scope
  state_ = std::move(other.state_);
  return *this;
}

Claim::~Claim() {
  if (!state_ || state_->settled) return;
  const std::shared_ptr<Endpoint> endpoint = state_->endpoint.lock();
  if (!endpoint || !endpoint->in_own_process() || endpoint->disconnected()) return;
  try {
    JobStep steps[] = {Settlement{&state_->ticket, Settlement::Kind::release}};
    endpoint->jobs().run(steps, false);
  } catch (...) {  // then it is ready again when its lease runs out
  }
}

const Message& Claim::message() const noexcept {
  return state_->ticket.message;
}

bool Claim::settled() const noexcept {
  return state_->settled;
}

void Claim::ack() {
  state_->run({.kind = Settlement::Kind::ack});
}

void Claim::release(std::chrono::milliseconds delay) {
  if (delay < std::chrono::milliseconds::zero()) throw Error(ErrorCode::InvalidArgument, "a delay is not below 0 ms.");
  state_->run({.kind = Settlement::Kind::release, .time = delay});
}

bool Claim::fail(std::string_view reason) {
  return state_->run({.kind = Settlement::Kind::fail, .reason = std::string(reason)}) == Settlement::Result::done;
}

void Claim::kill(std::string_view reason) {
  state_->run({.kind = Settlement::Kind::kill, .reason = std::string(reason)});
}

void Claim::extend(std::chrono::milliseconds lease) {
  if (lease <= std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument, "a lease must be longer than 0 ms.");
  }
  state_->run({.kind = Settlement::Kind::extend, .time = lease});
}

}  // namespace ipcm
