// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace ipcm {

/// As the public interface declares it, in ipcm/route.hpp.
std::string_view side_file_ending(std::string_view path) noexcept;

/// For a route that is about to be made. Throws Error(InvalidArgument) if its path ends like that of a side file, or is
/// not UTF-8: a connection info, which is JSON, could not name it.
void require_route_name(std::string_view path);

}  // namespace ipcm
