// SPDX-License-Identifier: MIT
#include "transport/route_folder.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <ipcm/content.hpp>
#include <ipcm/error.hpp>

#include "platform/access.hpp"
#include "platform/file.hpp"
#include "platform/lock_file_view.hpp"
#include "transport/folder_turn.hpp"
#include "transport/removal_sign.hpp"

namespace ipcm::transport {
namespace {

constexpr std::string_view kFormat = "ipcm-unix-socket";
constexpr std::array<std::string_view, 9> kOwnNames{
    "route.json", "route.json.new", "peers.json", "peers.json.new", "lock", "counts", "letters", "sockets", "watch"};

[[noreturn]] void throw_not_a_route(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::NotARoute, path + " is not a route of the protocol UnixSocket: " + why + ".");
}

// In a folder of somebody else's he could read what is sent, and take any name.
void require_own(const std::string& path) {
  const auto folder = platform::FileStatus::at(path);
  if (!folder || folder->is_own() || platform::is_root()) return;
  throw Error(ErrorCode::Unsafe, "the folder " + path + " belongs to another user. It was left as it is.");
}

// Nothing where the text is not the mark of a route.
std::optional<Json> parsed_mark(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto format = json.find("format");
  return format != json.end() && *format == kFormat ? std::optional(std::move(json)) : std::nullopt;
}

RouteMark mark_in(const Json& json, const std::string& path) {
  try {
    if (json.at("version").get<int>() > kRouteVersion) {
      throw Error(ErrorCode::RouteTooNew, path + " was made by a newer version of ipcm. Update this one.");
    }
    return {json.at("id").get<std::string>(), json.at("created_at").get<double>(),
            json.at("max_content").get<std::uint64_t>()};
  } catch (const Json::exception& wrong) {
    throw Error(ErrorCode::RouteDamaged, path + "/route.json is damaged: " + wrong.what() + ".");
  }
}

std::string text_of(const RouteMark& mark) {
  const Json json = {{"format", kFormat},
                     {"version", kRouteVersion},
                     {"id", mark.id},
                     {"created_at", mark.created_at},
                     {"max_content", mark.max_content}};
  return json.dump() + "\n";
}

// A folder that somebody is just making a route of holds nothing else either.
void require_nothing_else_in(const RouteFolder& folder) {
  for (const std::string& name : platform::names_in(folder.path())) {
    const bool foreign_mark = name == "route.json" && !is_route_folder(folder.path());
    if (foreign_mark || std::ranges::find(kOwnNames, name) == kOwnNames.end()) {
      throw_not_a_route(folder.path(), "it is a folder with other files in it");
    }
  }
}

// Nobody can use what is left of a route whose removal began, or whose lock file somebody removed.
bool is_half_removed(const RouteFolder& folder) {
  const platform::LockFileView locks(folder.lock_file());
  return locks ? RemovalSign::is_given_in(locks) : !platform::FileStatus::at(folder.lock_file());
}

std::array<std::string, 4> folders_of(const RouteFolder& folder) {
  return {folder.counts_folder(), folder.letter_folder(), folder.socket_folder(), folder.watch_folder()};
}

}  // namespace

bool is_route_folder(const std::string& path) noexcept {
  try {
    return parsed_mark(platform::read_file(RouteFolder(path).mark())).has_value();
  } catch (...) {
    return false;
  }
}

RouteMark read_mark(const RouteFolder& folder) {
  switch (platform::kind_of(folder.path())) {
    case platform::FileKind::missing:
      throw Error(ErrorCode::RouteMissing, "there is no route " + folder.path() + ". Make it with spawn().");
    case platform::FileKind::folder: break;
    default: throw_not_a_route(folder.path(), "it is not a folder");
  }
  require_own(folder.path());
  const auto mark = parsed_mark(platform::read_file(folder.mark()));
  if (!mark) throw_not_a_route(folder.path(), "it has no file route.json that says so");
  return mark_in(*mark, folder.path());
}

bool create_route_folder(const RouteFolder& folder, const RouteMark& mark, std::chrono::milliseconds patience) {
  for (;;) {
    if (platform::kind_of(folder.path()) == platform::FileKind::missing) {
      platform::ensure_folder(folder.path());
    } else if (is_route_folder(folder.path()) || platform::kind_of(folder.path()) != platform::FileKind::folder) {
      read_mark(folder);
      if (!is_half_removed(folder)) return false;
      remove_route_folder(folder, patience);  // waits for whoever is doing it, or ends what he left when he was killed
      continue;
    }
    require_own(folder.path());
    require_nothing_else_in(folder);
    platform::make_folder_private(folder.path());
    platform::RangeLockFile locks(folder.lock_file(), 0600);
    const FolderTurn turn(locks, folder.path(), patience);
    if (!locks.is_still_at_path()) continue;  // removed by somebody meanwhile
    if (is_route_folder(folder.path())) continue;
    if (RemovalSign(locks).is_given()) {  // left by the last moment of a removal
      platform::remove_file(folder.lock_file());
      continue;
    }
    for (const std::string& one : folders_of(folder)) platform::ensure_folder(one);
    platform::replace_file(folder.mark(), text_of(mark));
    return true;
  }
}

void remove_route_folder(const RouteFolder& folder, std::chrono::milliseconds patience) {
  try {
    read_mark(folder);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::RouteMissing) return;
    if (error.code() == ErrorCode::NotARoute) throw;
  }
  platform::RangeLockFile locks(folder.lock_file(), 0600);  // made anew where somebody removed it
  const FolderTurn turn(locks, folder.path(), patience);
  if (!locks.is_still_at_path()) return;  // somebody else removes it
  RemovalSign(locks).give();
  for (const std::string& one : folders_of(folder)) {
    for (const std::string& name : platform::names_in(one)) platform::remove_file(one + "/" + name);
    platform::remove_empty_folder(one);
  }
  for (const char* replaced : {"/peers.json", "/peers.json.new", "/route.json.new"}) {
    platform::remove_file(folder.path() + replaced);
  }
  // Late: what is left of a removal that fails can be removed again. And before the lock file, which keeps others out:
  // without it there may be a new route at the next moment.
  platform::remove_file(folder.mark());
  platform::remove_file(folder.lock_file());
  platform::remove_empty_folder(folder.path());
}

}  // namespace ipcm::transport
