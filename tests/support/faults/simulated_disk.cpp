// SPDX-License-Identifier: MIT
#include "support/faults/simulated_disk.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "support/temporary_folder.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using Kind = DiskEvent::Kind;

// What a disk writes whole, or in part from one end on.
constexpr std::size_t kSector = 512;

void write_into(std::string& file, std::size_t at, std::string_view bytes) {
  if (file.size() < at + bytes.size()) file.resize(at + bytes.size(), '\0');
  file.replace(at, bytes.size(), bytes);
}

void perform(std::string& file, const DiskEvent& event) {
  const auto at = static_cast<std::size_t>(event.offset);
  if (event.kind == Kind::truncate) {
    file.resize(at, '\0');
  } else {
    write_into(file, at, event.bytes);
  }
}

// The size of a file that grew may get to the disk before what was written there.
void leave_garbage(std::string& file, std::size_t at, std::size_t size, std::mt19937& random) {
  const std::size_t from = std::max(file.size(), at);
  if (at + size <= from || random() % 2 == 0) return;
  file.resize(at + size, '\0');
  for (std::size_t byte = from; byte < at + size; ++byte) file[byte] = static_cast<char>(random());
}

void write_sector_by_chance(std::string& file, std::size_t at, std::string_view bytes, std::mt19937& random) {
  switch (random() % 4) {
    case 0: leave_garbage(file, at, bytes.size(), random); break;
    case 1: {  // in part, from one of its ends on
      const std::size_t done = random() % (bytes.size() + 1);
      const bool from_the_end = random() % 2 == 0;
      leave_garbage(file, at, bytes.size(), random);
      from_the_end ? write_into(file, at + bytes.size() - done, bytes.substr(bytes.size() - done))
                   : write_into(file, at, bytes.substr(0, done));
      break;
    }
    default: write_into(file, at, bytes);
  }
}

void perform_in_part(std::string& file, const DiskEvent& event, std::mt19937& random) {
  if (event.kind == Kind::truncate) {
    if (random() % 2 == 0) perform(file, event);
    return;
  }
  for (std::size_t done = 0; done < event.bytes.size();) {
    const std::size_t at = static_cast<std::size_t>(event.offset) + done;
    const std::size_t in_sector = std::min(kSector - at % kSector, event.bytes.size() - done);
    write_sector_by_chance(file, at, std::string_view(event.bytes).substr(done, in_sector), random);
    done += in_sector;
  }
}

}  // namespace

SimulatedDisk::SimulatedDisk(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    // What happens to the lock file is not recorded. As it was before, it would miss what was removed since.
    if (entry.path().string().ends_with("-lock")) continue;
    struct stat status {};
    if (stat(entry.path().c_str(), &status) != 0) continue;
    const auto file = std::make_shared<File>(File{read_file(entry.path().string()), {}});
    files_[status.st_ino] = file;
    names_[entry.path().filename().string()] = file;
  }
  durable_names_ = names_;
}

void SimulatedDisk::change(Names& names, const NameChange& change) {
  names.erase(change.name);
  if (change.kind == Kind::create) names[change.name] = change.file;
  if (change.kind == Kind::rename) names[change.new_name] = change.file;
}

void SimulatedDisk::apply(const DiskEvent& event) {
  switch (event.kind) {
    case Kind::write:
    case Kind::truncate: files_[event.file]->unsynced.push_back(event); return;
    case Kind::sync: {
      File& file = *files_[event.file];
      for (const DiskEvent& done : file.unsynced) perform(file.synced, done);
      file.unsynced.clear();
      return;
    }
    case Kind::sync_folder:
      durable_names_ = names_;
      unsynced_.clear();
      return;
    case Kind::create: files_[event.file] = std::make_shared<File>(); break;
    case Kind::remove:
    case Kind::rename: break;
  }
  NameChange name{event.kind, event.name, event.new_name, nullptr};
  name.file = event.kind == Kind::create ? files_[event.file] : names_[event.name];
  change(names_, name);
  unsynced_.push_back(std::move(name));
}

std::string SimulatedDisk::content_of(const File& file, Unsynced fate, std::mt19937& random) {
  std::string bytes = file.synced;
  for (const DiskEvent& event : file.unsynced) {
    if (fate == Unsynced::kept) perform(bytes, event);
    if (fate == Unsynced::mixed) perform_in_part(bytes, event, random);
  }
  return bytes;
}

Disk SimulatedDisk::after_power_loss(Unsynced fate, std::mt19937& random) const {
  Names names = durable_names_;
  for (const NameChange& one : unsynced_) {
    const bool is_there = fate == Unsynced::kept || (fate == Unsynced::mixed && random() % 2 == 0);
    if (is_there) change(names, one);
  }
  Disk disk;
  for (const auto& [name, file] : names) disk.emplace(name, content_of(*file, fate, random));
  return disk;
}

void write_disk(const Disk& disk, const std::string& folder) {
  for (const auto& [name, bytes] : disk) {
    const std::string path = folder + "/" + name;
    write_file(path, bytes);
    chmod(path.c_str(), 0600);
  }
}

}  // namespace test
