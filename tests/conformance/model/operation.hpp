// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace model {

/// A message is told by its content, a number that is never used twice.
struct Letter {
  std::string to;
  int number = 0;
  std::optional<std::string> chosen_id;
};

/// One call, the same for the model and for every protocol.
struct Operation {
  enum class Kind {
    connect,
    reconnect,
    suspend,
    suspend_for,
    disconnect,
    disconnect_with_handler,
    drop,
    send,
    send_too_large,
    send_batch,
    broadcast,
    take,
    peek,
    remove,
    requeue,
    ready,
    forget,
    peers,
    peer_state,
    stats,
    all_stats,
    advance_clock
  };

  Kind kind;
  std::string actor;              ///< whose client makes the call
  std::string target{};           ///< another peer, where the call is about one
  std::size_t limit = 0;          ///< take, peek
  int seconds = 0;                ///< suspend_for, advance_clock
  std::vector<Letter> letters{};  ///< what is sent
  std::vector<int> numbers{};     ///< what is removed or requeued

  std::string text() const;
};

}  // namespace model
