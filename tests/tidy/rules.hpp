// SPDX-License-Identifier: MIT
// What this project promises about its own sources. Each rule returns a sentence for every place that breaks it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tidy/source_tree.hpp"

namespace tidy {

using Problems = std::vector<std::string>;

/// A layer of src includes only what is below it; the command, examples and benchmarks only the public headers.
Problems includes_upward(const Tree& tree);

/// Each library of others, and the system's own headers, stay in the folders that are there to wrap them.
Problems foreign_includes(const Tree& tree);

/// Which stores and notifiers there are is known to the protocols in src/client alone, and which protocols to
/// protocols.cpp.
Problems concrete_kinds(const Tree& tree);

/// The licence stands in the first line, or in the second of a script.
Problems missing_licences(const Tree& tree);

/// No file is too long to be read in one go, no line too wide for the screen.
Problems oversized(const Tree& tree);

/// No words that promise later work.
Problems loose_ends(const Tree& tree);

/// Each test that docs/guarantees.md names as "`tests/FILE.cpp`: `NAME`, `NAME`" is in that file.
Problems missing_proofs(const Tree& tree);

/// No source that is not among those `compiled`, no header that nothing includes. Paths as in the tree.
Problems left_out(const Tree& tree, const std::set<std::string>& compiled);

}  // namespace tidy
