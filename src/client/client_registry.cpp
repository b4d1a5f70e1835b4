// SPDX-License-Identifier: MIT
#include "client/client_registry.hpp"

#include <mutex>
#include <string>

#include "platform/fork.hpp"

namespace ipcm {

struct ClientRegistry::State {
  struct Entry {
    std::weak_ptr<Client> client;
    std::string route;
    unsigned long fork_generation;
  };
  platform::ForkSafeMutex mutex;
  std::vector<Entry> entries;
};

ClientRegistry::ClientRegistry() : state_(new State) {}

ClientRegistry& ClientRegistry::instance() {
  static ClientRegistry registry;  // of a pointer, which needs no destructor
  return registry;
}

void ClientRegistry::enlist(const std::shared_ptr<Client>& client) {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->entries, [](const State::Entry& entry) { return entry.client.expired(); });
  state_->entries.push_back({client, client->route(), platform::fork_generation()});
}

std::vector<std::shared_ptr<Client>> ClientRegistry::on_route(std::string_view route) {
  // Any of them may turn out to be the last reference to its client. Its destructor calls the user's hooks, so it must
  // not run under the mutex.
  std::vector<std::shared_ptr<Client>> clients;
  {
    const std::lock_guard lock(state_->mutex);
    for (const State::Entry& entry : state_->entries) {
      if (entry.fork_generation != platform::fork_generation() || entry.route != route) continue;
      clients.emplace_back();  // first: where memory runs out, no reference is let go of here
      clients.back() = entry.client.lock();
    }
  }
  std::erase_if(clients, [](const std::shared_ptr<Client>& client) { return !client || client->disconnected(); });
  return clients;
}

}  // namespace ipcm
