// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "serialize/built_in.hpp"
#include "serialize/cbor_chunks.hpp"
#include "serialize/encodable.hpp"
#include "serialize/events.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kName = "CBOR";
constexpr FormatLimits kLimits{.format = kName};

template <typename Receiver>
Receiver parse(std::string_view bytes) {
  if (const auto nested = find_nested_cbor_chunk(bytes)) {
    refuse_bytes(kName, *nested + 1, "a chunk of a string is not a string of known length");
  }
  Receiver receiver(kName, EventChecker::Text::unchecked);
  Json::sax_parse(bytes, &receiver, Json::input_format_t::cbor);
  return receiver;
}

class CborSerializer : public Serializer {
 public:
  std::string_view name() const override { return kName; }
  std::string encode(const Json& content) const override {
    check_encodable(content, kLimits);
    std::string bytes;
    Json::to_cbor(content, bytes);
    return bytes;
  }
  Json decode(std::string_view bytes) const override { return parse<ValueBuilder>(bytes).take(); }
  void check(std::string_view bytes) const override { parse<EventChecker>(bytes); }
};

}  // namespace

std::shared_ptr<const Serializer> make_cbor_serializer() {
  return std::make_shared<const CborSerializer>();
}

}  // namespace ipcm
