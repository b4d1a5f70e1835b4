// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include <ipcm/connect.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "delivery.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "message_text.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

struct GetOptions {
  std::string route;
  std::string as;
  std::size_t limit = kNoLimit;
  bool follow = false;
};

/// How many messages are read at once: as many as make a few hundred kilobytes, so that small ones share their
/// transactions and huge ones do not fill the memory.
class BatchSize {
 public:
  std::size_t get() const { return size_; }

  void adapt(std::span<const std::string> texts) {
    std::size_t bytes = 0;
    for (const std::string& text : texts) bytes += text.size();
    if (bytes > kMost) size_ = std::max<std::size_t>(1, texts.size() * kMost / bytes);
    if (bytes < kEnough && texts.size() == size_) size_ = std::min<std::size_t>(size_ * 2, 256);
  }

 private:
  static constexpr std::size_t kEnough = std::size_t{256} << 10U;
  static constexpr std::size_t kMost = std::size_t{2} << 20U;
  std::size_t size_ = 16;
};

/// Looks, prints, and only then removes what has arrived. While it prints it holds nothing of the route.
class Getter {
 public:
  Getter(Client& client, const GetOptions& options, Output& out)
      : client_(client), options_(options), out_(out), delivery_(out.descriptor(), signals_) {}

  int run();

 private:
  bool done() const { return signals_ || delivery_.state() != Delivery::State::open || taken_ == options_.limit; }
  bool get_batch();
  void remove(std::span<const Message> messages);
  void wait_for_mail();
  int finish();

  Client& client_;
  const GetOptions& options_;
  Output& out_;
  StopSignals signals_;
  Delivery delivery_;
  Progress progress_;
  BatchSize batch_size_;
  std::size_t taken_ = 0;
};

int Getter::run() {
  while (!done()) {
    if (get_batch()) continue;
    if (!options_.follow) break;
    wait_for_mail();
  }
  return finish();
}

bool Getter::get_batch() {
  const std::vector<Message> messages = client_.peek(std::min(batch_size_.get(), options_.limit - taken_));
  if (messages.empty()) return false;
  std::vector<std::string> texts;
  for (const Message& message : messages) texts.push_back(message_text(message, out_));
  if (out_.is_terminal()) progress_.clear();

  std::size_t removed = 0;
  const auto remove_up_to = [&](std::size_t arrived) {
    remove(std::span(messages).subspan(removed, arrived - removed));
    removed = arrived;
  };
  remove_up_to(delivery_.print(texts, remove_up_to));
  batch_size_.adapt(texts);
  if (options_.follow) progress_.show(taken_, "taken");
  return true;
}

void Getter::remove(std::span<const Message> messages) {
  if (messages.empty()) return;
  client_.remove_messages(messages);
  taken_ += messages.size();
}

void Getter::wait_for_mail() {
  progress_.show_now(taken_, "taken", "; waiting for more, Ctrl-C ends");
  const int mail = client_.fd();
  while (!done()) {
    client_.get_messages(0);  // takes nothing; from here on the descriptor tells of what comes
    if (client_.have_ready_messages()) return;
    delivery_.wait_for(mail);
  }
}

int Getter::finish() {
  progress_.clear();
  leave(client_);
  if (delivery_.state() == Delivery::State::failed) throw_write_error(delivery_.error());
  if (delivery_.state() == Delivery::State::closed || options_.follow) return kDone;
  if (signals_) throw Interrupted{signals_.raised(), {}};
  if (taken_ > 0) return kDone;
  if (!out_.json()) complain("no messages for " + client_.id());
  return kNothing;
}

int run_get(const GetOptions& options, Output& out) {
  const ConnectionInfo info = ConnectionInfo::parse(options.route);
  const auto client = options.follow ? act_as(options.as, info) : act_as_known(options.as, info);
  return Getter(*client, options, out).run();
}

constexpr const char* kGetWords = R"(
A message is printed first and removed only when the print has arrived: written to the disk where standard output is
a file, read by the other end where it is a pipe. So neither a closed pipe nor a kill loses one; after a kill the last
ones may be printed again. Nothing of the route is locked while it prints.

With --json each message is one line:
  {"id":"...","from":"boss","to":"worker","stamp":1767225600.5,"broadcast":false,"content":{"n":1},"place":"..."}
`place` is what requeue needs to put it back where it was. Integers beyond 2^53 are written as strings. Where `content`
is not what was stored, to the byte, `content_text` holds that too; `serializer` and `content_base64` where it was not
stored as JSON.)";

constexpr const char* kGetExamples = R"(
  ipcm get jobs.ipcm --as worker                      # everything, oldest first
  ipcm get jobs.ipcm --as worker --limit 1 --json     # one, for a program
  ipcm get jobs.ipcm --as worker | head -1            # takes what head has read, leaves the rest
  ipcm get jobs.ipcm --as worker --follow             # keep waiting, until Ctrl-C or SIGTERM
  ipcm get jobs.ipcm --as worker --follow --limit 1   # wait for one)";

}  // namespace

void setup_get(CommandLine& line) {
  auto options = std::make_shared<GetOptions>();
  Command command = line.command("get", "Take messages and print them");
  command.route(options->route).as(options->as);
  command.option(
      "-n,--limit", "N", [options](const std::string& text) { options->limit = parse_count(text); }, "At most so many");
  command.flag("-f,--follow", options->follow, "Wait for more; registers the name if there is none yet");
  command.teach(kGetWords, kGetExamples);
  command.run([options](Output& out) { return run_get(*options, out); });
}

}  // namespace ipcm::cli
