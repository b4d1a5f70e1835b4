// SPDX-License-Identifier: MIT
#include "transport/route_folder.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <ipcm/content.hpp>
#include <ipcm/error.hpp>

#include "platform/access.hpp"
#include "platform/file.hpp"
#include "platform/lock_file_view.hpp"
#include "platform/poll.hpp"
#include "transport/folder_turn.hpp"
#include "transport/letter_folder.hpp"
#include "transport/removal_sign.hpp"

namespace ipcm::transport {

using platform::Folder;

namespace {

constexpr std::string_view kFormat = "ipcm-unix-socket";
constexpr std::array kFolders{kCountsName, kLettersName, kSocketsName, kWatchName};
constexpr std::array<std::string_view, 9> kOwnNames{
    "route.json", "route.json.new", "peers.json", "peers.json.new", "lock", "counts", "letters", "sockets", "watch"};

[[noreturn]] void throw_not_a_route(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::NotARoute, path + " is not a route of the protocol UnixSocket: " + why + ".");
}

// In a folder of another user's that user could read what is sent, and take any name.
void require_own(const Folder& home) {
  if (home.status().is_own() || platform::is_root()) return;
  throw Error(ErrorCode::Unsafe, "the folder " + home.path() + " belongs to another user. It was left as it is.");
}

// What a symbolic link leads to is no part of a route.
void require_plain_folders(const Folder& home) {
  for (const char* name : kFolders) {
    const auto folder = home.status_of(name);
    if (!folder || folder->is_folder()) continue;
    throw Error(ErrorCode::Unsafe, home.path_of(name) +
                                       " is a symbolic link or no folder, and stands where a folder of the route "
                                       "should. It was left as it is: find out who put it there, and remove it.");
  }
}

// Who may use what is made in the folder.
platform::Access access_in(const Folder& home) {
  platform::Access access;
  const uid_t owner = home.status().owner;
  if (platform::is_root() && owner != 0) access.owner = owner;
  return access;
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

bool has_mark(const Folder& home) {
  return parsed_mark(home.read_file(kMarkName)).has_value();
}

// A folder that is just being made a route holds nothing else either.
void require_nothing_else_in(const Folder& home) {
  for (const std::string& name : home.names()) {
    const bool foreign_mark = name == kMarkName && !has_mark(home);
    if (foreign_mark || std::ranges::find(kOwnNames, name) == kOwnNames.end()) {
      throw_not_a_route(home.path(), "it is a folder with other files in it");
    }
  }
}

// What is left of a route whose removal began, or whose lock file was removed, is of no use.
bool is_half_removed(const Folder& home) {
  const platform::LockFileView locks(home, kLockName);
  return locks ? RemovalSign::is_given_in(locks) : !home.status_of(kLockName);
}

bool is_counts_name(std::string_view name) {
  const std::size_t digits = name.find_first_not_of("0123456789");
  return digits != 0 && digits != name.npos && (name.substr(digits) == ".json" || name.substr(digits) == ".json.new");
}

// Whether a route makes such a file in that one of its folders.
bool is_own_file(std::string_view folder, std::string_view name, const platform::FileStatus& file) {
  if (folder == kCountsName) return file.is_file() && is_counts_name(name);
  if (folder == kLettersName) return file.is_file() && LetterFolder::is_own_name(name);
  return file.is_socket();
}

// A folder in which something else lies stays.
void remove_inner_folder(const Folder& home, const char* name) {
  if (!home.status_of(name)) return;
  const Folder inner(home, name);
  for (const std::string& each : inner.names()) {
    const auto file = inner.status_of(each);
    if (file && is_own_file(name, each, *file)) inner.remove_file(each);
  }
  home.remove_empty_folder(name);
}

}  // namespace

std::shared_ptr<const Folder> RouteFolder::open() const {
  if (folder_) return folder_;
  switch (platform::kind_of(path_)) {
    case platform::FileKind::missing:
      throw Error(ErrorCode::RouteMissing, "there is no route " + path_ + ". Make it with spawn().");
    case platform::FileKind::folder: break;
    default: throw_not_a_route(path_, "it is not a folder");
  }
  auto home = std::make_shared<const Folder>(path_);
  require_own(*home);
  return home;
}

RouteFolder RouteFolder::opened() const {
  RouteFolder opened(*this);
  opened.folder_ = open();
  return opened;
}

bool is_route_folder(const std::string& path) noexcept {
  try {
    return parsed_mark(platform::read_file(RouteFolder(path).mark())).has_value();
  } catch (...) {
    return false;
  }
}

RouteMark read_mark(const RouteFolder& folder) {
  const std::shared_ptr<const Folder> home = folder.open();
  const auto mark = parsed_mark(home->read_file(kMarkName));
  if (!mark) throw_not_a_route(folder.path(), "it has no file route.json that says so");
  RouteMark read = mark_in(*mark, folder.path());
  require_plain_folders(*home);
  return read;
}

bool create_route_folder(const RouteFolder& folder, const RouteMark& mark, std::chrono::milliseconds patience) {
  for (;;) {
    if (platform::kind_of(folder.path()) == platform::FileKind::missing) {
      Folder::ensure(Folder(platform::parent_of(folder.path())), platform::name_in(folder.path()));
    }
    const RouteFolder opened = folder.opened();
    const Folder& home = *opened.open();
    if (has_mark(home)) {
      read_mark(opened);
      if (!is_half_removed(home)) return false;
      remove_route_folder(opened, patience);  // waits for the remover, or ends what a killed one left
      continue;
    }
    require_nothing_else_in(home);
    require_plain_folders(home);
    home.give_access({});
    const platform::Access access = access_in(home);
    platform::RangeLockFile locks(home, kLockName, access);
    const FolderTurn turn(locks, folder.path(), patience);
    if (!locks.is_still_at_path()) continue;  // removed meanwhile
    if (has_mark(home)) continue;
    if (RemovalSign(locks).is_given()) {  // left by the last moment of a removal
      home.remove_file(kLockName);
      continue;
    }
    for (const char* name : kFolders) Folder::ensure(home, name, access);
    home.replace_file(kMarkName, text_of(mark));
    return true;
  }
}

void remove_route_folder(const RouteFolder& folder, std::chrono::milliseconds patience) {
  std::optional<RouteFolder> opened;
  try {
    opened = folder.opened();
    read_mark(*opened);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::RouteMissing) return;
    if (error.code() != ErrorCode::RouteTooNew && error.code() != ErrorCode::RouteDamaged) throw;
  }
  const Folder& home = *opened->open();
  require_plain_folders(home);
  platform::RangeLockFile locks(home, kLockName, access_in(home));  // made anew if it was removed
  const FolderTurn turn(locks, folder.path(), patience);
  if (!locks.is_still_at_path()) return;  // another caller removes it
  RemovalSign(locks).give();
  if (!locks.lock_before(kWatchFolderByte, platform::deadline_after(patience))) {
    throw Error(ErrorCode::Busy, "clients of the route " + folder.path() + " make their sockets without end.");
  }
  for (const char* name : kFolders) remove_inner_folder(home, name);
  for (const char* replaced : {kTableName, "peers.json.new", "route.json.new"}) home.remove_file(replaced);
  // Late: what is left of a removal that fails can be removed again. And before the lock file, which keeps others out:
  // without it there may be a new route at the next moment.
  home.remove_file(kMarkName);
  home.remove_file(kLockName);
  Folder(platform::parent_of(folder.path())).remove_empty_folder(platform::name_in(folder.path()));
}

}  // namespace ipcm::transport
