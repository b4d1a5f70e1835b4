// SPDX-License-Identifier: MIT
#include "storage/sqlite/application_send.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <ipcm/error.hpp>

#include "core/fault_point.hpp"
#include "core/names.hpp"
#include "platform/file.hpp"
#include "platform/fork.hpp"

namespace ipcm::storage::sqlite {
namespace {

struct State {
  std::set<std::string> recipients;  // of what was sent since the last commit; after a rollback they are woken in vain
  ApplicationCommitted committed;
};

// The connections that something was sent by, until they are closed.
class States {
 public:
  static States& instance() {
    static auto* states = new States;  // outlives every connection
    return *states;
  }

  State* find(sqlite3* connection) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(connection);
    return found == states_.end() ? nullptr : found->second.get();
  }
  State* add(sqlite3* connection) {
    const std::lock_guard lock(mutex_);
    return states_.emplace(connection, std::make_unique<State>()).first->second.get();
  }
  void remove(sqlite3* connection) noexcept {
    const std::lock_guard lock(mutex_);
    states_.erase(connection);
  }

 private:
  platform::ForkSafeMutex mutex_;
  std::map<sqlite3*, std::unique_ptr<State>> states_;
};

int on_commit(void* data, sqlite3*, const char* schema, int) noexcept {
  auto* state = static_cast<State*>(data);
  if (std::string_view(schema) != "main" || state->recipients.empty()) return SQLITE_OK;
  try {
    const std::set<std::string> recipients = std::exchange(state->recipients, {});
    state->committed(recipients);
  } catch (...) {  // a hint less
  }
  return SQLITE_OK;
}

[[noreturn]] void throw_failure(sqlite3* connection, const std::string& recipient) {
  constexpr std::array kRefusals{ErrorCode::UnknownPeer,    ErrorCode::PeerDisconnected, ErrorCode::PeerGone,
                                 ErrorCode::InvalidMessage, ErrorCode::DuplicateMessage, ErrorCode::TooLarge};
  const int code = sqlite3_errcode(connection);
  const std::string text = sqlite3_errmsg(connection);
  const std::string what = "cannot send to " + in_quotes(recipient) + " on the application's connection: " + text;
  for (const ErrorCode refusal : kRefusals) {
    if (text.starts_with(std::string(to_string(refusal)) + ": ")) throw Error(refusal, what + ".");
  }
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    throw Error(ErrorCode::Busy, what + ". Set a busy time-out: sqlite3_busy_timeout().");
  }
  if (code == SQLITE_FULL) throw Error(ErrorCode::RouteFull, what + ".");
  if (code == SQLITE_READONLY) throw Error(ErrorCode::ReadOnly, what + ".");
  throw Error(ErrorCode::StorageFailure, what + ". It must be a connection to a route, with views and triggers on.");
}

class PlainStatement {
 public:
  PlainStatement(sqlite3* connection, const char* sql, const std::string& recipient)
      : connection_(connection), recipient_(recipient) {
    if (sqlite3_prepare_v2(connection, sql, -1, &statement_, nullptr) != SQLITE_OK) {
      throw_failure(connection, recipient);
    }
  }
  ~PlainStatement() { sqlite3_finalize(statement_); }
  PlainStatement(const PlainStatement&) = delete;
  PlainStatement& operator=(const PlainStatement&) = delete;

