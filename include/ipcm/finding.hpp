// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ipcm {

/// How much a finding matters.
enum class Severity {
  ok,       ///< as it should be
  note,     ///< good to know
  warning,  ///< works, and will not for ever, or not as well as it could
  problem   ///< something is lost, damaged, open to others, or stands still
};

/// "ok", "note", "warning", "problem".
std::string_view to_string(Severity severity) noexcept;

/// One thing that was looked at: see examine_route().
struct Finding {
  Severity severity = Severity::ok;
  std::string about;   ///< a word that stays the same: "modes", "log", "dead letters"
  std::string text;    ///< a sentence for people
  std::string advice;  ///< what to do about it; empty where there is nothing
};

}  // namespace ipcm
