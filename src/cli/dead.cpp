// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include <ipcm/connect.hpp>
#include <ipcm/error.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"
#include "exit_code.hpp"
#include "message_text.hpp"
#include "progress.hpp"
#include "session.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kDeadBatch = 500;  // so that a transaction does not keep others waiting for long
constexpr std::size_t kDeadWidth = 160;

struct DeadListOptions {
  std::string route;
  std::string queue;
  std::size_t limit = kNoLimit;
};

struct DeadShowOptions {
  std::string route;
  std::string number;
};

struct TreatOptions {
  std::string route;
  std::vector<std::string> words;
  bool all = false;
  std::optional<std::chrono::milliseconds> older_than;
};

/// What becomes of dead letters: they are replayed or purged.
struct Treatment {
  const char* name;
  const char* done;
  std::size_t (Client::*apply)(std::span<const std::int64_t>);
};

constexpr Treatment kReplay{"replay", "replayed", &Client::replay_dead};
constexpr Treatment kPurge{"purge", "purged", &Client::purge_dead};

std::int64_t parse_letter(const std::string& text) {
  return static_cast<std::int64_t>(std::min<std::size_t>(parse_count(text), kExactIntegers));
}

/// The letters of a queue in batches, until `take` returns false.
template <typename Take>
void each_batch(Client& client, const std::string& queue, Take take) {
  std::int64_t after = 0;
  for (;;) {
    const std::vector<DeadLetter> letters = client.dead_letters(queue, after, kDeadBatch);
    if (letters.empty() || !take(letters)) return;
    after = letters.back().number;
  }
}

std::string json_line(const DeadLetter& letter) {
  JsonObject object = checked_members(letter.message);
  object.count("number", static_cast<std::uint64_t>(letter.number));
  object.text("reason", letter.reason).number("died_at", letter.died_at);
  letter.worker.empty() ? object.null("worker") : object.text("worker", letter.worker);
  return object.str();
}

int run_dead_list(const DeadListOptions& options, Output& out) {
  const auto client = act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
  constexpr auto kRight = Table::Align::right;
  Table table({{"NUMBER", kRight}, {"TO"}, {"DIED"}, {"TRIES", kRight}, {"WORKER"}, {"REASON"}});
  std::size_t count = 0;
  each_batch(*client, options.queue, [&](const std::vector<DeadLetter>& letters) {
    for (const DeadLetter& letter : letters) {
      if (count == options.limit) return false;
      ++count;
      if (out.json()) {
        out.line(json_line(letter));
      } else {
        table.row({std::to_string(letter.number), letter.message.to(), iso_time(letter.died_at),
                   std::to_string(letter.message.attempts()), letter.worker.empty() ? "-" : letter.worker,
                   letter.reason});
      }
    }
    return true;
  });
  if (out.json()) return kDone;
  if (count == 0) {
    out.line("nothing is dead" + (options.queue.empty() ? "" : " in " + printable(options.queue)));
  } else {
    table.fit(out, kDeadWidth);
    table.print(out);
  }
  return kDone;
}

