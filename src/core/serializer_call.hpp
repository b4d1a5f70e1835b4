// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

#include "core/names.hpp"

namespace ipcm {

/// The serializer that every process has, and that stores keep no name of.
inline constexpr std::string_view kJsonName = "JSON";

inline Error failed_serializer(const Serializer& serializer, const std::string& why) {
  return {ErrorCode::InvalidMessage, "the serializer " + in_quotes(serializer.name()) + " failed: " + why};
}

/// Calls a serializer, which may be the program's own: what it throws becomes Error(InvalidMessage), except
/// std::bad_alloc and what is no std::exception.
template <typename Call>
auto call_serializer(const Serializer& serializer, Call call) {
  try {
    return call(serializer);
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& failure) {
    throw failed_serializer(serializer, failure.what());
  }
}

/// The same to decode or check, for which nothing else is to blame than the bytes: what is no std::exception, too.
template <typename Call>
auto call_decoder(const Serializer& serializer, Call call) {
  try {
    return call_serializer(serializer, call);
  } catch (const std::exception&) {
    throw;
  } catch (...) {
    throw failed_serializer(serializer, "it threw what is no std::exception.");
  }
}

}  // namespace ipcm
