// SPDX-License-Identifier: MIT
// A dump. The first byte says what the rest is: D, its lines; else edits of a whole one.
#include <ipcm/ipcm.hpp>

#include "fuzz/support/edits.hpp"
#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/sample_route.hpp"

namespace {

std::string dump_of_sample() {
  const fuzz::Workplace workplace;
  workplace.lay_out(fuzz::sample_route());
  std::string text;
  ipcm::dump_route(ipcm::ConnectionInfo::parse(workplace.path()),
                   [&](std::string_view line) { text.append(line).append("\n"); });
  return text;
}

// What was loaded is a whole route.
void load(const std::string& path, std::string_view text) {
  const auto info = ipcm::ConnectionInfo::parse(path);
  const std::vector<std::string> lines = fuzz::lines_of(text);
  try {
    ipcm::load_route(info, [&, next = std::size_t{0}](std::string& line) mutable {
      if (next == lines.size()) return false;
      line = lines[next++];
      return true;
    });
  } catch (const ipcm::Error&) {
    return;
  }
  fuzz::require(ipcm::check_route(info).problems.empty(), "a dump that was loaded adds up");
  std::vector<std::string> again;
  ipcm::dump_route(info, [&](std::string_view line) { again.emplace_back(line); });
  fuzz::require(again.size() == lines.size(), "it is dumped as so many lines");
  ipcm::unspawn(path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const fuzz::Workplace workplace;
  static const std::string sample = dump_of_sample();
  const std::string_view bytes = fuzz::text_of(data, size).substr(1);
  std::string text = sample;
  data[0] == 'D' ? void(text = bytes) : fuzz::edit(text, bytes);
  load(workplace.path() + ".loaded", text);
  return 0;
}
