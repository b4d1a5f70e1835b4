// SPDX-License-Identifier: MIT
#include "serialize/cbor_chunks.hpp"

#include <cstdint>

namespace ipcm {
namespace {

constexpr unsigned kByteString = 2;
constexpr unsigned kTextString = 3;
constexpr unsigned kIndefinite = 31;
constexpr unsigned char kBreak = 0xFF;

bool is_string(unsigned major) {
  return major == kByteString || major == kTextString;
}

/// Reads heads one after the other; what they nest into does not matter here.
class HeadReader {
 public:
  explicit HeadReader(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ >= bytes_.size(); }
  std::size_t offset() const { return at_; }
  unsigned char next() const { return static_cast<unsigned char>(bytes_[at_]); }
  unsigned major() const { return next() >> 5; }
  unsigned info() const { return next() & 0x1F; }

  /// Skips a head with its argument, and a string's bytes. False: it is malformed or cut short.
  bool skip() {
    const unsigned kind = major();
    std::uint64_t argument = info();
    ++at_;
    if (argument >= 28 && argument != kIndefinite) return false;
    if (argument >= 24 && argument != kIndefinite) {
      const std::size_t size = std::size_t{1} << (argument - 24);
      if (bytes_.size() - at_ < size) return false;
      argument = 0;
      for (const std::size_t end = at_ + size; at_ < end; ++at_) argument = argument << 8 | next();
    }
    if (!is_string(kind)) return true;
    if (bytes_.size() - at_ < argument) return false;
    at_ += static_cast<std::size_t>(argument);
    return true;
  }
  void skip_byte() { ++at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::size_t> find_nested_cbor_chunk(std::string_view bytes) noexcept {
  HeadReader reader(bytes);
  bool in_chunks = false;
  while (!reader.at_end()) {
    const bool definite_string = is_string(reader.major()) && reader.info() != kIndefinite;
    if (in_chunks && reader.next() == kBreak) {
      in_chunks = false;
      reader.skip_byte();
    } else if (in_chunks && !definite_string) {
      return reader.offset();
    } else if (is_string(reader.major()) && !definite_string) {
      in_chunks = true;
      reader.skip_byte();
    } else if (!reader.skip()) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace ipcm
