// SPDX-License-Identifier: MIT
// What the other threads of a process do with its client, and what becomes of children that are forked in the middle.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "storm/children/actor/actor.hpp"

namespace storm {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kLongestLifeOfChild = 20;  // seconds: one that hangs is ended, and its parent complains

std::string name_of_child(int life) {
  return "child-" + std::to_string(life);
}

}  // namespace

void Actor::help() {
  helps_ = true;
  for (;;) {
    const Shared::Use use(shared_);
    if (!use.client) return;
    client_ = use.client;
    try {
      is_player() ? play(game(true)) : help_once();
    } catch (const ipcm::Error& error) {  // the first thread has let the client leave
      if (error.code() != ipcm::ErrorCode::Disconnected) throw;
      if (reading_ != 0) journal_.write(over(reading_, "-", pair("error", std::string(to_string(error.code())))));
    }
    client_.reset();
  }
}

void Actor::help_once() {
  do_one_of({
      {8, [this] { send_one(); }},
      {3, [this] { send_batch(); }},
      {2, [this] { send_many_at_once(); }},
      {1, [this] { broadcast(); }},
      {1, [this] { send_by_application(some_inbox(), false); }},
      {3, [this] { ask(); }},
      {12, [this] { take_some(); }},
      {5, [this] { look_and_remove(); }},
      {4, [this] { wait_a_little(); }},
      {14, [this] { work("jobs"); }},
      {4, [this] { work(settings_.name); }},
      {2, [this] { see_to_the_dead(); }},
      {1, [this] { fork_a_child(); }},
      {2, [this] { look_around(); }},
  });
}

// --- forks -----------------------------------------------------------------------------------------------------------

void Actor::fork_a_child() {
  const int life = shared_.next_life();
  const std::uint64_t seed = random_();
  const pid_t parent = getpid();
  pid_t child = -1;
  {
    const std::lock_guard lock(shared_.opening);
    child = fork();
    if (child == 0) run_child(life, seed, parent);
  }
  if (child < 0) throw std::runtime_error("fork failed");
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  note(journal_.begin(), "killed", "-", "-", pair("life", life) + pair("began", now()));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error("a forked child ended with the status " + std::to_string(status));
  }
  const int call = journal_.begin();
  note(call, "forgetting", "-", name_of_child(life));
  try {
    client_->forget(name_of_child(life));
  } catch (const ipcm::Error& error) {  // it exited before it connected
    if (error.code() != ipcm::ErrorCode::UnknownPeer && !is_refusal(error)) throw;
  }
  note(call, "over", "-", name_of_child(life));
}

void Actor::run_child(int life, std::uint64_t seed, int parent) {
  alarm(kLongestLifeOfChild);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  random_.seed(seed);
  try {
    switch (up_to(4)) {
      case 0: _exit(0);
      case 1: std::exit(0);
      case 2: {
        bool refused = false;
        try {
          client_->send_message(settings_.name, 1);
        } catch (const ipcm::Error& error) {
          refused = error.code() == ipcm::ErrorCode::WrongProcess;
        }
        if (!refused) throw std::runtime_error("a child may use the client of its parent");
        break;
      }
      default: break;
    }
    ActorSettings settings = settings_;
    settings.name = name_of_child(life);
    settings.life = life;
    Shared shared(settings);
    Actor(shared, seed).live_as_child();
  } catch (const std::exception& failure) {
    std::cerr << name_of_child(life) << ": " << failure.what() << std::endl;
    _exit(1);
  }
  _exit(0);
}

void Actor::live_as_child() {
  client_ = connect_noted(settings_.name, false);
  if (!client_) throw std::runtime_error("the name of a child was in use");
  for (int n = 1 + up_to(5); n > 0; --n) {
    do_one_of({
        {6, [this] { send_one(); }},
        {2, [this] { send_batch(); }},
        {2, [this] { send_many_at_once(); }},
        {2, [this] { ask(); }},
        {4, [this] { take_some(); }},
        {2, [this] { look_and_remove(); }},
        {2, [this] { wait_a_little(); }},
        {6, [this] { work("jobs"); }},
        {2, [this] { work(settings_.name); }},
    });
  }
  if (!chance(3)) return leave();
  int call = 0;
  const auto held = claim("jobs", 3, 30s, 0ms, call);
  note(journal_.begin(), "leaving", "-", settings_.name, "how=killed");
  _exit(0);
}

}  // namespace storm
