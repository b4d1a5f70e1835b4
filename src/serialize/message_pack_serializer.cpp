// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "serialize/built_in.hpp"
#include "serialize/encodable.hpp"
#include "serialize/events.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kName = "MessagePack";

constexpr FormatLimits kLimits{.format = kName, .max_subtype = 0xFF};  // nlohmann reads the type as an unsigned byte

template <typename Receiver>
Receiver parse(std::string_view bytes) {
  Receiver receiver(kName, EventChecker::Text::unchecked);
  Json::sax_parse(bytes, &receiver, Json::input_format_t::msgpack);
  return receiver;
}

class MessagePackSerializer : public Serializer {
 public:
  std::string_view name() const override { return kName; }
  std::string encode(const Json& content) const override {
    check_encodable(content, kLimits);
    std::string bytes;
    Json::to_msgpack(content, bytes);
    return bytes;
  }
  Json decode(std::string_view bytes) const override { return parse<ValueBuilder>(bytes).take(); }
  void check(std::string_view bytes) const override { parse<EventChecker>(bytes); }
};

}  // namespace

std::shared_ptr<const Serializer> make_message_pack_serializer() {
  return std::make_shared<const MessagePackSerializer>();
}

}  // namespace ipcm
