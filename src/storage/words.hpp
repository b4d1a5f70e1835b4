// SPDX-License-Identifier: MIT
// The words that are stored in every route. They keep their meaning for ever.
#pragma once

#include <optional>
#include <string_view>

#include "storage/jobs.hpp"
#include "storage/store.hpp"

namespace ipcm::storage {

std::string_view word_of(RecordedState state) noexcept;
std::optional<RecordedState> state_of(std::string_view word) noexcept;

std::string_view word_of(ScheduleRow::Missed missed) noexcept;
std::optional<ScheduleRow::Missed> missed_of(std::string_view word) noexcept;

constexpr std::string_view kind_word(bool is_queue) noexcept {
  return is_queue ? "queue" : "peer";
}
constexpr std::string_view backoff_word(bool exponential) noexcept {
  return exponential ? "exponential" : "fixed";
}

}  // namespace ipcm::storage
