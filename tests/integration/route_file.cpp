// SPDX-License-Identifier: MIT
#include "integration/route_file.hpp"

#include <sqlite3.h>

#include <stdexcept>

#include "support/text.hpp"

namespace test {

RouteFile::RouteFile(const ipcm::SpawnOptions& options) {
  ipcm::SpawnOptions here = options;
  here.route = path();
  here.guard = false;  // the folder goes with everything in it
  ipcm::spawn(here);
}

std::shared_ptr<ipcm::Client> RouteFile::connect(std::string_view name, const ipcm::ConnectOptions& options) const {
  return ipcm::connect(name, info(), options);
}

void RouteFile::make_suspended(std::string_view name) const {
  connect(name)->suspend();
}

std::string RouteFile::problems() const {
  return joined(ipcm::check_route(info()).problems);
}

PlainSql::PlainSql(const std::string& path) {
  if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
    throw std::runtime_error("cannot open " + path);
  }
  sqlite3_busy_timeout(database_, 10'000);
}

PlainSql::~PlainSql() {
  sqlite3_close(database_);
}

std::string PlainSql::run(const std::string& sql) {
  char* error = nullptr;
  sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &error);
  std::string text = error != nullptr ? error : "";
  sqlite3_free(error);
  return text;
}

std::string PlainSql::query(const std::string& sql) {
  std::string all;
  const auto add = [](void* into, int, char** columns, char**) {
    auto& text = *static_cast<std::string*>(into);
    text += (text.empty() ? "" : "\n") + std::string(columns[0] != nullptr ? columns[0] : "NULL");
    return 0;
  };
  char* error = nullptr;
  sqlite3_exec(database_, sql.c_str(), add, &all, &error);
  const std::string text = error != nullptr ? error : "";
  sqlite3_free(error);
  if (!text.empty()) throw std::runtime_error(text);
  return all;
}

}  // namespace test
