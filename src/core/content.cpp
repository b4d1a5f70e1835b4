// SPDX-License-Identifier: MIT
#include <ipcm/content.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "core/byte_order_mark.hpp"
#include "core/json_walk.hpp"
#include "core/serializer_call.hpp"

namespace ipcm {
namespace {

// Made before main() and never destroyed: what has static storage may send, and a child that is forked while another
// thread makes it could not use it.
const Json& null_value() {
  static const Json& null = *new Json;
  return null;
}
[[maybe_unused]] const Json& null_at_start = null_value();

}  // namespace

void refuse_depth() {
  throw Error(ErrorCode::InvalidMessage,
              "the content is nested deeper than " + std::to_string(kMaxContentDepth) + " arrays and objects");
}

/// A value, its encodings, or both; what is missing is made at the first call that wants it.
///
/// Without a mutex, which a child that is forked while another thread has it could never lock: what is there once stays
/// as it is. Threads that want the same for the first time each make it, and one of them puts it there.
struct __attribute__((visibility("hidden"))) Content::State {
  struct Encoding {
    std::string serializer;  // its name
    std::string bytes;
    mutable std::atomic<const Encoding*> next{nullptr};
  };

  explicit State(Json&& given) : given_(std::move(given)), value_(&*given_) {}
  State(std::string bytes, std::shared_ptr<const Serializer> given)
      : origin_(std::move(given)), first_(new Encoding{std::string(origin_->name()), std::move(bytes)}) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (const Encoding* encoding = first_.load(); encoding != nullptr;) {
      delete std::exchange(encoding, encoding->next.load());
    }
    if (!given_) delete value_.load();
  }

  const Json& json() const {
    if (const Json* ready = value_.load(std::memory_order_acquire)) return *ready;
    const auto decode = [&](const Serializer& its) { return its.decode(first_encoding()->bytes); };
    auto made = std::make_unique<const Json>(call_decoder(*origin_, decode));
    const Json* there = nullptr;
    return value_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel) ? *made.release() : *there;
  }

  const std::string& encode(const Serializer& serializer) const {
    std::atomic<const Encoding*>* end = &first_;
    if (const std::string* bytes = find(serializer.name(), end)) return *bytes;
    const auto encoded = [this](const Serializer& its) { return its.encode(json()); };
    auto made = std::unique_ptr<const Encoding>(
        new Encoding{std::string(serializer.name()), call_serializer(serializer, encoded)});
    for (;;) {
      const Encoding* there = nullptr;
      if (end->compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return made.release()->bytes;
      if (const std::string* bytes = find(serializer.name(), end)) return *bytes;
    }
  }

  const Encoding* first_encoding() const { return first_.load(std::memory_order_acquire); }

 private:
  // From `at` on, which it moves to the end.
  static const std::string* find(std::string_view serializer, std::atomic<const Encoding*>*& at) {
    while (const Encoding* encoding = at->load(std::memory_order_acquire)) {
      if (encoding->serializer == serializer) return &encoding->bytes;
      at = &encoding->next;
    }
    return nullptr;
  }

  const std::shared_ptr<const Serializer> origin_;       // null where it began as a value
  const std::optional<Json> given_;                      // with which it began
  mutable std::atomic<const Json*> value_{nullptr};      // &*given_, or what was decoded
  mutable std::atomic<const Encoding*> first_{nullptr};  // of a list, hardly ever longer, that only grows
};

Content Content::encoded(std::string bytes, std::shared_ptr<const Serializer> serializer) {
  if (!serializer) throw Error(ErrorCode::InvalidArgument, "encoded content needs its serializer");
  // An earlier version, plain SQL or another program may have stored one.
  if (bytes.starts_with(kByteOrderMark) && serializer->name() == kJsonName) bytes.erase(0, kByteOrderMark.size());
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
  auto serializer = find_serializer(kJsonName);
  serializer->check(without_byte_order_mark(json_text));
  return encoded(std::move(json_text), std::move(serializer));
}

const Json& Content::json() const {
  return state_ ? state_->json() : null_value();
}

std::string Content::encode(const Serializer& serializer) const {
  if (state_) return state_->encode(serializer);
  return call_serializer(serializer, [](const Serializer& its) { return its.encode(null_value()); });
}

std::string_view Content::encoded_bytes(const Serializer& serializer) const {
  return state_->encode(serializer);
}

std::string Content::text() const {
  if (!state_) return "null";
  const State::Encoding* first = state_->first_encoding();
  return first ? first->bytes : state_->encode(*find_serializer(kJsonName));
}

std::optional<std::string_view> Content::first_bytes() const {
  const State::Encoding* first = state_ ? state_->first_encoding() : nullptr;
  return first ? std::optional<std::string_view>(first->bytes) : std::nullopt;
}

std::string_view Content::serializer_name() const {
  const State::Encoding* first = state_ ? state_->first_encoding() : nullptr;
  return first ? std::string_view(first->serializer) : kJsonName;
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
