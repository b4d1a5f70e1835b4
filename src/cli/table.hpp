// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "output.hpp"

namespace ipcm::cli {

/// Columns of text for people.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell a column; made printable here.
  void row(std::vector<std::string> cells);
  void print(Output& out) const;
  /// Cuts the last column, so that no line is wider than the terminal, or without one than `else_at_most`.
  void fit(const Output& out, std::size_t else_at_most);

 private:
  std::vector<std::size_t> widths() const;
  std::string format(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace ipcm::cli
