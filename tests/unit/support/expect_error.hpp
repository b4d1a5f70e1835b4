// SPDX-License-Identifier: MIT
#pragma once

#include <ipcm/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace test {

/// Runs `action`, which must throw an ipcm::Error with that code; returns its text.
template <typename Action>
std::string expect_error(ipcm::ErrorCode code, Action action) {
  try {
    action();
  } catch (const ipcm::Error& error) {
    BOOST_TEST(ipcm::to_string(error.code()) == ipcm::to_string(code), error.what());
    return error.what();
  }
  BOOST_ERROR("nothing was thrown, but " + std::string(ipcm::to_string(code)) + " was expected");
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace test
