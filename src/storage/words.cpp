// SPDX-License-Identifier: MIT
#include "storage/words.hpp"

namespace ipcm::storage {

std::string_view word_of(RecordedState state) noexcept {
  switch (state) {
    case RecordedState::active: return "active";
    case RecordedState::suspended: return "suspended";
    case RecordedState::disconnected: break;
  }
  return "disconnected";
}

std::optional<RecordedState> state_of(std::string_view word) noexcept {
  for (const auto state : {RecordedState::active, RecordedState::suspended, RecordedState::disconnected}) {
    if (word == word_of(state)) return state;
  }
  return std::nullopt;
}

std::string_view word_of(ScheduleRow::Missed missed) noexcept {
  switch (missed) {
    case ScheduleRow::Missed::all: return "all";
    case ScheduleRow::Missed::skip: return "skip";
    case ScheduleRow::Missed::once: break;
  }
  return "once";
}

std::optional<ScheduleRow::Missed> missed_of(std::string_view word) noexcept {
  using Missed = ScheduleRow::Missed;
  for (const auto missed : {Missed::once, Missed::all, Missed::skip}) {
    if (word == word_of(missed)) return missed;
  }
  return std::nullopt;
}

}  // namespace ipcm::storage
