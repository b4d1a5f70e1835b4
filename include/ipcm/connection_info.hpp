// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ipcm {

/// What a process needs to connect: the JSON array ["SQLite","JSON","/path/jobs.ipcm"].
struct ConnectionInfo {
  std::string protocol = "SQLite";
  std::string serializer = "JSON";
  std::string route;

  /// Reads the JSON array; text that does not start with '[' is taken as the path of an SQLite route.
  /// A relative path is made absolute. Throws Error(InvalidArgument).
  static ConnectionInfo parse(std::string_view text);

  /// The JSON array. Throws Error(InvalidArgument) where a member is not UTF-8, which JSON cannot hold.
  std::string to_string() const;

  friend bool operator==(const ConnectionInfo&, const ConnectionInfo&) = default;
};

}  // namespace ipcm
