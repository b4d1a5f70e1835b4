// SPDX-License-Identifier: MIT
// The datagrams of UnixSocket: one letter has one form, and what is not exactly that is no letter.
#include <cmath>

#include "core/names.hpp"
#include "fuzz/support/fuzz.hpp"
#include "transport/letter_codec.hpp"

using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace transport = ipcm::transport;
  const std::string_view datagram = fuzz::text_of(data, size);
  const auto letter = transport::decode_letter(datagram);
  if (!letter) return 0;
  const std::string head = transport::encode_head(*letter, letter->content.size());
  require(head + letter->content == datagram, "a letter has one form");
  require(head.size() <= transport::kMostHeadBytes, "the head of a letter is short");
  require(std::isfinite(letter->stamp), "a stamp is finite");
  require(letter->sender == "_anonymous" || ipcm::broken_rule(letter->sender).empty(), "a sender has a name");
  require(!transport::decode_letter(datagram.substr(0, size - 1)), "a letter without its end is none");
  require(!transport::decode_letter(std::string(datagram) + "x"), "a letter with something behind it is none");
  return 0;
}
