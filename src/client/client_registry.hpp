// SPDX-License-Identifier: MIT
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/client.hpp>

namespace ipcm {

/// The clients of this process, for local_clients(). Thread-safe.
class ClientRegistry {
 public:
  static ClientRegistry& instance();

  /// What enlist() needs, so that it cannot fail.
  class Entry;
  static Entry entry_of(const std::shared_ptr<Client>& client);
  void enlist(Entry&& entry) noexcept;
  /// Those of that route which this process made and which are connected.
  std::vector<std::shared_ptr<Client>> on_route(std::string_view route);

 private:
  struct Record {
    std::weak_ptr<Client> client;
    std::string route;
    unsigned long fork_generation;
  };
  struct State;
  ClientRegistry();
  State* state_;  // never freed: clients with static storage may be destroyed after any static object
};

class ClientRegistry::Entry {
 private:
  friend class ClientRegistry;
  std::list<Record> record_;  // one
};

}  // namespace ipcm
