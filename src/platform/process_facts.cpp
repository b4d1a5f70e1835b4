// SPDX-License-Identifier: MIT
#include "platform/process_facts.hpp"

#include <fstream>

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

std::string process_text(int pid) {
  const std::string name = facts_of_process(pid).name;
  return "process " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace ipcm::platform
