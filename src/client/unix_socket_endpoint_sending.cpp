// SPDX-License-Identifier: MIT
#include <exception>
#include <set>

#include "client/unix_socket_endpoint.hpp"
#include "core/message_access.hpp"
#include "core/names.hpp"

namespace ipcm {

using transport::Letter;
using transport::Mailbox;

namespace {

[[noreturn]] void throw_duplicate(const std::string& recipient, const MessageId& id) {
  throw Error(ErrorCode::DuplicateMessage, "the message " + in_quotes(id.text()) + " is held for " +
                                               in_quotes(recipient) + " already. Nothing was sent.");
}

}  // namespace

Letter UnixSocketEndpoint::letter_of(const PackedMessage& message) {
  const storage::Parcel parcel = message.parcel();
  Letter letter;
  letter.id = parcel.id;
  letter.sender = parcel.sender;
  letter.stamp = parcel.stamp;
  letter.broadcast = parcel.broadcast;
  letter.serializer = parcel.serializer;
  letter.reply_to = parcel.reply_to;
  letter.correlation_id = parcel.correlation_id;
  letter.error = parcel.error;
  return letter;
}

PackedMessage UnixSocketEndpoint::packed(const Message& message) const {
  PackedMessage::refuse_job(message, route());
  return {message, serializer(), max_content_, PackedMessage::As::encoded_anew};
}

Endpoint::Deduplicated UnixSocketEndpoint::send(std::span<const Message> messages) {
  require_connected();  // before anything that is wrong with the messages
  SendRequest request;
  request.messages.reserve(messages.size());
  for (const Message& message : messages) request.messages.push_back(packed(message));
  // The queue is for what must not overtake those that nobody waits for.
  sends_in_queue_ == 0 ? send_now(request.messages) : sends_->send(request);
  return {};
}

void UnixSocketEndpoint::send_async(const Message& message, SendCompletion completion) {
  auto request = std::make_unique<SendRequest>();
  request->messages.push_back(packed(message));
  request->completion = [completion = std::move(completion), id = message.id()](SendRequest& sent) mutable {
    completion(sent.failure, std::move(id));
  };
  ++sends_in_queue_;
  sends_->send_async(std::move(request));
}

void UnixSocketEndpoint::send_group(std::span<SendRequest* const> group) noexcept {
  for (SendRequest* request : group) {
    try {
      send_now(request->messages);
    } catch (...) {
      request->failure = std::current_exception();
    }
    if (request->completion) --sends_in_queue_;
  }
}

void UnixSocketEndpoint::send_now(std::span<const PackedMessage> messages) {
  require_connected();
  if (messages.size() > 1) check_all(messages);
  for (std::size_t n = 0; n < messages.size(); ++n) {
    const std::string& to = messages[n].message().to();
    try {
      send_one(to, letter_of(messages[n]), messages[n].parcel().content);
    } catch (const Error& error) {
      if (n == 0) throw;
      throw Error(error.code(),
                  std::to_string(n) + " of " + std::to_string(messages.size()) +
                      " messages were sent, the others were not: " + error.what(),
                  error.pid());
    }
  }
}

// Finds whatever can be known to be wrong before anything is sent.
void UnixSocketEndpoint::check_all(std::span<const PackedMessage> messages) const {
  table_->require_route();
  std::set<std::string, std::less<>> recipients;
  std::set<std::pair<std::string, std::string>> chosen;
  for (const PackedMessage& message : messages) {
    const std::string& to = message.message().to();
    if (recipients.insert(to).second) outbox_->require_active(to);
    const MessageId id = message.parcel().id;
    if (!id.is_generated() && !chosen.emplace(to, id.chosen_text()).second) throw_duplicate(to, id);
  }
}

void UnixSocketEndpoint::send_one(const std::string& recipient, Letter letter, std::string_view content) {
  if (mailbox_ && recipient == id()) {
    const Use use(*this);
    const MessageId sent = letter.id;
    letter.content = content;
    switch (mailbox_->append(std::move(letter))) {
      case Mailbox::Appended::yes: break;
      case Mailbox::Appended::duplicate: throw_duplicate(recipient, sent);
      case Mailbox::Appended::full:
        throw Error(ErrorCode::Busy, in_quotes(id()) + " cannot send to itself on " + route() +
                                         ": its own queue is full. Read first; nothing was sent.");
    }
  } else {
    outbox_->send(recipient, letter, content);
  }
  count_sent(recipient);
}

std::map<std::string, Outcome> UnixSocketEndpoint::broadcast(const Message& prototype) {
  require_connected();
  const PackedMessage message = packed(prototype);
  sends_->flush();  // what was sent before stands before it
  std::map<std::string, Outcome> outcomes;
  for (const transport::Peer& peer : table_->peers()) {
    if (peer.id == self_.id || table_->presence_of(peer) != transport::Presence::active) continue;
    Letter letter = letter_of(message);
    const auto now = clock().now().time_since_epoch();
    letter.id = MessageId::generate(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    try {
      send_one(peer.name, std::move(letter), message.parcel().content);
      outcomes.emplace(peer.name, Outcome());
    } catch (const Error& error) {
      outcomes.emplace(peer.name, error);
    }
  }
  return outcomes;
}

}  // namespace ipcm
