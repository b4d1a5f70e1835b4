// SPDX-License-Identifier: MIT
#include "send_lines.hpp"

#include <vector>

#include <ipcm/error.hpp>

#include "errors.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kBatchMessages = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20U;

bool blames_one_message(ErrorCode code) {
  return code == ErrorCode::TooLarge || code == ErrorCode::InvalidMessage || code == ErrorCode::DuplicateMessage;
}

class LineSender {
 public:
  LineSender(Client& client, const MessageFields& fields, Input& input, ContentKind kind)
      : client_(client), fields_(fields), input_(input), kind_(kind), lines_(input, signals_) {}

  std::uint64_t run();

 private:
  struct Item {
    std::uint64_t line;
    MessageFields message;
  };

  bool collect_line();
  void add(std::string line);
  void flush();
  void send_one_by_one();
  [[noreturn]] void fail(std::uint64_t line, const Error& error);
  std::string failed_at(std::uint64_t line, const std::string& reason);
  void show_progress();

  Client& client_;
  const MessageFields& fields_;
  Input& input_;
  ContentKind kind_;
  StopSignals signals_;
  LineReader lines_;
  Progress progress_;
  std::vector<Item> batch_;
  std::size_t batch_bytes_ = 0;
  std::uint64_t sent_ = 0;
};

std::uint64_t LineSender::run() {
  while (collect_line()) {
    if (batch_.size() >= kBatchMessages || batch_bytes_ >= kBatchBytes) flush();
  }
  flush();
  if (!signals_) return sent_;
  progress_.clear();
  throw Interrupted{signals_.raised(), "stopped by a signal after line " + std::to_string(lines_.number()) + ": " +
                                           counted(sent_, "message") + " sent; go on with line " +
                                           std::to_string(lines_.number() + 1)};
}

/// False at the end and when a signal came.
bool LineSender::collect_line() {
  std::string line;
  LineReader::Result result = lines_.next(line, batch_.empty());
  if (result == LineReader::Result::pause) {
    flush();
    result = lines_.next(line, true);
  }
  if (result != LineReader::Result::line) return false;
  add(std::move(line));
  return true;
}

void LineSender::add(std::string line) {
  if (kind_ == ContentKind::json && line.find_first_not_of(" \t\r") == std::string::npos) return;
  const std::size_t bytes = line.size();
  try {
    batch_.push_back({lines_.number(), fields_});
    batch_.back().message.content = to_content(std::move(line), kind_, most_text(client_));
  } catch (const Failure& failure) {
    batch_.pop_back();
    flush();
    throw Failure(failed_at(lines_.number(), failure.what()));
  }
  batch_bytes_ += bytes;
}

void LineSender::flush() {
  if (batch_.empty()) return;
  std::vector<MessageFields> messages;
  for (const Item& item : batch_) messages.push_back(item.message);
  try {
    client_.send_messages(messages);
    sent_ += messages.size();
  } catch (const Error& error) {
    // The whole batch was refused. Where one message is to blame, find it, and store what came before it.
    if (!blames_one_message(error.code())) fail(batch_.front().line, error);
    send_one_by_one();
  }
  batch_.clear();
  batch_bytes_ = 0;
  show_progress();
}

void LineSender::send_one_by_one() {
  for (const Item& item : batch_) {
    try {
      client_.send_message(item.message);
      ++sent_;
    } catch (const Error& error) {
      fail(item.line, error);
    }
  }
}

void LineSender::fail(std::uint64_t line, const Error& error) {
  const std::string text = failed_at(line, error.what());
  if (error.code() == ErrorCode::UnknownPeer) throw UnknownName(text);
  throw Failure(text);
}

std::string LineSender::failed_at(std::uint64_t line, const std::string& reason) {
  progress_.clear();
  return "line " + std::to_string(line) + " of " + input_.name() + ": " + without_period(reason) + "; " +
         counted(sent_, "message") + " before it sent, nothing from it on";
}

void LineSender::show_progress() {
  std::string more;
  if (const auto size = input_.size(); size && *size > 0) {
    more = ", " + std::to_string(lines_.bytes_read() * 100 / *size) + "% of " + printable(input_.name()) + " read";
  }
  progress_.show(sent_, "sent", more);
}

}  // namespace

std::uint64_t send_lines(Client& client, const MessageFields& fields, Input& input, ContentKind kind) {
  return LineSender(client, fields, input, kind).run();
}

}  // namespace ipcm::cli
