// SPDX-License-Identifier: MIT
#include "worker.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <ipcm/error.hpp>
#include <ipcm/spawn.hpp>

#include "content.hpp"
#include "errors.hpp"
#include "message_text.hpp"
#include "text.hpp"
#include "units.hpp"

namespace ipcm::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What a command says by its exit code, as in sysexits.h.
constexpr int kDataError = 65;
constexpr int kTryLater = 75;

constexpr milliseconds kReleaseDelay{1'000};
constexpr milliseconds kTimeToEnd{5'000};  // from SIGTERM to SIGKILL
constexpr milliseconds kAgain{1'000};      // after the store was busy
constexpr milliseconds kCountEvery{1'000};
// timeout(1) sends its signal twice, a unit of systemd may add SIGHUP, and a service manager signals the commands as
// well, in any order: within this time it is one stop.
constexpr milliseconds kOneStop{1'000};
constexpr int kMostFailures = 5;  // to start a command, until a worker that never started one ends

constexpr std::size_t kFilesOfJob = 3;     // standard input, output and error
constexpr std::size_t kFilesToSpare = 32;  // for the store, and to start a command

constexpr std::string_view kVariables = "IPCM_";

std::vector<std::string> inherited_environment() {
  std::vector<std::string> inherited;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    // Of the fields of a job only what this job has: the worker may be run by another one's command.
    if (!std::string_view(*variable).starts_with(kVariables)) inherited.emplace_back(*variable);
  }
  return inherited;
}

std::size_t at_once(const WorkOptions& options, const OpenFiles& files) {
  const std::size_t left = files.left().value_or(options.jobs * kFilesOfJob + kFilesToSpare);
  const std::size_t possible = (left - std::min(left, kFilesToSpare)) / kFilesOfJob;
  const std::size_t jobs = std::clamp<std::size_t>(possible, 1, options.jobs);
  if (jobs < options.jobs) {
    complain("runs " + counted(jobs, "command") + " at once and not " + std::to_string(options.jobs) + ": more than " +
             std::to_string(files.limit()) + " open files are not allowed (ulimit -n)");
  }
  return jobs;
}

std::string input_for(const Message& message, bool text) {
  if (text && message.content().is_string()) return message.content().get<std::string>();
  return content_as_json(message);
}

}  // namespace

std::string Tally::text() const {
  std::string text = with_thousands(done) + " done, " + with_thousands(failed) + " failed (to be tried again), " +
                     with_thousands(dead) + " dead, " + with_thousands(released) + " released";
  if (lost > 0) text += ", " + with_thousands(lost) + " lost";
  return text;
}

Worker::Worker(Client& client, const WorkOptions& options, const Supervisor* supervisor, const Output& out)
    : client_(client),
      options_(options),
      supervisor_(supervisor),
      progress_("job"),
      take_output_(out.is_terminal() && progress_.enabled()),
      output_(out.descriptor()),
      errors_(STDERR_FILENO),
      mail_(client.fd()),
      open_files_(options.jobs * kFilesOfJob + kFilesToSpare),
      limit_(at_once(options, open_files_)) {}

Worker::~Worker() {
  // On the way out of an error: all of them are told before one is waited for, and nothing is done twice at a time.
  for (const auto& job : jobs_) job->process->signal(SIGKILL);
}

Tally Worker::run() {
  for (;;) {
    if (may_claim()) claim();
    if (is_over()) break;
    wait();
    take_signals();
    pass_bytes();
    reap();
    settle_ended();
    release_unstarted();
    extend_leases();
    kill_late();
    show_progress();
  }
  progress_.clear();
  if (signals_taken_ > 1) throw Interrupted{last_signal_, "stopped by a second signal: " + tally_.text()};
  tally_.stopped = signals_taken_ > 0;
  return tally_;
}

bool Worker::wants_more() const {
  return signals_taken_ == 0 && !tally_.gave_up && !(options_.once && claimed_any_);
}

std::size_t Worker::room() const {
  if (!wants_more()) return 0;
  return std::min<std::size_t>(limit_.room(jobs_.size(), steady_clock::now()), options_.once ? 1 : options_.jobs);
}

bool Worker::may_claim() const {
  return look_ && room() > 0;
}

bool Worker::is_over() const {
  if (!jobs_.empty()) return false;
  if (!unstarted_.empty() && signals_taken_ < 2) return false;
  if (wants_more() && !((options_.once || options_.drain) && found_none_)) return false;
  return signals_taken_ > 1 || (output_.is_empty() && errors_.is_empty());
}

// --- starting --------------------------------------------------------------------------------------------------------

void Worker::claim() {
  const std::size_t most = room();
  std::vector<Claim> claims;
  try {
    claims = client_.claim(options_.queue, {.limit = most, .lease = options_.lease});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Busy) throw;
    return;  // and looks again
  }
  look_ = claims.size() == most;
  found_none_ = claims.empty();
  if (claims.empty()) return;
  claimed_any_ = true;
  const int max_attempts = client_.queue_settings(options_.queue).max_attempts;
  for (auto claim = claims.begin(); claim != claims.end(); ++claim) {
    try {
      start(*claim, max_attempts);
    } catch (const CannotStart& problem) {
      const auto not_started = static_cast<std::size_t>(claims.end() - claim);
      std::move(claim, claims.end(), std::back_inserter(unstarted_));
      note_failed_start(problem, not_started);
      return;
    }
  }
}

void Worker::start(Claim& claim, int max_attempts) {
  auto process = std::make_unique<JobProcess>(plan_for(claim.message(), max_attempts));
  jobs_.push_back(std::make_unique<Job>(Job{.claim = std::move(claim), .process = std::move(process)}));
  jobs_.back()->extend_at = steady_clock::now() + options_.lease / 2;
  started_any_ = true;
  limit_.started(jobs_.size());
}

void Worker::note_failed_start(const CannotStart& problem, std::size_t not_started) {
  limit_.failed(jobs_.size(), steady_clock::now());
  look_ = true;
  const std::string text = without_period(problem.what()) + "; " + counted(not_started, "job") + " released";
  if (is_hopeless(problem)) {
    tally_.gave_up.emplace(text, problem.error);
  } else {
    say(text + "; tries again in " + std::to_string(limit_.delay() / std::chrono::seconds(1)) + "s");
  }
}

// A worker that runs until it is stopped does not end because its command is missing for a while, as during an upgrade,
// unless it was missing from the beginning.
bool Worker::is_hopeless(const CannotStart& problem) const {
  if (!jobs_.empty()) return false;
  if (options_.once || (!started_any_ && problem.is_permanent())) return true;
  return limit_.failures() >= kMostFailures && (!started_any_ || options_.drain);
}

void Worker::release_unstarted() {
  if (steady_clock::now() < release_at_) return;
  while (!unstarted_.empty()) {
    try {
      unstarted_.back().release();
      ++tally_.released;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::Busy) {
        release_at_ = steady_clock::now() + kAgain;
        return;
      }
      if (error.code() != ErrorCode::LostClaim) throw;
    }
    unstarted_.pop_back();
  }
}

JobProcess::Plan Worker::plan_for(const Message& message, int max_attempts) const {
  JobProcess::Plan plan{options_.command,
                        inherited_environment(),
                        input_for(message, options_.text),
                        take_output_ || options_.results.has_value(),
                        open_files_.before(),
                        supervisor_};
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) plan.environment.push_back(std::string(kVariables) + name + "=" + value);
  };
  const int most = message.max_attempts().value_or(max_attempts);
  set("ID", message.id());
  set("FROM", message.from());
  set("QUEUE", message.to());
  set("ATTEMPT", std::to_string(message.attempts()));
  set("MAX_ATTEMPTS", most == 0 ? "" : std::to_string(most));
  set("PRIORITY", std::to_string(message.priority()));
  set("STAMP", Json(message.stamp()).dump());
  set("GROUP_KEY", message.group_key());
  set("DEDUP_KEY", message.dedup_key());
  set("REPLY_TO", message.reply_to());
  set("CORRELATION_ID", message.correlation_id());
  set("ROUTE", client_.route());
  return plan;
}

