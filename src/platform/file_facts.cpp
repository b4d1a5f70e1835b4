// SPDX-License-Identifier: MIT
#include "platform/file_facts.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace ipcm::platform {
namespace {

struct KnownFileSystem {
  std::uint32_t magic;  // statfs(2)
  const char* name;
  FileSystemFacts::Kind kind;
};

using Kind = FileSystemFacts::Kind;
constexpr std::array<KnownFileSystem, 26> kKnownFileSystems{{
    {0xEF53, "ext4", Kind::local},         {0x58465342, "xfs", Kind::local},    {0x9123683E, "btrfs", Kind::local},
    {0x2FC12FC1, "zfs", Kind::local},      {0xF2F52010, "f2fs", Kind::local},   {0xCA451A4E, "bcachefs", Kind::local},
    {0x4D44, "vfat", Kind::local},         {0x2011BAB0, "exfat", Kind::local},  {0x7366746E, "ntfs3", Kind::local},
    {0x01021994, "tmpfs", Kind::memory},   {0x858458F6, "ramfs", Kind::memory}, {0x794C7630, "overlay", Kind::overlay},
    {0x61756673, "aufs", Kind::overlay},   {0x6969, "nfs", Kind::network},      {0x517B, "smb", Kind::network},
    {0xFF534D42, "cifs", Kind::network},   {0xFE534D42, "smb2", Kind::network}, {0x65735546, "fuse", Kind::network},
    {0x01021997, "9p", Kind::network},     {0x5346414F, "afs", Kind::network},  {0x6B414653, "afs", Kind::network},
    {0x00C36400, "ceph", Kind::network},   {0x01161970, "gfs2", Kind::network}, {0x7461636F, "ocfs2", Kind::network},
    {0x0BD00BD0, "lustre", Kind::network}, {0x47504653, "gpfs", Kind::network},
}};

}  // namespace

std::optional<FileFacts> facts_of(const std::string& path) noexcept {
  struct stat own {};
  struct stat status {};
  if (::lstat(path.c_str(), &own) != 0 || ::stat(path.c_str(), &status) != 0) return std::nullopt;
  FileFacts facts;
  facts.kind = S_ISREG(status.st_mode)   ? FileKind::regular
               : S_ISDIR(status.st_mode) ? FileKind::folder
                                         : FileKind::other;
  facts.is_link = S_ISLNK(own.st_mode);
  facts.mode = status.st_mode & 07777;
  facts.owner = status.st_uid;
  facts.group = status.st_gid;
  facts.names = status.st_nlink;
  facts.size = static_cast<std::uint64_t>(status.st_size);
  facts.identity = {status.st_dev, status.st_ino};
  facts.changed = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return facts;
}

std::string user_text(uid_t user) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  std::string number = std::to_string(user);
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return number;
  return std::string(entry.pw_name) + " (" + number + ")";
}

std::string group_text(gid_t group) {
  std::array<char, 4096> buffer{};
  struct group entry {};
  struct group* found = nullptr;
  std::string number = std::to_string(group);
  if (::getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return number;
  return std::string(entry.gr_name) + " (" + number + ")";
}

std::optional<FileSystemFacts> file_system_of(const std::string& path) noexcept {
  struct statfs status {};
  if (::statfs(path.c_str(), &status) != 0) return std::nullopt;
  const auto magic = static_cast<std::uint32_t>(status.f_type);
  FileSystemFacts facts;
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "0x%x", magic);
  facts.name = number.data();
  for (const KnownFileSystem& known : kKnownFileSystems) {
    if (known.magic != magic) continue;
    facts.name = known.name;
    facts.kind = known.kind;
  }
  facts.read_only = (status.f_flags & ST_RDONLY) != 0;
  facts.free_bytes = static_cast<std::uint64_t>(status.f_bavail) * static_cast<std::uint64_t>(status.f_bsize);
  return facts;
}

}  // namespace ipcm::platform
