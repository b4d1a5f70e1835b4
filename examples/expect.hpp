// SPDX-License-Identifier: MIT
// What makes an example a test: it ends with 1 when what it shows is not so. Your programs do not need this.
#pragma once

#include <cstdlib>
#include <iostream>

inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "not so: " << what << std::endl;
  std::exit(1);
}
