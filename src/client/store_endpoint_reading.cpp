// SPDX-License-Identifier: MIT
#include <mutex>

#include "client/parcels.hpp"
#include "client/store_endpoint.hpp"
#include "core/message_access.hpp"

namespace ipcm {

using notify::Event;

std::vector<Message> StoreEndpoint::take(std::size_t limit) {
  require_inbox("read");
  waiting_->before_taking(Event::mail);
  std::vector<Message> messages;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    messages.clear();
    std::size_t left = limit;
    // What is dead does not use up the limit.
    while (left > 0) {
      const std::size_t good_before = messages.size();
      const std::size_t taken =
          transaction.take(self_, left, [&](const storage::StoredMessage& stored) -> std::optional<std::string> {
            if (auto problem = decoding_problem(stored)) return problem;
            messages.push_back(unpack(stored, id()));
            return std::nullopt;
          });
      if (taken < left) return;
      left -= messages.size() - good_before;
    }
    more = transaction.has_mail(self_.id);
  });
  waiting_->after_taking(Event::mail, more);
  return messages;
}

std::vector<Message> StoreEndpoint::peek(std::size_t limit) {
  require_inbox("read");
  std::vector<Message> messages;
  std::vector<std::pair<storage::Place, MessageId>> undecodable;
  read([&](storage::Snapshot& view) {
    if (limit == 0) return;
    view.peek(self_.id, kNoLimit, [&](const storage::StoredMessage& stored) {
      if (decoding_problem(stored)) {
        undecodable.emplace_back(stored.place, stored.parcel.id);
      } else {
        messages.push_back(unpack(stored, id()));
      }
      return messages.size() < limit;
    });
  });
  if (!undecodable.empty()) set_aside(undecodable);
  return messages;
}

// Otherwise a reader that peeks and removes would find the same ones ready for ever.
void StoreEndpoint::set_aside(std::span<const std::pair<storage::Place, MessageId>> undecodable) {
  write([&](storage::Transaction& transaction) {
    for (const auto& [place, message] : undecodable) {
      transaction.take_one(self_, place, message,
                           [](const storage::StoredMessage& stored) { return decoding_problem(stored); });
    }
  });
}

std::size_t StoreEndpoint::remove(std::span<const Message> messages) {
  require_inbox("read");
  waiting_->before_taking(Event::mail);
  std::size_t removed = 0;
  bool more = false;
  write([&](storage::Transaction& transaction) {
    removed = 0;
    for (const Message& message : messages) {
      const std::optional<storage::Place> place = MessageAccess::place(message);
      if (message.to() != id() || !place) continue;
      if (transaction.take_one(self_, *place, MessageAccess::message_id(message),
                               [](const storage::StoredMessage&) { return std::optional<std::string>(); })) {
        ++removed;
      }
    }
    more = transaction.has_mail(self_.id);
  });
  waiting_->after_taking(Event::mail, more);
  return removed;
}

bool StoreEndpoint::ready() {
  require_inbox("read");
  bool found = false;
  read([&](storage::Snapshot& view) { found = view.has_mail(self_.id); });
  return found;
}

// Nothing in a store is on its way: what is stored is ready.
bool StoreEndpoint::pending() {
  require_inbox("read");
  read([](storage::Snapshot&) {});
  return false;
}

bool StoreEndpoint::wait(std::optional<std::chrono::milliseconds> timeout) {
  require_inbox("wait");
  std::optional<platform::MonotonicTime> deadline;
  if (timeout) deadline = platform::deadline_after(*timeout);
  return waiting_->wait(Event::mail, deadline, [this] { return ready(); });
}

int StoreEndpoint::fd() {
  require_inbox("wait");
  require_connected();
  return waiting_->fd(Event::mail, [this] { return ready(); });
}

}  // namespace ipcm
