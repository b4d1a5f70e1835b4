// SPDX-License-Identifier: MIT
#include "faults/exchange_scene.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <stdexcept>

#include "support/text.hpp"

namespace fs = std::filesystem;

namespace test {
namespace {

std::string describe(const std::string& path) {
  struct stat status {};
  lstat(path.c_str(), &status);
  return std::to_string(status.st_mode) + " " + std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid) +
         "\n";
}

void fill(const ipcm::ConnectionInfo& route) {
  const auto worker = ipcm::connect("worker", route);
  if (route.protocol != "SQLite") {
    worker->disconnect();
    return;
  }
  const auto boss = ipcm::connect("boss", route);
  boss->send_message("worker", 1);
  boss->create_queue("jobs");
  boss->send_message("jobs", 1);
  boss->disconnect();
  worker->suspend();
}

}  // namespace

ipcm::SpawnOptions options_of(const std::string& protocol, const std::string& route, const std::string& group) {
  ipcm::SpawnOptions options;
  options.protocol = protocol;
  options.route = route;
  options.group = group;
  options.guard = false;
  options.durability = ipcm::Durability::relaxed;  // waiting for the disk would take most of the time
  return options;
}

ipcm::ConnectionInfo info_of(const std::string& protocol, const std::string& route) {
  ipcm::ConnectionInfo info;
  info.protocol = protocol;
  info.route = route;
  return info;
}

Victim::Victim(const std::string& path, unsigned owner, mode_t mode) : path_(path) {
  fs::create_directory(path_);
  for (const char* folder : {"letters", "counts"}) fs::create_directory(path_ + "/" + folder);
  for (const char* file : {"job", "letters/draft-1-1", "counts/1.json", "evil-shm", "evil-unfinished"}) {
    test::write_file(path_ + "/" + file, "mine");
  }
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (chown(entry.path().c_str(), owner, owner) != 0) throw std::runtime_error("cannot give a file away");
  }
  if (chown(path_.c_str(), owner, owner) != 0 || chmod(path_.c_str(), mode) != 0) {
    throw std::runtime_error("cannot make the victim's folder");
  }
  before_ = state();
}

std::string Victim::changes() const {
  const std::string now = state();
  return now == before_ ? std::string() : "before:\n" + before_ + "now:\n" + now;
}

std::string Victim::state() const {
  std::string all = describe(path_);
  std::map<std::string, std::string> sorted;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    sorted[entry.path()] = describe(entry.path()) + (entry.is_regular_file() ? test::read_file(entry.path()) : "");
  }
  for (const auto& [name, text] : sorted) all += name + " " + text + "\n";
  return all;
}

Scene::Scene(const std::string& protocol, bool of_team)
    : home(kMallory, of_team ? kTeam : kMallory, of_team ? 02770 : 0755),
      victim(home.outside().file("victim"), of_team ? kAlice : 0, of_team ? 0700 : 0755),
      folder(home.file("folder")),
      link(home.file("link")),
      route(info_of(protocol, protocol == "SQLite" ? folder + "/evil" : folder)) {
  static std::map<bool, std::string> copies;  // of a route's only file: to make a route takes a hundred times as long
  std::string& copy = copies[of_team];
  const std::string made = as_user(kMallory, of_team ? kTeam : 0, [&] {
    umask(of_team ? 007 : 022);
    fs::create_directory(folder);
    fs::create_directory_symlink(home.outside().file("victim"), link);
    if (protocol == "SQLite" && !copy.empty()) {
      test::write_file(route.route, copy);
      chmod(route.route.c_str(), of_team ? 0660 : 0600);
      return std::string();
    }
    ipcm::spawn(options_of(protocol, route.route, of_team ? std::to_string(kTeam) : ""));
    fill(route);
    for (const char* side : {"-lock", "-wal", "-shm"}) fs::remove(route.route + side);
    return std::string();
  });
  if (!made.empty()) throw std::runtime_error(made);
  if (protocol == "SQLite" && copy.empty()) copy = test::read_file(route.route);
}

void Scene::exchange() const {
  syscall(SYS_renameat2, AT_FDCWD, folder.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
}

}  // namespace test
