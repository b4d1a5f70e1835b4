// SPDX-License-Identifier: MIT
#include "platform/system_error.hpp"

#include <cerrno>
#include <system_error>

namespace ipcm::platform {

ErrorCode code_of_errno(int error) noexcept {
  switch (error) {
    case ENOENT: return ErrorCode::RouteMissing;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::ReadOnly;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorCode::RouteFull;
    default: return ErrorCode::StorageFailure;
  }
}

std::string words_of_errno(int error) {
  return std::generic_category().message(error);
}

void throw_errno(int error, std::string_view attempt) {
  throw Error(code_of_errno(error), std::string(attempt) + ": " + words_of_errno(error) + ".");
}

}  // namespace ipcm::platform
