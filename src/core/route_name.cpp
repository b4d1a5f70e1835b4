// SPDX-License-Identifier: MIT
#include "core/route_name.hpp"

#include <array>
#include <string>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm {
namespace {

constexpr std::array<std::string_view, 6> kEndings{"-wal", "-shm", "-journal", "-lock", "-wake", "-unfinished"};

}  // namespace

std::string_view side_file_ending(std::string_view path) noexcept {
  for (const std::string_view ending : kEndings) {
    if (path.ends_with(ending)) return ending;
  }
  return {};
}

void require_route_name(std::string_view path) {
  const std::string text(path);
  if (const std::string_view ending = side_file_ending(path); !ending.empty()) {
    throw Error(
        ErrorCode::InvalidArgument,
        "a route cannot be made at " + text + ": a name that ends in " + std::string(ending) +
            " is that of a file beside a route, which would take it for its own. Choose another name, such as " + text +
            ".ipcm.");
  }
  if (!is_valid_utf8(path)) {
    throw Error(ErrorCode::InvalidArgument, "a route cannot be made at " + in_quotes(path) +
                                                ": the path is not UTF-8, so no connection info could name it. Choose "
                                                "another name or folder.");
  }
}

}  // namespace ipcm
