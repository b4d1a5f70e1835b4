// SPDX-License-Identifier: MIT
#include "figure.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench {

Spread spread_of(std::vector<double> values) {
  return {percentile(values, 0.5), *std::min_element(values.begin(), values.end()),
          *std::max_element(values.begin(), values.end())};
}

double percentile(std::vector<double> values, double share) {
  require(!values.empty(), "there is something to take a percentile of");
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = static_cast<std::ptrdiff_t>(std::llround(share * last));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

Spread Figure::ratio() const {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < ours.size(); ++round) ratios.push_back(ours[round] / theirs.at(round));
  return spread_of(std::move(ratios));
}

bool Figure::reached() const {
  return better == Better::higher ? ratio().median >= reach : ratio().median <= reach;
}

Figure alternate(const Context& context, Figure about, const Sample& ours, const Sample& theirs) {
  ours();
  theirs();
  for (int round = 0; round < context.rounds; ++round) {
    if (round % 2 == 0) about.ours.push_back(ours());
    about.theirs.push_back(theirs());
    if (round % 2 != 0) about.ours.push_back(ours());
  }
  return about;
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("the benchmark is not valid, for it is not so that " + what);
}

}  // namespace bench
