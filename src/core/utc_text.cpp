// SPDX-License-Identifier: MIT
#include "core/utc_text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace ipcm {

std::string utc_text(double seconds) {
  std::array<char, 64> buffer{};
  constexpr double kYear10000 = 253'402'300'800.0;
  if (!(seconds >= 0 && seconds < kYear10000)) {
    std::snprintf(buffer.data(), buffer.size(), "%g", seconds);
    return buffer.data();
  }
  const auto whole = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return buffer.data();
}

}  // namespace ipcm
