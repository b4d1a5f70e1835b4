// SPDX-License-Identifier: MIT
#include "worker.hpp"

#include <poll.h>
#include <signal.h>
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

constexpr std::string_view kVariables = "IPCM_";

std::vector<std::string> inherited_environment() {
  std::vector<std::string> inherited;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    // Of the fields of a job only what this job has: the worker may be run by another one's command.
    if (!std::string_view(*variable).starts_with(kVariables)) inherited.emplace_back(*variable);
  }
  return inherited;
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

Worker::Worker(Client& client, const WorkOptions& options, const Output& out)
    : client_(client),
      options_(options),
      progress_("job"),
      take_output_(out.is_terminal() && progress_.enabled()),
      output_(out.descriptor()),
      errors_(STDERR_FILENO),
      mail_(client.fd()) {}

Worker::~Worker() {
  // On the way out of an error: all of them are told before one is waited for, and nothing is done twice at a time.
  for (const auto& job : jobs_) job->process.signal(SIGKILL);
}

Tally Worker::run() {
  for (;;) {
    if (may_claim()) claim();
    if (is_over()) break;
    wait();
    take_signals();
    pass_bytes();
    settle_ended();
    extend_leases();
    kill_late();
    show_progress();
  }
  progress_.clear();
  if (signals_taken_ > 1) throw Interrupted{last_signal_, "stopped by a second signal: " + tally_.text()};
  tally_.stopped = signals_taken_ > 0;
  return tally_;
}

bool Worker::may_claim() const {
  return look_ && signals_taken_ == 0 && jobs_.size() < options_.jobs && !(options_.once && claimed_any_);
}

bool Worker::is_over() const {
  if (!jobs_.empty()) return false;
  const bool wants_more =
      signals_taken_ == 0 && !(options_.once && (claimed_any_ || found_none_)) && !(options_.drain && found_none_);
  if (wants_more) return false;
  return signals_taken_ > 1 || (output_.is_empty() && errors_.is_empty());
}

// --- starting --------------------------------------------------------------------------------------------------------

void Worker::claim() {
  const std::size_t room = options_.once ? 1 : options_.jobs - jobs_.size();
  std::vector<Claim> claims;
  try {
    claims = client_.claim(options_.queue, {.limit = room, .lease = options_.lease});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Busy) throw;
    return;  // and looks again
  }
  look_ = claims.size() == room;
  found_none_ = claims.empty();
  if (claims.empty()) return;
  claimed_any_ = true;
  const int max_attempts = client_.queue_settings(options_.queue).max_attempts;
  for (Claim& claim : claims) start(std::move(claim), max_attempts);
}

void Worker::start(Claim claim, int max_attempts) {
  JobProcess::Plan plan = plan_for(claim.message(), max_attempts);
  jobs_.push_back(std::make_unique<Job>(std::move(claim), std::move(plan)));
  jobs_.back()->extend_at = steady_clock::now() + options_.lease / 2;
}

JobProcess::Plan Worker::plan_for(const Message& message, int max_attempts) const {
  JobProcess::Plan plan{options_.command, inherited_environment(), input_for(message, options_.text),
                        take_output_ || options_.results.has_value()};
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
  const bool wants_mail = signals_taken_ == 0 && jobs_.size() < options_.jobs && !(options_.once && claimed_any_);
  std::vector<pollfd> waiting = {{signals_.fd(), POLLIN, 0},
                                 {children_.fd(), POLLIN, 0},
                                 {wants_mail ? mail_ : -1, POLLIN, 0},
                                 {output_.fd(), POLLOUT, 0},
                                 {errors_.fd(), POLLOUT, 0}};
  for (const auto& job : jobs_) {
    waiting.push_back({job->process.input_fd(), POLLOUT, 0});
    waiting.push_back({output_.is_full() ? -1 : job->process.output_fd(), POLLIN, 0});
    waiting.push_back({errors_.is_full() ? -1 : job->process.errors_fd(), POLLIN, 0});
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
  if (progress_.enabled()) next = std::min(next, std::max(counted_at_ + kCountEvery, now));
  for (const auto& job : jobs_) {
    if (!job->claim.settled()) next = std::min(next, job->extend_at);
    if (job->kill_at) next = std::min(next, *job->kill_at);
    if (job->settle_at) next = std::min(next, *job->settle_at);
  }
  return next;
}

void Worker::take_signals() {
  while (const int number = signals_.take()) {
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
      for (const auto& job : jobs_) job->process.signal(SIGKILL);
    }
  }
}

void Worker::pass_bytes() {
  for (const auto& job : jobs_) {
    job->process.write_input();
    take_output(*job);
    if (!errors_.is_full()) errors_.add(job->process.take_errors());
  }
}

// --- settling --------------------------------------------------------------------------------------------------------

void Worker::settle_ended() {
  children_.clear();
  const Time now = steady_clock::now();
  const auto is_done = [&](const std::unique_ptr<Job>& job) {
    if (job->settle_at && now < *job->settle_at) return false;
    if (!job->process.ended()) return false;
    take_rest_of_output(*job);
    errors_.add(job->process.take_errors());
    return try_to_settle(*job);
  };
  const std::size_t before = jobs_.size();
  std::erase_if(jobs_, is_done);
  if (jobs_.size() < before) look_ = true;
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
  const std::optional<int> code = job.process.exit_code();
  if (code == 0) {
    finish(job);
  } else if (signals_taken_ > 1) {
    job.claim.release();
    ++tally_.released;
  } else if (code == kTryLater) {
    job.claim.release(kReleaseDelay);
    ++tally_.released;
  } else if (code == kDataError) {
    job.claim.kill(job.process.reason());
    ++tally_.dead;
  } else {
    ++(job.claim.fail(job.process.reason()) ? tally_.failed : tally_.dead);
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
    const Content content = to_content(job.result, options_.text ? ContentKind::text : ContentKind::json);
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
    if (!output_.is_full()) output_.add(job.process.take_output());
    return;
  }
  job.result += job.process.take_output();
  if (job.result.size() > kHighestMaxContent) end(job);  // no route takes that
}

void Worker::take_rest_of_output(Job& job) {
  if (!options_.results) return output_.add(job.process.take_output());
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
  job.process.signal(SIGTERM);
  job.kill_at = steady_clock::now() + kTimeToEnd;
}

void Worker::kill_late() {
  for (const auto& job : jobs_) {
    if (!job->kill_at || steady_clock::now() < *job->kill_at) continue;
    job->process.signal(SIGKILL);
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
