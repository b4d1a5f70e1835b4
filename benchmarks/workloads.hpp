// SPDX-License-Identifier: MIT
// What is measured. A workload makes its own stores, measures one figure or more, and verifies afterwards that every
// message was delivered once, in order, and that the books balance.
#pragma once

#include <vector>

#include "figure.hpp"

namespace bench {

struct Workload {
  const char* name;
  std::vector<Figure> (*run)(const Context&);
};

std::vector<Figure> send_one_by_one(const Context& context);
std::vector<Figure> send_and_take(const Context& context);
std::vector<Figure> send_in_batches(const Context& context);
std::vector<Figure> drain(const Context& context);
std::vector<Figure> claims(const Context& context);
std::vector<Figure> content_sizes(const Context& context);
std::vector<Figure> backlog(const Context& context);
std::vector<Figure> ping_pong(const Context& context);
std::vector<Figure> unix_socket(const Context& context);
std::vector<Figure> wakeups(const Context& context);
std::vector<Figure> many_senders(const Context& context);
std::vector<Figure> threads_of_a_client(const Context& context);
std::vector<Figure> many_peers(const Context& context);
std::vector<Figure> memory_of_a_reader(const Context& context);
std::vector<Figure> stall(const Context& context);
std::vector<Figure> command(const Context& context);
std::vector<Figure> rivals(const Context& context);

inline constexpr Workload kWorkloads[] = {
    {"send", send_one_by_one},
    {"cycle", send_and_take},
    {"batch", send_in_batches},
    {"drain", drain},
    {"claims", claims},
    {"size", content_sizes},
    {"backlog", backlog},
    {"ping_pong", ping_pong},
    {"unix_socket", unix_socket},
    {"wakeups", wakeups},
    {"senders", many_senders},
    {"threads", threads_of_a_client},
    {"many_peers", many_peers},
    {"memory", memory_of_a_reader},
    {"stall", stall},
    {"command", command},
    {"rivals", rivals},
};

}  // namespace bench
