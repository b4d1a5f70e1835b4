// SPDX-License-Identifier: MIT
#pragma once

#include <exception>

#include <ipcm/error.hpp>

namespace ipcm {

/// What was thrown, as an Error: whatever else it was counts as a failure of the store.
inline Error to_error(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return {ErrorCode::StorageFailure, error.what()};
  }
}

}  // namespace ipcm