// --- the loop --------------------------------------------------------------------------------------------------------

void Worker::wait() {
  std::vector<pollfd> waiting = {{signals_.fd(), POLLIN, 0},
                                 {children_.fd(), POLLIN, 0},
                                 {room() > 0 ? mail_ : -1, POLLIN, 0},
                                 {output_.fd(), POLLOUT, 0},
                                 {errors_.fd(), POLLOUT, 0}};
  for (const auto& job : jobs_) {
    waiting.push_back({job->process->input_fd(), POLLOUT, 0});
    waiting.push_back({output_.is_full() ? -1 : job->process->output_fd(), POLLIN, 0});
    waiting.push_back({errors_.is_full() ? -1 : job->process->errors_fd(), POLLIN, 0});
  }
  const auto left = std::chrono::ceil<milliseconds>(next_time() - steady_clock::now());
  ::poll(waiting.data(), waiting.size(), static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
  if (waiting[2].revents != 0) look_ = true;
  if (waiting[3].revents != 0) {
    progress_.clear();
    output_.write();
  }
  if (waiting[4].revents != 0) {
    progress_.clear();
    errors_.write();
  }
}

/// When there is something to do although nothing happens.
Worker::Time Worker::next_time() const {
  const Time now = steady_clock::now();
  Time next = now + std::chrono::minutes(1);
  if (may_claim()) next = now + kAgain / 10;
  if (!unstarted_.empty()) next = std::min(next, std::max(release_at_, now));
  if (const auto retry = limit_.next_try(); retry && look_ && wants_more())
    next = std::min(next, std::max(*retry, now));
  if (progress_.enabled()) next = std::min(next, std::max(counted_at_ + kCountEvery, now));
  for (const auto& job : jobs_) {
    if (!job->claim.settled()) next = std::min(next, job->extend_at);
    if (job->kill_at) next = std::min(next, *job->kill_at);
    if (job->settle_at) next = std::min(next, *job->settle_at);
    if (job->stop_until && now < *job->stop_until) next = std::min(next, *job->stop_until);
  }
  return next;
}

void Worker::take_signals() {
  while (const int number = signals_.take()) {
    const Time now = steady_clock::now();
    if (signals_taken_ > 0 && now < signal_at_ + kOneStop) continue;
    signal_at_ = now;
    last_signal_ = number;
    ++signals_taken_;
    if (signals_taken_ == 1 && !jobs_.empty()) {
      say("ends when " + counted(jobs_.size(), "job") + " " + (jobs_.size() == 1 ? "is" : "are") +
          " finished; another signal stops them");
    }
    if (signals_taken_ == 2) {
      for (const auto& job : jobs_) end(*job);
    }
    if (signals_taken_ > 2) {
      for (const auto& job : jobs_) job->process->signal(SIGKILL);
    }
  }
}

void Worker::pass_bytes() {
  for (const auto& job : jobs_) {
    job->process->write_input();
    take_output(*job);
    if (!errors_.is_full()) errors_.add(job->process->take_errors());
  }
}

// --- settling --------------------------------------------------------------------------------------------------------

// All children, not only the commands: process 1 of a container gets those that the commands leave behind.
void Worker::reap() {
  children_.clear();
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == EINTR) continue;
    if (ended.si_pid <= 0) return;
    const auto has_ended = [&](const auto& job) { return job->process->pid() == ended.si_pid; };
    const auto job = std::ranges::find_if(jobs_, has_ended);
    if (job != jobs_.end()) {
      (*job)->process->reap();
    } else {
      ::waitpid(ended.si_pid, nullptr, WNOHANG);
    }
  }
}

