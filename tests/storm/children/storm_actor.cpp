// SPDX-License-Identifier: MIT
// One process of a storm: ROUTE NAME JOURNAL LIFE SEED CHATTERS PARTNER. Goes when it gets SIGTERM. With "sweep" for a
// partner it looks once into every inbox, when the storm is over.
#include <signal.h>

#include <iostream>

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

}  // namespace

int main(int count, char* arguments[]) {
  if (count < 8) return 2;
  signal(SIGTERM, [](int) { told_to_go = 1; });
  storm::ActorSettings settings{arguments[1],
                                arguments[2],
                                arguments[3],
                                std::stoi(arguments[4]),
                                std::stoull(arguments[5]),
                                std::stoi(arguments[6]),
                                arguments[7]};
  try {
    if (settings.partner == "sweep") {
      sweep(settings.route);
      return 0;
    }
    storm::Actor actor(settings);
    actor.connect();
    std::cout << "started" << std::endl;
    while (told_to_go == 0) actor.act();
    actor.leave();
  } catch (const std::exception& failure) {
    std::cerr << settings.name << ": " << failure.what() << std::endl;
    return 1;
  }
}
