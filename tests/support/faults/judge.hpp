// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>

namespace test {

/// What a process of its own says of a route after an operation on it was cut short.
struct Verdict {
  std::string picture{};   ///< picture_of(); "missing": there is no route
  std::string problems{};  ///< of the check, and of using the route
};

/// A process that judges a route: one that comes when all is over, or a bystander that was connected before.
class Judge {
 public:
  enum class Kind { comes_later, is_connected };

  Judge(const std::string& route, Kind kind);
  ~Judge();
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  /// Once. `actor_is_gone`: its process has ended, so what it had claimed is to be had.
  Verdict verdict(bool actor_is_gone);

 private:
  void start(bool connected);

  std::string route_;
  pid_t pid_ = -1;
  int in_ = -1;   // what it says
  int out_ = -1;  // what it is told
};

}  // namespace test
