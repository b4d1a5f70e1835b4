// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/memory/memory_store.hpp"

namespace test {

using ipcm::MessageId;
using ipcm::storage::PeerRow;
using ipcm::storage::Place;

/// The place of an inbox's n-th message when nothing was ever put back.
constexpr Place nth_place(ipcm::storage::PeerId peer, std::int64_t n) {
  return (peer << 43) + (std::int64_t{3} << 40) + (std::int64_t{1} << 32) + n;
}

inline ipcm::storage::Parcel parcel(const MessageId& id, std::string_view sender, std::string_view content = "1") {
  return {id, sender, 1.5, false, {}, content};
}
inline ipcm::storage::Parcel parcel(const char* chosen_id, std::string_view sender, std::string_view content = "1") {
  return parcel(MessageId::chosen(chosen_id), sender, content);
}

inline constexpr auto read_it = [](const ipcm::storage::StoredMessage&) -> std::optional<std::string> {
  return std::nullopt;
};
inline constexpr auto bury_it = [](const ipcm::storage::StoredMessage&) -> std::optional<std::string> {
  return "not readable";
};

/// A route of its own with one store on it.
struct MemoryRouteFixture {
  std::shared_ptr<ipcm::storage::MemoryRoute> route = std::make_shared<ipcm::storage::MemoryRoute>(
      "test", ipcm::storage::MemoryRouteRecord{"an id", 1700000000.5, "full", 1 << 20});
  ipcm::storage::MemoryStore store{route};

  PeerRow add_peer(const std::string& name);
  bool append(const PeerRow& inbox, const ipcm::storage::Parcel& parcel);
  bool put_back(const PeerRow& inbox, std::optional<Place> place, const ipcm::storage::Parcel& parcel);
  /// The ids of what was taken.
  std::vector<std::string> take(const PeerRow& inbox, std::size_t limit = 1000);
  /// The ids of what lies there, in order.
  std::vector<std::string> ids(const PeerRow& inbox);
  std::vector<Place> places(const PeerRow& inbox);
  /// Everything that a caller of the store can find out, the next numbers included, as text to compare.
  std::string everything();
};

}  // namespace test
