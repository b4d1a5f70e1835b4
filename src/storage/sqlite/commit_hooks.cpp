// SPDX-License-Identifier: MIT
#include "storage/sqlite/commit_hooks.hpp"

#include <sqlite3.h>

#include <string_view>
#include <utility>

#include "storage/sqlite/place.hpp"

namespace ipcm::storage::sqlite {

CommitHooks::CommitHooks(sqlite3* connection, Observer observer)
    : connection_(connection), observer_(std::move(observer)) {
  sqlite3_update_hook(connection_, &on_update, this);
  sqlite3_commit_hook(connection_, &on_commit, this);
  sqlite3_rollback_hook(connection_, &on_rollback, this);
}

CommitHooks::~CommitHooks() {
  sqlite3_update_hook(connection_, nullptr, nullptr);
  sqlite3_commit_hook(connection_, nullptr, nullptr);
  sqlite3_rollback_hook(connection_, nullptr, nullptr);
}

void CommitHooks::tell() {
  const Changes changes = std::exchange(committed_, {});
  if (changes.peers || !changes.inboxes.empty()) observer_(changes);
}

void CommitHooks::on_update(void* self, int operation, const char*, const char* table, long long row) noexcept {
  Changes& changes = static_cast<CommitHooks*>(self)->running_;
  const std::string_view changed = table;
  if (changed == "peers") changes.peers = true;
  if (changed != "messages" || operation != SQLITE_INSERT) return;
  try {
    changes.inboxes.insert(inbox_of(row));
  } catch (...) {  // no memory for a hint: its receiver looks by itself
  }
}

int CommitHooks::on_commit(void* self) noexcept {
  auto& hooks = *static_cast<CommitHooks*>(self);
  hooks.committed_.peers |= hooks.running_.peers;
  hooks.committed_.inboxes.merge(hooks.running_.inboxes);
  hooks.running_ = {};
  return 0;
}

void CommitHooks::on_rollback(void* self) noexcept {
  static_cast<CommitHooks*>(self)->running_ = {};
}

}  // namespace ipcm::storage::sqlite
