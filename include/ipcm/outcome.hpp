// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

#include <ipcm/error.hpp>

namespace ipcm {

/// The result of an operation that may fail without an exception: tests true, or holds the error.
///
///     if (auto sent = client->try_message("worker", job); !sent) log(sent.error().what());
class Outcome {
 public:
  Outcome() = default;
  Outcome(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor): an error is an outcome

  explicit operator bool() const noexcept { return !error_; }

  /// The error. Only to be called when the outcome tests false.
  const Error& error() const { return error_.value(); }

  /// Throws the error, if there is one.
  void or_throw() const {
    if (error_) throw Error(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace ipcm
