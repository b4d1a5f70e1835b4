// SPDX-License-Identifier: MIT
// Messages as JSON, as `ipcm get` prints them and `ipcm requeue` takes them: what is taken is the same message again.
#include <ipcm/message.hpp>

#include "fuzz/support/fuzz.hpp"
#include "support/errors.hpp"

using fuzz::require;

namespace {

// As text: what is taken is also taken as JSON, with the same content, and comes back to the byte.
void check_text(std::string_view text) {
  ipcm::Message message;
  const auto refused = test::caught([&] { message = ipcm::Message::from_text(text); });
  if (refused) {
    require(refused->code() == ipcm::ErrorCode::InvalidMessage, "text that is no message is an invalid message");
    return;
  }
  const ipcm::Json json = message.to_json();
  const ipcm::Message again = ipcm::Message::from_text(json.dump());
  require(again.content_text() == message.content_text(), "a content comes back to the byte");
  require(again.to_json() == json, "a message comes back whole");
  const ipcm::Message given = ipcm::Message::from_json(ipcm::Json::parse(text));
  require(given.content() == message.content(), "text and JSON are the same message");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_text(fuzz::text_of(data, size));
  const ipcm::Json given = ipcm::Json::parse(data, data + size, nullptr, false);
  if (given.is_discarded()) return 0;
  ipcm::Message message;
  const auto refused = test::caught([&] { message = ipcm::Message::from_json(given); });
  if (refused) {
    require(refused->code() == ipcm::ErrorCode::InvalidMessage, "JSON that is no message is an invalid message");
    return 0;
  }
  const ipcm::Json shown = message.to_json();
  require(ipcm::Message::from_json(shown).to_json() == shown, "a message that is shown and read again is the same");
  return 0;
}
