// SPDX-License-Identifier: MIT
#include "platform/process_facts.hpp"

#include <dirent.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <system_error>

namespace ipcm::platform {

std::string stat_of_process(const std::string& process) {
  std::ifstream stat("/proc/" + process + "/stat");
  std::string text;
  std::getline(stat, text, '\0');  // not by iterators, which throw when the process ends in between
  return text;
}

// proc(5): "4711 (name) S ...", where the name may hold anything.
ProcessFacts facts_of_process(int pid) {
  const std::string text = stat_of_process(std::to_string(pid));
  const std::size_t begin = text.find('(');
  const std::size_t end = text.rfind(')');
  if (begin == std::string::npos || end == std::string::npos || end + 2 >= text.size()) return {};
  const char state = text[end + 2];
  return {text.substr(begin + 1, end - begin - 1), state == 'T' || state == 't'};
}

namespace {

// The number that a path ends in; nullopt: it ends in none.
std::optional<int> number_at_end_of(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  int number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// What is in a folder of /proc, of which any entry may vanish meanwhile.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code problem;
  for (std::filesystem::directory_iterator each(folder, problem), end; !problem && each != end; each.increment(problem))
    entries.push_back(each->path());
  return entries;
}

}  // namespace

std::vector<OpenFile> holders_of_deleted(const std::string& path) {
  const std::string target = path + " (deleted)";
  std::map<int, int> descriptors;
  for (const std::filesystem::path& process : entries_of("/proc")) {
    const auto pid = number_at_end_of(process);
    if (!pid) continue;
    for (const std::filesystem::path& link : entries_of(process / "fd")) {
      std::error_code problem;
      const auto descriptor = number_at_end_of(link);
      if (descriptor && std::filesystem::read_symlink(link, problem) == target) descriptors.emplace(*pid, *descriptor);
    }
  }
  std::vector<OpenFile> holders;
  for (const auto& [pid, descriptor] : descriptors) holders.push_back({pid, descriptor});
  return holders;
}

bool has_open(const FileIdentity& file) noexcept {
  const auto close = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> stream(::opendir("/proc/thread-self/fd"), close);
  if (!stream) return true;
  while (const dirent* const entry = ::readdir(stream.get())) {
    int descriptor = -1;
    const char* const name = entry->d_name;
    const auto [end, problem] = std::from_chars(name, name + std::strlen(name), descriptor);
    if (problem == std::errc() && FileIdentity::of(descriptor) == file) return true;
  }
  return false;
}

std::string process_text(int pid) {
  const std::string name = facts_of_process(pid).name;
  return "process " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace ipcm::platform
