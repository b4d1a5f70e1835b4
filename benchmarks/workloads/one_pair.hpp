// SPDX-License-Identifier: MIT
// One sender and one reader in this process, and the baseline beside them.
#pragma once

#include <memory>
#include <string>

#include "raw_store.hpp"
#include "route.hpp"

namespace bench {

/// A route with two clients.
struct Pair {
  ipcm::Spawn store;
  std::shared_ptr<ipcm::Client> sender = store.connect("sender");
  std::shared_ptr<ipcm::Client> reader = store.connect("reader");
};

inline Sync same_as(ipcm::Durability durability) {
  return durability == ipcm::Durability::full ? Sync::full : Sync::relaxed;
}

inline void insert_alone(RawStore& raw, const std::string& text) {
  raw.begin();
  raw.insert(text);
  raw.commit();
}

inline void remove_all(RawStore& raw, std::size_t count) {
  std::size_t removed = 0;
  while (const std::size_t taken = raw.take(1000)) removed += taken;
  require(removed == count, "the baseline finds what it inserted");
}

}  // namespace bench
