// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/function_ref.hpp"
#include "transport/letter.hpp"
#include "transport/peer_table.hpp"

namespace ipcm::transport {

/// The folder of contents that are too large for a datagram, a file each. A file is written under its sender's name,
/// becomes the recipient's just before the datagram that tells of it, and is removed by whoever reads it.
class LetterFolder {
 public:
  explicit LetterFolder(const RouteFolder& folder) : path_(folder.letter_folder()) {}

  /// What a client has written and not yet handed over; removed with this object unless it was handed over.
  class Draft {
   public:
    Draft() = default;
    Draft(Draft&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    Draft& operator=(Draft&& other) noexcept {
      path_.swap(other.path_);
      return *this;
    }
    ~Draft();

    explicit operator bool() const noexcept { return !path_.empty(); }
    void handed_over() noexcept { path_.clear(); }

   private:
    friend class LetterFolder;
    std::string path_;
  };

  /// Throws Error: RouteFull, StorageFailure.
  Draft write(const Enclosure& enclosure, std::string_view content) const;
  /// Puts it where that recipient looks for it; again, for another one.
  void address(Draft& draft, const Enclosure& enclosure, const Peer& recipient) const;

  /// Nothing where there is no such file any more, or not all of it. Throws Error where it cannot be read just now.
  std::optional<std::string> read(const Enclosure& enclosure, const Peer& recipient) const;
  void remove(const Enclosure& enclosure, const Peer& recipient) const noexcept;

  /// Removes what nobody will read: drafts of senders that are gone, and what was for recipients that are gone, or
  /// were: for `self` under an earlier epoch. With the turn to change the table, so that nobody connects meanwhile.
  void clean(const Peer& self, FunctionRef<bool(std::int64_t id)> is_present) const;
  /// Removes what is there for a recipient that has left.
  void remove_mail_of(const Peer& recipient) const;

 private:
  std::string path_of(const Enclosure& enclosure, const Peer& recipient) const;

  std::string path_;
};

}  // namespace ipcm::transport
