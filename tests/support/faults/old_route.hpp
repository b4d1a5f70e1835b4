// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace test {

/// A route as a library of that version of the schema would have left it, from the migrations: suspended `worker`,
/// `witness` and `bystander`, and three messages for `worker`.
void make_old_route(const std::string& path, int version);

}  // namespace test
