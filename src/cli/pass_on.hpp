// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace ipcm::cli {

/// Passes on to a descriptor what others have printed, without waiting for who reads it. What nobody reads any more is
/// dropped.
class PassOn {
 public:
  /// `descriptor` stays the caller's.
  explicit PassOn(int descriptor) : descriptor_(descriptor) {}

  void add(const std::string& text) { pending_ += text; }
  /// For poll(): write() when it is writable; -1: there is nothing to write.
  int fd() const noexcept { return pending_.empty() ? -1 : descriptor_; }
  void write();
  /// So much waits that no more should be added.
  bool is_full() const noexcept { return pending_.size() >= kMost; }
  bool is_empty() const noexcept { return pending_.empty(); }

 private:
  static constexpr std::size_t kMost = std::size_t{256} << 10U;

  int descriptor_;
  std::string pending_;
};

}  // namespace ipcm::cli