void print_letter(const DeadLetter& letter, Output& out) {
  const Message& message = letter.message;
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out.line(out.bold(name) + std::string(14 - name.size(), ' ') + printable(value));
  };
  line("number", std::to_string(letter.number));
  line("to", message.to());
  line("from", message.from());
  line("id", message.id());
  line("sent", iso_time(message.stamp()));
  line("died", iso_time(letter.died_at));
  line("tries", std::to_string(message.attempts()));
  line("worker", letter.worker);
  if (message.priority() != kDefaultPriority) line("priority", std::to_string(message.priority()));
  line("group key", message.group_key());
  line("dedup key", message.dedup_key());
  line("reply to", message.reply_to());
  out.line(out.bold("reason"));
  for (std::string_view rest = letter.reason; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out.line("  " + printable(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out.line(out.bold("content"));
  try {
    message.content();
    out.line("  " + content_text(message));
  } catch (const Error&) {
    out.line("  " + printable(message.content_text()));
  }
}

int run_dead_show(const DeadShowOptions& options, Output& out) {
  const std::int64_t number = parse_letter(options.number);
  const auto client = act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
  const std::vector<DeadLetter> letters = client->dead_letters({}, number - 1, 1);
  if (letters.empty() || letters.front().number != number) {
    throw Failure("there is no dead letter " + std::to_string(number) + " on " + client->route());
  }
  if (out.json()) {
    out.line(json_line(letters.front()));
  } else {
    print_letter(letters.front(), out);
  }
  return kDone;
}

/// Replays or purges all that there were when it began, a batch at a time.
class AllLetters {
 public:
  AllLetters(Client& client, const TreatOptions& options, const Treatment& treatment)
      : client_(client), options_(options), treatment_(treatment), before_(end_of_time(options)), progress_("letter") {}

  void run();
  std::uint64_t done() const { return done_; }
  std::uint64_t refused() const { return refused_; }

 private:
  /// What died after that is left alone: what was replayed may die again while this runs.
  static double end_of_time(const TreatOptions& options) {
    const auto end = std::chrono::system_clock::now() - options.older_than.value_or(std::chrono::milliseconds(0));
    return std::chrono::duration<double>(end.time_since_epoch()).count();
  }

  void treat(std::span<const std::int64_t> numbers);

  Client& client_;
  const TreatOptions& options_;
  const Treatment& treatment_;
  double before_;
  StopSignals signals_;
  Progress progress_;
  std::uint64_t done_ = 0;
  std::uint64_t refused_ = 0;
};

void AllLetters::run() {
  const std::string queue = options_.words.empty() ? "" : options_.words.front();
  each_batch(client_, queue, [&](const std::vector<DeadLetter>& letters) {
    if (signals_) return false;
    std::vector<std::int64_t> numbers;
    for (const DeadLetter& letter : letters) {
      if (letter.died_at <= before_) numbers.push_back(letter.number);
    }
    try {
      treat(numbers);
    } catch (const Error& error) {
      throw Failure(without_period(error.what()) + "; " + counted(done_, "dead letter") + " " + treatment_.done +
                    " before that");
    }
    progress_.show(done_, treatment_.done);
    return true;
  });
  progress_.clear();
  if (!signals_) return;
  throw Interrupted{signals_.raised(), "stopped by a signal: " + counted(done_, "dead letter") + " " + treatment_.done};
}

/// A batch is treated as a whole; where that is refused, one by one.
void AllLetters::treat(std::span<const std::int64_t> numbers) {
  if (numbers.empty()) return;
  try {
    done_ += (client_.*treatment_.apply)(numbers);
    return;
  } catch (const Error& error) {
    const bool of_one = error.code() == ErrorCode::DuplicateMessage || error.code() == ErrorCode::UnknownPeer ||
                        error.code() == ErrorCode::PeerDisconnected || error.code() == ErrorCode::PeerGone;
    if (!of_one) throw;
    if (numbers.size() == 1) {
      progress_.clear();
      complain(error.what());
      ++refused_;
      return;
    }
  }
  for (const std::int64_t& number : numbers) treat({&number, 1});
}

int run_treat(const TreatOptions& options, const Treatment& treatment, Output& out) {
  if (!options.all && options.words.empty()) {
    throw UsageError(std::string("which ones? ipcm dead ") + treatment.name + " wants their numbers, or --all");
  }
  if (options.all && options.words.size() > 1) throw UsageError("--all wants one QUEUE, or none: all of them");
  if (!options.all && options.older_than) throw UsageError("--older-than goes with --all");
  std::vector<std::int64_t> numbers;
  if (!options.all) std::ranges::transform(options.words, std::back_inserter(numbers), parse_letter);

  const auto client = act_as_sender(std::nullopt, ConnectionInfo::parse(options.route));
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  if (options.all) {
    AllLetters all(*client, options, treatment);
    all.run();
    done = all.done();
    refused = all.refused();
  } else {
    done = (*client.*treatment.apply)(numbers);
  }
  out.set_done(counted(done, "dead letter") + " " + treatment.done);
  if (out.json()) {
    JsonObject object;
    object.count(treatment.done, done);
    if (refused > 0) object.count("refused", refused);
    out.line(object.str());
  } else {
    out.line(counted(done, "dead letter") + " " + treatment.done);
  }
  if (options.all) return refused == 0 ? kDone : kError;
  if (done < numbers.size()) {
    complain(counted(numbers.size() - done, "number") + " of those that were given: there is no such dead letter");
    return kError;
  }
  return kDone;
}

constexpr const char* kDeadWords = R"(
A message is dead when its tries are used up, when a worker said that it can never be done, or when its content cannot
be decoded. It is kept, with the reason, until it is replayed or purged.)";

constexpr const char* kDeadListWords = R"(
The oldest first. What cannot be decoded is there, too.

With --json each is one line: the message as `get --json` prints it, and its number, reason, died_at in seconds since
1970, and the worker that had it last, or null. Content that cannot be decoded is `undecodable`, as text.)";

