// SPDX-License-Identifier: MIT
#include <ipcm/error.hpp>

namespace ipcm {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::UnknownPeer: return "UnknownPeer";
    case ErrorCode::PeerDisconnected: return "PeerDisconnected";
    case ErrorCode::PeerGone: return "PeerGone";
    case ErrorCode::NameInUse: return "NameInUse";
    case ErrorCode::InvalidName: return "InvalidName";
    case ErrorCode::InvalidMessage: return "InvalidMessage";
    case ErrorCode::DuplicateMessage: return "DuplicateMessage";
    case ErrorCode::TooLarge: return "TooLarge";
    case ErrorCode::NotARoute: return "NotARoute";
    case ErrorCode::RouteMissing: return "RouteMissing";
    case ErrorCode::RouteGone: return "RouteGone";
    case ErrorCode::RouteDamaged: return "RouteDamaged";
    case ErrorCode::RouteTooNew: return "RouteTooNew";
    case ErrorCode::RouteTooOld: return "RouteTooOld";
    case ErrorCode::RouteFull: return "RouteFull";
    case ErrorCode::Unsafe: return "Unsafe";
    case ErrorCode::ReadOnly: return "ReadOnly";
    case ErrorCode::Busy: return "Busy";
    case ErrorCode::WrongProcess: return "WrongProcess";
    case ErrorCode::Disconnected: return "Disconnected";
    case ErrorCode::NotSupported: return "NotSupported";
    case ErrorCode::RequestFailed: return "RequestFailed";
    case ErrorCode::PeerDied: return "PeerDied";
    case ErrorCode::TimedOut: return "TimedOut";
    case ErrorCode::MessagesWaiting: return "MessagesWaiting";
    case ErrorCode::LostClaim: return "LostClaim";
    case ErrorCode::InvalidArgument: return "InvalidArgument";
    case ErrorCode::StorageFailure: return "StorageFailure";
  }
  return "Unknown";
}

Error::Error(ErrorCode code, const std::string& text) : Error(code, text, std::nullopt) {}

Error::Error(ErrorCode code, const std::string& text, std::optional<int> pid)
    : std::runtime_error(text), code_(code), pid_(pid) {}

}  // namespace ipcm
