// SPDX-License-Identifier: MIT
#pragma once

#include <set>

#include <ipcm/error.hpp>

#include "storage/route_rows.hpp"

namespace ipcm::storage {

/// Whether what was thrown is about the row, and not about the disk.
bool is_refusal(ErrorCode code) noexcept;

/// The rules that a route's rows keep, in front of a sink: each row is looked at as if a stranger had written it, and
/// passed on when it keeps them, without a byte order mark before JSON. Throws Error(InvalidArgument) for one that does
/// not, and what the sink throws. What
/// takes more than the row itself to know, such as whether an id is there twice, is for the sink.
class RowRules : public RowSink {
 public:
  /// `next` must live longer.
  explicit RowRules(RowSink& next) : next_(next) {}

  void settings(const RouteSettings& row) override;
  void inbox(const InboxRow& row) override;
  void queue(const QueueRow& row) override;
  void message(const KeptMessage& row) override;
  void later(const KeptLater& row) override;
  void claim(const KeptClaim& row) override;
  void dead(const KeptDead& row) override;
  void dedup(const KeptDedup& row) override;
  void schedule(const KeptSchedule& row) override;
  void count(const KeptCount& row) override;

 private:
  void check_message(const KeptMessage& row) const;
  KeptMessage checked(const KeptMessage& row) const;
  void require_inbox(PeerId inbox) const;

  RowSink& next_;
  std::set<PeerId> inboxes_;
};

}  // namespace ipcm::storage
