// SPDX-License-Identifier: MIT
#include "fuzz/support/edits.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace fuzz {
namespace {

constexpr std::size_t kHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::size_t kPage = 4096;

std::uint32_t word(const char* at, bool big_endian) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    value = value << 8U | static_cast<std::uint8_t>(at[big_endian ? i : 3 - i]);
  }
  return value;
}

void put_word(char* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(value >> (24 - 8 * i) & 0xFFU);
}

struct Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  void add(const char* bytes, std::size_t size, bool big_endian) {
    for (std::size_t at = 0; at + 8 <= size; at += 8) {
      first += word(bytes + at, big_endian) + second;
      second += word(bytes + at + 4, big_endian) + first;
    }
  }
  void put(char* at) const {
    put_word(at, first);
    put_word(at + 4, second);
  }
};

}  // namespace

void edit(std::string& bytes, std::string_view edits) {
  while (edits.size() >= 4 && !bytes.empty()) {
    std::size_t place = 0;
    for (int i = 2; i >= 0; --i) place = place << 8U | static_cast<std::uint8_t>(edits[static_cast<std::size_t>(i)]);
    place %= bytes.size();
    const std::size_t count = std::min<std::size_t>(static_cast<std::uint8_t>(edits[3]), bytes.size() - place);
    edits.remove_prefix(4);
    if (count == 0) {
      bytes.resize(place);
      continue;
    }
    const std::string_view written = edits.substr(0, count);
    written.copy(bytes.data() + place, written.size());
    edits.remove_prefix(written.size());
  }
}

void mend_checksums(std::string& log) {
  if (log.size() < kHeader) return;
  char* const bytes = log.data();
  const bool big_endian = (log[3] & 1) != 0;
  Checksum sum;
  sum.add(bytes, kHeader - 8, big_endian);
  sum.put(bytes + kHeader - 8);
  for (std::size_t at = kHeader; at + kFrameHeader + kPage <= log.size(); at += kFrameHeader + kPage) {
    std::memcpy(bytes + at + 8, bytes + 16, 8);  // the salt of this log
    sum.add(bytes + at, 8, big_endian);
    sum.add(bytes + at + kFrameHeader, kPage, big_endian);
    sum.put(bytes + at + 16);
  }
}

}  // namespace fuzz
