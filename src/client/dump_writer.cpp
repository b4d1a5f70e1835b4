// SPDX-License-Identifier: MIT
#include "client/dump_writer.hpp"

#include <ipcm/error.hpp>

#include "serialize/fast_json.hpp"
#include "storage/words.hpp"

namespace ipcm {
namespace {

// Whether it can stand in a line as it is, and be read from there to the byte.
bool is_json_on_one_line(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  if (text.empty() || text.find_first_of("\r\n") != std::string_view::npos) return false;
  if (kSpace.find(text.front()) != std::string_view::npos || kSpace.find(text.back()) != std::string_view::npos) {
    return false;
  }
  if (is_surely_json(text)) return true;
  try {
    find_serializer("JSON")->check(text);
  } catch (const Error&) {
    return false;
  }
  return true;
}

void add_content(JsonLine& line, const storage::Parcel& parcel) {
  if (!parcel.serializer.empty() || !is_utf8(parcel.content)) {
    line.base64("content", parcel.content);
  } else if (is_json_on_one_line(parcel.content)) {
    line.json("content", parcel.content);
  } else {
    line.text("content_text", parcel.content);
  }
}

void add_id(JsonLine& line, const MessageId& id) {
  line.text(id.is_generated() ? "id" : "chosen_id", id.text());
}

void add_text(JsonLine& line, std::string_view name, std::string_view value) {
  if (!value.empty()) line.text(name, value);
}

void add_real(JsonLine& line, std::string_view name, std::optional<double> value) {
  if (value) line.real(name, *value);
}

}  // namespace

DumpWriter::DumpWriter(const LineSink& sink) : sink_(sink) {
  write(JsonLine("ipcm-dump").number("version", kDumpVersion));
}

void DumpWriter::write(JsonLine& line) {
  sink_(line.str());
  ++counts_.lines;
}

const std::string& DumpWriter::name_of(storage::PeerId inbox) const {
  const auto found = names_.find(inbox);
  if (found != names_.end()) return found->second;
  throw Error(
      ErrorCode::RouteDamaged,
      "the route is damaged: it holds what belongs to no inbox. `ipcm check` says more, and `ipcm salvage` makes "
      "a whole route of it.");
}

void DumpWriter::settings(const storage::RouteSettings& row) {
  JsonLine line("route");
  line.real("created_at", row.created_at)
      .text("durability", row.durability)
      .number("max_content", static_cast<std::int64_t>(row.max_content))
      .text("notifier", row.notifier)
      .text("time_zone", row.time_zone);
  if (row.secure_delete) line.flag("secure_delete", true);
  write(line);
}

void DumpWriter::inbox(const storage::InboxRow& row) {
  names_[row.peer.id] = row.peer.name;
  JsonLine line(row.peer.is_queue ? "queue" : "peer");
  line.text("name", row.peer.name);
  if (!row.peer.is_queue) {
    line.text("state", word_of(row.peer.state)).number("epoch", row.peer.epoch);
    add_real(line, "suspend_expires", row.peer.suspend_expires);
    if (row.peer.stale_until) line.number("stale_until", *row.peer.stale_until);
  }
  if (row.last_number) line.number("last_number", *row.last_number);
  write(line);
  ++counts_.peers;
}

void DumpWriter::queue(const storage::QueueRow& row) {
  write(JsonLine("settings")
            .text("of", name_of(row.id))
            .flag("paused", row.paused)
            .number("max_attempts", row.max_attempts)
            .text("backoff", storage::backoff_word(row.exponential))
            .real("retry_delay", row.retry_delay)
            .real("max_retry_delay", row.max_retry_delay)
            .real("dedup_window", row.dedup_window));
}

void DumpWriter::write_message(JsonLine& line, const storage::KeptMessage& row, std::uint64_t& count) {
  const storage::Parcel& parcel = row.parcel;
  const storage::JobFields& job = parcel.job;
  line.text("to", name_of(row.inbox)).number("number", row.number);
  if (job.priority != storage::kOrdinaryPriority) line.number("priority", job.priority);
  add_id(line, parcel.id);
  line.text("from", parcel.sender).real("stamp", parcel.stamp);
  if (parcel.broadcast) line.flag("broadcast", true);
  add_text(line, "reply_to", parcel.reply_to);
  add_text(line, "correlation_id", parcel.correlation_id);
  add_text(line, "error", parcel.error);
  add_real(line, "expires_at", job.expires_at);
  if (job.attempts > 0) line.number("attempts", job.attempts);
  if (job.max_attempts) line.number("max_attempts", *job.max_attempts);
  add_text(line, "group_key", job.group_key);
  add_text(line, "dedup_key", job.dedup_key);
  add_text(line, "serializer", parcel.serializer);
  add_content(line, parcel);
  write(line);
  ++count;
}

void DumpWriter::message(const storage::KeptMessage& row) {
  JsonLine line("message");
  write_message(line, row, counts_.messages);
}

void DumpWriter::later(const storage::KeptLater& row) {
  JsonLine line("later");
  add_real(line, "due", row.due);
  add_text(line, "schedule", row.schedule);
  write_message(line, row.message, counts_.messages);
}

void DumpWriter::claim(const storage::KeptClaim& row) {
  JsonLine line("claim");
  add_text(line, "worker", row.worker);
  line.real("claimed_at", row.claimed_at);
  write_message(line, row.message, counts_.messages);
}

void DumpWriter::dead(const storage::KeptDead& row) {
  JsonLine line("dead");
  line.text("reason", row.reason).real("died_at", row.died_at);
  add_text(line, "worker", row.worker);
  write_message(line, row.message, counts_.dead);
}

void DumpWriter::dedup(const storage::KeptDedup& row) {
  JsonLine line("dedup_key");
  line.text("of", name_of(row.inbox)).text("key", row.key);
  add_id(line, row.row.id);
  write(line.real("until", row.row.until).flag("held", row.row.held));
}

void DumpWriter::schedule(const storage::KeptSchedule& row) {
  JsonLine line("schedule");
  line.text("name", row.row.name)
      .text("to", name_of(row.row.recipient))
      .text("recurrence", row.row.recurrence)
      .real("anchor", row.row.anchor)
      .text("missed", word_of(row.row.missed))
      .number("number", row.number);
  if (row.priority != storage::kOrdinaryPriority) line.number("priority", row.priority);
  write(line);
}

void DumpWriter::count(const storage::KeptCount& row) {
  write(JsonLine("count")
            .text("to", name_of(row.inbox))
            .text("from", row.sender)
            .number("sent", row.sent)
            .number("read", row.read)
            .number("dead", row.dead)
            .number("expired", row.expired));
}

DumpCounts DumpWriter::finish() {
  write(JsonLine("end").number("lines", static_cast<std::int64_t>(counts_.lines)));
  return counts_;
}

}  // namespace ipcm
