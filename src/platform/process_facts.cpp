// SPDX-License-Identifier: MIT
#include "platform/process_facts.hpp"

#include <fstream>
#include <iterator>

namespace ipcm::platform {

// proc(5): "4711 (name) S ...", where the name may hold anything.
ProcessFacts facts_of_process(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
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
