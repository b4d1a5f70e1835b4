// SPDX-License-Identifier: MIT
#include "integration/power_loss/recording_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>

namespace test {
namespace {

// What a disk writes whole.
constexpr std::size_t kSector = 512;
constexpr const char* kName = "ipcm-recording";

// An open file: SQLite allots the bytes, and after it in memory lies the one of the VFS below.
struct RecordedFile {
  sqlite3_file base;
  DiskRecording* recording;
  const char* path;  // SQLite keeps it for as long as the file is open
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

RecordedFile& recorded(sqlite3_file* file) {
  return *reinterpret_cast<RecordedFile*>(file);
}
sqlite3_file* below(sqlite3_file* file) {
  return recorded(file).below();
}

}  // namespace

struct DiskRecording::Vfs {
  sqlite3_vfs raw{};
  sqlite3_vfs* system = nullptr;
  std::mutex mutex;
  std::vector<FileEvent> events;
  std::atomic<bool> ignores_syncs{false};
  std::atomic<bool> fails_syncs{false};

  // The event and what it tells of happen under one lock, so that the record has the order of the disk.
  template <class Act>
  int note(FileEvent event, Act act) {
    const std::lock_guard lock(mutex);
    const int result = act();
    if (result == SQLITE_OK && !event.file.empty()) events.push_back(std::move(event));  // without a name: scratch
    return result;
  }

  static Vfs& of(sqlite3_file* file) { return *recorded(file).recording->vfs_; }
  static sqlite3_vfs* system_of(sqlite3_vfs* vfs) { return static_cast<DiskRecording*>(vfs->pAppData)->vfs_->system; }

  static int close(sqlite3_file* file) { return below(file)->pMethods->xClose(below(file)); }
  static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
    return below(file)->pMethods->xRead(below(file), data, size, at);
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    const std::string bytes(static_cast<const char*>(data), static_cast<std::size_t>(size));
    return of(file).note({FileEvent::Kind::write, recorded(file).path, at, bytes},
                         [&] { return below(file)->pMethods->xWrite(below(file), data, size, at); });
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return of(file).note({FileEvent::Kind::truncate, recorded(file).path, size, {}},
                         [&] { return below(file)->pMethods->xTruncate(below(file), size); });
  }
  static int sync(sqlite3_file* file, int flags) {
    if (of(file).fails_syncs.load()) return SQLITE_IOERR_FSYNC;
    if (of(file).ignores_syncs.load()) return SQLITE_OK;
    FileEvent event{FileEvent::Kind::sync, recorded(file).path, 0, {}};
    return of(file).note(std::move(event), [&] { return below(file)->pMethods->xSync(below(file), flags); });
  }
  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    return below(file)->pMethods->xFileSize(below(file), bytes);
  }
  static int lock(sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); }
  static int unlock(sqlite3_file* file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
  static int is_reserved(sqlite3_file* file, int* answer) {
    return below(file)->pMethods->xCheckReservedLock(below(file), answer);
  }
  static int control(sqlite3_file* file, int operation, void* argument) {
    return below(file)->pMethods->xFileControl(below(file), operation, argument);
  }
  static int sector(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
  static int traits(sqlite3_file* file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); }
  static int map(sqlite3_file* file, int region, int bytes, int extend, void volatile** where) {
    return below(file)->pMethods->xShmMap(below(file), region, bytes, extend, where);
  }
  static int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
  }
  static void barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
  static int unmap(sqlite3_file* file, int remove) { return below(file)->pMethods->xShmUnmap(below(file), remove); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = {2,           close,   read,        write,   truncate, sync,   size,
                                               lock,        unlock,  is_reserved, control, sector,   traits, map,
                                               lock_shared, barrier, unmap,       nullptr, nullptr};
    sqlite3_vfs* const system = system_of(vfs);
    file->pMethods = nullptr;
    recorded(file).recording = static_cast<DiskRecording*>(vfs->pAppData);
    recorded(file).path = path != nullptr ? path : "";
    const int result = system->xOpen(system, path, below(file), flags, out_flags);
    if (below(file)->pMethods != nullptr) file->pMethods = &methods;
    return result;
  }
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    sqlite3_vfs* const system = system_of(vfs);
    return static_cast<DiskRecording*>(vfs->pAppData)->vfs_->note({FileEvent::Kind::remove, path, 0, {}}, [&] {
      return system->xDelete(system, path, sync_folder);
    });
  }
};

