// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/sqlite_transaction.hpp"
#include "storage/store.hpp"

namespace ipcm::storage::sqlite {

/// A route in an SQLite file in WAL mode: docs/file-format.md.
class SqliteStore : public Store {
 public:
  /// Opens a route that exists. Throws Error: what Connection throws, RouteTooOld.
  SqliteStore(const RoutePath& path, std::chrono::milliseconds busy_timeout);
  ~SqliteStore() override;

  void read(FunctionRef<void(Snapshot&)> work) override;
  void write(FunctionRef<void(Transaction&)> work) override;
  bool hold_presence(PeerId peer) override;
  void drop_presence(PeerId peer) noexcept override;
  bool is_present(PeerId peer) override;
  std::size_t max_content() const override { return max_content_; }
  void abandon() noexcept override { connection_.leave_files_alone(); }

  Connection& connection() noexcept { return connection_; }
  const NewRoute& record() const noexcept { return record_; }

 private:
  struct Statements;

  void commit(FunctionRef<void(Transaction&)> work);
  std::string name_of(const TurnHolder& holder);
  void roll_back() noexcept;

  Connection connection_;
  NewRoute record_;
  std::size_t max_content_ = 0;
  std::unique_ptr<Statements> statements_;
  std::set<PeerId> held_;
};

}  // namespace ipcm::storage::sqlite
