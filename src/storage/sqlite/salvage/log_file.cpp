// SPDX-License-Identifier: MIT
#include "storage/sqlite/salvage/log_file.hpp"

#include <array>

#include "platform/file.hpp"
#include "storage/sqlite/file_format.hpp"

namespace ipcm::storage::sqlite {
namespace {

constexpr std::uint32_t kLogMagic =
    0x377f0682;  // with the lowest bit set: checksums of words with the highest byte first

std::uint64_t salt_at(Bytes bytes, std::size_t at) noexcept {
  return std::uint64_t{big_endian_32(bytes, at)} << 32U | big_endian_32(bytes, at + 4);
}

}  // namespace

LogFile::LogFile(const RoutePath& route)
    : file_(platform::ReadableFile::open(route.folder(), platform::name_in(route.write_ahead_log()))) {
  if (!file_ || file_->size() == 0) return;
  if (!read_header()) {
    page_size_ = 0;  // whatever it says
    problem_ =
        "The beginning of the log " + route.write_ahead_log() + " is damaged: what was in it alone cannot be read.";
    return;
  }
  frames_ = (file_->size() - kLogHeaderBytes) / (kFrameHeaderBytes + page_size_);
  read_frames();
}

// Eight bytes at a time, as two words.
void LogFile::add(Checksum& sum, Bytes bytes) const noexcept {
  const auto word = [&](std::size_t at) {
    const std::uint32_t number = big_endian_32(bytes, at);
    return big_endian_words_ ? number : __builtin_bswap32(number);
  };
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    sum.first += word(at) + sum.second;
    sum.second += word(at + 4) + sum.first;
  }
}

bool LogFile::read_header() {
  std::array<std::uint8_t, kLogHeaderBytes> header{};
  if (file_->read(0, header) != header.size()) return false;
  const std::uint32_t magic = big_endian_32(header, 0);
  page_size_ = big_endian_32(header, 8);
  if ((magic & ~1U) != kLogMagic || page_size_ < 512 || page_size_ > 65536 || (page_size_ & (page_size_ - 1)) != 0) {
    return false;
  }
  big_endian_words_ = (magic & 1U) != 0;
  salt_ = salt_at(header, 16);
  add(checksum_, Bytes(header).first(24));
  return checksum_ == Checksum{big_endian_32(header, 24), big_endian_32(header, 28)};
}

std::uint64_t LogFile::offset_of(std::uint64_t frame) const noexcept {
  return kLogHeaderBytes + frame * (kFrameHeaderBytes + page_size_);
}

void LogFile::read_frames() {
  std::vector<std::uint8_t> frame(kFrameHeaderBytes + page_size_);
  std::map<PageNumber, std::uint64_t> uncommitted;
  for (std::uint64_t number = 0; number < frames_; ++number) {
    if (file_->read(offset_of(number), frame) != frame.size()) return look_beyond(number, 0);
    const PageNumber page = big_endian_32(frame, 0);
    const PageNumber pages_after_commit = big_endian_32(frame, 4);
    add(checksum_, Bytes(frame).first(8));
    add(checksum_, Bytes(frame).subspan(kFrameHeaderBytes));
    const bool is_of_this_log = salt_at(frame, 8) == salt_;
    const bool adds_up = checksum_ == Checksum{big_endian_32(frame, 16), big_endian_32(frame, 20)};
    if (page == 0 || !is_of_this_log || !adds_up) return look_beyond(number, adds_up && !is_of_this_log ? 1 : 0);
    uncommitted[page] = offset_of(number) + kFrameHeaderBytes;
    if (pages_after_commit == 0) continue;
    for (const auto& [each, place] : uncommitted) places_[each] = place;
    uncommitted.clear();
    database_pages_ = pages_after_commit;
  }
}

// The log ends at what an earlier one left behind; where frames of this one come after it, it is damaged. Its checksum
// tells that a frame is of this log, too, as it goes on from the one before.
void LogFile::look_beyond(std::uint64_t frame, std::uint64_t cut_off) {
  std::array<std::uint8_t, kFrameHeaderBytes> header{};
  for (; frame < frames_; ++frame) {
    if (file_->read(offset_of(frame), header) != header.size()) break;
    if (salt_at(header, 8) == salt_) ++cut_off;
  }
  if (cut_off == 0) return;
  problem_ = "The log is damaged in the middle: the last " + std::to_string(cut_off) +
             " pages that were written there cannot be used, so the route is as it was before them.";
}

bool LogFile::read(PageNumber page, std::vector<std::uint8_t>& into) const {
  const auto place = places_.find(page);
  if (place == places_.end()) return false;
  into.resize(page_size_);
  return file_->read(place->second, into) == page_size_;
}

}  // namespace ipcm::storage::sqlite
