// SPDX-License-Identifier: MIT
#include "open_files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace ipcm::cli {
namespace {

std::optional<std::size_t> count_open() {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  if (error) return std::nullopt;
  return count - 1;  // without that of the loop
}

}  // namespace

OpenFiles::OpenFiles(std::size_t count) {
  ::getrlimit(RLIMIT_NOFILE, &before_);
  const std::optional<std::size_t> open = count_open();
  rlimit raised = before_;
  if (open) raised.rlim_cur = std::min<rlim_t>(std::max<rlim_t>(before_.rlim_cur, *open + count), before_.rlim_max);
  if (raised.rlim_cur != before_.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &raised) != 0) raised = before_;
  limit_ = raised.rlim_cur;
  if (open) left_ = limit_ - std::min(limit_, *open);
}

}  // namespace ipcm::cli
