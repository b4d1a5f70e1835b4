// SPDX-License-Identifier: MIT
#include <ipcm/notifier_kind.hpp>

#include <string>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm {

std::string_view to_string(NotifierKind kind) noexcept {
  switch (kind) {
    case NotifierKind::automatic: return "auto";
    case NotifierKind::socket: return "socket";
    case NotifierKind::hook: return "hook";
    case NotifierKind::poll: break;
  }
  return "poll";
}

NotifierKind parse_notifier_kind(std::string_view text) {
  for (const NotifierKind kind :
       {NotifierKind::automatic, NotifierKind::socket, NotifierKind::hook, NotifierKind::poll}) {
    if (text == to_string(kind)) return kind;
  }
  throw Error(ErrorCode::InvalidArgument,
              "there is no notifier " + in_quotes(text) + "; there are auto, socket, hook and poll.");
}

}  // namespace ipcm
