// SPDX-License-Identifier: MIT
#include <ipcm/transaction.hpp>

#include <ipcm/error.hpp>

#include "client/claim_state.hpp"
#include "client/message_builder.hpp"

namespace ipcm {

Transaction::Transaction(std::unique_ptr<State> state) : state_(std::move(state)) {}
Transaction::~Transaction() = default;

void Transaction::State::settle(Claim::State& claim, Settlement step) {
  claim.require_unsettled();
  if (claim.endpoint.lock().get() != endpoint) {
    throw Error(ErrorCode::InvalidArgument, "a transaction settles claims of its own client only.");
  }
  for (const Claim::State* other : claims) {
    if (other == &claim) throw Error(ErrorCode::InvalidArgument, "a transaction settles a claim once.");
  }
  step.claim = &claim.ticket;
  claims.push_back(&claim);
  steps.emplace_back(std::move(step));
}

std::string Transaction::send_message(std::string_view peer, const Content& content, const MessageFields& fields) {
  const MessageBuilder builder(state_->endpoint->id(), state_->endpoint->clock());
  Message message = builder.build(peer, content, fields);
  std::string id = message.id();
  state_->steps.emplace_back(std::move(message));
  return id;
}

std::string Transaction::send_message(const MessageFields& fields) {
  const MessageBuilder builder(state_->endpoint->id(), state_->endpoint->clock());
  Message message = builder.build(fields);
  if (message.to().empty()) throw Error(ErrorCode::InvalidMessage, "a transaction sends no broadcasts.");
  std::string id = message.id();
  state_->steps.emplace_back(std::move(message));
  return id;
}

void Transaction::ack(Claim& claim) {
  state_->settle(*claim.state_, {.kind = Settlement::Kind::ack});
}

void Transaction::release(Claim& claim, std::chrono::milliseconds delay) {
  if (delay < std::chrono::milliseconds::zero()) throw Error(ErrorCode::InvalidArgument, "a delay is not below 0 ms.");
  state_->settle(*claim.state_, {.kind = Settlement::Kind::release, .time = delay});
}

void Transaction::fail(Claim& claim, std::string_view reason) {
  state_->settle(*claim.state_, {.kind = Settlement::Kind::fail, .reason = std::string(reason)});
}

void Transaction::kill(Claim& claim, std::string_view reason) {
  state_->settle(*claim.state_, {.kind = Settlement::Kind::kill, .reason = std::string(reason)});
}

}  // namespace ipcm
