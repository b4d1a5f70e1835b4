// SPDX-License-Identifier: MIT
#include "storage/sqlite/route_path.hpp"

#include <cerrno>
#include <utility>

#include <ipcm/error.hpp>

#include "platform/file.hpp"
#include "platform/system_error.hpp"

namespace ipcm::storage::sqlite {
namespace {

// A path that goes on below a file is one on which there is nothing.
bool leads_to_no_folder(const std::string& path) {
  try {
    return platform::kind_of(path) != platform::FileKind::folder;
  } catch (const Error&) {
    return false;
  }
}

std::string name_in_folder(const std::string& file) {
  std::string name = platform::name_in(file);
  return name.empty() ? "." : name;  // of "/", which is no route
}

}  // namespace

RoutePath::RoutePath(std::string database) : database_(std::move(database)) {
  const std::string folder = platform::parent_of(database_);
  try {
    folder_ = std::make_shared<platform::Folder>(folder);
  } catch (const Error& error) {
    refused_ = std::current_exception();
    is_missing_ = error.code() == ErrorCode::RouteMissing || leads_to_no_folder(folder);
  }
}

RoutePath::RoutePath(std::string database, const RoutePath& beside) : RoutePath(beside) {
  database_ = std::move(database);
}

RoutePath RoutePath::draft() const {
  return RoutePath(database_ + "-unfinished", *this);
}

const std::shared_ptr<const platform::Folder>& RoutePath::shared_folder() const {
  if (!folder_) std::rethrow_exception(refused_);
  return folder_;
}

std::optional<platform::FileStatus> RoutePath::status_of(const std::string& file) const {
  if (is_missing_) return std::nullopt;
  auto status = folder().status_of(name_in_folder(file));
  if (status || errno == ENOENT || errno == ENAMETOOLONG) return status;
  platform::throw_errno(errno, "cannot look at " + file);
}

std::optional<platform::FileIdentity> RoutePath::identity_of(const std::string& file) const {
  const auto status = status_of(file);
  return status ? std::optional(status->identity) : std::nullopt;
}

std::uint64_t RoutePath::size_of(const std::string& file) const {
  const auto status = status_of(file);
  return status ? status->size : 0;
}

platform::LockFileView RoutePath::look_at_lock_file() const {
  if (is_missing_) return {};
  return {folder(), platform::name_in(lock_file())};
}

bool RoutePath::make_file(const std::string& file, const platform::Access& access) const {
  return folder().make_file(name_in_folder(file), access);
}

bool RoutePath::remove_file(const std::string& file) const {
  return folder().remove_file(name_in_folder(file));
}

}  // namespace ipcm::storage::sqlite
