// SPDX-License-Identifier: MIT
#include "client/parcels.hpp"

#include <ipcm/error.hpp>

#include "core/message_access.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

constexpr std::string_view kDefaultSerializer = "JSON";  // stored as no name at all

std::shared_ptr<const Serializer> serializer_of(const storage::Parcel& parcel) {
  static const std::shared_ptr<const Serializer> usual = find_serializer(kDefaultSerializer);
  return parcel.serializer.empty() ? usual : find_serializer(parcel.serializer);
}

}  // namespace

PackedMessage::PackedMessage(const Message& message, const Serializer& serializer, std::size_t max_content, As as)
    : message_(message), id_(MessageAccess::message_id(message)) {
  const Content& content = message_.raw_content();
  if (as == As::stored_before) {
    own_content_ = content.text();
    serializer_ = content.serializer_name();
  } else if (content.is_set()) {
    shared_content_ = content.encoded_bytes(serializer);
    serializer_ = serializer.name();
  } else {
    own_content_ = content.encode(serializer);
    serializer_ = serializer.name();
  }
  if (serializer_ == kDefaultSerializer) serializer_.clear();
  const std::size_t size = encoded().size();
  if (size > max_content) {
    throw Error(ErrorCode::TooLarge, "the content of the message to " + in_quotes(message_.to()) + " has " +
                                         std::to_string(size) + " bytes; this route takes at most " +
                                         std::to_string(max_content) + ".");
  }
}

storage::Parcel PackedMessage::parcel() const noexcept {
  return {id_,       message_.from(),     message_.stamp(),          message_.broadcast(), serializer_,
          encoded(), message_.reply_to(), message_.correlation_id(), message_.error()};
}

Message unpack(const storage::StoredMessage& stored, const std::string& recipient) {
  const storage::Parcel& parcel = stored.parcel;
  return MessageAccess::make(
      parcel.id, std::string(parcel.sender), recipient, parcel.stamp, parcel.broadcast,
      Content::encoded(std::string(parcel.content), serializer_of(parcel)), stored.place,
      {std::string(parcel.reply_to), std::string(parcel.correlation_id), std::string(parcel.error)});
}

std::optional<std::string> decoding_problem(const storage::StoredMessage& stored) {
  try {
    serializer_of(stored.parcel)->check(stored.parcel.content);
  } catch (const Error& problem) {
    return problem.what();
  }
  return std::nullopt;
}

}  // namespace ipcm
