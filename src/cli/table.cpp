// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <algorithm>

#include "text.hpp"

namespace ipcm::cli {

void Table::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], display_width(cells[i]));
  }
  return widths;
}

void Table::fit(const Output& out, std::size_t else_at_most) {
  std::size_t taken = 0;
  std::vector<std::size_t> all = widths();
  all.pop_back();
  for (const std::size_t width : all) taken += width + 2;
  const std::size_t whole = out.columns().value_or(else_at_most);
  const std::size_t least = std::max<std::size_t>(display_width(columns_.back().title), 10);
  const std::size_t most = whole > taken + least ? whole - taken : least;
  for (auto& cells : rows_) cells.back() = cut_to_width(cells.back(), most);
}

void Table::print(Output& out) const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  const std::vector<std::size_t> all = widths();
  out.line(out.bold(format(titles, all)));
  for (const auto& cells : rows_) out.line(format(cells, all));
}

std::string Table::format(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - display_width(cells[i]), ' ');
    if (i > 0) line += "  ";
    line += columns_[i].align == Align::right ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace ipcm::cli
