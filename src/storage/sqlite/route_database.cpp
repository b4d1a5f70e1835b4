// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <ipcm/error.hpp>

#include "storage/sqlite/route_vfs.hpp"

namespace ipcm::storage::sqlite {

struct RouteDatabase::State {
  bool in_own_process() const noexcept { return generation == platform::fork_generation(); }

  void close() noexcept {
    if (address) address->note_closing();
    while (!dependents.empty()) dependents.pop_back();
    database.reset();
    address.reset();
  }
  // In a child. The statements that are left belong to threads of the parent.
  void close_without_touching_files() noexcept {
    if (!database) return;
    while (!dependents.empty()) dependents.pop_back();
    sqlite3* const handle = database->getHandle();
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    while (sqlite3_stmt* statement = sqlite3_next_stmt(handle, nullptr)) sqlite3_finalize(statement);
    database.reset();
    address.reset();
  }

  const unsigned long generation = platform::fork_generation();
  std::optional<RouteAddress> address;  // as long as the database is open
  std::optional<SQLite::Database> database;
  std::vector<std::shared_ptr<void>> dependents;
  std::thread::id user{};  // the thread in a Use
  unsigned uses = 0;       // nested ones
};

namespace {

[[noreturn]] void refuse_child_amid_calls() {
  throw Error(ErrorCode::WrongProcess,
              "this process was forked while another thread of its parent was in the middle of a call of ipcm: it "
              "cannot open a route. It can execute a program.");
}

[[noreturn]] void refuse_child_within_call() {
  throw Error(ErrorCode::WrongProcess,
              "this process was forked within a call of ipcm, by code that the call called: it cannot open a route. It "
              "can execute a program.");
}

// https://www.sqlite.org/uri.html
std::string uri_of_frozen(const std::string& name) {
  std::string uri = "file:";
  for (const char byte : name) {
    if (byte == '%' || byte == '?' || byte == '#') {
      std::array<char, 4> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "%%%02X", static_cast<unsigned>(byte));
      uri += escaped.data();
    } else {
      uri += byte;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

/// All of them, of this process and those of its parents that were not closed yet. Never destroyed: clients with static
/// storage may outlive any static object.
class OpenDatabases {
 public:
  using StatePtr = std::shared_ptr<RouteDatabase::State>;

  static OpenDatabases& instance() {
    static auto* const databases = new OpenDatabases;
    return *databases;
  }

  // A database is closed by the thread that has the mutex, where it is inherited: another one may be about to.
  void close_inherited() {
    if (platform::forked_amid_calls()) refuse_child_amid_calls();
    const std::lock_guard lock(mutex_);
    const auto first = std::partition(all_.begin(), all_.end(), [](const auto& one) { return one->in_own_process(); });
    if (!std::all_of(first, all_.end(), [](const StatePtr& one) { return can_be_closed(*one); })) {
      refuse_child_within_call();
    }
    std::for_each(first, all_.end(), [](const StatePtr& one) { one->close_without_touching_files(); });
    all_.erase(first, all_.end());
  }

  void add(StatePtr state) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(state));
  }

  void close(const StatePtr& state) noexcept {
    if (platform::forked_amid_calls()) return;    // what is in all_ stays as it is: it may be half changed
    if (state->in_own_process()) state->close();  // without the mutex: it may take its time
    const std::lock_guard lock(mutex_);
    if (!state->in_own_process()) {
      if (!can_be_closed(*state)) return;
      state->close_without_touching_files();
    }
    std::erase(all_, state);
  }

 private:
  // To end a transaction that writes would be to write.
  static bool can_be_closed(const RouteDatabase::State& state) noexcept {
    if (!state.database) return true;
    if (state.uses > 0 && state.user == platform::forked_thread()) return false;
    return sqlite3_txn_state(state.database->getHandle(), nullptr) != SQLITE_TXN_WRITE;
  }

  platform::ForkSafeMutex mutex_;
  std::vector<StatePtr> all_;
};

RouteDatabase::RouteDatabase(const RoutePath& path, Mode mode) : state_(std::make_shared<State>()) {
  const platform::ForkHold hold;
  OpenDatabases::instance().close_inherited();
  OpenDatabases::instance().add(state_);
  try {
    const RouteAddress& address = state_->address.emplace(path);
    const bool is_frozen = mode == Mode::read_frozen;
    // The layer above takes turns, so SQLite's own mutexes would only cost.
    const int flags = (mode == Mode::write ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY) | SQLite::OPEN_NOMUTEX |
                      (is_frozen ? SQLite::OPEN_URI : 0);
    const std::string name = is_frozen ? uri_of_frozen(address.name()) : address.name();
    state_->database.emplace(name.c_str(), flags, 0, address.vfs());
  } catch (...) {
    close();
    throw;
  }
}

RouteDatabase::~RouteDatabase() {
  close();
}

void RouteDatabase::close() noexcept {
  const platform::ForkHold hold;
  OpenDatabases::instance().close(state_);
}

SQLite::Database& RouteDatabase::get() const {
  if (state_->database) return *state_->database;
  throw Error(ErrorCode::WrongProcess,
              "the connection to the route was closed, as this process was forked from the one that opened it.");
}

platform::FileStatus RouteDatabase::file(const RoutePath& path) const {
  if (const auto status = state_->address->file_of(handle(), path)) return *status;
  throw Error(ErrorCode::RouteGone, "the route " + path.database() +
                                        " was deleted or replaced while it was opened. Nothing was stored. Connect "
                                        "again where it is now.");
}

void RouteDatabase::note_index() {
  state_->address->note_index();
}

void RouteDatabase::keep(std::shared_ptr<void> dependent) {
  state_->dependents.push_back(std::move(dependent));
}

void RouteDatabase::drop(const void* dependent) noexcept {
  std::erase_if(state_->dependents, [&](const auto& one) { return one.get() == dependent; });
}

bool RouteDatabase::in_own_process() const noexcept {
  return state_->in_own_process();
}

RouteDatabase::Use::Use(RouteDatabase& database) noexcept : database_(database) {
  if (database_.state_->uses++ == 0) database_.state_->user = std::this_thread::get_id();
}

RouteDatabase::Use::~Use() {
  --database_.state_->uses;
}

}  // namespace ipcm::storage::sqlite
