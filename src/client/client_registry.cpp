// SPDX-License-Identifier: MIT
#include "client/client_registry.hpp"

#include <mutex>

#include "platform/fork.hpp"

namespace ipcm {

struct ClientRegistry::State {
  platform::ForkSafeMutex mutex;
  std::list<Record> records;
};

ClientRegistry::ClientRegistry() : state_(new State) {}

ClientRegistry& ClientRegistry::instance() {
  static ClientRegistry registry;  // of a pointer, which needs no destructor
  return registry;
}

ClientRegistry::Entry ClientRegistry::entry_of(const std::shared_ptr<Client>& client) {
  Entry entry;
  entry.record_.push_back({client, client->route(), platform::fork_generation()});
  return entry;
}

void ClientRegistry::enlist(Entry&& entry) noexcept {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->records, [](const Record& record) { return record.client.expired(); });
  state_->records.splice(state_->records.end(), entry.record_);
}

std::vector<std::shared_ptr<Client>> ClientRegistry::on_route(std::string_view route) {
  // Any of them may turn out to be the last reference to its client. Its destructor calls the user's hooks, so it must
  // not run under the mutex.
  std::vector<std::shared_ptr<Client>> clients;
  {
    const std::lock_guard lock(state_->mutex);
    for (const Record& record : state_->records) {
      if (record.fork_generation != platform::fork_generation() || record.route != route) continue;
      clients.emplace_back();  // first: where memory runs out, no reference is let go of here
      clients.back() = record.client.lock();
    }
  }
  std::erase_if(clients, [](const std::shared_ptr<Client>& client) { return !client || client->disconnected(); });
  return clients;
}

}  // namespace ipcm
