// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "storage/sqlite/commit_hooks.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/lost_tail.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/sqlite_transaction.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// A route in an SQLite file in WAL mode: docs/file-format.md.
class SqliteStore : public Store {
 public:
  /// What becomes of a route that has lost commits, as the notes beside it tell.
  enum class LostCommits { refuse, overlook };

  /// Opens a route that exists. Throws Error: what Connection throws, RouteTooOld; RouteDamaged also for lost commits.
  SqliteStore(const RoutePath& path, std::chrono::milliseconds busy_timeout,
              LostCommits lost_commits = LostCommits::refuse);
  ~SqliteStore() override;

  void read(FunctionRef<void(Snapshot&)> work) override;
  void write(FunctionRef<void(Transaction&)> work) override;
  bool hold_presence(PeerId peer) override;
  void drop_presence(PeerId peer) noexcept override;
  bool is_present(PeerId peer) override;
  bool keeps_jobs() const noexcept override { return true; }
  std::size_t max_content() const override { return max_content_; }
  std::uint64_t change_count() override;
  void abandon() noexcept override {}  // the connection knows whose it is

  /// Moves as much of the log into the database file as readers let it, and returns how many bytes they keep. 0, too,
  /// when it is not this connection's turn to write within `patience`.
  std::uint64_t bytes_kept_in_log(std::chrono::milliseconds patience);

  /// From now on `observer` is told what each write() has changed, by the thread that wrote, before write() returns.
  void observe(CommitHooks::Observer observer);

  Connection& connection() noexcept { return connection_; }
  const NewRoute& record() const noexcept { return record_; }

  /// What the notes beside the route miss in it; `own`: what a transaction that is going on has appended.
  std::vector<LostTail> lost_tail(const Appended& own = {});
  /// From now on nothing is missed that is missed now, which is returned. Throws Busy, too.
  std::vector<LostTail> accept_lost_tail();

 private:
  struct Statements;

  void commit(FunctionRef<void(Transaction&)> work);
  void transact(FunctionRef<void(Transaction&)> work);
  void before_commit();
  void note_commit() noexcept;
  std::string name_of(const TurnHolder& holder);
  void roll_back() noexcept;
  bool give_space_back() noexcept;

  Connection connection_;
  NewRoute record_;
  std::size_t max_content_ = 0;
  Statements* statements_ = nullptr;  // the connection keeps them
  CommitHooks* hooks_ = nullptr;      // the same; null: nobody observes
  std::set<PeerId> held_;
  std::uint64_t own_commits_ = 0;
  TailOrigin tail_origin_;
  std::uint64_t tail_note_ = 0;  // of the last commit; 0: it appended nothing
};

}  // namespace ipcm::storage::sqlite
