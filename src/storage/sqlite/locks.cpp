// SPDX-License-Identifier: MIT
#include "storage/sqlite/locks.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <random>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "platform/file.hpp"
#include "platform/poll.hpp"
#include "platform/process.hpp"

namespace ipcm::storage::sqlite {
namespace {

// How long the next in line sleeps before it tries by itself: what a turn that ended without a word costs it.
constexpr std::chrono::microseconds kNextInLineNap{200};
// The same for those behind it. Then they try for themselves, too: the next in line may be stopped.
constexpr std::chrono::milliseconds kBehindNap{5};
// Of one note, and of what stands before the notes.
constexpr std::size_t kNoteBytes = 64;

std::uint32_t random_mark() {
  std::random_device device;
  return static_cast<std::uint32_t>(device()) | 1U;  // never the zero of a new page
}

// Returns the file once it is known to be a lock file.
const platform::RangeLockFile& recognised(const platform::RangeLockFile& file) {
  const std::string beginning = platform::beginning_of(file.descriptor(), platform::SharedPage::kSize);
  if (RouteLocks::is_lock_file(beginning, platform::size_of(file.descriptor()))) return file;
  throw Error(ErrorCode::Unsafe, file.path() +
                                     " stands where the lock file of a route belongs, and is not one. It was left as "
                                     "it is, and nothing was stored. Move it, or give the route another name.");
}

}  // namespace

TurnHolder RouteLocks::holder_in(const void* page) noexcept {
  Hints hints;
  std::memcpy(&hints, page, sizeof hints);
  TurnHolder holder;
  holder.peer = hints.last_holder_peer;
  const auto noted = static_cast<int>(hints.last_holder_pid);
  if (platform::pid_is_running(noted) != 0) holder.pid = noted;
  return holder;
}

RouteLocks::RouteLocks(const RoutePath& path, const platform::Access& access)
    : file_(path.folder(), platform::name_in(path.lock_file()), access),
      page_(recognised(file_)),
      self_(random_mark()) {
  std::array<char, kLockFileMark.size()> mark{};
  page_.read(kLockFileMarkOffset, mark.data(), mark.size());
  ensure_mark(mark.data());
}

bool RouteLocks::is_lock_file(std::string_view beginning, std::uint64_t size) noexcept {
  const std::string_view mark = beginning.substr(std::min(kLockFileMarkOffset, beginning.size()));
  if (mark.starts_with(kLockFileMark)) return true;
  // Made and not marked yet, or cut short and written by a client that had not seen it: whole words, no text in them.
  if (size > platform::SharedPage::kSize || size % sizeof(std::uint32_t) != 0) return false;
  std::array<unsigned char, kTailNotesOffset> bytes{};
  std::ranges::copy(beginning.substr(0, kTailNotesOffset), bytes.begin());
  Hints hints;
  std::memcpy(&hints, bytes.data(), sizeof hints);
  constexpr std::uint32_t kMostTurns = 1U << 24U;
  return hints.turns < kMostTurns && hints.promotions < kMostTurns && hints.someone_waits <= 1 &&
         std::all_of(bytes.begin() + sizeof hints, bytes.end(), [](unsigned char byte) { return byte == 0; });
}

// Others may do the same at that moment.
void RouteLocks::ensure_mark(const void* found) noexcept {
  if (std::memcmp(found, kLockFileMark.data(), kLockFileMark.size()) == 0) return;
  page_.write(kLockFileMarkOffset, kLockFileMark.data(), kLockFileMark.size());
}

RouteLocks::Hints RouteLocks::read_hints() const noexcept {
  Hints hints;
  page_.read(0, &hints, sizeof hints);
  return hints;
}

void RouteLocks::write_hint(std::size_t offset, std::uint32_t value) noexcept {
  page_.write(offset, &value, sizeof value);
}

void RouteLocks::lock(std::chrono::milliseconds patience, NameOfHolder name_of) {
  if (!may_overtake() || !file_.try_lock(kWriteLockByte)) {
    if (!wait_in_line(platform::deadline_after(patience))) give_up(patience, name_of);
    run_began_ = std::chrono::steady_clock::now();
  }
  struct {
    Hints hints;
    std::array<std::byte, kTailNotesOffset - sizeof(Hints)> rest;
    Notes notes;
  } beginning;
  static_assert(offsetof(decltype(beginning), notes) == kTailNotesOffset);
  if (!page_.read(0, &beginning, sizeof beginning)) page_.restore();
  ensure_mark(beginning.rest.data() + kLockFileMarkOffset - sizeof(Hints));
  notes_ = beginning.notes;
  has_write_lock_ = true;
  note_holder(beginning.hints);
}

// A newcomer stands behind those who wait, except one that goes on with its own run of turns.
bool RouteLocks::may_overtake() {
  const Hints hints = read_hints();
  if (hints.someone_waits == 0) return true;
  if (!file_.is_locked_by_other(kNextInLineByte)) {  // the hint is old: they left, or died
    write_hint(offsetof(Hints, someone_waits), 0);
    return true;
  }
  return hints.last_holder == self_ && std::chrono::steady_clock::now() - run_began_ < quantum_;
}

// False: the time ran out.
bool RouteLocks::wait_in_line(Time deadline) {
  const auto nap = [&](std::size_t word, std::uint32_t seen, std::chrono::nanoseconds most) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= Time::duration::zero()) return false;
    page_.wait_while_equal(word, seen, std::min<std::chrono::nanoseconds>(most, left));
    return true;
  };

  for (std::uint32_t seen = read_hints().promotions; !file_.try_lock(kNextInLineByte); seen = read_hints().promotions) {
    if (!nap(offsetof(Hints, promotions), seen, kBehindNap)) return false;
    const bool nobody_moved = read_hints().promotions == seen;
    if (nobody_moved && file_.try_lock(kWriteLockByte)) return true;
  }
  struct LeaveLine {
    ~LeaveLine() {
      locks.file_.unlock(kNextInLineByte);
      locks.write_hint(offsetof(Hints, promotions), locks.read_hints().promotions + 1);
      locks.page_.wake_one(offsetof(Hints, promotions));
    }
    RouteLocks& locks;
  } const leave{*this};
  for (;;) {
    const Hints hints = read_hints();
    if (hints.someone_waits == 0) write_hint(offsetof(Hints, someone_waits), 1);
    if (file_.try_lock(kWriteLockByte)) return true;
    if (!nap(offsetof(Hints, turns), hints.turns, kNextInLineNap)) return false;
  }
}

