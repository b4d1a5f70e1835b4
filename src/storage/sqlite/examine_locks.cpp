// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/size_text.hpp"
#include "core/utc_text.hpp"
#include "platform/file_facts.hpp"
#include "platform/lock_file_view.hpp"
#include "platform/lock_owners.hpp"
#include "platform/process.hpp"
#include "platform/process_facts.hpp"
#include "storage/sqlite/examine.hpp"
#include "storage/sqlite/locks.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr int kLooksAtLocks = 4;
constexpr std::chrono::milliseconds kBetweenLooksAtLocks{80};

// The bytes of the log's index: https://www.sqlite.org/walformat.html#wal_locks
constexpr off_t kWriterByte = 120;
constexpr off_t kFirstReaderByte = 123;
constexpr off_t kLastReaderByte = 127;
constexpr off_t kOpenByte = 128;

// A log of this size has been kept from being folded in for a while.
constexpr std::uint64_t kLargeLog = 16 << 20;

using Processes = std::vector<int>;

struct Look {
  bool turn_taken = false;
  std::string page;  // of hints and notes
  std::int64_t log_changed = 0;
  Processes writers;  // with SQLite's own lock
  Processes readers;
};

Processes owners_but_us(const RoutePath& path, off_t first, off_t last) {
  const auto index = path.identity_of(path.shared_memory());
  if (!index) return {};
  Processes owners = platform::lock_owners(*index, first, last);
  std::erase(owners, platform::process_id());
  return owners;
}

Look look_at(const RoutePath& path) {
  const platform::LockFileView locks = path.look_at_lock_file();
  const auto log = path.status_of(path.write_ahead_log());
  return {locks.is_locked(kWriteLockByte), locks.contents(platform::SharedPage::kSize), log ? log->changed : 0,
          owners_but_us(path, kWriterByte, kWriterByte), owners_but_us(path, kFirstReaderByte, kLastReaderByte)};
}

// What has been so at every look, without anything having been written meanwhile.
struct Standstill {
  bool turn_taken = false;
  TurnHolder holder;
  Processes writers;
  Processes readers;
};

Standstill watch(const RoutePath& path) {
  const Look first = look_at(path);
  Standstill still{first.turn_taken, RouteLocks::holder_in(first.page.data()), first.writers, first.readers};
  for (int look = 1; look < kLooksAtLocks; ++look) {
    if (!still.turn_taken && still.writers.empty() && still.readers.empty()) break;
    std::this_thread::sleep_for(kBetweenLooksAtLocks);
    const Look now = look_at(path);
    const auto has_gone = [](const Processes& there) {
      return [&](int pid) { return std::ranges::find(there, pid) == there.end(); };
    };
    std::erase_if(still.writers, has_gone(now.writers));
    std::erase_if(still.readers, has_gone(now.readers));
    if (now.page == first.page && now.log_changed == first.log_changed && now.turn_taken) continue;
    still.turn_taken = false;
    if (now.log_changed != first.log_changed) still.writers.clear();
  }
  return still;
}

std::string advice_to_end(int pid, const std::string& consequence) {
  const std::string number = std::to_string(pid);
  if (!platform::facts_of_process(pid).stopped) return "See what it does; `kill -9 " + number + "` " + consequence;
  return "`kill -CONT " + number + "` lets it go on, `kill -9 " + number + "` " + consequence;
}

void tell_of_turn(const Standstill& still, const RoutePath& path, Findings& findings) {
  if (!still.turn_taken) return;
  std::string since;
  std::string page = path.look_at_lock_file().contents(platform::SharedPage::kSize);
  const TailNote newest = TailNotes(page.data() + kTailNotesOffset).newest();
  if (newest.serial != 0) since = " The last message was stored at " + utc_text(newest.time) + ".";
  if (!still.holder.pid) {
    findings.problem("turn", "somebody keeps the turn to write, and everybody else waits." + since,
                     "`fuser " + path.lock_file() + "` tells who has the lock file open.");
    return;
  }
  const int pid = *still.holder.pid;
  const bool stopped = platform::facts_of_process(pid).stopped;
  const std::string text = platform::process_text(pid) + " has the turn to write" +
                           (stopped ? " and is stopped: nobody else can write." : " and keeps it: others wait.") +
                           since;
  const std::string advice =
      advice_to_end(pid, "frees the turn: what it was storing is undone, and nothing that was acknowledged is lost.");
  stopped ? findings.problem("turn", text, advice) : findings.warning("turn", text, advice);
}

void tell_of_writers(const Standstill& still, Findings& findings) {
  if (still.turn_taken) return;  // it is that one
  for (const int pid : still.writers) {
    const std::string text = platform::process_text(pid) + " has an open transaction that writes" +
                             (platform::facts_of_process(pid).stopped ? ", and is stopped" : "") +
                             ": clients wait for it.";
    findings.problem("turn", text,
                     advice_to_end(pid, "undoes that transaction. At a sqlite3 shell: COMMIT or ROLLBACK."));
  }
}

void tell_of_readers(const Standstill& still, const RoutePath& path, Findings& findings) {
  const std::uint64_t log = path.size_of(path.write_ahead_log());
  for (const int pid : still.readers) {
    const bool stopped = platform::facts_of_process(pid).stopped;
    const std::string text = platform::process_text(pid) + " has been reading for a while" +
                             (stopped ? ", and is stopped" : "") +
                             ": until that ends the log cannot be folded in. It has " + size_text(log) + ".";
    const std::string advice = advice_to_end(pid, "ends that.");
    log > kLargeLog || stopped ? findings.warning("readers", text, advice) : findings.note("readers", text, advice);
  }
}

void tell_of_users(const RoutePath& path, Findings& findings) {
  const auto route = path.status_of(path.database());
  if (!route) return;
  for (const int pid : owners_but_us(path, kOpenByte, kOpenByte)) {
    const auto process = platform::facts_of("/proc/" + std::to_string(pid));
    if (!process || process->owner == route->owner) continue;
    const std::string text = platform::process_text(pid) + " of " + platform::user_text(process->owner) +
                             " has the route open, which belongs to " + platform::user_text(route->owner) + ".";
    if (process->owner == 0) {
      findings.note("users", text, "Better run it as the owner: files that it makes may be closed to the others.");
    } else {
      findings.warning("users", text, "Make sure that it is meant to. Its wake-ups do not reach the owner's clients.");
    }
  }
}

}  // namespace

void examine_locks(const RoutePath& path, Findings& findings) {
  const Standstill still = watch(path);
  tell_of_turn(still, path, findings);
  tell_of_writers(still, findings);
  tell_of_readers(still, path, findings);
  tell_of_users(path, findings);
  if (!still.turn_taken && still.writers.empty()) findings.ok("turn", "nobody stands in the way of those who write.");
}

std::optional<double> last_noted_at(const RouteView& view) {
  std::optional<double> last;
  for (const TailNote& note : view.notes()) last = std::max(last.value_or(note.time), note.time);
  return last;
}

}  // namespace ipcm::storage::sqlite
