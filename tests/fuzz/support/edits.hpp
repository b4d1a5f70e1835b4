// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace fuzz {

/// Does to `bytes` what `edits` says, so that few bytes say what is wrong with many. An edit is a place of three bytes,
/// the lowest first, counted anew from the beginning where it is beyond the end; a number of one byte, and so many
/// bytes that are written there. With the number 0 everything from that place on is cut off.
void edit(std::string& bytes, std::string_view edits);

/// Writes the checksums of SQLite's log anew, so that its frames count although they were edited:
/// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
void mend_checksums(std::string& log);

}  // namespace fuzz
