// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

#include <SQLiteCpp/Database.h>

#include "platform/access.hpp"
#include "platform/fork.hpp"
#include "storage/sqlite/route_path.hpp"

namespace ipcm::storage::sqlite {

/// An SQLite connection to a file that is, or may become, a route. Every one that the library opens is one of these.
///
/// SQLite notes what locks a process has on a file once for all its connections. A forked child inherits the notes but
/// not the locks: a second connection to the file would take none, and whoever closes the file in the parent would
/// remove the log under it. So these are listed from before they are opened until after they are closed, and a child
/// closes all that it inherited, without touching a file, before it opens one.
///
/// At the moment of a fork one of these is
/// - being opened or closed, or in a call, by another thread: the fork waits (ForkHold), for as long as forks wait;
///   then the child is of forked_amid_calls();
/// - in a call by the forking thread, which goes on in the child: until that call has returned there the child opens
///   none;
/// - in a transaction that writes, of the forking thread or of one whose hold is suspended: the child opens none;
/// - idle, whoever owns it, or in a call of another thread whose hold is suspended: the child can close it.
///
/// One thread at a time. What is destroyed in a child has been closed there, or is closed by that.
class RouteDatabase {
 public:
  enum class Mode {
    read,         ///< nothing is changed by this connection
    read_frozen,  ///< as if the file could not change: SQLite makes no files beside it, and takes no locks
    write
  };

  /// Throws SQLite::Exception, what RouteAddress throws, and Error(WrongProcess) in a child that cannot close what it
  /// has inherited.
  RouteDatabase(const RoutePath& path, Mode mode);
  ~RouteDatabase();
  RouteDatabase(const RouteDatabase&) = delete;
  RouteDatabase& operator=(const RouteDatabase&) = delete;

  /// Throws Error(WrongProcess) once a child has closed it.
  SQLite::Database& get() const;
  sqlite3* handle() const { return get().getHandle(); }

  /// The file that the connection has open, whatever lies under its name by now. Throws Error(RouteGone) if that is
  /// another one.
  platform::FileStatus file(const RoutePath& path) const;
  /// To be called once the connection has read or written, by which it opens the index of the log.
  void note_index();

  /// Keeps what uses the connection (statements, hooks) until just before the connection is closed, by whomever.
  template <typename Dependent>
  Dependent& keep(std::unique_ptr<Dependent> dependent) {
    Dependent& kept = *dependent;
    keep(std::shared_ptr<void>(std::move(dependent)));
    return kept;
  }
  /// Destroys it before that. No effect once the connection is closed.
  void drop(const void* dependent) noexcept;

  void close() noexcept;

  /// False in a child of the process that opened it.
  bool in_own_process() const noexcept;

  /// A thread uses the connection in this scope. May be nested.
  class Use {
   public:
    explicit Use(RouteDatabase& database) noexcept;
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    RouteDatabase& database_;
  };

  /// The same, in which no other thread forks.
  class Call {
   public:
    explicit Call(RouteDatabase& database) noexcept : use_(database) {}

   private:
    platform::ForkHold hold_;
    Use use_;
  };

 private:
  struct State;
  friend class OpenDatabases;
  void keep(std::shared_ptr<void> dependent);

  std::shared_ptr<State> state_;  // on the heap: see ForkListener
};

}  // namespace ipcm::storage::sqlite
