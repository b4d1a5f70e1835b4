// SPDX-License-Identifier: MIT
// The plot: one panel for ratios of rates, where longer bars are better, one for ratios of times, where shorter ones
// are.
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "report.hpp"

namespace bench {
namespace {

constexpr double kWidth = 1040;
constexpr double kLabels = 410;  // where the bars begin
constexpr double kBars = 560;    // how long they may become
constexpr double kRow = 26;
constexpr double kHead = 34;
constexpr double kLongest = 4;  // the ratio at which a bar is cut off, so that one does not flatten the others

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

// The ratio that is aimed for; 0: none.
double aim_of(const Figure& figure) {
  return figure.aim == Aim::ratio ? figure.reach : 0;
}

class Panel {
 public:
  Panel(std::ostream& out, std::vector<Figure> figures, double top)
      : out_(out), figures_(std::move(figures)), top_(top) {
    for (const Figure& figure : figures_) longest_ = std::max({longest_, figure.ratio().high, aim_of(figure)});
    longest_ = std::min(longest_, kLongest);
  }

  double height() const { return figures_.empty() ? 0 : kHead + kRow * static_cast<double>(figures_.size()) + 12; }

  void draw(const char* title) const {
    if (figures_.empty()) return;
    text(8, top_ + 22, title, "font-weight=\"bold\"");
    double y = top_ + kHead;
    for (const Figure& figure : figures_) {
      draw_row(figure, y);
      y += kRow;
    }
  }

 private:
  double x(double ratio) const { return kLabels + kBars * std::min(ratio, longest_) / longest_; }

  void draw_row(const Figure& figure, double y) const {
    const Spread ratio = figure.ratio();
    const double middle = y + kRow / 2;
    const bool missed = figure.reach != 0 && !figure.reached();
    text(kLabels - 8, middle + 4, figure.name, "text-anchor=\"end\"");
    out_ << "<rect x=\"" << kLabels << "\" y=\"" << y + 5 << "\" width=\"" << x(ratio.median) - kLabels
         << "\" height=\"" << kRow - 10 << "\" fill=\"" << (missed ? "#d08770" : "#5e81ac") << "\"/>\n";
    line(x(ratio.low), middle, x(ratio.high), middle, "#2e3440", 1);
    line(x(1), y, x(1), y + kRow, "#aaaaaa", 1);
    const double aim = aim_of(figure);
    if (aim != 0) line(x(aim), y + 1, x(aim), y + kRow - 1, "#bf2030", 2.5);
    std::string value = std::to_string(ratio.median);
    value.resize(value.find('.') + 3);
    if (ratio.median > longest_) value.insert(0, "→ ");
    text(std::max(x(ratio.high), x(aim)) + 6, middle + 4, value, "");
  }

  void line(double x1, double y1, double x2, double y2, const char* colour, double width) const {
    out_ << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2 << "\" stroke=\"" << colour
         << "\" stroke-width=\"" << width << "\"/>\n";
  }

  void text(double at_x, double at_y, const std::string& words, const char* style) const {
    out_ << "<text x=\"" << at_x << "\" y=\"" << at_y << "\" " << style << ">" << escaped(words) << "</text>\n";
  }

  std::ostream& out_;
  std::vector<Figure> figures_;
  double top_;
  double longest_ = 1;
};

std::vector<Figure> where(const std::vector<Figure>& figures, Better better) {
  std::vector<Figure> some;
  std::copy_if(figures.begin(), figures.end(), std::back_inserter(some),
               [better](const Figure& figure) { return figure.better == better; });
  return some;
}

}  // namespace

void write_svg(std::ostream& out, const std::vector<Figure>& figures) {
  const Panel rates(out, where(figures, Better::higher), 0);
  const Panel times(out, where(figures, Better::lower), rates.height());
  const double height = rates.height() + times.height();
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << kWidth << "\" height=\"" << height
      << "\" viewBox=\"0 0 " << kWidth << " " << height << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  rates.draw("Rate against the baseline: longer is better; red line: the aim; grey line: as the baseline");
  times.draw("Time against the baseline: shorter is better");
  out << "</svg>\n";
}

}  // namespace bench