void Worker::settle_ended() {
  const Time now = steady_clock::now();
  const auto is_done = [&](const std::unique_ptr<Job>& job) {
    if (!job->process->ended()) return false;
    take_rest_of_output(*job);
    errors_.add(job->process->take_errors());
    if (may_be_stopped(*job)) return false;
    if (job->settle_at && now < *job->settle_at) return false;
    return try_to_settle(*job);
  };
  const std::size_t before = jobs_.size();
  std::erase_if(jobs_, is_done);
  if (jobs_.size() < before) look_ = true;
}

// By a signal that stops workers, too, and is not from this one.
bool Worker::was_stopped(const Job& job) {
  return !job.kill_at && is_stop_signal(job.process->ending_signal());
}

// A service manager ends the commands together with this worker, and its signal may reach them first.
bool Worker::may_be_stopped(Job& job) const {
  if (signals_taken_ > 0 || !was_stopped(job)) return false;
  if (!job.stop_until) job.stop_until = steady_clock::now() + kOneStop;
  return steady_clock::now() < *job.stop_until;
}

bool Worker::try_to_settle(Job& job) {
  if (job.claim.settled()) return true;  // it was lost, and that was said
  try {
    settle(job);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::Busy) {
      job.settle_at = steady_clock::now() + kAgain;
      return signals_taken_ > 1;  // then it is released when the peer leaves
    }
    if (error.code() != ErrorCode::LostClaim) throw;
    lose(job, "has ended too late");
  }
  return true;
}

void Worker::settle(Job& job) {
  const std::optional<int> code = job.process->exit_code();
  if (code == 0) {
    finish(job);
  } else if (signals_taken_ > 1 || (signals_taken_ > 0 && was_stopped(job))) {
    job.claim.release();
    ++tally_.released;
  } else if (code == kTryLater) {
    job.claim.release(kReleaseDelay);
    ++tally_.released;
  } else if (code == kDataError) {
    job.claim.kill(job.process->reason());
    ++tally_.dead;
  } else {
    ++(job.claim.fail(job.process->reason()) ? tally_.failed : tally_.dead);
  }
}

