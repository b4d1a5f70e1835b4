// SPDX-License-Identifier: MIT
// Messages to the bytes that a store keeps, and back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <ipcm/message.hpp>
#include <ipcm/serializer.hpp>

#include "storage/store.hpp"

namespace ipcm {

/// A message made ready for the store. Owns what its parcel points to.
class PackedMessage {
 public:
  enum class As { encoded_anew, stored_before };

  /// Encodes the content with `serializer`; or keeps it as it was stored, for a message that goes back.
  /// Throws Error: InvalidMessage, TooLarge when the encoded content is over `max_content` bytes.
  PackedMessage(const Message& message, const Serializer& serializer, std::size_t max_content, As as);

  storage::Parcel parcel() const;
  std::size_t content_bytes() const noexcept { return encoded().size(); }
  /// Seconds since 1970; nothing: at once.
  std::optional<double> deliver_at() const noexcept;
  /// Whether it needs a store that keeps jobs.
  bool is_job() const noexcept;
  /// Throws Error(NotSupported) for a message that does, on a route that has none.
  static void refuse_job(const Message& message, const std::string& route);
  const Message& message() const noexcept { return message_; }

 private:
  std::string_view encoded() const noexcept { return shared_content_.empty() ? own_content_ : shared_content_; }

  Message message_;
  MessageId id_;
  std::string serializer_;
  std::string_view shared_content_;  // held by the message's content
  std::string own_content_;          // where there is no shared one
};

/// The message in `stored`, which lay in the inbox of `recipient`. The content is not decoded yet.
/// Throws Error(InvalidArgument) when this process does not know its serializer.
Message unpack(const storage::StoredMessage& stored, const std::string& recipient);

/// The same for one whose content perhaps nobody can decode: then that is said when it is looked at.
Message unpack_dead(const storage::StoredMessage& stored, const std::string& recipient);

/// Why the content cannot be decoded; nothing when it can.
std::optional<std::string> decoding_problem(const storage::StoredMessage& stored);

}  // namespace ipcm
