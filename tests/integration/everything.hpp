// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "integration/route_file.hpp"

namespace test {

/// Of everything that a route can hold something: peers of each state, queues, messages small and large with ids of
/// both kinds, in several encodings, for later, claimed by somebody who was killed, dead, in groups, with keys;
/// requests, schedules, and books of mail that has left. Nobody is connected, and there is no log.
class RouteWithEverything : public RouteFile {
 public:
  /// `more`: so many messages on top, for worker; every seventh is 9 KB large.
  explicit RouteWithEverything(int more = 0);
};

/// Reads the log into the file, so that it is one file.
void fold_log(const std::string& path);

/// The lines that dump_route() writes.
std::vector<std::string> dump_of(const std::string& path);

}  // namespace test
