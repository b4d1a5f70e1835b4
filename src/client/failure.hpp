// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <new>

#include <ipcm/error.hpp>

namespace ipcm {

/// Made at the start, as it is told when nothing can be made any more. A copy takes no memory.
inline const Error kOutOfMemory{ErrorCode::StorageFailure, "there is not enough memory."};

/// What was thrown, as an Error: whatever else it was counts as a failure of the store.
inline Error to_error(const std::exception_ptr& failure) noexcept {
  try {
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      return error;
    } catch (const std::bad_alloc&) {
      return kOutOfMemory;
    } catch (const std::exception& error) {
      return {ErrorCode::StorageFailure, error.what()};
    }
  } catch (const std::bad_alloc&) {
    return kOutOfMemory;
  }
}

}  // namespace ipcm
