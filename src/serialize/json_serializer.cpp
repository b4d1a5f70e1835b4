// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "core/byte_order_mark.hpp"
#include "serialize/built_in.hpp"
#include "serialize/encodable.hpp"
#include "serialize/events.hpp"
#include "serialize/fast_json.hpp"
#include "serialize/json_writer.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kName = "JSON";
constexpr FormatLimits kLimits{.format = kName, .non_finite_numbers = false, .binary = false};

template <typename Receiver>
Receiver parse(std::string_view text) {
  // Versions of nlohmann word the error of an empty text differently, and all of them skip a byte order mark.
  if (text.empty()) refuse_bytes(kName, 1, "unexpected end of input: the text is empty");
  if (text.starts_with(kByteOrderMark)) {
    refuse_bytes(kName, 1, "a byte order mark (U+FEFF), with which no JSON begins; leave it out");
  }
  // nlohmann takes a NUL for the end of the text and would ignore whatever follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    refuse_bytes(kName, nul + 1, "a NUL byte");
  }
  Receiver receiver(kName, EventChecker::Text::checked_by_parser);
  Json::sax_parse(text, &receiver);
  return receiver;
}

class JsonSerializer : public Serializer {
 public:
  std::string_view name() const override { return kName; }
  std::string encode(const Json& content) const override {
    check_encodable(content, kLimits);
    return json_text_of(content);
  }
  Json decode(std::string_view text) const override {
    if (auto value = decode_surely_json(text)) return *std::move(value);
    return parse<ValueBuilder>(text).take();
  }
  void check(std::string_view text) const override {
    if (!is_surely_json(text)) parse<EventChecker>(text);
  }
};

}  // namespace

std::shared_ptr<const Serializer> make_json_serializer() {
  return std::make_shared<const JsonSerializer>();
}

}  // namespace ipcm
