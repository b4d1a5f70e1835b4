// SPDX-License-Identifier: MIT
#include "core/absolute_route.hpp"

#include <filesystem>
#include <system_error>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm {
namespace {

bool routes_are_paths(std::string_view protocol) {
  return protocol == "SQLite" || protocol == "UnixSocket";
}

std::string current_directory() {
  std::error_code problem;
  const std::filesystem::path current = std::filesystem::current_path(problem);
  if (problem) {
    throw Error(ErrorCode::InvalidArgument, "a relative route needs the current directory: " + problem.message());
  }
  return current.string();
}

}  // namespace

std::string absolute_route(std::string_view protocol, std::string_view route) {
  if (route.empty()) throw Error(ErrorCode::InvalidArgument, "the route is empty");
  if (route.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::InvalidArgument, "the route " + in_quotes(route) + " has a NUL byte");
  }
  if (!routes_are_paths(protocol)) return std::string(route);
  std::string path(route);
  if (path.front() != '/') path = current_directory() + '/' + path;
  std::string result;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = path.find('/', at);
    const std::string_view part = std::string_view(path).substr(at, slash - at);
    if (!part.empty() && part != ".") result.append("/").append(part);
    if (slash == std::string::npos) break;
    at = slash + 1;
  }
  return result.empty() ? "/" : result;
}

}  // namespace ipcm
