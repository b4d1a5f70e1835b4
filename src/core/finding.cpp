// SPDX-License-Identifier: MIT
#include <ipcm/finding.hpp>

namespace ipcm {

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::ok: return "ok";
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::problem: break;
  }
  return "problem";
}

}  // namespace ipcm
