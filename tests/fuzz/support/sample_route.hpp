// SPDX-License-Identifier: MIT
// A route with something of everything in it, its bytes, and somebody who uses whatever has become of them.
#pragma once

#include <string>

namespace fuzz {

/// The bytes of a route: its file, and the log beside it, which holds what was done last.
struct RouteBytes {
  std::string file;
  std::string log;
};

/// Mail that is ready, for later, claimed and dead, with keys and groups, in a queue and an inbox; a schedule; peers of
/// each state. Made anew by each process, so ids and times are other ones, and the places of the bytes are not.
const RouteBytes& sample_route();

/// A route's file in a folder of its own, used again and again.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const std::string& path() const noexcept { return path_; }
  /// Puts these bytes there, in the place of what was.
  void lay_out(const RouteBytes& bytes) const;

 private:
  std::string folder_;
  std::string path_;
};

/// Calls all that reads, writes and checks a route. Each call may fail with an ipcm::Error.
void use_route(const std::string& path);

}  // namespace fuzz
