// SPDX-License-Identifier: MIT
// Everything a client can do, done with a route that somebody has tampered with.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace test {

/// A route and what lies beside it, as bytes.
struct RouteBytes {
  std::string database;
  std::string log{};  ///< its write-ahead log; empty: none
};

/// What lies in a sample route: the encoded contents by message id.
using Contents = std::map<std::string, std::string>;

struct Sample {
  RouteBytes bytes;
  Contents contents;
};

/// A route with peers, a queue, mail of every kind, claims, a schedule and a dead letter; at rest in one file.
Sample sample_at_rest();
/// The same with all of it in the log: its clients were killed. The file alone is an empty route.
Sample sample_in_log();

/// Puts a route there, in the place of any that is there.
void put_route(const std::string& path, const RouteBytes& bytes);

/// What an ordeal came to.
struct Endured {
  /// What must not be: an exception that is no ipcm::Error. Empty: nothing.
  std::string wrong;
  std::map<std::string, int> errors;  ///< by the name of the code
  bool refused = false;               ///< by connect()
  std::set<std::string> altered;      ///< ids of messages that were delivered and are not what was sent, or never were
  std::set<std::string> from_others;  ///< of those that came from somebody else than their sender
  std::set<std::string> delivered;    ///< of those that are
  std::string problems;               ///< what check says
};

/// Connects, looks, takes, sends, claims, settles, counts, checks, copies, dumps, salvages and removes the route.
/// Without `copies`, which take most of the time: no doctor, backup, dump or salvage.
Endured undergo(const std::string& path, const Contents& contents, bool copies = true);

/// Runs `work` for each number below `count` in forked children, some hundred each, and says which number ended its
/// child, took longer than three minutes or returned a text, with that text. The children may use 4 GB of memory.
std::vector<std::string> in_children(int count, const std::function<std::string(int)>& work);

}  // namespace test
