// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <ipcm/error.hpp>
#include <ipcm/outcome.hpp>

namespace test {

/// The ipcm::Error that `act` throws, if it throws one.
template <typename Act>
std::optional<ipcm::Error> caught(Act&& act) {
  try {
    std::forward<Act>(act)();
  } catch (const ipcm::Error& error) {
    return error;
  }
  return std::nullopt;
}

/// The name of an outcome's code, "ok" for none.
inline std::string code_of(const ipcm::Outcome& outcome) {
  return outcome ? "ok" : std::string(ipcm::to_string(outcome.error().code()));
}

/// The name of the code of the ipcm::Error that `act` throws, "ok" for none.
template <typename Act>
std::string code_of_call(Act&& act) {
  const auto error = caught(std::forward<Act>(act));
  return error ? std::string(ipcm::to_string(error->code())) : "ok";
}

}  // namespace test

/// CHECK_ERROR(UnknownPeer, boss->send_message("nobody", 1)): that call throws an ipcm::Error of that code.
#define CHECK_ERROR(expected, ...)                                          \
  BOOST_TEST(test::code_of_call([&] { static_cast<void>(__VA_ARGS__); }) == \
             std::string(ipcm::to_string(ipcm::ErrorCode::expected)))
