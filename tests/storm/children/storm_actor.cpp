// SPDX-License-Identifier: MIT
// One process of a storm: ROUTE NAME JOURNAL LIFE SEED CHATTERS [PARTNER]. Goes when it gets SIGTERM.
#include <signal.h>

#include <iostream>

#include "storm/children/actor/actor.hpp"

namespace {

volatile sig_atomic_t told_to_go = 0;

}  // namespace

int main(int count, char* arguments[]) {
  if (count < 7) return 2;
  signal(SIGTERM, [](int) { told_to_go = 1; });
  storm::ActorSettings settings{arguments[1], arguments[2],        arguments[3], std::stoi(arguments[4]),
                                std::stoull(arguments[5]), std::stoi(arguments[6]), count > 7 ? arguments[7] : ""};
  try {
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
