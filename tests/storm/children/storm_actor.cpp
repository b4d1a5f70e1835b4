// SPDX-License-Identifier: MIT
// One process of a storm: ROUTE NAME JOURNAL LIFE SEED CHATTERS PARTNER NOTIFIER. Goes when it gets SIGTERM. Several of
// its threads use one client. With "sweep" for a partner it looks once into every inbox, when the storm is over.
#include <signal.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <list>
#include <thread>
#include <vector>

#include "storm/children/actor/actor.hpp"

namespace {

volatile sig_atomic_t told_to_go = 0;

// Whoever connects or claims brings back what dead workers held.
void sweep(const std::string& route) {
  const auto info = ipcm::ConnectionInfo::parse(route);
  const auto sweeper = ipcm::connect("sweeper", info);
  for (const ipcm::QueueInfo& queue : sweeper->queues()) {
    sweeper->resume_queue(queue.name);
    for (ipcm::Claim& claim : sweeper->claim(queue.name)) claim.release();
  }
  for (const std::string& name : sweeper->peers()) ipcm::connect(name, info)->suspend();
}

void run_or_end(const std::string& name, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& failure) {
    std::cerr << name << ": " << failure.what() << std::endl;
    _exit(1);  // other threads are in the middle of something
  }
}

/// One client, and the threads that use it.
class Crew {
 public:
  explicit Crew(const storm::ActorSettings& settings) : shared_(settings), first_(shared_, settings.seed) {
    run_or_end(settings.name, [&] { first_.connect(); });
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    for (std::thread& one : threads_) one.join();
  }

  void start() {
    const bool is_player = !shared_.settings.partner.empty();
    threads_.emplace_back([this] { run_or_end(shared_.settings.name, [this] { lead(); }); });
    for (unsigned n = 1; n <= (is_player ? 1 : 2); ++n) {
      threads_.emplace_back([this, n] {
        run_or_end(shared_.settings.name, [&] { storm::Actor(shared_, shared_.settings.seed + n).help(); });
      });
    }
  }

 private:
  void lead() {
    while (told_to_go == 0) first_.act();
    first_.leave();
    shared_.end();
  }

  storm::Shared shared_;
  storm::Actor first_;
  std::vector<std::thread> threads_;
};

// Where clients are woken within one process only, both players are in it.
void run(storm::ActorSettings settings) {
  std::list<Crew> crews;
  crews.emplace_back(settings);
  if (settings.notifier == ipcm::NotifierKind::hook) {
    std::swap(settings.name, settings.partner);
    settings.life += storm::kLivesApart;
    ++settings.seed;
    crews.emplace_back(settings);
  }
  std::cout << "started" << std::endl;
  for (Crew& crew : crews) crew.start();
}

}  // namespace

int main(int count, char* arguments[]) {
  if (count < 9) return 2;
  signal(SIGTERM, [](int) { told_to_go = 1; });
  const storm::ActorSettings settings{arguments[1],
                                      arguments[2],
                                      arguments[3],
                                      std::stoi(arguments[4]),
                                      std::stoull(arguments[5]),
                                      std::stoi(arguments[6]),
                                      arguments[7],
                                      ipcm::parse_notifier_kind(arguments[8])};
  run_or_end(settings.name, [&] { settings.partner == "sweep" ? sweep(settings.route) : run(settings); });
}
