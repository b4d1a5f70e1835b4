// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <ipcm/client.hpp>

namespace ipcm {

/// The clients of this process, for local_clients(). Thread-safe.
class ClientRegistry {
 public:
  static ClientRegistry& instance();

  void enlist(const std::shared_ptr<Client>& client);
  /// Those of that route which this process made and which are connected.
  std::vector<std::shared_ptr<Client>> on_route(std::string_view route);

 private:
  struct State;
  ClientRegistry();
  State* state_;  // never freed: clients with static storage may be destroyed after any static object
};

}  // namespace ipcm
