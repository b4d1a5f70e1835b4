// SPDX-License-Identifier: MIT
// A ball goes to and fro between two players, so that one of them sleeps nearly always, and nothing but the ball wakes
// it. Those of the court queues claim it, the others take it. One player serves; when the ball is lost, whoever has
// waited for long. Each player has two threads, which play a game of either kind over one client.
#include "storm/children/actor/actor.hpp"

namespace storm {

using namespace std::chrono_literals;

// Player x0 plays against x1. Its partner's name says which game is that of its first thread.
Game Actor::game(bool of_helper) const {
  const std::string& name = settings_.name;
  const std::string& partner = settings_.partner;
  const std::string pair = name.substr(0, 1);
  const char number = name.back();
  const char other = number == '0' ? '1' : '0';
  Game game;
  game.of_queue = partner.starts_with("court") != of_helper;
  game.inbox = game.of_queue ? "court-" + pair + number : name;
  game.partner = game.of_queue ? "court-" + pair + other : pair + other;
  game.serves = number == '0';
  return game;
}

void Actor::play(const Game& game) {
  if (game.serves && !std::exchange(served_, true)) return hit(game);
  constexpr auto kLong = 8'000ms;
  if (game.of_queue) {
    int call = 0;
    auto balls = claim(game.inbox, 4, 30s, kLong, call);
    acknowledge_all(call, balls);
  } else {
    const int call = begin_reading("waiting", game.inbox, "sleeps=1");
    const bool found = client_->wait(kLong);
    journal_.write(over(call, game.inbox, pair("found", found ? 1 : 0)));
    if (found) take(8);
  }
  idle(3000);
  hit(game);
}

void Actor::hit(const Game& game) {
  const int how = up_to(3);
  if (how == 0) return send_by_application(game.partner, true);
  const int call = journal_.begin();
  std::vector<Draft> ball{draft(call, game.partner, how == 1 ? "async" : "send", true)};
  send_noted(call, ball, [&]() -> std::vector<std::string> {
    if (how == 1) return {client_->send_async(ball[0].fields).get()};
    return {client_->send_message(ball[0].fields)};
  });
}

}  // namespace storm
