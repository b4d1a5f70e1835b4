// SPDX-License-Identifier: MIT
#include "conditions.hpp"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include <array>
#include <ctime>
#include <fstream>
#include <sstream>
#include <thread>

#include <ipcm/version.hpp>

namespace bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string kernel() {
  utsname name{};
  uname(&name);
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

// Of the longest mount point above the folder.
std::string file_system(const std::filesystem::path& folder) {
  const std::string path = std::filesystem::absolute(folder).string();
  std::string kind = "unknown";
  std::size_t longest = 0;
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, point, type;
    words >> device >> point >> type;
    if (path.starts_with(point) && point.size() >= longest) {
      longest = point.size();
      kind = type;
    }
  }
  return kind;
}

std::string load() {
  std::array<double, 1> average{};
  if (getloadavg(average.data(), 1) != 1) return "unknown";
  std::ostringstream text;
  text.precision(2);
  text << std::fixed << average[0];
  return text.str();
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &utc);
  return text.data();
}

}  // namespace

Conditions conditions_here(const std::filesystem::path& folder) {
  return {
      {"date", today()},
      {"ipcm", IPCM_VERSION},
      {"SQLite", sqlite3_libversion()},
      {"build", BENCH_BUILD},
      {"kernel", kernel()},
      {"processor", processor()},
      {"processors", std::to_string(std::thread::hardware_concurrency())},
      {"file system", file_system(folder)},
      {"load when it began", load()},
  };
}

}  // namespace bench
