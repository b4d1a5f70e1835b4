// SPDX-License-Identifier: MIT
// Names, ids and texts in errors: one rule for UTF-8, however it is asked.
#include <algorithm>

#include "core/names.hpp"
#include "fuzz/support/fuzz.hpp"
#include "support/errors.hpp"

using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const bool valid = ipcm::is_valid_utf8(text);
  const std::size_t first_invalid = ipcm::first_invalid_utf8(text);
  require(valid == (first_invalid == text.size()), "UTF-8 is valid where no byte is invalid");
  require(ipcm::is_valid_utf8(text.substr(0, first_invalid)), "what stands before the first invalid byte is valid");

  const bool keeps_rules = ipcm::broken_rule(text).empty();
  require(!keeps_rules || (valid && !text.empty() && text.size() <= ipcm::kMaxNameBytes), "a name is short UTF-8");
  require(!keeps_rules || std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
          "a name has no control characters");
  const std::string id = test::code_of_call([&] { ipcm::check_message_id(text); });
  require(id == (keeps_rules ? "ok" : "InvalidMessage"), "an id keeps the rules");
  const std::string name = test::code_of_call([&] { ipcm::check_name(text); });
  require(name == (keeps_rules && !text.starts_with('_') ? "ok" : "InvalidName"), "a name does not begin with _");

  const std::string quoted = ipcm::in_quotes(text);
  require(ipcm::is_valid_utf8(quoted), "what an error quotes is UTF-8");
  require(quoted.size() < 300, "what an error quotes is short");
  require(std::ranges::none_of(quoted, [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
          "what an error quotes steers no terminal");
  return 0;
}
