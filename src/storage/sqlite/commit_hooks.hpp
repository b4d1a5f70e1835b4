// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <set>

#include "storage/store.hpp"

struct sqlite3;

namespace ipcm::storage::sqlite {

/// What the commits of one connection change, as SQLite's update, commit and rollback hooks tell it, however the change
/// is made. https://www.sqlite.org/c3ref/update_hook.html, https://www.sqlite.org/c3ref/commit_hook.html
class CommitHooks {
 public:
  struct Changes {
    std::set<PeerId> inboxes;  ///< got mail
    bool peers = false;        ///< rows of peers were written
  };
  /// Must not use the connection.
  using Observer = std::function<void(const Changes&)>;

  /// `connection` must live longer.
  CommitHooks(sqlite3* connection, Observer observer);
  ~CommitHooks();
  CommitHooks(const CommitHooks&) = delete;
  CommitHooks& operator=(const CommitHooks&) = delete;

  /// The commit hook runs before others can see the commit. So the observer is called from here: once COMMIT has
  /// returned.
  void tell();

 private:
  static void on_update(void* self, int operation, const char* database, const char* table, long long row) noexcept;
  static int on_commit(void* self) noexcept;
  static void on_rollback(void* self) noexcept;

  sqlite3* connection_;
  Observer observer_;
  Changes running_;    // of the transaction that is open
  Changes committed_;  // not yet told
};

}  // namespace ipcm::storage::sqlite
