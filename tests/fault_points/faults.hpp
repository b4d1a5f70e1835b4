// SPDX-License-Identifier: MIT
// What ipcm::faults asks of this program. Nothing goes wrong until a test says so.
#pragma once

#include <string>
#include <vector>

namespace test {

/// From now on this process counts the points that it reaches, and dies at the n-th; 0: at none.
void die_at_point(long n);

/// Since then, by their names.
const std::vector<std::string>& points_reached();

/// While it lives, the library is wrong in that way.
class SeededBug {
 public:
  explicit SeededBug(const char* bug);
  ~SeededBug();
  SeededBug(const SeededBug&) = delete;
  SeededBug& operator=(const SeededBug&) = delete;
};

}  // namespace test
