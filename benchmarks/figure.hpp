// SPDX-License-Identifier: MIT
// A figure is a ratio: what ipcm does against what a baseline does with the same bytes, both measured in turn in one
// run. Ratios survive a noisy machine, absolute rates do not.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bench {

/// How much of everything to do, and where.
struct Context {
  bool smoke = false;  ///< tiny: only to see that the benchmark works
  int rounds = 7;
  std::filesystem::path folder;  ///< for stores; on the disk that is meant

  std::size_t count(std::size_t long_run, std::size_t smoke_run) const { return smoke ? smoke_run : long_run; }
  std::chrono::milliseconds time(std::chrono::milliseconds long_run) const {
    return smoke ? std::chrono::milliseconds(100) : long_run;
  }
};

struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// Of at least one value.
Spread spread_of(std::vector<double> values);

/// The value that a share of the others does not exceed: 0.5 is the median, 0.99 the p99.
double percentile(std::vector<double> values, double share);

enum class Better { higher, lower };

struct Figure {
  std::string name;
  std::string baseline;
  std::string unit;
  Better better = Better::higher;
  double reach = 0;  ///< the ratio that is aimed for

  // One value a round; those of the same round belong together.
  std::vector<double> ours;
  std::vector<double> theirs;
  std::map<std::string, double> details;  ///< medians of what else was seen

  /// Of ours[i] / theirs[i].
  Spread ratio() const;
  bool reached() const;
};

/// Measures once and returns the value in the figure's unit.
using Sample = std::function<double()>;

/// Runs both in turn, after one round that does not count; who begins changes from round to round.
Figure alternate(const Context& context, Figure about, const Sample& ours, const Sample& theirs);

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Throws when what a benchmark did was not what it claims to measure.
void require(bool holds, const std::string& what);

}  // namespace bench
