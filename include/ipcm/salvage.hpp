// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/connection_info.hpp>
#include <ipcm/copy.hpp>

namespace ipcm {

/// What salvage_route() got out of a damaged route, and what it did not.
struct SalvageReport {
  /// Numbers of one inbox and priority: the first message that an inbox ever got has the number 1.
  struct Numbers {
    int priority = 0;
    std::int64_t first = 0;
    std::optional<std::int64_t> last{};  ///< nothing: it is not known how many there were
  };

  struct Inbox {
    std::string name;
    std::uint64_t messages = 0;  ///< that are in the new route: ready, for later, and claimed
    std::uint64_t dead = 0;      ///< dead letters that are in the new route
    /// Numbers that the inbox gave out, of messages that neither left it nor are in the new route. Where the books are
    /// damaged themselves, some of them may have left. Where the end of the inbox is not readable there may be more.
    std::uint64_t lost = 0;
    std::vector<Numbers> unreadable;  ///< where the lost ones lay, as far as it is known
    bool name_is_lost = false;        ///< then `name` was made up
  };

  struct Table {
    std::string name;
    std::uint64_t rows = 0;              ///< that could be read
    std::uint64_t unreadable_pages = 0;  ///< of the file
    std::uint64_t refused_rows = 0;      ///< that break the rules, and so are not in the new route
  };

  std::string route;           ///< the new one; empty: nothing could be read, and none was made
  std::string id;              ///< of the new one
  std::vector<Inbox> inboxes;  ///< by name
  std::vector<Table> tables;
  std::vector<std::string> problems;  ///< one sentence each: all that was found wrong
  bool complete = false;              ///< nothing is missing, as far as what is left tells
  std::uint64_t messages = 0;         ///< of all inboxes
  std::uint64_t dead = 0;
  std::uint64_t lost = 0;

  bool nothing() const noexcept { return route.empty(); }
  /// Whether everything is in the new route.
  bool whole() const noexcept { return !nothing() && complete; }
};

/// Makes a new route of all that can be read in a damaged one, whose files are not changed. Everything on pages that
/// can be read is saved, whatever happened to the others; what was not is in the report. `ipcm check` passes on the new
/// route: what the damaged one had given out and is neither there nor known to have left is counted as dead, as sent by
/// '_lost'. What cannot be decoded any more is found by whoever takes it, and set aside.
///
/// Others must not use the route meanwhile: those that try to write wait. `target` must not exist.
/// Throws RouteMissing; NotARoute for a folder or a device; Unsafe where files beside it are somebody else's;
/// InvalidArgument where there is something at `target`; Busy, RouteFull, ReadOnly, StorageFailure, NotSupported.
/// `progress` counts pages.
SalvageReport salvage_route(const ConnectionInfo& info, std::string_view target, const CopyProgress& progress = {});

}  // namespace ipcm
