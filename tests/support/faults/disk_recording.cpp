// SPDX-License-Identifier: MIT
#include "support/faults/disk_recording.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>

namespace test {
namespace {

using Kind = DiskEvent::Kind;

ino_t file_at(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

DiskRecording::DiskRecording(const std::string& folder) : folder_(folder) {
  watch_system_calls(this);
}

DiskRecording::~DiskRecording() {
  watch_system_calls(nullptr);
}

std::size_t DiskRecording::now() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

std::vector<DiskEvent> DiskRecording::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

// Empty for what is not recorded.
std::string DiskRecording::name_of(const char* path) const {
  const std::string_view whole = path;
  if (!whole.starts_with(folder_ + "/")) return {};
  const std::string_view name = whole.substr(folder_.size() + 1);
  const bool is_of_the_moment = name.ends_with("-shm") || name.ends_with("-lock") || name.find('/') != name.npos;
  return is_of_the_moment ? std::string() : std::string(name);
}

// What is done and its event happen under one lock, so that the record has the order of the disk.
long DiskRecording::around(const SystemCall& call, Doing act) noexcept {
  const std::string_view name = call.name;
  const std::lock_guard lock(mutex_);
  if (name == "open") return open(call, act);
  if (name == "rename") return rename(call, act);
  if (name == "unlink") return remove(call, act);
  const auto file = open_.find(call.descriptor);
  if (file == open_.end()) return act();
  if (name == "close") {
    open_.erase(file);
    return act();
  }
  if (name == "fsync" || name == "fdatasync") return sync(file->second, act);
  if (name == "write" || name == "pwrite" || name == "ftruncate") return change(file->second, call, act);
  return act();
}

long DiskRecording::open(const SystemCall& call, Doing act) {
  const bool is_folder = call.path == folder_;
  const std::string name = is_folder ? std::string() : name_of(call.path);
  if (!is_folder && name.empty()) return act();
  const bool existed = is_folder || file_at(call.path) != 0;
  const long descriptor = act();
  if (descriptor < 0) return descriptor;
  const ino_t file = is_folder ? 0 : file_at(call.path);
  open_[static_cast<int>(descriptor)] = {name, file};
  if (!existed) events_.push_back({Kind::create, name, file, 0, {}, {}});
  return descriptor;
}

long DiskRecording::rename(const SystemCall& call, Doing act) {
  const std::string from = name_of(call.path);
  const std::string to = name_of(call.new_path);
  const long result = act();
  if (result == 0 && !from.empty()) events_.push_back({Kind::rename, from, 0, 0, {}, to});
  return result;
}

long DiskRecording::remove(const SystemCall& call, Doing act) {
  const std::string name = name_of(call.path);
  const long result = act();
  if (result == 0 && !name.empty()) events_.push_back({Kind::remove, name, 0, 0, {}, {}});
  return result;
}

long DiskRecording::sync(const Open& file, Doing act) {
  if (ignores_syncs_) return 0;
  if (fails_syncs_) {
    errno = EIO;
    return -1;
  }
  const long result = act();
  const Kind kind = file.name.empty() ? Kind::sync_folder : Kind::sync;
  if (result == 0) events_.push_back({kind, file.name, file.file, 0, {}, {}});
  return result;
}

long DiskRecording::change(const Open& file, const SystemCall& call, Doing act) {
  const bool is_write = call.data != nullptr;
  const long result = act();
  if (result < 0) return result;
  // Nobody writes into these files without saying where.
  DiskEvent event{is_write ? Kind::write : Kind::truncate, file.name, file.file, call.offset, {}, {}};
  if (is_write) event.bytes.assign(static_cast<const char*>(call.data), static_cast<std::size_t>(result));
  events_.push_back(std::move(event));
  return result;
}

}  // namespace test
