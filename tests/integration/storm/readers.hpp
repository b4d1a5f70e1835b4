// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace storm {

inline constexpr int kReaders = 4;

inline std::string reader_name(int n) {
  return "reader" + std::to_string(n);
}

/// Which reader gets message `number`, whoever sends it.
inline std::string reader_of(int number) {
  return reader_name(number % kReaders);
}

}  // namespace storm
