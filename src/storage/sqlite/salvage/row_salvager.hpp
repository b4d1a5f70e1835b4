// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/function_ref.hpp"
#include "storage/route_rows.hpp"
#include "storage/sqlite/salvage/page_survey.hpp"

namespace ipcm::storage::sqlite {

/// Reads the rows out of the pages that a survey has found and gives those that keep the rules to a sink. What agrees
/// with everything around it comes first, so that nothing doubtful takes its place.
class RowSalvager {
 public:
  /// All must live longer. The sink refuses a row by throwing Error: InvalidArgument, InvalidName, InvalidMessage.
  /// `step` is called for each page.
  RowSalvager(const PageFile& file, PointerMap& map, const PageSurvey& survey, RowSink& sink, FunctionRef<void()> step);

  void run();

  struct Tally {
    std::uint64_t rows = 0;
    std::uint64_t refused = 0;
    std::uint64_t changed_pages = 0;  ///< which do not add up: rows may be missing there
  };
  const Tally& tally_of(TableKind table) const { return tallies_[static_cast<std::size_t>(table)]; }
  bool has_settings() const noexcept { return has_settings_; }
  /// Of the damaged route; empty: it cannot be read.
  const std::string& route_id() const noexcept { return route_id_; }
  /// Those whose names were made up.
  const std::set<PeerId>& nameless() const noexcept { return nameless_; }

 private:
  /// Takes a row; false: it is none of that table, or the sink refuses it.
  using Take = FunctionRef<bool(std::int64_t row, const Record& record)>;
  /// Cells of a page that come second.
  struct Leftover {
    PageNumber page;
    std::vector<std::size_t> cells;
  };
  /// What the books say of one sender; its row is given last.
  struct Count {
    std::string sender;
    KeptCount row;
  };

  void read_table(TableKind table, Take take);
  void read_page(TableKind table, const RowPage& found, Take take);
  void read_leftover(TableKind table, const Leftover& leftover, Take take);
  void take_row(TableKind table, const Cell& cell, Take take);
  bool give(FunctionRef<void()> to_sink);

  void read_settings();
  void read_books();
  void read_peers();
  void read_mail();
  void read_what_belongs_to_mail();
  void give_counts();
  bool give_inbox(PeerId inbox, InboxRow row);
  void make_up_inbox(PeerId inbox);
  std::string_view name_of_worker(WorkerId worker) const;

  const PageFile& file_;
  const PageSurvey& survey_;
  Payloads payloads_;
  RowSink& sink_;
  FunctionRef<void()> step_;
  std::array<Tally, 12> tallies_{};
  std::map<PeerId, std::string> names_;
  std::map<PeerId, std::int64_t> last_numbers_;
  std::vector<Count> counts_;
  std::map<WorkerId, PeerId> workers_;
  std::set<PeerId> nameless_;
  bool has_settings_ = false;
  std::string route_id_;
  std::vector<Leftover> leftovers_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> payload_;
};

}  // namespace ipcm::storage::sqlite
