// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <ipcm/ipcm.hpp>

namespace test {

/// All that can be seen of a route, as text: what is in every inbox and in which order, claims, the dead, schedules,
/// queues, peers and the books. Two routes of one picture are in one state. Times of day, generated ids and whether a
/// peer that did not leave still lives are left out, and so are `witness`, `bystander` and those without a name.
std::string picture_of(const ipcm::ConnectionInfo& info, ipcm::Client& client);

/// Uses the route as anybody would: mail can be sent; with `actor_is_gone` all that is ready can be taken, what it had
/// claimed included, in its order. Returns what is wrong; "": nothing.
std::string problems_of_use(const ipcm::ConnectionInfo& info, ipcm::Client& client, bool actor_is_gone);

}  // namespace test
