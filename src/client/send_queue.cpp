// SPDX-License-Identifier: MIT
#include "client/send_queue.hpp"

#include <algorithm>
#include <utility>

#include "core/fault_point.hpp"
#include "platform/background_thread.hpp"

namespace ipcm {

std::size_t SendRequest::bytes() const noexcept {
  std::size_t sum = 0;
  for (const PackedMessage& message : messages) sum += message.content_bytes();
  return sum;
}

void SendQueue::send(SendRequest& request) {
  {
    Lock lock(mutex_);
    finish(request, lock);
  }
  if (request.failure) std::rethrow_exception(request.failure);
}

void SendQueue::finish(SendRequest& request, Lock& lock) {
  waiting_.push_back(&request);
  while (!request.done) leading_ ? sleep_until_something_changes(lock) : lead(lock);
}

void SendQueue::send_async(std::unique_ptr<SendRequest> request) {
  Lock lock(mutex_);
  if (!own_thread_runs_) {
    platform::start_background_thread([self = shared_from_this()] { self->run_own_thread(); });
    own_thread_runs_ = true;
  }
  while (!on_own_thread() && !has_room_for(*request)) sleep_until_something_changes(lock);
  waiting_.push_back(request.get());
  ++in_flight_;
  bytes_in_flight_ += request->bytes();
  static_cast<void>(request.release());  // whoever leads its group owns it from here on
  something_changed();
}

void SendQueue::flush() {
  Lock lock(mutex_);
  if (waiting_.empty() && !leading_) return;
  SendRequest last;  // nothing to store, but it stands behind all others
  finish(last, lock);
}

void SendQueue::stop(bool wait_for_completions) noexcept {
  Lock lock(mutex_);
  drain(lock);
  stopping_ = true;
  something_changed();
  while (wait_for_completions && own_thread_runs_ && !on_own_thread()) sleep_until_something_changes(lock);
}

// As flush(), once nobody hands in more: without memory for a place in the queue.
void SendQueue::drain(Lock& lock) noexcept {
  while (leading_ || !waiting_.empty()) leading_ ? sleep_until_something_changes(lock) : lead(lock);
}

bool SendQueue::has_room_for(const SendRequest& request) const noexcept {
  if (in_flight_ == 0) return true;
  return in_flight_ < kMostInFlight && bytes_in_flight_ + request.bytes() <= kMostBytesInFlight;
}

void SendQueue::take_group() noexcept {
  try {
    group_.reserve(std::min(waiting_.size(), kMostRequests));
  } catch (...) {  // then it is a smaller group
  }
  std::size_t bytes = 0;
  auto end = waiting_.begin();
  while (end != waiting_.end() && group_.size() < std::min(kMostRequests, group_.capacity())) {
    bytes += (*end)->bytes();
    if (bytes > kMostBytes && !group_.empty()) break;
    group_.push_back(*end++);
  }
  waiting_.erase(waiting_.begin(), end);
}

void SendQueue::lead(Lock& lock) noexcept {
  leading_ = true;
  take_group();
  lock.unlock();
  commit_(group_);
  faults::reach("a group is stored");
  lock.lock();
  for (SendRequest* request : group_) {
    request->done = true;
    if (request->completion) add_completed(request);
  }
  group_.clear();
  leading_ = false;
  something_changed();
}

void SendQueue::add_completed(SendRequest* request) noexcept {
  request->next_completed = nullptr;
  (first_completed_ == nullptr ? first_completed_ : last_completed_->next_completed) = request;
  last_completed_ = request;
}

void SendQueue::sleep_until_something_changes(Lock& lock) {
  const std::uint32_t seen = changes_.load();
  lock.unlock();
  changes_.wait(seen);
  lock.lock();
}

void SendQueue::something_changed() noexcept {
  changes_.fetch_add(1);
  changes_.notify_all();
}

void SendQueue::run_completions(Lock& lock) {
  SendRequest* next = std::exchange(first_completed_, nullptr);
  lock.unlock();
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (; next != nullptr; ++count) {
    const std::unique_ptr<SendRequest> request(next);
    next = request->next_completed;
    bytes += request->bytes();
    request->completion(*request);
  }
  lock.lock();
  in_flight_ -= count;
  bytes_in_flight_ -= bytes;
  something_changed();
}

void SendQueue::run_own_thread() {
  own_thread_ = std::this_thread::get_id();
  Lock lock(mutex_);
  for (;;) {
    if (first_completed_ != nullptr) {
      run_completions(lock);
    } else if (!waiting_.empty() && !leading_) {
      lead(lock);
    } else if (stopping_) {
      break;
    } else {
      sleep_until_something_changes(lock);
    }
  }
  own_thread_ = std::thread::id();
  own_thread_runs_ = false;
  something_changed();
}

}  // namespace ipcm
