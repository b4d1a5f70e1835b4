// SPDX-License-Identifier: MIT
#include "support/faults/copy_operations.hpp"

#include <filesystem>
#include <stdexcept>

namespace test {
namespace {

namespace fs = std::filesystem;

std::string copy_of(const Stage& stage) {
  return stage.route + ".copy";
}

// A copy that is said to be made is a route of its own; one that is not leaves nothing.
void require_copy(const Stage& stage, const std::string& id) {
  if (fs::exists(copy_of(stage) + "-unfinished")) throw std::logic_error("a draft was left");
  const auto info = ipcm::ConnectionInfo::parse(copy_of(stage));
  if (!id.empty() && ipcm::route_info(info).id != id) throw std::logic_error("the copy has another id than was said");
}

void back_up(Stage& stage) {
  const ipcm::Backup made = ipcm::backup_route(stage.info(), copy_of(stage));
  require_copy(stage, made.id);
}

void dump(Stage& stage) {
  ipcm::dump_route(stage.info(), [](std::string_view) {});
}

void load(const Stage& stage, const std::vector<std::string>& lines) {
  std::size_t next = 0;
  ipcm::load_route(ipcm::ConnectionInfo::parse(copy_of(stage)), [&](std::string& line) {
    if (next == lines.size()) return false;
    line = lines[next++];
    return true;
  });
  require_copy(stage, "");
}

void salvage(Stage& stage) {
  const ipcm::SalvageReport report = ipcm::salvage_route(stage.info(), copy_of(stage));
  if (report.whole()) require_copy(stage, report.id);
}

}  // namespace

std::vector<Operation> copying() {
  const Act nothing = [](Stage&) {};
  const auto lines = std::make_shared<std::vector<std::string>>();
  return {
      {"back up", nothing, back_up},
      {"dump", nothing, dump},
      {"load",
       [lines](Stage& stage) {
         lines->clear();
         ipcm::dump_route(stage.info(), [&](std::string_view line) { lines->emplace_back(line); });
       },
       [lines](Stage& stage) { load(stage, *lines); }},
      {"salvage", nothing, salvage},
  };
}

}  // namespace test
