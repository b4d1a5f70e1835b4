// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
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
  /// Throws Error: Unsafe if something else lies in its place.
  explicit LetterFolder(const platform::Folder& route)
      : folder_(std::make_shared<platform::Folder>(route, kLettersName)) {}

  /// What a client has written and not yet handed over; removed with this object unless it was handed over.
  class Draft {
   public:
    Draft() = default;
    Draft(Draft&& other) noexcept : folder_(std::move(other.folder_)), name_(std::move(other.name_)) {
      other.name_.clear();
    }
    Draft& operator=(Draft&& other) noexcept {
      folder_.swap(other.folder_);
      name_.swap(other.name_);
      return *this;
    }
    ~Draft();

    explicit operator bool() const noexcept { return !name_.empty(); }
    void handed_over() noexcept { name_.clear(); }

   private:
    friend class LetterFolder;
    std::shared_ptr<const platform::Folder> folder_;
    std::string name_;
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

  /// Whether a file of that name is one that write() or address() makes.
  static bool is_own_name(std::string_view name);

 private:
  std::shared_ptr<const platform::Folder> folder_;
};

}  // namespace ipcm::transport
