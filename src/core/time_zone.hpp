// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/zone_rule.hpp"

namespace date {
class time_zone;
}

namespace ipcm {

/// A time zone of the system's IANA database, or UTC, which needs no database. Cheap to copy.
///
/// Changes of clocks are those that the database lists one by one, to 2037 as Debian has it (`zic -b fat`), and after
/// them those of the rule at the end of the zone's file.
class TimeZone {
 public:
  /// By an IANA name such as "Europe/Berlin"; "UTC" is always there. What does not look like a name is refused without
  /// a look at the file system. Throws Error: InvalidArgument; StorageFailure where descriptors are lacking to read it,
  /// or were when this process read the list of zones, which happens once.
  static TimeZone find(std::string_view name);

  /// The name of the system's zone: TZ of the environment if it names one, else what /etc/localtime links to or
  /// /etc/timezone says, else "UTC". find() knows it.
  static std::string local_name();

  const std::string& name() const noexcept { return name_; }

  using Period = ZoneRule::Period;
  Period period_at(std::chrono::sys_seconds time) const;

  /// The first instant at which clocks show `local` or later: of a time that exists twice the first, of one that is
  /// skipped the end of the gap.
  std::chrono::sys_seconds first_instant(std::chrono::local_seconds local) const;

 private:
  TimeZone(std::string_view name, const date::time_zone* zone, std::optional<ZoneRule> rule)
      : name_(name), zone_(zone), rule_(rule) {}

  std::string name_;
  const date::time_zone* zone_;   // of date's database, which lives as long as the process; none for UTC
  std::optional<ZoneRule> rule_;  // for the time after the last change that is listed
};

}  // namespace ipcm
