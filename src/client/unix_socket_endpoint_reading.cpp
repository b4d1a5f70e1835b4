// SPDX-License-Identifier: MIT
#include <mutex>

#include "client/return_rules.hpp"
#include "client/unix_socket_endpoint.hpp"
#include "core/message_access.hpp"
#include "core/names.hpp"

namespace ipcm {

using transport::Letter;
using transport::Mailbox;
using transport::Place;

namespace {

// What decoding needs to know; the views end with the letter.
storage::StoredMessage view_of(Place place, const Letter& letter) {
  return {place,
          {letter.id, letter.sender, letter.stamp, letter.broadcast, letter.serializer, letter.content, letter.reply_to,
           letter.correlation_id, letter.error}};
}

}  // namespace

std::optional<std::string> UnixSocketEndpoint::undecodable(const Letter& letter) const {
  return decoding_problem(view_of(0, letter));
}

Message UnixSocketEndpoint::message_of(Place place, const Letter& letter) const {
  return unpack(view_of(place, letter), id());
}

std::vector<Message> UnixSocketEndpoint::take(std::size_t limit) {
  return read(limit, Mailbox::Verdict::take);
}

std::vector<Message> UnixSocketEndpoint::peek(std::size_t limit) {
  return read(limit, Mailbox::Verdict::keep);
}

std::vector<Message> UnixSocketEndpoint::read(std::size_t limit, Mailbox::Verdict verdict) {
  require_inbox("read");
  const Use use(*this);
  std::vector<Message> messages;
  mailbox_->visit(limit, [&](Place place, const Letter& letter) {
    if (messages.empty()) require_reader();  // another thread may have begun to hand over since the call did
    if (undecodable(letter)) return Mailbox::Verdict::set_aside;
    messages.push_back(message_of(place, letter));
    if (verdict == Mailbox::Verdict::take) count_read(letter.sender, 1);
    return verdict;
  });
  return messages;
}

std::size_t UnixSocketEndpoint::remove(std::span<const Message> messages) {
  require_inbox("read");
  const Use use(*this);
  std::size_t removed = 0;
  for (const Message& message : messages) {
    const std::optional<Place> place = MessageAccess::place(message);
    if (message.to() != id() || !place) continue;
    if (const auto sender = mailbox_->remove(*place, MessageAccess::message_id(message))) {
      count_read(*sender, 1);
      ++removed;
    }
  }
  return removed;
}

void UnixSocketEndpoint::put_back(std::span<const Message> messages) {
  require_inbox("requeue");
  const Use use(*this);
  std::vector<Mailbox::Returned> letters;
  letters.reserve(messages.size());
  for (const Message& message : messages) {
    check_addressee(message, id());
    check_was_read(message);
    const PackedMessage packed(message, serializer(), max_content_, PackedMessage::As::stored_before);
    Letter letter = letter_of(packed);
    letter.content = packed.parcel().content;
    letters.push_back({MessageAccess::place(message), std::move(letter)});
  }
  if (const auto refused = mailbox_->put_back(std::move(letters))) {
    throw Error(ErrorCode::DuplicateMessage, "the message " + in_quotes(messages[*refused].id()) + " is held for " +
                                                 in_quotes(id()) + " already. Nothing was put back.");
  }
  for (const Message& message : messages) count_read(message.from(), -1);
}

void UnixSocketEndpoint::check_was_read(const Message& message) {
  {
    const platform::LockGuard lock(books_mutex_);
    if (books_.read.contains(message.from())) return;
  }
  bool is_here = false;
  mailbox_->visit(kNoLimit, [&](Place, const Letter& letter) {
    is_here = is_here || letter.id.text() == message.id();
    return Mailbox::Verdict::keep;
  });
  if (!is_here) refuse_unread(message);  // else it is refused as a duplicate
}

bool UnixSocketEndpoint::ready() {
  require_inbox("read");
  require_use();
  return mailbox_->ready();
}

// What was sent is ready: a datagram comes whole.
bool UnixSocketEndpoint::pending() {
  require_inbox("read");
  require_use();
  return false;
}

Waited UnixSocketEndpoint::wait(std::optional<std::chrono::milliseconds> timeout, platform::Signals signals) {
  require_inbox("wait");
  std::optional<platform::MonotonicTime> deadline;
  if (timeout) deadline = platform::deadline_after(*timeout);
  return mailbox_->wait(deadline, options().fallback_interval, signals, [this] { require_use(); });
}

int UnixSocketEndpoint::fd() {
  require_inbox("wait");
  require_connected();
  return mailbox_->fd(options().fallback_interval);
}

}  // namespace ipcm
