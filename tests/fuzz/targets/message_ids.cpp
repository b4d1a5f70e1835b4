// SPDX-License-Identifier: MIT
// Ids of messages: the text of a generated one leads back to it, and no other text is taken for one.
#include <cstring>

#include "core/message_id.hpp"
#include "fuzz/support/fuzz.hpp"

using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const ipcm::MessageId id = ipcm::MessageId::generated_from_text(text);
  require(id.text() == text, "an id is shown as the text that it came from");
  require(id.is_generated() || id.chosen_text() == text, "what is no UUID was chosen");
  ipcm::MessageId::Uuid uuid{};
  if (size < uuid.size()) return 0;
  std::memcpy(uuid.data(), data, uuid.size());
  const ipcm::MessageId made = ipcm::MessageId::from_uuid(uuid);
  require(ipcm::MessageId::generated_from_text(made.text()) == made, "the text of a UUID leads back to it");
  return 0;
}