constexpr const char* kReplayWords = R"(
They are sent again as they were, but with tries from 0 on and without an end of their time. With numbers it is all of
them or none. With --all it is those of QUEUE, or of every queue and peer, 500 to a transaction; what dies meanwhile is
left.

With --json it prints {"replayed":2}; with --all also "refused":1 where one cannot be sent.)";

constexpr const char* kPurgeWords = R"(
They are gone for good. With --all it is those of QUEUE, or of every queue and peer, 500 to a transaction.

With --json it prints {"purged":2}.)";

void setup_dead_list(CommandGroup& group) {
  auto options = std::make_shared<DeadListOptions>();
  Command command = group.command("list", "List what could not be done, with the reason");
  command.route(options->route);
  command.argument("QUEUE", options->queue, "only that queue or peer", Command::Need::optional);
  command.names(options->queue);
  command.option(
      "-n,--limit", "N", [options](const std::string& text) { options->limit = parse_count(text); }, "At most so many");
  command.teach(kDeadListWords,
                "  ipcm dead list jobs.ipcm\n"
                "  ipcm dead list jobs.ipcm mail --json --limit 10");
  command.run([options](Output& out) { return run_dead_list(*options, out); });
}

void setup_dead_show(CommandGroup& group) {
  auto options = std::make_shared<DeadShowOptions>();
  Command command = group.command("show", "Show one with all that is known of it");
  command.route(options->route).argument("NUMBER", options->number, "as dead list shows it");
  command.teach("With --json it is the object that `dead list` prints.", "  ipcm dead show jobs.ipcm 1");
  command.run([options](Output& out) { return run_dead_show(*options, out); });
}

void setup_treat(CommandGroup& group, const Treatment& treatment, const char* help, const char* words,
                 const char* examples) {
  auto options = std::make_shared<TreatOptions>();
  Command command = group.command(treatment.name, help);
  command.route(options->route).arguments("NUMBER", options->words, "which ones; with --all: the queue or peer");
  command.flag("--all", options->all, "all of them");
  command.option(
      "--older-than", "DURATION", [options](const std::string& text) { options->older_than = parse_duration(text); },
      "with --all: only what died that long ago");
  command.teach(words, examples);
  command.run([options, treatment](Output& out) { return run_treat(*options, treatment, out); });
}

}  // namespace

void setup_dead(CommandLine& line) {
  CommandGroup group = line.group("dead", "See, replay and purge what could not be done");
  group.teach(kDeadWords,
              "  ipcm dead list jobs.ipcm\n"
              "  ipcm dead replay jobs.ipcm --all mail   # the mail server is up again");
  setup_dead_list(group);
  setup_dead_show(group);
  setup_treat(group, kReplay, "Send them again", kReplayWords,
              "  ipcm dead replay jobs.ipcm 1 2\n"
              "  ipcm dead replay jobs.ipcm --all mail");
  setup_treat(group, kPurge, "Remove them for good", kPurgeWords,
              "  ipcm dead purge jobs.ipcm 3\n"
              "  ipcm dead purge jobs.ipcm --all --older-than 30d");
}

}  // namespace ipcm::cli
