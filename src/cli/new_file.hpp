// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ipcm::cli {

/// A file that appears under its name when it is complete, private to its owner. Until then it has another name beside
/// it; it goes with this object.
class NewFile {
 public:
  /// Throws Failure, also where there is a file of that name and `replace` is false.
  NewFile(std::string path, bool replace);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Throws Failure.
  void write(std::string_view text);
  /// Puts it in place, on the disk. Throws Failure.
  void finish();

 private:
  [[noreturn]] void fail(const char* what) const;
  void flush();

  std::string path_;
  std::string draft_;
  bool replace_;
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace ipcm::cli
