// SPDX-License-Identifier: MIT
// What a kill may have hidden from the journals, and what follows from it for a message.
#pragma once

#include "storm/history.hpp"

namespace storm {

/// Steps after which a message is gone for good, unless it is put back.
bool ends(const Step& step);

/// Somebody got the message: it was taken or claimed.
bool handed_out(const Step& step);

/// By how much the clocks of two processes may differ, with a margin.
inline constexpr Time kClocksDiffer = 3'500'000'000;

/// Whoever was killed while it took or claimed from this inbox, in a call that began in that time, may have had this
/// message without a word.
bool may_be_taken_unseen(const History& history, const Story& story, Time from, Time until = kNever);

/// Whether a message that nobody saw may yet have been stored.
bool may_be_gone_unseen(const History& history, const Story& story);

/// The first moment from which a claim may not have been held any more: settled, its lease over, its worker gone.
Time may_be_over(const History& history, const Story& story, const Step& claim);

/// From when to when a peer takes mail for certain: true for all of that time.
bool takes_mail(const History& history, const std::string& name, Time from, Time until);

}  // namespace storm
