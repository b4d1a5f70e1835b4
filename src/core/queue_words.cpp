// SPDX-License-Identifier: MIT
#include <ipcm/error.hpp>
#include <ipcm/queue.hpp>
#include <ipcm/schedule.hpp>

#include "core/names.hpp"

namespace ipcm {

std::string_view to_string(Backoff backoff) noexcept {
  return backoff == Backoff::fixed ? "fixed" : "exponential";
}

Backoff parse_backoff(std::string_view text) {
  for (const Backoff backoff : {Backoff::fixed, Backoff::exponential}) {
    if (text == to_string(backoff)) return backoff;
  }
  throw Error(ErrorCode::InvalidArgument, in_quotes(text) + " is no back-off: use fixed or exponential.");
}

std::string_view to_string(JobInfo::State state) noexcept {
  switch (state) {
    case JobInfo::State::ready: return "ready";
    case JobInfo::State::scheduled: return "scheduled";
    case JobInfo::State::in_flight: break;
  }
  return "in flight";
}

std::string_view to_string(Missed missed) noexcept {
  switch (missed) {
    case Missed::all: return "all";
    case Missed::skip: return "skip";
    case Missed::once: break;
  }
  return "once";
}

Missed parse_missed(std::string_view text) {
  for (const Missed missed : {Missed::once, Missed::all, Missed::skip}) {
    if (text == to_string(missed)) return missed;
  }
  throw Error(ErrorCode::InvalidArgument,
              in_quotes(text) + " is not what can become of missed times: once, all, skip.");
}

}  // namespace ipcm