  void text(int index, std::string_view value) {
    if (value.empty()) return;  // NULL
    sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  void blob(int index, const MessageId::Uuid& uuid) {
    sqlite3_bind_blob64(statement_, index, uuid.data(), uuid.size(), SQLITE_STATIC);
  }
  void real(int index, std::optional<double> value) {
    if (value) sqlite3_bind_double(statement_, index, *value);
  }
  void integer(int index, std::optional<std::int64_t> value) {
    if (value) sqlite3_bind_int64(statement_, index, *value);
  }
  bool step() {
    faults::reach("statement of an application");
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    throw_failure(connection_, recipient_);
  }
  sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3* connection_;
  const std::string& recipient_;
  sqlite3_stmt* statement_ = nullptr;
};

// A function of ours is of no use but that SQLite calls its destructor when the connection is closed.
State& state_of(sqlite3* connection, const std::string& recipient) {
  if (State* known = States::instance().find(connection)) return *known;
  State* made = States::instance().add(connection);
  const auto no_function = [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_null(context); };
  const auto closed = [](void* closing) { States::instance().remove(static_cast<sqlite3*>(closing)); };
  const int result = sqlite3_create_function_v2(connection, "ipcm_send_in", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                                connection, no_function, nullptr, nullptr, closed);
  if (result != SQLITE_OK) throw_failure(connection, recipient);  // it has called the destructor
  return *made;
}

void require_same_file(sqlite3* connection, const RoutePath& route) {
  const char* file = sqlite3_db_filename(connection, "main");
  if (file != nullptr && *file != 0) {
    const auto theirs = platform::FileIdentity::at(file);
    if (theirs && theirs == route.identity_of(route.database())) return;
  }
  throw Error(ErrorCode::InvalidArgument, "the application's connection is to " +
                                              (file != nullptr && *file != 0 ? std::string(file) : "no file") +
                                              ", not to the route " + route.database() + ".");
}

std::string id_of_first(sqlite3* connection, const std::string& recipient, std::string_view dedup_key) {
  PlainStatement select(connection,
                        "SELECT k.id FROM dedup_keys AS k JOIN peers AS p ON p.peer_id = k.inbox"
                        " WHERE p.name = ?1 AND k.dedup_key = ?2",
                        recipient);
  select.text(1, recipient);
  select.text(2, dedup_key);
  if (!select.step()) return {};
  const bool is_text = sqlite3_column_type(select.get(), 0) == SQLITE_TEXT;
  const auto* data = static_cast<const char*>(sqlite3_column_blob(select.get(), 0));
  const std::string_view bytes(data, static_cast<std::size_t>(sqlite3_column_bytes(select.get(), 0)));
  MessageId::Uuid uuid;
  if (is_text || bytes.size() != uuid.size()) return std::string(bytes);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(uuid.data()));
  return MessageId::from_uuid(uuid).text();
}

}  // namespace

std::string send_by_application(sqlite3* connection, const RoutePath& route, const std::string& recipient,
                                const Parcel& parcel, std::optional<double> deliver_at,
                                ApplicationCommitted committed) {
  require_same_file(connection, route);
  State& state = state_of(connection, recipient);
  state.committed = std::move(committed);
  sqlite3_wal_hook(connection, on_commit, &state);
  state.recipients.insert(recipient);  // before: a statement outside a transaction commits by itself
  PlainStatement insert(connection,
                        "INSERT INTO main.send(sender, recipient, content, id, priority, deliver_at, expires_at,"
                        " max_attempts, group_key, dedup_key, stamp, reply_to, correlation_id, error)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                        recipient);
  insert.text(1, parcel.sender);
  insert.text(2, recipient);
  insert.text(3, parcel.content);
  parcel.id.is_generated() ? insert.blob(4, parcel.id.uuid()) : insert.text(4, parcel.id.chosen_text());
  insert.integer(5, parcel.job.priority);
  insert.real(6, deliver_at);
  insert.real(7, parcel.job.expires_at);
  insert.integer(8, parcel.job.max_attempts);
  insert.text(9, parcel.job.group_key);
  insert.text(10, parcel.job.dedup_key);
  insert.real(11, parcel.stamp);
  insert.text(12, parcel.reply_to);
  insert.text(13, parcel.correlation_id);
  insert.text(14, parcel.error);
  insert.step();
  if (parcel.job.dedup_key.empty()) return parcel.id.text();
  return id_of_first(connection, recipient, parcel.job.dedup_key);
}

}  // namespace ipcm::storage::sqlite
