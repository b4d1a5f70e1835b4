// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "storage/memory/memory_route.hpp"
#include "storage/store.hpp"

namespace ipcm::storage {

/// A store in the memory of this process: the model that the durable ones are compared with.
///
/// Every call holds the route's lock, so a transaction sees and changes the route alone; `work` must not call this or
/// another store of the same route. Presence ends with the store, as a kernel's lock ends with its process.
class MemoryStore : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryRoute> route);
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  void read(FunctionRef<void(Snapshot&)> work) override;
  void write(FunctionRef<void(Transaction&)> work) override;
  bool hold_presence(PeerId peer) override;
  void drop_presence(PeerId peer) noexcept override;
  bool is_present(PeerId peer) override;
  std::size_t max_content() const override { return max_content_; }
  std::uint64_t change_count() override;
  void abandon() noexcept override;

  MemoryRoute& route() noexcept { return *route_; }

 private:
  std::shared_ptr<MemoryRoute> route_;  // null once abandoned
  std::size_t max_content_;
};

}  // namespace ipcm::storage
