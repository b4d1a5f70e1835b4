// SPDX-License-Identifier: MIT
// Contents in each encoding: what is taken comes back to the byte, and is refused by check() exactly where decode()
// refuses it.
#include <ipcm/content.hpp>

#include "fuzz/support/fuzz.hpp"
#include "support/errors.hpp"

using fuzz::require;

namespace {

// What decode() makes of bytes may have another form than encode() gives it, e.g. blanks in JSON; from then on there is
// one form only.
void check(const std::string& name, std::string_view bytes) {
  const auto serializer = ipcm::find_serializer(name);
  ipcm::Json value;
  const std::string decoded = test::code_of_call([&] { value = serializer->decode(bytes); });
  const std::string checked = test::code_of_call([&] { serializer->check(bytes); });
  require(decoded == "ok" || decoded == "InvalidMessage", "bytes that are no content are an invalid message");
  require(checked == decoded, "check() says what decode() says");
  if (decoded != "ok") return;
  const std::string encoded = serializer->encode(value);
  const ipcm::Json again = serializer->decode(encoded);
  require(serializer->encode(again) == encoded, "an encoding is stable");
  for (const char* other : {"JSON", "CBOR", "MessagePack"}) {
    const auto content = ipcm::Content::encoded(std::string(bytes), serializer);
    const std::string code = test::code_of_call([&] { content.encode(*ipcm::find_serializer(other)); });
    require(code == "ok" || code == "InvalidMessage", "what another encoding does not know is an invalid message");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const char* name : {"JSON", "CBOR", "MessagePack"}) check(name, fuzz::text_of(data, size));
  return 0;
}
