// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include <ipcm/serializer.hpp>

namespace ipcm {

/// In bytes, encoded: what a route takes unless it was made with another limit, and the highest that there is.
inline constexpr std::size_t kDefaultMaxContent = std::size_t{64} << 20;
inline constexpr std::size_t kHighestMaxContent = std::size_t{512} << 20;

/// The content of a message: any JSON value, held as a value, as its encoded bytes, or both.
///
/// An immutable value: copies share one representation, and any number of threads may read them. Bytes are decoded at
/// the first call of json() and a value is encoded at the first use of a serializer (by each of the threads that come
/// at that moment), so content that is only passed on costs neither. A fork may happen at any moment of that.
class Content {
 public:
  /// No content at all: "unset" among message fields. Sent as null.
  Content() = default;

  /// Throws Error(InvalidMessage) when the value is nested deeper than kMaxContentDepth.
  template <typename T>
    requires(!std::same_as<std::remove_cvref_t<T>, Content> && std::constructible_from<Json, T&&>)
  Content(T&& value) {  // NOLINT(google-explicit-constructor): content is any JSON value
    if constexpr (std::same_as<std::remove_cvref_t<T>, Json>) {
      check_depth(value);  // before the copy, which recurses
      assign(Json(std::forward<T>(value)));
    } else {
      assign(Json(std::forward<T>(value)));
    }
  }

  /// {{"n", 1}, {"path", "/tmp"}}
  Content(Json::initializer_list_t init) : Content(Json(init)) {}

  /// Bytes as they are stored, not looked at until json() is called. A byte order mark (U+FEFF) before JSON is left
  /// out.
  static Content encoded(std::string bytes, std::shared_ptr<const Serializer> serializer);

  /// JSON text, kept to the byte, except that a byte order mark (U+FEFF) before it is left out. Throws
  /// Error: InvalidMessage if it is not JSON, TooLarge if it has more than kHighestMaxContent bytes.
  static Content from_text(std::string json_text);

  bool is_set() const noexcept { return state_ != nullptr; }

  /// The value. Throws Error(InvalidMessage) when the bytes cannot be decoded, which never happens to a message that
  /// get_messages() returned.
  const Json& json() const;

  /// The bytes in the given encoding: those that it was made from where the serializer is the same, else encoded anew.
  std::string encode(const Serializer& serializer) const;

  /// The bytes as stored if it came from a store or has been encoded, else its JSON text.
  std::string text() const;

  /// What `text()` is encoded with, "JSON" for a bare value.
  std::string_view serializer_name() const;

 private:
  friend class PackedMessage;  // src/client: sends the encoded bytes without a copy of its own
  friend class Message;        // writes them as text
  struct State;
  /// As encode(), for content that is set. The bytes live as long as it, or any copy of it.
  std::string_view encoded_bytes(const Serializer& serializer) const;
  /// The bytes that text() returns; nullopt for content that is only a value. They live as long as it, or any copy of
  /// it.
  std::optional<std::string_view> first_bytes() const;
  static void check_depth(const Json& value);
  void assign(Json&& value);

  std::shared_ptr<const State> state_;
};

}  // namespace ipcm
