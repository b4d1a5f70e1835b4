// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ipcm/version.hpp>

// JSON values pass between a program and the library, and nlohmann_json promises no layout across its versions.
#if defined(IPCM_NLOHMANN_JSON_VERSION) &&                                                                   \
    NLOHMANN_JSON_VERSION_MAJOR * 10000 + NLOHMANN_JSON_VERSION_MINOR * 100 + NLOHMANN_JSON_VERSION_PATCH != \
        IPCM_NLOHMANN_JSON_VERSION
#error "ipcm was built with another version of nlohmann_json: use that version, or build ipcm with this one"
#endif

namespace ipcm {

using Json = nlohmann::json;

/// The deepest nesting of arrays and objects that content may have. Deeper values are refused with InvalidMessage:
/// copying or printing them recurses once per level.
inline constexpr int kMaxContentDepth = 1000;

/// Turns content into bytes and back. Built in: "JSON", "CBOR", "MessagePack".
///
/// Implementations are stateless or synchronise themselves: every client of the process may call them at once.
/// A stored message remembers the name of its serializer, so clients with different serializers share a route.
/// Whatever decode() and check() throw counts as InvalidMessage, except std::bad_alloc, and the message is set aside.
/// What encode() throws comes out of the call that sends; a std::exception but bad_alloc as InvalidMessage.
class Serializer {
 public:
  virtual ~Serializer() = default;

  /// The name in connection infos and in the store. Never changes.
  virtual std::string_view name() const = 0;

  /// Throws Error(InvalidMessage) when the value cannot be encoded, e.g. a string that is not UTF-8.
  virtual std::string encode(const Json& content) const = 0;

  /// Throws Error(InvalidMessage) when the bytes are not an encoding of a value.
  virtual Json decode(std::string_view bytes) const = 0;

  /// Throws what decode() would throw. Called once for every message that is taken; override it with something cheaper.
  virtual void check(std::string_view bytes) const;
};

/// Makes a serializer known to this process under its name. Throws Error(InvalidArgument) when the name is taken by
/// another one. Thread-safe.
void register_serializer(const std::shared_ptr<const Serializer>& serializer);

/// The serializer of that name; throws Error(InvalidArgument) that lists the names known. Thread-safe.
std::shared_ptr<const Serializer> find_serializer(std::string_view name);

/// The names of all serializers known to this process, sorted.
std::vector<std::string> serializer_names();

}  // namespace ipcm
