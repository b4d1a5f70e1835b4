// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/journal.hpp"

namespace storm {

/// Everything that is known once the storm is over.
struct Evidence {
  /// The journals of the senders, by name.
  std::map<std::string, std::vector<Entry>> senders;
  /// The journal of the one reader.
  std::vector<Entry> reader;
  /// What still lies in the reader's inbox, in order.
  std::vector<Entry> queued;
  /// The reader's counts: messages that left its inbox, by sender.
  std::map<std::string, std::uint64_t> read;
  /// True when the reader only looked, wrote down, and then removed: so a message that it wrote down and was killed
  /// over
  /// may come again, and none can be lost. False when it took and then wrote down: so none may come twice, and what it
  /// took and was killed over is in `read` and nowhere else.
  bool reader_removes = true;
};

/// One sentence for everything that must not be:
/// acknowledged messages are delivered or still queued; what was delivered or is queued was attempted; nothing is
/// delivered again once it was removed; each sender's messages come in its order; the counts agree with the journals.
std::vector<std::string> problems(const Evidence& evidence);

}  // namespace storm
