// SPDX-License-Identifier: MIT
// What the three built-in serializers have in common: every value that encode() takes comes back equal from decode(),
// and what would not is refused; text is strict UTF-8 in both directions; nesting is limited in both directions.
#pragma once

#include <memory>

#include <ipcm/serializer.hpp>

namespace ipcm {

/// Compact text (RFC 8259). It has no binary values, no NaN and no infinities.
std::shared_ptr<const Serializer> make_json_serializer();

/// RFC 8949 without tags, so binary values have no subtype; and without `undefined` and other simple values.
std::shared_ptr<const Serializer> make_cbor_serializer();

/// A binary value's subtype is an extension type, as an unsigned byte: 0 to 255.
std::shared_ptr<const Serializer> make_message_pack_serializer();

}  // namespace ipcm
