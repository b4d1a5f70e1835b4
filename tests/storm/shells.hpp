// SPDX-License-Identifier: MIT
// People with the sqlite3 shell in the middle of a storm. Each drives a real shell until it is told to stop, and
// returns the words of a shell that failed, or what was seen and must not be; "" for neither.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "storm/journal.hpp"

namespace storm {

/// The sender of what is sent by plain SQL.
inline constexpr const char* kShellName = "shell";

/// Looks at the views, in transactions that last: what they say must agree, and stay what it was.
std::string look_at_views(const std::stop_token& stop, const std::string& route, std::uint64_t seed);

/// Sends by plain SQL, one by one and in transactions that hold SQLite's own lock for a while. The shell is killed now
/// and then, in such a transaction and elsewhere.
std::string send_by_sql(const std::stop_token& stop, const std::string& route, std::uint64_t seed, Journal& journal);

}  // namespace storm
