// SPDX-License-Identifier: MIT
#include <sqlite3.h>

#include <string>

#include <ipcm/version.hpp>

#include "storage/sqlite/examine.hpp"
#include "storage/sqlite/inspect.hpp"

namespace ipcm::storage::sqlite {

// Fixed in 3.51.3, and by itself in the branches 3.44 and 3.50.
bool has_wal_reset_bug(int version) noexcept {
  constexpr int kFirst = 3'007'000;
  constexpr int kFixed = 3'051'003;
  const bool fixed_in_branch =
      (version >= 3'044'006 && version < 3'045'000) || (version >= 3'050'007 && version < 3'051'000);
  return version >= kFirst && version < kFixed && !fixed_in_branch;
}

void examine_engine(Findings& findings) {
  const std::string what = "ipcm " IPCM_VERSION " with " + engine_name();
  if (!has_wal_reset_bug(sqlite3_libversion_number())) {
    findings.ok("versions", what + ", which does not have the WAL-reset bug.");
    return;
  }
  findings.note("versions",
                what +
                    ", which has the WAL-reset bug of 3.7.0 to 3.51.2: a checkpoint beside a commit of another program "
                    "can damage a database. ipcm never does that; other programs that write to the route can.",
                "Let nothing but ipcm write to a route that is in use, or let it say `PRAGMA wal_autocheckpoint = 0`.");
}

}  // namespace ipcm::storage::sqlite
