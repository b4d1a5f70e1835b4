// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ipcm/content.hpp>

namespace ipcm {

/// The longest error that a reply can carry.
inline constexpr std::size_t kMaxErrorBytes = 4096;

/// Higher ones are delivered first.
inline constexpr int kDefaultPriority = 4;
inline constexpr int kHighestPriority = 7;

/// What a caller may say about a message. What is not set takes its default.
///
///     client->send_message({.to = "worker", .content = {{"n", 1}}, .id = "order-17"});
struct MessageFields {
  std::optional<std::string> to{};  ///< the recipient; required unless broadcast
  Content content{};                ///< default: null
  std::optional<std::string> id{};  ///< default: a new UUIDv7. 1-255 bytes of UTF-8 without control characters
  /// In place of `id`: one that the caller's own generator made, as bindings to other languages do. It costs what a new
  /// one costs, for it is not looked for in the inbox. A UUID in lower case with hyphens.
  std::optional<std::string> uuid{};
  std::optional<double> stamp{};                ///< default: now. Seconds since 1970-01-01T00:00:00Z; finite
  std::optional<bool> broadcast{};              ///< default: false
  std::optional<std::string> reply_to{};        ///< who is to get the reply; default: nobody expects one
  std::optional<std::string> correlation_id{};  ///< what a request and its reply have in common; rules as for an id
  std::optional<std::string> error{};           ///< in a reply: why there is no answer; 1-4096 bytes of UTF-8

  // Of jobs, for routes of SQLite. Times are by the wall clock.
  /// Not before that time, or not before so long from now; also after a restart. Default: at once.
  std::optional<std::chrono::system_clock::time_point> deliver_at{};
  std::optional<std::chrono::milliseconds> delay{};
  /// Not after that time, or not for longer than that once it could be delivered. Default: for ever.
  std::optional<std::chrono::system_clock::time_point> expires_at{};
  std::optional<std::chrono::milliseconds> ttl{};
  std::optional<int> priority{};      ///< 0 to kHighestPriority; default: kDefaultPriority. Equal ones: oldest first
  std::optional<int> max_attempts{};  ///< from 1 on: so many claims that fail end its life; default: the queue's
  /// While a message with that key is in the inbox, in flight, or within the queue's dedup_window, another one is not
  /// stored: sending it returns the id of the first. Rules as for an id.
  std::optional<std::string> dedup_key{};
  /// Messages of one group are handled one at a time, in order. Rules as for an id.
  std::optional<std::string> group_key{};

  std::optional<std::string> from{};  ///< default, and only accepted value: the sending client's id
};

/// A message: a value, cheap to copy.
///
/// Made by Client::build_message(), by a client's reading calls, or from JSON that to_json() wrote.
class Message {
 public:
  const std::string& id() const noexcept { return id_; }
  const std::string& from() const noexcept { return from_; }
  /// The recipient; empty for a broadcast that is not yet addressed.
  const std::string& to() const noexcept { return to_; }
  /// When it was built: seconds since 1970-01-01T00:00:00Z, by the sender's wall clock. Plays no part in the order.
  double stamp() const noexcept { return stamp_; }
  bool broadcast() const noexcept { return broadcast_; }
  /// Where in the recipient's inbox it was read: what requeue_message() needs to put it back. Nothing for a message
  /// that no store has shown. Opaque, and beyond 2^53.
  std::optional<std::int64_t> place() const noexcept { return place_; }

  // Of requests and replies; empty in other messages. See Client::request() and reply().
  /// Who is to get the reply.
  const std::string& reply_to() const noexcept { return correlation().reply_to; }
  /// The same in a request and in its reply.
  const std::string& correlation_id() const noexcept { return correlation().correlation_id; }
  /// In a reply: why there is no answer.
  const std::string& error() const noexcept { return correlation().error; }
  bool is_request() const noexcept { return !reply_to().empty(); }
  bool is_reply() const noexcept { return !correlation_id().empty() && reply_to().empty(); }

  // Of jobs; see MessageFields.
  using TimePoint = std::chrono::system_clock::time_point;
  int priority() const noexcept { return job().priority; }
  /// Known only until it is sent.
  std::optional<TimePoint> deliver_at() const noexcept;
  std::optional<TimePoint> expires_at() const noexcept;
  /// How many times it was claimed, this time included.
  int attempts() const noexcept { return job().attempts; }
  std::optional<int> max_attempts() const noexcept { return job().max_attempts; }
  const std::string& dedup_key() const noexcept { return job().dedup_key; }
  const std::string& group_key() const noexcept { return job().group_key; }

  /// The content, decoded at the first call.
  const Json& content() const { return content_.json(); }
  /// The content as it was stored, to the byte.
  std::string content_text() const { return content_.text(); }
  /// The content as an object that can be passed on without being decoded.
  const Content& raw_content() const noexcept { return content_; }

  /// True for an object whose member "terminate" is true, as Spawn::terminate() sends it, or anything else that is
  /// true in Perl, as IPC::Manager sends it: numbers other than 0, texts other than "" and "0", arrays and objects.
  bool is_terminate() const;

  /// An object with id, from, to, stamp, broadcast and content; the fields of requests, replies and jobs where the
  /// message has them (times in seconds since 1970); and place, for a message that was read from a store:
  /// what requeue_message() needs to put it back where it was, after an exec or a restart too. The place is a number
  /// as text, because many readers of JSON round numbers beyond 2^53.
  ///
  /// The content is also there to the byte if its value does not say all of it: content_text holds JSON text with
  /// members, digits or space that a JSON value does not keep; serializer and content_base64 hold content of another
  /// serializer than JSON.
  Json to_json() const;

  /// The reverse. content_text, or serializer and content_base64, count before content if they are there.
  /// Throws Error(InvalidMessage) that names the member that is missing or wrong.
  static Message from_json(const Json& json);

  /// The same from JSON text, such as a line of `ipcm get --json`. The content is what stands there, to the byte.
  /// A byte order mark before the text is left out.
  static Message from_text(std::string_view json_text);

 private:
  friend class MessageAccess;  // src/core: makes messages and reads what a store needs to put one back

  static Message from_members(const Json& json, Content content);

  struct Correlation {
    std::string reply_to{};
    std::string correlation_id{};
    std::string error{};
  };
  const Correlation& correlation() const noexcept;

  struct Job {
    int priority = kDefaultPriority;
    std::optional<double> deliver_at{};  // seconds since 1970, as the next one
    std::optional<double> expires_at{};
    int attempts = 0;
    std::optional<int> max_attempts{};
    std::string dedup_key{};
    std::string group_key{};

    bool operator==(const Job&) const = default;
  };
  const Job& job() const noexcept;

  std::string id_;
  std::string from_;
  std::string to_;
  double stamp_ = 0;
  bool broadcast_ = false;
  bool generated_id_ = false;
  std::optional<std::int64_t> place_;  // where in the recipient's inbox it was read
  Content content_;
  std::shared_ptr<const Correlation> correlation_;  // null: of a message that is neither request nor reply
  std::shared_ptr<const Job> job_;                  // null: nothing is said of it
};

}  // namespace ipcm
