// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ipcm {

/// The id of a message as a store keeps it: 16 bytes where ipcm made it, text where a caller chose it.
/// The difference matters: a chosen id is kept unique within an inbox, a generated one cannot collide.
class MessageId {
 public:
  using Uuid = std::array<std::uint8_t, 16>;

  MessageId() = default;

  /// A new UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds since 1970, then random bits. Thread-safe.
  static MessageId generate(std::int64_t unix_milliseconds);
  static MessageId from_uuid(const Uuid& uuid);
  static MessageId chosen(std::string text);
  /// Sixteen bytes again where the text is a UUID as text() writes it, else chosen().
  static MessageId generated_from_text(std::string_view text);

  bool is_generated() const noexcept { return generated_; }
  const Uuid& uuid() const noexcept { return uuid_; }
  /// The chosen text; empty for a generated id.
  const std::string& chosen_text() const noexcept { return text_; }

  /// What people see: the chosen text, or the UUID in lower case with hyphens.
  std::string text() const;

  friend bool operator==(const MessageId&, const MessageId&) = default;

 private:
  Uuid uuid_{};
  std::string text_;
  bool generated_ = false;
};

}  // namespace ipcm
