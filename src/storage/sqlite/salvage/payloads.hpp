// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "storage/sqlite/salvage/page_file.hpp"
#include "storage/sqlite/salvage/pointer_map.hpp"
#include "storage/sqlite/salvage/tree_page.hpp"

namespace ipcm::storage::sqlite {

/// How much has to agree before something is taken for true.
enum class Trust {
  strict,  ///< everything that can be compared
  lenient  ///< what comes second, once all that is beyond doubt has been taken
};

/// Puts payloads together. No overflow page is part of two, and there is an end to those that are read in vain: so the
/// work does not grow faster than the file, whatever it says.
class Payloads {
 public:
  /// Both must live longer.
  Payloads(const PageFile& file, PointerMap& map) : file_(file), map_(map), used_(file.page_count() + std::size_t{1}) {}

  /// False where it cannot be read to its end, exactly.
  bool read(const Cell& cell, PageNumber page, Trust trust, std::vector<std::uint8_t>& into);

 private:
  bool may_follow(PageNumber page, PageNumber before, bool first, Trust trust);

  const PageFile& file_;
  PointerMap& map_;
  std::vector<bool> used_;     // by page
  std::uint64_t in_vain_ = 0;  // overflow pages of payloads that had no right end
  std::vector<std::uint8_t> page_;
};

}  // namespace ipcm::storage::sqlite