DiskRecording::DiskRecording() : vfs_(std::make_unique<Vfs>()) {
  vfs_->system = sqlite3_vfs_find(nullptr);
  vfs_->raw = *vfs_->system;
  vfs_->raw.zName = kName;
  vfs_->raw.pAppData = this;
  vfs_->raw.szOsFile = static_cast<int>(sizeof(RecordedFile)) + vfs_->system->szOsFile;
  vfs_->raw.xOpen = &Vfs::open;
  vfs_->raw.xDelete = &Vfs::remove;
  if (sqlite3_vfs_register(&vfs_->raw, 1) != SQLITE_OK) throw std::runtime_error("cannot register a VFS");
}

DiskRecording::~DiskRecording() {
  sqlite3_vfs_unregister(&vfs_->raw);
  sqlite3_vfs_register(vfs_->system, 1);
}

void DiskRecording::ignore_syncs() {
  vfs_->ignores_syncs = true;
}

void DiskRecording::fail_syncs() {
  vfs_->fails_syncs = true;
}

std::size_t DiskRecording::now() const {
  const std::lock_guard lock(vfs_->mutex);
  return vfs_->events.size();
}

std::vector<FileEvent> DiskRecording::events() const {
  const std::lock_guard lock(vfs_->mutex);
  return vfs_->events;
}

namespace {

void write_into(std::string& file, std::size_t at, std::string_view bytes) {
  if (file.size() < at + bytes.size()) file.resize(at + bytes.size(), '\0');
  file.replace(at, bytes.size(), bytes);
}

void perform(std::string& file, const FileEvent& event) {
  const auto at = static_cast<std::size_t>(event.offset);
  if (event.kind == FileEvent::Kind::truncate) {
    file.resize(at, '\0');
  } else {
    write_into(file, at, event.bytes);
  }
}

// A write of which each sector got to the disk or not.
void perform_in_part(std::string& file, const FileEvent& event, std::mt19937& random) {
  for (std::size_t done = 0; done < event.bytes.size();) {
    const std::size_t at = static_cast<std::size_t>(event.offset) + done;
    const std::size_t in_sector = std::min(kSector - at % kSector, event.bytes.size() - done);
    if (random() % 2 == 0) write_into(file, at, std::string_view(event.bytes).substr(done, in_sector));
    done += in_sector;
  }
}

}  // namespace

void SimulatedDisk::apply(const FileEvent& event) {
  if (event.kind == FileEvent::Kind::remove) {
    files_.erase(event.file);
    return;
  }
  File& file = files_[event.file];
  if (event.kind != FileEvent::Kind::sync) {
    file.unsynced.push_back(event);
    return;
  }
  for (const FileEvent& change : file.unsynced) perform(file.synced, change);
  file.unsynced.clear();
  file.exists = true;
}

Disk SimulatedDisk::after_power_loss(Unsynced fate, std::mt19937& random) const {
  Disk disk;
  for (const auto& [path, file] : files_) {
    std::string bytes = file.synced;
    bool exists = file.exists;
    for (const FileEvent& change : file.unsynced) {
      if (fate == Unsynced::lost) break;
      if (fate == Unsynced::kept || (change.kind == FileEvent::Kind::truncate && random() % 2 == 0)) {
        perform(bytes, change);
      } else if (change.kind == FileEvent::Kind::write) {
        perform_in_part(bytes, change, random);
      }
      exists = true;
    }
    if (exists) disk.emplace(path, std::move(bytes));
  }
  return disk;
}

}  // namespace test