// The result is stored and the job acknowledged, or neither. A result has the id of its job: one that is there already
// is of a job that was replayed.
void Worker::finish(Job& job) {
  const auto acknowledge = [&] {
    job.claim.ack();
    ++tally_.done;
  };
  if (options_.text && job.result.ends_with('\n')) job.result.pop_back();  // as `send --text` has it
  if (!options_.results || job.result.empty()) return acknowledge();
  try {
    const Content content =
        to_content(job.result, options_.text ? ContentKind::text : ContentKind::json, most_text(client_));
    client_.transaction([&](Transaction& all) {
      all.send_message({.to = *options_.results, .content = content, .id = job.claim.message().id()});
      all.ack(job.claim);
    });
    ++tally_.done;
  } catch (const Failure& failure) {
    ++(job.claim.fail("its result cannot be sent: " + std::string(failure.what())) ? tally_.failed : tally_.dead);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::DuplicateMessage) return acknowledge();
    if (error.code() == ErrorCode::Busy || error.code() == ErrorCode::LostClaim) throw;
    ++(job.claim.fail("its result cannot be sent: " + std::string(error.what())) ? tally_.failed : tally_.dead);
  }
}

void Worker::take_output(Job& job) {
  if (!options_.results) {
    if (!output_.is_full()) output_.add(job.process->take_output());
    return;
  }
  job.result += job.process->take_output();
  if (job.result.size() > kHighestMaxContent) end(job);  // no route takes that
}

void Worker::take_rest_of_output(Job& job) {
  if (!options_.results) return output_.add(job.process->take_output());
  for (std::size_t before = job.result.size() + 1; before != job.result.size();) {
    before = job.result.size();
    take_output(job);
  }
}

void Worker::extend_leases() {
  const Time now = steady_clock::now();
  for (const auto& job : jobs_) {
    if (job->claim.settled() || now < job->extend_at) continue;
    job->extend_at = now + options_.lease / 2;
    try {
      job->claim.extend(options_.lease);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::Busy) {
        job->extend_at = now + std::min(kAgain, options_.lease / 8);
        continue;
      }
      if (error.code() != ErrorCode::LostClaim) throw;
      lose(*job, "is stopped");
      end(*job);
    }
  }
}

void Worker::end(Job& job) {
  if (job.kill_at) return;
  job.process->signal(SIGTERM);
  job.kill_at = steady_clock::now() + kTimeToEnd;
}

void Worker::kill_late() {
  for (const auto& job : jobs_) {
    if (!job->kill_at || steady_clock::now() < *job->kill_at) continue;
    job->process->signal(SIGKILL);
    job->kill_at = steady_clock::now() + kTimeToEnd;
  }
}

// --- for people ------------------------------------------------------------------------------------------------------

void Worker::say(const std::string& text) {
  progress_.clear();
  complain(text);
}

void Worker::lose(const Job& job, const std::string& text) {
  ++tally_.lost;
  say("the job " + job.claim.message().id() + " " + text +
      ": its lease ran out while this worker was held up, so somebody else has it");
}

void Worker::show_progress() {
  if (!progress_.enabled()) return;
  if (steady_clock::now() >= counted_at_ + kCountEvery) {
    counted_at_ = steady_clock::now();
    counts_ = count_queue();
  }
  progress_.show(tally_.done, "done", counts_ + ", " + with_thousands(tally_.failed + tally_.dead) + " failed");
}

/// ", 5 ready, 2 in flight, 3.2s left"
std::string Worker::count_queue() {
  std::vector<QueueInfo> queues;
  try {
    queues = client_.queues();
  } catch (const Error&) {
    return {};  // it is for show only; what matters is found where it matters
  }
  const auto queue = std::ranges::find(queues, options_.queue, &QueueInfo::name);
  if (queue == queues.end()) return {};
  std::string counts =
      ", " + with_thousands(queue->ready) + " ready, " + with_thousands(queue->in_flight) + " in flight";
  const double rate = progress_.rate(tally_.all());
  if (rate > 0 && queue->ready > 0) {
    const std::chrono::duration<double> left(static_cast<double>(queue->ready) / rate);
    counts += ", " + rough_duration(std::chrono::ceil<milliseconds>(left)) + " left";
  }
  return counts;
}

}  // namespace ipcm::cli
