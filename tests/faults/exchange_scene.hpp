// SPDX-License-Identifier: MIT
// A user who exchanges the folder of a route and a symbolic link to a folder of another user's.
#pragma once

#include <sys/types.h>

#include <string>

#include "faults/users.hpp"

#include <ipcm/ipcm.hpp>

namespace test {

ipcm::SpawnOptions options_of(const std::string& protocol, const std::string& route, const std::string& group = {});
ipcm::ConnectionInfo info_of(const std::string& protocol, const std::string& route);

/// A folder with files in it under names that a route gives its own.
class Victim {
 public:
  Victim(const std::string& path, unsigned owner, mode_t mode);

  /// What has changed in it since then, for people; empty if nothing has.
  std::string changes() const;

 private:
  std::string state() const;

  std::string path_;
  std::string before_;
};

/// A route of Mallory's, and a link beside its folder that leads to the victim: a folder of root's, or, if Mallory and
/// Alice share the route as members of a group, a private one of Alice's. The route has a suspended peer `worker` with
/// a message and, with SQLite, a queue `jobs` with a job. Nothing lies beside the route.
struct Scene {
  Scene(const std::string& protocol, bool of_team);

  /// What the path of the folder led to, the link's leads to afterwards, and the other way round.
  void exchange() const;

  test::SharedFolder home;
  Victim victim;
  std::string folder;
  std::string link;
  ipcm::ConnectionInfo route;
};

}  // namespace test
