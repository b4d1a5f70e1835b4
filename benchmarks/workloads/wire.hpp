// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "figure.hpp"

namespace bench {

/// A pair of connected datagram sockets, for forked processes.
class Wire {
 public:
  Wire() { require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends_.data()) == 0, "a socket can be made"); }
  ~Wire() {
    for (const int end : ends_) close(end);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int end(std::size_t process) const { return ends_.at(process); }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace bench
