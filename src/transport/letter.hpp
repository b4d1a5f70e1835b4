// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/message_id.hpp"

namespace ipcm::transport {

/// Content that lies in a file, because it is too large for a datagram: see LetterFolder.
struct Enclosure {
  std::int64_t sender = 0;
  std::uint64_t serial = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Enclosure&, const Enclosure&) = default;
};

/// A message on its way. Whom it is for is said by the socket that it is sent to.
struct Letter {
  MessageId id;
  std::string sender;
  double stamp = 0;
  bool broadcast = false;
  std::string serializer;  ///< its name; empty: JSON
  std::string content;
  std::optional<Enclosure> enclosure{};  ///< then there is no content
  // Of requests and replies; empty: none.
  std::string reply_to{};
  std::string correlation_id{};
  std::string error{};

  friend bool operator==(const Letter&, const Letter&) = default;
};

}  // namespace ipcm::transport
