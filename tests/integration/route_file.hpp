// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "support/temporary_folder.hpp"

struct sqlite3;

namespace test {

/// A fresh SQLite route in a folder of its own.
class RouteFile {
 public:
  explicit RouteFile(const ipcm::SpawnOptions& options = {});

  const TemporaryFolder& folder() const { return folder_; }
  std::string path() const { return folder_.file("jobs.ipcm"); }
  ipcm::ConnectionInfo info() const { return ipcm::ConnectionInfo::parse(path()); }
  std::shared_ptr<ipcm::Client> connect(std::string_view name, const ipcm::ConnectOptions& options = {}) const;
  /// Registers a name that is offline and takes mail.
  void make_suspended(std::string_view name) const;
  std::string problems() const;

 private:
  TemporaryFolder folder_;
};

/// Somebody else's plain connection to an SQLite file.
class PlainSql {
 public:
  explicit PlainSql(const std::string& path);
  ~PlainSql();
  PlainSql(const PlainSql&) = delete;
  PlainSql& operator=(const PlainSql&) = delete;

  /// Runs SQL; the error's text, "" for none.
  std::string run(const std::string& sql);
  /// The first column of every row, joined by newlines. Throws.
  std::string query(const std::string& sql);
  sqlite3* handle() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace test
