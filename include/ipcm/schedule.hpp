// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <ipcm/message.hpp>

namespace ipcm {

/// What becomes of due times at which nobody looked into the inbox, because no client was there.
enum class Missed {
  once,  ///< all of them together are one message
  all,   ///< each is a message
  skip,  ///< one that is more than a minute late is no message
};

/// "once", "all", "skip".
std::string_view to_string(Missed missed) noexcept;
/// The reverse; throws Error(InvalidArgument) that lists the words.
Missed parse_missed(std::string_view text);

/// Messages that come again and again: see Client::add_schedule().
struct Schedule {
  std::string name;
  /// A cron expression of five fields, as in crontab(5), a short one such as @daily, or `every 1h30m`; by the clock of
  /// the route's time zone.
  std::string recurrence;
  Missed missed = Missed::once;
  /// The next one. Its stamp is when it is due.
  Message message{};
  /// Seconds since 1970.
  std::optional<double> next_due{};
};

}  // namespace ipcm
