// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "storage/route_rows.hpp"
#include "storage/sqlite/statement.hpp"

namespace ipcm::storage::sqlite {

/// Writes the rows of a route into a new one that is being made. What the schema refuses is refused with
/// Error(InvalidArgument), and has no effect; that the whole adds up is for others to see to. Peer ids are those of the
/// rows.
///
/// Throws SQLite::Exception where the disk fails. Call finish() at the end.
class RouteWriter : public RowSink {
 public:
  explicit RouteWriter(SQLite::Database& draft);

  void settings(const RouteSettings& row) override;
  void inbox(const InboxRow& row) override;
  void queue(const QueueRow& row) override;
  void message(const KeptMessage& row) override;
  void later(const KeptLater& row) override;
  void claim(const KeptClaim& row) override;
  void dead(const KeptDead& row) override;
  void dedup(const KeptDedup& row) override;
  void schedule(const KeptSchedule& row) override;
  void count(const KeptCount& row) override;

  /// Commits what is not yet committed.
  void finish();

 private:
  void run(Use& statement);
  void bind_message(Use& statement, const KeptMessage& row);
  std::int64_t worker_of(PeerId inbox, std::string_view name);

  SQLite::Database& database_;
  SQLite::Statement begin_, commit_;
  SQLite::Statement settings_, peer_, last_number_, queue_, message_, later_, claim_, worker_, peer_by_name_, dead_,
      dedup_, schedule_, count_;
  std::map<std::pair<PeerId, std::string>, std::int64_t> workers_;
  std::size_t rows_ = 0;  // since the last commit
};

}  // namespace ipcm::storage::sqlite
