// SPDX-License-Identifier: MIT
// A figure is a ratio: what ipcm does against what a baseline does with the same bytes, both measured in turn in one
// run. Ratios survive a noisy machine, absolute rates do not.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
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

/// One value in the unit of its figure: by the clock on the wall and, where all work is done in this process, by the
/// processor time that it took. The latter leaves out waiting for the disk, and other load on the machine.
struct Measured {
  double value = 0;
  std::optional<double> by_processor{};
};

struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// Of at least one value.
Spread spread_of(const std::vector<double>& values);
Spread spread_of(const std::vector<Measured>& values);

/// The value that a share of the others does not exceed: 0.5 is the median, 0.99 the p99.
double percentile(std::vector<double> values, double share);

enum class Better { higher, lower };

/// What is held against an aim: the ratio, or our value itself where that has to be bounded whatever others do.
enum class Aim { ratio, value };

struct Figure {
  std::string name;
  std::string baseline;
  std::string unit;
  Better better = Better::higher;
  double reach = 0;  ///< what is aimed for; 0: nothing
  Aim aim = Aim::ratio;

  // One a round; those of the same round belong together.
  std::vector<Measured> ours{};
  std::vector<Measured> theirs{};
  std::map<std::string, double> details{};  ///< medians of what else was seen

  /// Of what each round saw: ours against theirs.
  Spread ratio() const;
  /// The same by processor time; nothing where that was not measured.
  std::optional<Spread> processor_ratio() const;
  bool reached() const;
};

/// Measures once.
using Sample = std::function<Measured()>;

/// Runs both in turn, after one round that does not count; who begins changes from round to round.
Figure alternate(const Context& context, Figure about, const Sample& ours, const Sample& theirs);

class Stopwatch {
 public:
  Stopwatch();

  double seconds() const;
  /// Of all threads of this process.
  double processor_seconds() const;

  /// Since the start.
  Measured rate(std::size_t count) const;
  /// The mean since the start, in microseconds.
  Measured time_each(std::size_t count) const;

 private:
  std::chrono::steady_clock::time_point start_;
  double processor_start_;
};

/// Throws when what a benchmark did was not what it claims to measure.
void require(bool holds, const std::string& what);

}  // namespace bench
