// SPDX-License-Identifier: MIT
#include "storage/sqlite/locks.hpp"

#include <algorithm>
#include <atomic>
#include <random>

#include <ipcm/error.hpp>

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
  std::atomic<std::uint32_t> last_holder;      // the mark of a connection
  std::atomic<std::uint32_t> last_holder_pid;  // for the text of an error
};

RouteLocks::RouteLocks(const std::string& path, mode_t mode)
    : file_(path, mode), page_(file_.descriptor()), self_(random_mark()) {}

RouteLocks::Hints* RouteLocks::hints() const noexcept {
  return static_cast<Hints*>(page_.data());
}

void RouteLocks::lock(std::chrono::milliseconds patience) {
  if (!may_overtake() || !file_.try_lock(kWriteLockByte)) {
    wait_in_line(std::chrono::steady_clock::now() + patience, patience);
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

void RouteLocks::wait_in_line(Time deadline, std::chrono::milliseconds patience) {
  Hints* const page = hints();
  std::atomic<std::uint32_t> no_word{0};
  std::atomic<std::uint32_t>& turns = page != nullptr ? page->turns : no_word;
  std::atomic<std::uint32_t>& promotions = page != nullptr ? page->promotions : no_word;
  const auto nap = [&](std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds most) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= Time::duration::zero()) give_up(patience);
    platform::wait_while_equal(word, seen, std::min<std::chrono::nanoseconds>(most, left));
  };

  for (std::uint32_t seen = promotions.load(); !file_.try_lock(kNextInLineByte); seen = promotions.load()) {
    nap(promotions, seen, kBehindNap);
    const bool nobody_moved = promotions.load() == seen;
    if (nobody_moved && file_.try_lock(kWriteLockByte)) return;
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
    if (file_.try_lock(kWriteLockByte)) return;
    nap(turns, seen, kNextInLineNap);
  }
}

void RouteLocks::note_holder() noexcept {
  Hints* const page = hints();
  if (page == nullptr || page->last_holder.load(std::memory_order_relaxed) == self_) return;
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

void RouteLocks::give_up(std::chrono::milliseconds patience) const {
  std::string who = "another process";
  std::optional<int> pid;
  if (const Hints* const page = hints(); page != nullptr) {
    const std::uint32_t noted = page->last_holder_pid.load(std::memory_order_relaxed);
    if (platform::pid_is_running(static_cast<int>(noted)) != 0) pid = static_cast<int>(noted);
  }
  if (pid) who = "process " + std::to_string(*pid);
  throw Error(ErrorCode::Busy,
              who + " has had the turn to write to the route for " + std::to_string(patience.count()) + " ms (" +
                  file_.path() + "). It may be stopped. Nothing was stored; try again.",
              pid);
}

}  // namespace ipcm::storage::sqlite
