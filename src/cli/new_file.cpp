// SPDX-License-Identifier: MIT
#include "new_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <ipcm/route.hpp>

#include "errors.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kWrittenAtOnce = std::size_t{256} << 10U;

bool is_there(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

NewFile::NewFile(std::string path, bool replace)
    : path_(std::move(path)), draft_(path_ + "-XXXXXX"), replace_(replace) {
  if (const std::string_view ending = side_file_ending(path_); !ending.empty()) {
    throw Failure("a name that ends in " + std::string(ending) + " is that of a file beside a route: " + path_ +
                  " was not made; choose another name");
  }
  if (!replace_ && is_there(path_)) throw Failure("there is something at " + path_ + " already; it was left as it is");
  descriptor_ = ::mkostemp(draft_.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail("make");
}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

void NewFile::fail(const char* what) const {
  throw Failure(std::string("cannot ") + what + " " + path_ + ": " + std::strerror(errno));
}

void NewFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kWrittenAtOnce) flush();
}

void NewFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void NewFile::finish() {
  flush();
  if (::fsync(descriptor_) != 0) fail("sync");
  // A link refuses to overwrite what has appeared in between.
  if ((replace_ ? ::rename(draft_.c_str(), path_.c_str()) : ::link(draft_.c_str(), path_.c_str())) != 0) fail("make");
  if (!replace_) ::unlink(draft_.c_str());
  draft_.clear();
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && (::fsync(opened) == 0 || errno == EINVAL);  // some file systems cannot
  if (opened >= 0) ::close(opened);
  if (!synced) fail("sync the folder of");
}

}  // namespace ipcm::cli
