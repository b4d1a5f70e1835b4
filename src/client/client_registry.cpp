// SPDX-License-Identifier: MIT
#include "client/client_registry.hpp"

#include <mutex>

#include "platform/fork.hpp"

namespace ipcm {

struct ClientRegistry::State {
  struct Entry {
    std::weak_ptr<Client> client;
    unsigned long fork_generation;
  };
  platform::ForkSafeMutex mutex;
  std::vector<Entry> entries;
};

ClientRegistry::ClientRegistry() : state_(new State) {}

ClientRegistry& ClientRegistry::instance() {
  static ClientRegistry registry;
  return registry;
}

void ClientRegistry::enlist(const std::shared_ptr<Client>& client) {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->entries, [](const State::Entry& entry) { return entry.client.expired(); });
  state_->entries.push_back({client, platform::fork_generation()});
}

std::vector<std::shared_ptr<Client>> ClientRegistry::on_route(std::string_view route) {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::shared_ptr<Client>> found;
  for (const State::Entry& entry : state_->entries) {
    if (entry.fork_generation != platform::fork_generation()) continue;
    std::shared_ptr<Client> client = entry.client.lock();
    if (client && client->route() == route && !client->disconnected()) found.push_back(std::move(client));
  }
  return found;
}

std::vector<std::shared_ptr<Client>> ClientRegistry::take_inherited() {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::shared_ptr<Client>> inherited;
  std::erase_if(state_->entries, [&](const State::Entry& entry) {
    if (entry.fork_generation == platform::fork_generation()) return false;
    if (std::shared_ptr<Client> client = entry.client.lock()) inherited.push_back(std::move(client));
    return true;
  });
  return inherited;
}

}  // namespace ipcm
