// SPDX-License-Identifier: MIT
#pragma once

#include <iosfwd>
#include <vector>

#include "conditions.hpp"
#include "figure.hpp"

namespace bench {

/// A table in Markdown.
void write_table(std::ostream& out, const std::vector<Figure>& figures);

/// Everything, each round included.
void write_json(std::ostream& out, const Conditions& conditions, const std::vector<Figure>& figures);

/// A bar for each ratio with its spread, and a line where it should reach.
void write_svg(std::ostream& out, const std::vector<Figure>& figures);

}  // namespace bench
