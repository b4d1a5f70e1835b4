// SPDX-License-Identifier: MIT
#include <ipcm/content.hpp>

#include <atomic>
#include <list>
#include <mutex>
#include <optional>

#include "core/byte_order_mark.hpp"
#include "core/json_walk.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kJson = "JSON";

const Json& null_value() {
  static const Json null;
  return null;
}

}  // namespace

void refuse_depth() {
  throw Error(ErrorCode::InvalidMessage,
              "the content is nested deeper than " + std::to_string(kMaxContentDepth) + " arrays and objects");
}

/// A value, its encodings, or both; what is missing is made at the first call that wants it.
struct __attribute__((visibility("hidden"))) Content::State {
  struct Encoding {
    std::string serializer;  // its name
    std::string bytes;
  };

  explicit State(Json&& given) : value_(std::move(given)), decoded_(&*value_) {}
  State(std::string bytes, std::shared_ptr<const Serializer> given) : origin_(std::move(given)) {
    first_.emplace(Encoding{std::string(origin_->name()), std::move(bytes)});
  }

  const Json& json() const {
    if (const Json* ready = decoded_.load(std::memory_order_acquire)) return *ready;
    const std::scoped_lock lock(mutex_);
    if (!value_) {
      value_ = origin_->decode(first_->bytes);
      decoded_.store(&*value_, std::memory_order_release);
    }
    return *value_;
  }

  const std::string& encode(const Serializer& serializer) const {
    {
      const std::scoped_lock lock(mutex_);
      if (const std::string* bytes = find(serializer.name())) return *bytes;
    }
    const Json& content = json();
    const std::scoped_lock lock(mutex_);
    if (const std::string* bytes = find(serializer.name())) return *bytes;
    return add({std::string(serializer.name()), serializer.encode(content)}).bytes;
  }

  const Encoding* first_encoding() const {
    const std::scoped_lock lock(mutex_);
    return first_ ? &*first_ : nullptr;
  }

 private:
  const std::string* find(std::string_view serializer) const {
    if (first_ && first_->serializer == serializer) return &first_->bytes;
    for (const Encoding& encoding : others_) {
      if (encoding.serializer == serializer) return &encoding.bytes;
    }
    return nullptr;
  }
  const Encoding& add(Encoding encoding) const {
    return first_ ? others_.emplace_back(std::move(encoding)) : first_.emplace(std::move(encoding));
  }

  const std::shared_ptr<const Serializer> origin_;  // null where it began as a value
  mutable std::mutex mutex_;
  mutable std::optional<Json> value_;
  mutable std::atomic<const Json*> decoded_ = nullptr;  // &*value_ once that never changes again
  mutable std::optional<Encoding> first_;               // hardly ever is there another
  mutable std::list<Encoding> others_;                  // never removed from, so references stay good
};

Content Content::encoded(std::string bytes, std::shared_ptr<const Serializer> serializer) {
  if (!serializer) throw Error(ErrorCode::InvalidArgument, "encoded content needs its serializer");
  // An earlier version, plain SQL or another program may have stored one.
  if (bytes.starts_with(kByteOrderMark) && serializer->name() == kJson) bytes.erase(0, kByteOrderMark.size());
  Content content;
  content.state_ = std::make_shared<const State>(std::move(bytes), std::move(serializer));
  return content;
}

Content Content::from_text(std::string json_text) {
  if (json_text.size() > kHighestMaxContent) {
    throw Error(ErrorCode::TooLarge, "the content has " + std::to_string(json_text.size()) +
                                         " bytes; no route takes more than " + std::to_string(kHighestMaxContent) +
                                         ".");
  }
  auto serializer = find_serializer(kJson);
  serializer->check(without_byte_order_mark(json_text));
  return encoded(std::move(json_text), std::move(serializer));
}

const Json& Content::json() const {
  return state_ ? state_->json() : null_value();
}

std::string Content::encode(const Serializer& serializer) const {
  return state_ ? state_->encode(serializer) : serializer.encode(null_value());
}

std::string_view Content::encoded_bytes(const Serializer& serializer) const {
  return state_->encode(serializer);
}

std::string Content::text() const {
  if (!state_) return "null";
  const State::Encoding* first = state_->first_encoding();
  return first ? first->bytes : state_->encode(*find_serializer(kJson));
}

std::optional<std::string_view> Content::first_bytes() const {
  const State::Encoding* first = state_ ? state_->first_encoding() : nullptr;
  return first ? std::optional<std::string_view>(first->bytes) : std::nullopt;
}

std::string_view Content::serializer_name() const {
  const State::Encoding* first = state_ ? state_->first_encoding() : nullptr;
  return first ? std::string_view(first->serializer) : kJson;
}

void Content::check_depth(const Json& value) {
  walk_json(value, [](const std::string*, const Json& part) {
    if (part.is_discarded()) {
      throw Error(ErrorCode::InvalidMessage, "the content holds a value that a JSON parser discarded");
    }
  });
}

void Content::assign(Json&& value) {
  check_depth(value);
  state_ = std::make_shared<const State>(std::move(value));
}

}  // namespace ipcm
