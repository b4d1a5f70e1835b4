// SPDX-License-Identifier: MIT
#include "transport/letter_codec.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include <ipcm/error.hpp>

#include "core/names.hpp"

namespace ipcm::transport {
namespace {

// Both are compared as they are: whoever speaks another version has another first word.
constexpr std::string_view kMagic("ipcm\x01", 5);

// The bits say what a letter has; a letter with a bit that is not known here is not understood.
constexpr std::uint8_t kBroadcast = 1;
constexpr std::uint8_t kGeneratedId = 2;
constexpr std::uint8_t kEnclosure = 4;
constexpr std::uint8_t kReplyTo = 8;
constexpr std::uint8_t kCorrelation = 16;
constexpr std::uint8_t kError = 32;
constexpr std::uint8_t kKnown = kBroadcast | kGeneratedId | kEnclosure | kReplyTo | kCorrelation | kError;

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void number(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(value >> shift & 0xFFU);
  }
  void text(const std::string& value) {
    if (value.size() > kMaxNameBytes) {
      throw Error(ErrorCode::InvalidArgument, in_quotes(value) + " is too long to be sent: 255 bytes at most.");
    }
    out_ += static_cast<char>(value.size());
    out_ += value;
  }
  void long_text(const std::string& value) {
    number(value.size());
    out_ += value;
  }
  void uuid(const MessageId::Uuid& value) {
    for (const std::uint8_t byte : value) out_ += static_cast<char>(byte);
  }

 private:
  std::string& out_;
};

/// Gives zeros once something was missing, and remembers it.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  bool whole() const noexcept { return whole_; }
  std::string_view rest() const noexcept { return left_; }

  std::string_view bytes(std::size_t count) {
    if (count > left_.size()) {
      whole_ = false;
      left_ = {};
      return {};
    }
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  std::uint8_t byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }
  void number(std::uint64_t& value) {
    value = 0;
    unsigned shift = 0;
    for (const char each : bytes(8)) {
      value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(each)) << shift;
      shift += 8;
    }
  }
  void text(std::string& value) { value = bytes(byte()); }
  void long_text(std::string& value) {
    std::uint64_t size = 0;
    number(size);
    value = bytes(size);
  }
  void uuid(MessageId::Uuid& value) {
    const std::string_view all = bytes(value.size());
    if (!all.empty()) std::memcpy(value.data(), all.data(), value.size());
  }

 private:
  std::string_view left_;
  bool whole_ = true;
};

bool is_sender(const std::string& name) {
  return name == kAnonymousName || (broken_rule(name).empty() && !name.starts_with('_'));
}

// What a letter says that it has must be there, by the rules of messages.
bool right_correlation(const Letter& letter, std::uint8_t bits) {
  if ((bits & kReplyTo) != 0 && (letter.reply_to == kAnonymousName || !is_sender(letter.reply_to))) return false;
  if ((bits & kCorrelation) != 0 && !broken_rule(letter.correlation_id).empty()) return false;
  return (bits & kError) == 0 ||
         (!letter.error.empty() && letter.error.size() <= kMaxErrorBytes && is_valid_utf8(letter.error));
}

void read_id(Reader& reader, bool generated, MessageId& id) {
  if (generated) {
    MessageId::Uuid uuid{};
    reader.uuid(uuid);
    id = MessageId::from_uuid(uuid);
  } else {
    std::string chosen;
    reader.text(chosen);
    id = MessageId::chosen(std::move(chosen));
  }
}

void read_enclosure(Reader& reader, Enclosure& enclosure) {
  std::uint64_t sender = 0;
  reader.number(sender);
  enclosure.sender = static_cast<std::int64_t>(sender);
  reader.number(enclosure.serial);
  reader.number(enclosure.size);
}

}  // namespace

std::string encode_head(const Letter& letter, std::size_t content_size) {
  std::string head;
  head.reserve(128);
  head = kMagic;
  std::uint8_t bits = 0;
  if (letter.broadcast) bits |= kBroadcast;
  if (letter.id.is_generated()) bits |= kGeneratedId;
  if (letter.enclosure) bits |= kEnclosure;
  if (!letter.reply_to.empty()) bits |= kReplyTo;
  if (!letter.correlation_id.empty()) bits |= kCorrelation;
  if (!letter.error.empty()) bits |= kError;
  head += static_cast<char>(bits);
  Writer writer(head);
  letter.id.is_generated() ? writer.uuid(letter.id.uuid()) : writer.text(letter.id.chosen_text());
  writer.text(letter.sender);
  writer.number(std::bit_cast<std::uint64_t>(letter.stamp));
  writer.text(letter.serializer);
  if (!letter.reply_to.empty()) writer.text(letter.reply_to);
  if (!letter.correlation_id.empty()) writer.text(letter.correlation_id);
  if (!letter.error.empty()) writer.long_text(letter.error);
  if (letter.enclosure) {
    writer.number(static_cast<std::uint64_t>(letter.enclosure->sender));
    writer.number(letter.enclosure->serial);
    writer.number(letter.enclosure->size);
  }
  writer.number(content_size);
  return head;
}

std::optional<Letter> decode_letter(std::string_view datagram) {
  if (!datagram.starts_with(kMagic)) return std::nullopt;
  Reader reader(datagram.substr(kMagic.size()));
  const std::uint8_t bits = reader.byte();
  if ((bits & ~kKnown) != 0) return std::nullopt;
  Letter letter;
  letter.broadcast = (bits & kBroadcast) != 0;
  read_id(reader, (bits & kGeneratedId) != 0, letter.id);
  reader.text(letter.sender);
  std::uint64_t stamp = 0;
  reader.number(stamp);
  letter.stamp = std::bit_cast<double>(stamp);
  reader.text(letter.serializer);
  if ((bits & kReplyTo) != 0) reader.text(letter.reply_to);
  if ((bits & kCorrelation) != 0) reader.text(letter.correlation_id);
  if ((bits & kError) != 0) reader.long_text(letter.error);
  if ((bits & kEnclosure) != 0) read_enclosure(reader, letter.enclosure.emplace());
  std::uint64_t size = 0;
  reader.number(size);
  if (!reader.whole() || size != reader.rest().size() || (letter.enclosure && size != 0)) return std::nullopt;
  letter.content = reader.rest();
  if (!right_correlation(letter, bits)) return std::nullopt;
  const bool right = is_sender(letter.sender) && std::isfinite(letter.stamp) && is_valid_utf8(letter.serializer) &&
                     (letter.id.is_generated() || broken_rule(letter.id.chosen_text()).empty());
  return right ? std::optional(std::move(letter)) : std::nullopt;
}

}  // namespace ipcm::transport
