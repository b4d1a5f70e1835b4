// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace ipcm {

/// The form in which a route is handed to other processes and compared: where the protocol's routes are paths, made
/// absolute with the current directory, without "." and doubled slashes; nothing is looked up on disk, and ".." stays,
/// because a symbolic link may stand before it. Other routes are kept as they are.
/// Throws Error(InvalidArgument) for an empty route and one with a NUL.
std::string absolute_route(std::string_view protocol, std::string_view route);

}  // namespace ipcm
