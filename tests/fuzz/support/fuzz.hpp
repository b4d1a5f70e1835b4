// SPDX-License-Identifier: MIT
// What every fuzzer is made of. It says what must hold for any bytes whatsoever: an ipcm::Error is an answer where the
// interface promises one; any other exception, and a rule that is broken, ends the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

/// The fuzzer. libFuzzer calls it with what it makes up, replay.cpp with what is kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

/// Ends the process unless `holds`.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", rule);
  std::abort();
}

/// The lines of a text, without what ends them.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace fuzz
