// SPDX-License-Identifier: MIT
#include "storage/sqlite/tail_notes.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <string>

#include "platform/process.hpp"

namespace ipcm::storage::sqlite {
namespace {

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 8);

// Part of every checksum, so that another version of these words is never taken for this one.
constexpr std::uint64_t kMagicAndVersion = 0x6970636d'7461'0001;  // "ipcm", "ta", 1

constexpr std::size_t kSlots = 15;

constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9E37'79B9'7F4A'7C15;
  return hash ^ hash >> 29;
}

// FNV-1a.
constexpr std::uint64_t fingerprint(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100'0000'01b3;
  return hash;
}

std::uint64_t load(const Word& word) noexcept {
  return word.load(std::memory_order_relaxed);
}

void store(Word& word, std::uint64_t value) noexcept {
  word.store(value, std::memory_order_relaxed);
}

}  // namespace

// docs/file-format.md lists the words. Only whoever has the turn writes them, but for `synced`.
struct TailNotes::Slot {
  Word serial;
  Word route;
  Word boot;
  Word inbox;
  Word number;
  Word time;
  Word checksum;
  Word synced;  // the serial once more

  std::uint64_t sum() const noexcept {
    std::uint64_t hash = kMagicAndVersion;
    for (const Word* word : {&serial, &route, &boot, &inbox, &number, &time}) hash = mixed(hash, load(*word));
    return hash != 0 ? hash : 1;
  }
};

struct TailNotes::Words {
  Word last_serial;
  std::array<Word, 7> unused;
  std::array<Slot, kSlots> slots;
};

TailOrigin TailOrigin::of(std::string_view route_id) {
  static const auto boot = [] {
    const std::string id = platform::boot_id();
    return id.empty() ? 0 : fingerprint(id);
  }();
  return {fingerprint(route_id), boot};
}

TailNotes::Slot& TailNotes::slot_of(std::uint64_t serial) const noexcept {
  return words_->slots[serial % kSlots];
}

std::uint64_t TailNotes::add(const TailOrigin& origin, const Appended& appended, double time) noexcept {
  static_assert(sizeof(Words) == kSize);
  if (words_ == nullptr) return 0;
  std::uint64_t serial = load(words_->last_serial) + 1;
  if (serial == 0) serial = 1;
  Slot& slot = slot_of(serial);
  store(slot.checksum, 0);
  store(slot.serial, serial);
  store(slot.route, origin.route);
  store(slot.boot, origin.boot);
  store(slot.inbox, static_cast<std::uint64_t>(appended.inbox));
  store(slot.number, static_cast<std::uint64_t>(appended.number));
  store(slot.time, std::bit_cast<std::uint64_t>(time));
  store(slot.checksum, slot.sum());
  store(words_->last_serial, serial);
  return serial;
}

void TailNotes::mark_synced(std::uint64_t serial) noexcept {
  if (words_ == nullptr || serial == 0) return;
  Slot& slot = slot_of(serial);
  if (load(slot.serial) == serial) store(slot.synced, serial);
}

bool TailNotes::forget(PeerId inbox) noexcept {
  if (words_ == nullptr) return false;
  bool any = false;
  for (Slot& slot : words_->slots) {
    if (load(slot.inbox) != static_cast<std::uint64_t>(inbox) || load(slot.checksum) == 0) continue;
    store(slot.checksum, 0);
    any = true;
  }
  return any;
}

void TailNotes::clear() noexcept {
  if (words_ == nullptr) return;
  for (Slot& slot : words_->slots) store(slot.checksum, 0);
}

// Copied first: others may be writing. Serial 0: it is none.
TailNote TailNotes::note_in(const Slot& slot) noexcept {
  Slot copy{};
  for (Word Slot::*word : {&Slot::serial, &Slot::route, &Slot::boot, &Slot::inbox, &Slot::number, &Slot::time}) {
    store(copy.*word, load(slot.*word));
  }
  if (copy.sum() != load(slot.checksum) || load(copy.serial) == 0) return {};
  return {{load(copy.route), load(copy.boot)},
          {static_cast<PeerId>(load(copy.inbox)), static_cast<std::int64_t>(load(copy.number)), 0},
          std::bit_cast<double>(load(copy.time)),
          load(slot.synced) == load(copy.serial),
          load(copy.serial)};
}

TailNote TailNotes::newest() const noexcept {
  if (words_ == nullptr) return {};
  return note_in(slot_of(load(words_->last_serial)));
}

std::vector<TailNote> TailNotes::all() const {
  std::vector<TailNote> notes;
  if (words_ == nullptr) return notes;
  for (const Slot& slot : words_->slots) {
    if (const TailNote note = note_in(slot); note.serial != 0) notes.push_back(note);
  }
  return notes;
}

}  // namespace ipcm::storage::sqlite
