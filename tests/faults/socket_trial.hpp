// SPDX-License-Identifier: MIT
// One operation with UnixSocket, in a process in which something goes wrong, before the eyes of another one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

namespace sockets {

ipcm::ConnectionInfo info_of(const std::string& route);
void spawn(const std::string& route);

struct Letter {
  std::string to;
  std::string name;  ///< with a capital letter: more than a datagram has room for
};

/// What the process has in which something goes wrong.
struct Stage {
  std::string route;
  std::shared_ptr<ipcm::Client> client{};
  std::shared_ptr<ipcm::Client> bystander{};
  std::vector<std::string> taken{};

  void connect(const std::string& name) { client = ipcm::connect(name, info_of(route)); }
};

using Act = std::function<void(Stage&)>;

struct Operation {
  std::string name;
  Act set_up;
  Act act;
  std::vector<Letter> sends{};
  /// What may have been sent when it fails: nothing, a beginning, or any of it. Of one that is killed: a beginning.
  enum class Partly { never, in_order, each } partly = Partly::never;
};

/// What a client can do with other processes, one by one.
const std::vector<Operation>& operations();

/// What goes wrong during an operation; each is called in the process of the operation, but for `watch`.
struct Faults {
  std::function<void()> begin{};
  std::function<void()> end{};
  std::function<void(pid_t)> watch{};
  bool goes_on = false;  ///< the process uses its client after that, and ends in an orderly way; else it is killed
};

struct Ending {
  std::string said;      ///< "done", what it threw, or nothing where it was killed before it returned
  std::string received;  ///< by the others
  std::string problems;
};

/// Performs it on a route of its own; `worker` and `other` receive, in a process that looks around afterwards.
Ending perform(const Operation& operation, const Faults& faults);

/// What is wrong with that ending, in words; "": what was acknowledged was received once, whole and in order, what was
/// not at most once, and the route and the name of who was killed can be used again.
std::string problems_of(const Operation& operation, const Ending& ending);

/// Whether a route that somebody was making or removing can be made, used and removed; "": it can.
std::string problems_of_route(const std::string& route);

}  // namespace sockets
