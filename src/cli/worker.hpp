// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ipcm/client.hpp>

#include "job_process.hpp"
#include "open_files.hpp"
#include "output.hpp"
#include "pass_on.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "start_limit.hpp"
#include "supervisor.hpp"

namespace ipcm::cli {

struct WorkOptions {
  std::string route;
  std::string queue;
  std::vector<std::string> command;
  std::optional<std::string> as;
  std::optional<std::string> results;  // the queue or peer that gets what the command prints
  std::size_t jobs = 1;
  std::chrono::milliseconds lease{60'000};
  bool once = false;
  bool drain = false;
  bool text = false;
  bool kill_with_worker = false;
};

/// What became of the jobs.
struct Tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;  // to be tried again
  std::uint64_t dead = 0;
  std::uint64_t released = 0;
  std::uint64_t lost = 0;                // the lease ran out before it could be settled: somebody else does it
  bool stopped = false;                  // by a signal
  std::optional<CannotStart> gave_up{};  // the command cannot be started

  std::uint64_t all() const { return done + failed + dead + released + lost; }
  /// 12 done, 1 failed (to be tried again), 0 dead, 0 released
  std::string text() const;
};

/// Runs a command for each job of a queue, several at once, all from one loop in one thread. A job is acknowledged only
/// once its command has exited with 0 and was reaped.
class Worker {
 public:
  /// `supervisor` may be null: then a command may outlive this process.
  Worker(Client& client, const WorkOptions& options, const Supervisor* supervisor, const Output& out);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Until there is no more to do, or a signal came and what it held is finished. Throws Interrupted after a second
  /// signal, which ends the commands.
  Tally run();

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Job {
    Claim claim;
    std::unique_ptr<JobProcess> process;
    std::string result{};  // what it has printed
    Time extend_at{};
    std::optional<Time> kill_at{};     // it was told to end
    std::optional<Time> settle_at{};   // it has ended, and could not be settled yet
    std::optional<Time> stop_until{};  // the signal that killed it may reach this worker until then
  };

  bool wants_more() const;
  std::size_t room() const;
  bool may_claim() const;
  bool is_over() const;
  void claim();
  void start(Claim& claim, int max_attempts);
  void note_failed_start(const CannotStart& problem, std::size_t not_started);
  bool is_hopeless(const CannotStart& problem) const;
  void release_unstarted();
  JobProcess::Plan plan_for(const Message& message, int max_attempts) const;

  void wait();
  Time next_time() const;
  void take_signals();
  void pass_bytes();
  void reap();
  void settle_ended();
  bool try_to_settle(Job& job);
  static bool was_stopped(const Job& job);
  bool may_be_stopped(Job& job) const;
  void settle(Job& job);
  void finish(Job& job);
  void take_output(Job& job);
  void take_rest_of_output(Job& job);
  void extend_leases();
  void end(Job& job);
  void kill_late();

  void say(const std::string& text);
  void lose(const Job& job, const std::string& text);
  void show_progress();
  std::string count_queue();

  Client& client_;
  const WorkOptions& options_;
  const Supervisor* supervisor_;
  StopSignals signals_;
  ChildSignals children_;
  Progress progress_;
  bool take_output_;  // on one terminal with the progress
  PassOn output_;
  PassOn errors_;
  int mail_;
  OpenFiles open_files_;
  StartLimit limit_;
  std::vector<std::unique_ptr<Job>> jobs_;
  std::vector<Claim> unstarted_;  // to be released
  Time release_at_{};
  bool started_any_ = false;
  Tally tally_;
  bool look_ = true;         // there may be something to claim
  bool found_none_ = false;  // by the last claim
  bool claimed_any_ = false;
  int signals_taken_ = 0;
  int last_signal_ = 0;
  Time signal_at_{};
  Time counted_at_{};
  std::string counts_;
};

}  // namespace ipcm::cli
