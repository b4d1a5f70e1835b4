// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "platform/folder.hpp"
#include "platform/unique_fd.hpp"

namespace ipcm::platform {

/// A regular file that is read here and there. Not for a database that SQLite may have open in this process: closing it
/// would drop SQLite's locks.
class ReadableFile {
 public:
  /// Nothing where there is no regular file. Throws Error where it cannot be opened.
  static std::optional<ReadableFile> open(const Folder& folder, const std::string& name);

  std::uint64_t size() const noexcept;
  /// How many bytes were read; fewer than wanted at the end of the file, and where the disk fails.
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> into) const noexcept;

 private:
  explicit ReadableFile(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace ipcm::platform
