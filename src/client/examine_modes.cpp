// SPDX-License-Identifier: MIT
#include "client/examine_modes.hpp"

#include <array>
#include <cstdio>

#include "platform/access.hpp"
#include "platform/file.hpp"
#include "platform/file_facts.hpp"

namespace ipcm {
namespace {

using platform::FileFacts;
using platform::FileKind;

constexpr mode_t kWritableByAll = 0002;
constexpr mode_t kWritableByOthers = 0022;
constexpr mode_t kOpenToOthers = 0077;
constexpr mode_t kGroup = 0070;
constexpr mode_t kReadableAndWritableByGroup = 0060;
constexpr mode_t kSticky = 01000;

std::string mode_text(mode_t mode) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "(mode %04o)", static_cast<unsigned>(mode));
  return text.data();
}

// As `ipcm spawn --group` makes it.
bool is_for_group(const FileFacts& route) {
  return (route.mode & kReadableAndWritableByGroup) == kReadableAndWritableByGroup;
}

// The members of the group make what lies beside the route, whoever comes first.
bool examine_group(const std::string& path, const FileFacts& file, gid_t group, Findings& findings) {
  const bool usable = (file.mode & kReadableAndWritableByGroup) == kReadableAndWritableByGroup;
  if (file.group == group && usable) return true;
  findings.problem("modes",
                   "the route is for the group " + platform::group_text(group) + ", whose members cannot use " + path +
                       " " + mode_text(file.mode) + ".",
                   "Stop its clients, then `chgrp " + std::to_string(group) + " " + path + "` and `chmod g+rw" +
                       (file.kind == FileKind::folder ? "x " : " ") + path + "`.");
  return false;
}

void examine_owner(const std::string& path, const FileFacts& file, uid_t owner, Findings& findings) {
  if (file.owner == owner) return;
  findings.problem("modes",
                   path + " belongs to " + platform::user_text(file.owner) + ", but the route to " +
                       platform::user_text(owner) + ". Somebody used it as another user, perhaps as root.",
                   "Stop its clients, then `chown " + std::to_string(owner) + " " + path + "`.");
}

// `allowed`: what others than its owner may do with it.
void examine_mode(const std::string& path, const FileFacts& file, mode_t allowed, Findings& findings) {
  const std::string advice = allowed != 0 ? "`chmod o-rwx " + path + "`."
                                          : "`chmod " + std::string(file.kind == FileKind::folder ? "700 " : "600 ") +
                                                path + "`, unless a group is meant to share the route.";
  if ((file.mode & kWritableByAll) != 0) {
    findings.problem("modes", "every user of this machine may write " + path + " " + mode_text(file.mode) + ".",
                     advice);
  } else if ((file.mode & kOpenToOthers & ~allowed) != 0) {
    const std::string verb = (file.mode & kWritableByOthers & ~allowed) != 0 ? "write " : "read ";
    findings.warning("modes", "others than its owner may " + verb + path + " " + mode_text(file.mode) + ".", advice);
  }
}

void examine_folder(const std::string& path, Findings& findings) {
  const std::string folder = platform::parent_of(path);
  const auto facts = platform::facts_of(folder);
  if (!facts || (facts->mode & kWritableByAll) == 0 || (facts->mode & kSticky) != 0) return;
  findings.problem("folder",
                   "every user of this machine may remove or replace the route, as its folder " + folder +
                       " is open to all " + mode_text(facts->mode) + ".",
                   "`chmod o-w " + folder + "`.");
}

void examine_own_rights(const std::string& path, const FileFacts& route, Findings& findings) {
  const std::string folder = route.kind == FileKind::folder ? path : platform::parent_of(path);
  std::string lacking;
  if (!platform::may_read(path)) {
    lacking = "read " + path;
  } else if (!platform::may_write(path)) {
    lacking = "write " + path;
  } else if (!platform::may_write(folder)) {
    lacking = "write the folder " + folder;
  }
  if (lacking.empty()) return;
  findings.problem("rights", "this user may not " + lacking + ", so it cannot connect.",
                   "Work as " + platform::user_text(route.owner) +
                       ", who owns the route: whoever uses one must be able to write the file and its folder.");
}

}  // namespace

void examine_modes(const std::vector<std::string>& paths, Findings& findings) {
  const auto route = platform::facts_of(paths.front());
  if (!route) return;
  examine_own_rights(paths.front(), *route, findings);
  const bool shared = is_for_group(*route);
  const mode_t allowed = shared ? kGroup : 0;
  bool as_they_should_be = true;
  for (const std::string& path : paths) {
    const auto file = platform::facts_of(path);
    if (!file) continue;
    if (file->is_link) {
      findings.problem("links", path + " is a symbolic link, which ipcm does not make: somebody else did.",
                       "Find out who did and where it leads to. Stop the clients, and remove the link.");
    }
    bool right = !file->is_link && (file->mode & kOpenToOthers & ~allowed) == 0;
    if (shared) {
      right = examine_group(path, *file, route->group, findings) && right;
    } else {
      examine_owner(path, *file, route->owner, findings);
      right = right && file->owner == route->owner;
    }
    examine_mode(path, *file, allowed, findings);
    as_they_should_be = as_they_should_be && right;
  }
  if (as_they_should_be) {
    findings.ok("modes",
                "the route and what lies beside it are private to " +
                    (shared ? "the group " + platform::group_text(route->group) : platform::user_text(route->owner)) +
                    ".");
  }
  examine_folder(paths.front(), findings);
}

}  // namespace ipcm
