// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace test {

/// A fresh private folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  /// In that folder.
  explicit TemporaryFolder(const std::filesystem::path& parent);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The path of a file in it.
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Where files are in memory, if there is such a place: for thousands of routes whose syncs need not reach a disk.
std::filesystem::path folder_in_memory();

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

}  // namespace test
