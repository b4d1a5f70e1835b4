// SPDX-License-Identifier: MIT
#include <ipcm/request.hpp>

#include <utility>

#include "client/request_state.hpp"
#include "core/names.hpp"
#include "platform/poll.hpp"

namespace ipcm {

Request::Request(std::unique_ptr<State> state) : state_(std::move(state)) {}
Request::Request(Request&&) noexcept = default;

Request& Request::operator=(Request&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Request::~Request() {
  if (state_ && state_->requests->in_own_process()) state_->requests->forget(state_->pending);
}

const std::string& Request::id() const noexcept {
  return state_->pending->id;
}

const std::string& Request::peer() const noexcept {
  return state_->pending->peer;
}

const Reply& Request::wait() {
  state_->require_own_process();
  while (!state_->requests->wait(state_->pending, std::nullopt)) {}
  return *state_->pending->reply;
}

bool Request::wait_for(std::chrono::milliseconds time) {
  state_->require_own_process();
  return state_->requests->wait(state_->pending, platform::deadline_after(time));
}

Message Request::get() {
  const Reply& reply = wait();
  reply.outcome.or_throw();
  return *reply.message;
}

void Request::State::require_own_process() const {
  if (requests->in_own_process()) return;
  throw Error(ErrorCode::WrongProcess, "the request to " + in_quotes(pending->peer) + " was made by a parent process.");
}

}  // namespace ipcm
