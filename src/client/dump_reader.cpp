// SPDX-License-Identifier: MIT
#include "client/dump_reader.hpp"

#include <utility>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

#include "client/dump_writer.hpp"
#include "core/byte_order_mark.hpp"
#include "core/names.hpp"
#include "storage/row_rules.hpp"
#include "storage/words.hpp"

namespace ipcm {
namespace {

using storage::PeerId;

[[noreturn]] void refuse_dump(const std::string& why) {
  throw Error(ErrorCode::InvalidArgument, why + ".");
}

MessageId read_id(JsonLineReader& line) {
  if (const auto chosen = line.text("chosen_id")) return MessageId::chosen(*chosen);
  MessageId id = MessageId::generated_from_text(line.required_text("id"));
  if (!id.is_generated()) refuse_dump("the id is no UUID; one that the sender chose is a chosen_id");
  return id;
}

int read_priority(JsonLineReader& line) {
  const std::int64_t priority = line.number("priority").value_or(storage::kOrdinaryPriority);
  if (priority < 0 || priority > storage::kHighestPriority) refuse_dump("the priority is not 0 to 7");
  return static_cast<int>(priority);
}

}  // namespace

// What a message's views look at.
struct DumpReader::Texts {
  std::string sender, serializer, content, reply_to, correlation_id, error, group_key, dedup_key;
};

void DumpReader::read(std::string_view line) {
  ++counts_.lines;
  try {
    take(line);
  } catch (const Error& error) {
    if (!storage::is_refusal(error.code())) throw;
    throw Error(ErrorCode::InvalidArgument, "line " + std::to_string(counts_.lines) + ": " + error.what());
  }
}

void DumpReader::take(std::string_view text) {
  if (ended_) refuse_dump("the dump has ended before it");
  JsonLineReader line(counts_.lines == 1 ? without_byte_order_mark(text) : text);
  const std::string kind = line.required_text("kind");
  if (counts_.lines == 1) {
    take_header(kind, line);
  } else if (kind == "route") {
    take_settings(line);
  } else if (!has_settings_) {
    refuse_dump("the line of the kind \"route\" comes second");
  } else if (kind == "end") {
    const std::int64_t lines = line.required_number("lines");
    if (lines < 0 || static_cast<std::uint64_t>(lines) != counts_.lines - 1) {
      refuse_dump("there should be " + std::to_string(lines) + " lines before this one, and there are " +
                  std::to_string(counts_.lines - 1));
    }
    ended_ = true;
  } else {
    take_row(kind, line);
  }
  line.finish();
}

void DumpReader::take_header(const std::string& kind, JsonLineReader& line) const {
  if (kind != "ipcm-dump") refuse_dump("this is no dump of a route, which begins with {\"kind\":\"ipcm-dump\"");
  const std::int64_t version = line.required_number("version");
  if (version == kDumpVersion) return;
  refuse_dump("the dump has the version " + std::to_string(version) + "; this library reads version " +
              std::to_string(kDumpVersion));
}

void DumpReader::take_row(const std::string& kind, JsonLineReader& line) {
  if (kind == "peer" || kind == "queue") return take_inbox(line, kind == "queue");
  if (kind == "settings") return take_queue(line);
  if (kind == "message" || kind == "later" || kind == "claim" || kind == "dead") return take_message(kind, line);
  if (kind == "dedup_key") return take_dedup(line);
  if (kind == "schedule") return take_schedule(line);
  if (kind == "count") return take_count(line);
  refuse_dump("there is no kind " + in_quotes(kind));
}

void DumpReader::take_settings(JsonLineReader& line) {
  if (has_settings_) refuse_dump("a route has one line of the kind \"route\"");
  storage::RouteSettings row;
  row.created_at = line.required_real("created_at");
  row.durability = line.required_text("durability");
  const std::int64_t max_content = line.required_number("max_content");
  if (max_content < 0) refuse_dump("max_content is below 0");
  row.max_content = static_cast<std::uint64_t>(max_content);
  row.notifier = line.required_text("notifier");
  row.time_zone = line.required_text("time_zone");
  row.secure_delete = line.flag("secure_delete");
  sink_.settings(row);
  has_settings_ = true;
}

void DumpReader::take_inbox(JsonLineReader& line, bool is_queue) {
  storage::InboxRow row;
  row.peer.id = static_cast<PeerId>(inboxes_.size()) + 1;
  row.peer.name = line.required_text("name");
  row.peer.is_queue = is_queue;
  if (!is_queue) {
    const std::string word = line.required_text("state");
    const auto state = storage::state_of(word);
    if (!state) refuse_dump("a peer is active, suspended or disconnected, and not " + in_quotes(word));
    row.peer.state = *state;
    row.peer.epoch = line.required_number("epoch");
    row.peer.suspend_expires = line.real("suspend_expires");
    row.peer.stale_until = line.number("stale_until");
  }
  row.last_number = line.number("last_number");
  if (inboxes_.contains(row.peer.name))
    refuse_dump("there is a peer or queue " + in_quotes(row.peer.name) + " already");
  sink_.inbox(row);
  inboxes_.emplace(row.peer.name, row.peer.id);
  ++counts_.peers;
}

PeerId DumpReader::inbox(JsonLineReader& line, std::string_view member) const {
  const std::string name = line.required_text(member);
  const auto found = inboxes_.find(name);
  if (found == inboxes_.end()) refuse_dump("no line above it tells of a peer or queue " + in_quotes(name));
  return found->second;
}

void DumpReader::take_queue(JsonLineReader& line) {
  storage::QueueRow row;
  row.id = inbox(line, "of");
  row.paused = line.flag("paused");
  row.max_attempts = line.required_number("max_attempts");
  const std::string backoff = line.required_text("backoff");
  row.exponential = backoff == storage::backoff_word(true);
  if (backoff != storage::backoff_word(row.exponential)) refuse_dump("a backoff is fixed or exponential");
  row.retry_delay = line.required_real("retry_delay");
  row.max_retry_delay = line.required_real("max_retry_delay");
  row.dedup_window = line.required_real("dedup_window");
  sink_.queue(row);
}

storage::KeptMessage DumpReader::read_message(JsonLineReader& line, Texts& texts) const {
  storage::KeptMessage row;
  row.inbox = inbox(line, "to");
  row.number = line.required_number("number");
  storage::Parcel& parcel = row.parcel;
  parcel.job.priority = read_priority(line);
  parcel.id = read_id(line);
  parcel.stamp = line.required_real("stamp");
  parcel.broadcast = line.flag("broadcast");
  parcel.job.expires_at = line.real("expires_at");
  parcel.job.attempts = line.number("attempts").value_or(0);
  parcel.job.max_attempts = line.number("max_attempts");
  texts.sender = line.required_text("from");
  const auto optional_text = [&](std::string_view name, std::string& into, std::string_view& view) {
    into = line.text(name).value_or("");
    view = into;
  };
  parcel.sender = texts.sender;
  optional_text("reply_to", texts.reply_to, parcel.reply_to);
  optional_text("correlation_id", texts.correlation_id, parcel.correlation_id);
  optional_text("error", texts.error, parcel.error);
  optional_text("group_key", texts.group_key, parcel.job.group_key);
  optional_text("dedup_key", texts.dedup_key, parcel.job.dedup_key);
  optional_text("serializer", texts.serializer, parcel.serializer);
  if (const auto json = line.json("content")) {
    if (!parcel.serializer.empty()) refuse_dump("content of a serializer is to be content_base64");
    find_serializer("JSON")->check(*json);
    texts.content = *json;
  } else if (auto text = line.text("content_text")) {
    texts.content = *std::move(text);
  } else if (auto bytes = line.text("content")) {  // content_base64
    texts.content = *std::move(bytes);
  } else {
    refuse_dump("it has no content, content_text or content_base64");
  }
  parcel.content = texts.content;
  return row;
}

void DumpReader::take_message(const std::string& kind, JsonLineReader& line) {
  Texts texts;
  const storage::KeptMessage message = read_message(line, texts);
  ++(kind == "dead" ? counts_.dead : counts_.messages);
  if (kind == "message") return sink_.message(message);
  if (kind == "later") {
    const std::string schedule = line.text("schedule").value_or("");
    return sink_.later({message, line.real("due"), schedule});
  }
  const std::string worker = line.text("worker").value_or("");
  if (kind == "claim") return sink_.claim({message, worker, line.required_real("claimed_at")});
  const std::string reason = line.required_text("reason");
  sink_.dead({message, reason, line.required_real("died_at"), worker});
}

void DumpReader::take_dedup(JsonLineReader& line) {
  const PeerId of = inbox(line, "of");
  const std::string key = line.required_text("key");
  MessageId id = read_id(line);
  sink_.dedup({of, key, {std::move(id), line.required_real("until"), line.flag("held")}});
}

void DumpReader::take_schedule(JsonLineReader& line) {
  storage::KeptSchedule row;
  row.row.name = line.required_text("name");
  row.row.recipient = inbox(line, "to");
  row.row.recurrence = line.required_text("recurrence");
  row.row.anchor = line.required_real("anchor");
  const std::string word = line.required_text("missed");
  const auto missed = storage::missed_of(word);
  if (!missed) refuse_dump("what becomes of missed times is once, all or skip, and not " + in_quotes(word));
  row.row.missed = *missed;
  row.priority = read_priority(line);
  row.number = line.required_number("number");
  sink_.schedule(row);
}

void DumpReader::take_count(JsonLineReader& line) {
  storage::KeptCount row;
  const std::string from = line.required_text("from");
  row.inbox = inbox(line, "to");
  row.sender = from;
  row.sent = line.required_number("sent");
  row.read = line.required_number("read");
  row.dead = line.required_number("dead");
  row.expired = line.required_number("expired");
  sink_.count(row);
}

DumpCounts DumpReader::finish() const {
  if (ended_) return counts_;
  refuse_dump("the dump has no end: after line " + std::to_string(counts_.lines) + " some are missing");
}

}  // namespace ipcm
