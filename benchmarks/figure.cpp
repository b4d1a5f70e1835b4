// SPDX-License-Identifier: MIT
#include "figure.hpp"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench {

namespace {

// Processor time of all threads.
double processor_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  return {percentile(values, 0.5), *std::min_element(values.begin(), values.end()),
          *std::max_element(values.begin(), values.end())};
}

Spread spread_of(const std::vector<Measured>& values) {
  std::vector<double> plain;
  for (const Measured& measured : values) plain.push_back(measured.value);
  return spread_of(plain);
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
  for (std::size_t round = 0; round < ours.size(); ++round)
    ratios.push_back(ours[round].value / theirs.at(round).value);
  return spread_of(ratios);
}

std::optional<Spread> Figure::processor_ratio() const {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < ours.size(); ++round) {
    const auto& mine = ours[round].by_processor;
    const auto& other = theirs.at(round).by_processor;
    if (!mine || !other) return std::nullopt;
    ratios.push_back(*mine / *other);
  }
  return spread_of(ratios);
}

bool Figure::reached() const {
  const double seen = aim == Aim::ratio ? ratio().median : spread_of(ours).median;
  return better == Better::higher ? seen >= reach : seen <= reach;
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

Stopwatch::Stopwatch() : start_(std::chrono::steady_clock::now()), processor_start_(processor_now()) {}

double Stopwatch::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Stopwatch::processor_seconds() const {
  return processor_now() - processor_start_;
}

Measured Stopwatch::rate(std::size_t count) const {
  const auto number = static_cast<double>(count);
  return {number / seconds(), number / processor_seconds()};
}

Measured Stopwatch::time_each(std::size_t count) const {
  const double each = 1e6 / static_cast<double>(count);
  return {seconds() * each, processor_seconds() * each};
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("the benchmark is not valid, for it is not so that " + what);
}

}  // namespace bench
