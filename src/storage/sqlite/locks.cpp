// SPDX-License-Identifier: MIT
#include "storage/sqlite/locks.hpp"

#include <algorithm>
#include <atomic>
#include <random>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "platform/process.hpp"

namespace ipcm::storage::sqlite {
namespace {

// How long the next in line sleeps before it tries by itself: what a turn that ended without a word costs it.
constexpr std::chrono::microseconds kNextInLineNap{200};
// The same for those behind it. Then they try for themselves, too: the next in line may be stopped.
constexpr std::chrono::milliseconds kBehindNap{5};

std::uint32_t random_mark() {
  std::random_device device;
  return static_cast<std::uint32_t>(device()) | 1U;  // never the zero of a new page
}

}  // namespace

// At the start of the lock file. Any value is harmless: the worst that a wrong one does is a nap.
struct RouteLocks::Hints {
  std::atomic<std::uint32_t> turns;       // changes when a turn ends that somebody waits for
  std::atomic<std::uint32_t> promotions;  // changes when the next in line got its turn
  std::atomic<std::uint32_t> someone_waits;
  std::atomic<std::uint32_t> last_holder;       // the mark of a connection
  std::atomic<std::uint32_t> last_holder_pid;   // for the text of an error
  std::atomic<std::uint32_t> last_holder_peer;  // the same; 0: none
};

TurnHolder RouteLocks::holder_in(const void* page) noexcept {
  const auto& hints = *static_cast<const Hints*>(page);
  TurnHolder holder;
  holder.peer = hints.last_holder_peer.load(std::memory_order_relaxed);
  const auto noted = static_cast<int>(hints.last_holder_pid.load(std::memory_order_relaxed));
  if (platform::pid_is_running(noted) != 0) holder.pid = noted;
  return holder;
}

RouteLocks::RouteLocks(const std::string& path, const platform::Access& access)
    : file_(path, access), page_(file_.descriptor()), self_(random_mark()) {}

RouteLocks::Hints* RouteLocks::hints() const noexcept {
  return static_cast<Hints*>(page_.data());
}

void RouteLocks::lock(std::chrono::milliseconds patience, NameOfHolder name_of) {
  if (!may_overtake() || !file_.try_lock(kWriteLockByte)) {
    if (!wait_in_line(std::chrono::steady_clock::now() + patience)) give_up(patience, name_of);
    run_began_ = std::chrono::steady_clock::now();
  }
  note_holder();
}

// A newcomer stands behind those who wait, but for one that goes on with its own run of turns.
bool RouteLocks::may_overtake() {
  Hints* const page = hints();
  if (page == nullptr || page->someone_waits.load(std::memory_order_relaxed) == 0) return true;
  if (!file_.is_locked_by_other(kNextInLineByte)) {  // the hint is old: they left, or died
    page->someone_waits.store(0, std::memory_order_relaxed);
    return true;
  }
  return page->last_holder.load(std::memory_order_relaxed) == self_ &&
         std::chrono::steady_clock::now() - run_began_ < quantum_;
}

// False: the time ran out.
bool RouteLocks::wait_in_line(Time deadline) {
  Hints* const page = hints();
  std::atomic<std::uint32_t> no_word{0};
  std::atomic<std::uint32_t>& turns = page != nullptr ? page->turns : no_word;
  std::atomic<std::uint32_t>& promotions = page != nullptr ? page->promotions : no_word;
  const auto nap = [&](std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds most) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= Time::duration::zero()) return false;
    platform::wait_while_equal(word, seen, std::min<std::chrono::nanoseconds>(most, left));
    return true;
  };

  for (std::uint32_t seen = promotions.load(); !file_.try_lock(kNextInLineByte); seen = promotions.load()) {
    if (!nap(promotions, seen, kBehindNap)) return false;
    const bool nobody_moved = promotions.load() == seen;
    if (nobody_moved && file_.try_lock(kWriteLockByte)) return true;
  }
  struct LeaveLine {
    ~LeaveLine() {
      file.unlock(kNextInLineByte);
      promotions.fetch_add(1);
      platform::wake_one(promotions);
    }
    platform::RangeLockFile& file;
    std::atomic<std::uint32_t>& promotions;
  } const leave{file_, promotions};
  for (;;) {
    const std::uint32_t seen = turns.load();
    if (page != nullptr) page->someone_waits.store(1, std::memory_order_relaxed);
    if (file_.try_lock(kWriteLockByte)) return true;
    if (!nap(turns, seen, kNextInLineNap)) return false;
  }
}

void RouteLocks::note_holder() noexcept {
  Hints* const page = hints();
  if (page == nullptr) return;
  page->last_holder_peer.store(peer_, std::memory_order_relaxed);
  if (page->last_holder.load(std::memory_order_relaxed) == self_) return;
  page->last_holder.store(self_, std::memory_order_relaxed);
  page->last_holder_pid.store(static_cast<std::uint32_t>(platform::process_id()), std::memory_order_relaxed);
  run_began_ = std::chrono::steady_clock::now();
}

void RouteLocks::unlock() noexcept {
  file_.unlock(kWriteLockByte);
  Hints* const page = hints();
  if (page == nullptr || page->someone_waits.load(std::memory_order_relaxed) == 0) return;
  if (quantum_.count() > 0 && std::chrono::steady_clock::now() - run_began_ < quantum_) return;
  page->turns.fetch_add(1);
  platform::wake_one(page->turns);
}

TailNotes RouteLocks::tail_notes() const noexcept {
  if (page_.data() == nullptr) return TailNotes(nullptr);
  return TailNotes(static_cast<std::byte*>(page_.data()) + kTailNotesOffset);
}

void RouteLocks::forget_tail_of(std::int64_t inbox) noexcept {
  if (tail_notes().forget(inbox)) page_.sync();
}

void RouteLocks::forget_tail() noexcept {
  tail_notes().clear();
  page_.sync();
}

void RouteLocks::give_up(std::chrono::milliseconds patience, NameOfHolder name_of) const {
  const TurnHolder holder = page_.data() != nullptr ? holder_in(page_.data()) : TurnHolder();
  const std::string process = holder.pid ? "process " + std::to_string(*holder.pid) : "another process";
  const std::string name = name_of(holder);
  throw Error(ErrorCode::Busy,
              (name.empty() ? process : in_quotes(name) + " (" + process + ")") +
                  " has had the turn to write to the route for " + std::to_string(patience.count()) + " ms (" +
                  file_.path() + "). It may be stopped. Nothing was stored; try again.",
              holder.pid);
}

}  // namespace ipcm::storage::sqlite