void RouteLocks::note_holder(const Hints& hints) noexcept {
  if (hints.last_holder == self_ && hints.last_holder_peer == peer_) return;
  if (hints.last_holder != self_) run_began_ = std::chrono::steady_clock::now();
  const std::array<std::uint32_t, 3> holder{self_, static_cast<std::uint32_t>(platform::process_id()), peer_};
  static_assert(offsetof(Hints, last_holder_peer) == offsetof(Hints, last_holder) + 2 * sizeof(std::uint32_t));
  page_.write(offsetof(Hints, last_holder), holder.data(), sizeof holder);
}

void RouteLocks::unlock() noexcept {
  has_write_lock_ = false;
  file_.unlock(kWriteLockByte);
  const Hints hints = read_hints();
  if (hints.someone_waits == 0) return;
  if (quantum_.count() > 0 && std::chrono::steady_clock::now() - run_began_ < quantum_) return;
  write_hint(offsetof(Hints, turns), hints.turns + 1);
  page_.wake_one(offsetof(Hints, turns));
}

TailNotes RouteLocks::tail_notes() const noexcept {
  if (!page_) return TailNotes(nullptr);
  if (!has_write_lock_) page_.read(kTailNotesOffset, &notes_, sizeof notes_);
  return TailNotes(notes_.bytes.data());
}

// Writes the parts of `unit` bytes that are others now, the newest serial last: it tells of a note that is there. A
// reader in between finds a note whose checksum does not fit, which is none.
void RouteLocks::write_notes(const Notes& before, std::size_t unit) noexcept {
  for (std::size_t at = sizeof notes_; at >= unit; at -= unit) {
    const std::byte* const part = notes_.bytes.data() + at - unit;
    if (std::memcmp(part, before.bytes.data() + at - unit, unit) == 0) continue;
    page_.write(kTailNotesOffset + at - unit, part, unit);
  }
}

std::uint64_t RouteLocks::note(const TailOrigin& origin, const Appended& appended, double time) noexcept {
  TailNotes notes = tail_notes();
  const Notes before = notes_;
  const std::uint64_t serial = notes.add(origin, appended, time);
  write_notes(before, kNoteBytes);
  return serial;
}

void RouteLocks::mark_synced(std::uint64_t serial) noexcept {
  TailNotes notes = tail_notes();
  const Notes before = notes_;
  notes.mark_synced(serial);
  write_notes(before, sizeof(std::uint64_t));  // only the mark: another writer may be replacing the note
}

void RouteLocks::forget_tail_of(std::int64_t inbox) noexcept {
  TailNotes notes = tail_notes();
  const Notes before = notes_;
  if (!notes.forget(inbox)) return;
  write_notes(before, kNoteBytes);
  page_.sync();
}

void RouteLocks::forget_tail() noexcept {
  TailNotes notes = tail_notes();
  const Notes before = notes_;
  notes.clear();
  write_notes(before, kNoteBytes);
  page_.sync();
}

void RouteLocks::give_up(std::chrono::milliseconds patience, NameOfHolder name_of) const {
  const Hints hints = read_hints();
  const TurnHolder holder = holder_in(&hints);
  const std::string process = holder.pid ? "process " + std::to_string(*holder.pid) : "another process";
  const std::string name = name_of(holder);
  throw Error(ErrorCode::Busy,
              (name.empty() ? process : in_quotes(name) + " (" + process + ")") +
                  " has had the turn to write to the route for " + std::to_string(patience.count()) + " ms (" +
                  file_.path() + "). It may be stopped. Nothing was stored; try again.",
              holder.pid);
}

}  // namespace ipcm::storage::sqlite
