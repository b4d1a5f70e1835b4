// SPDX-License-Identifier: MIT
#include "support/faults/seed.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

namespace test {

unsigned seed() {
  static const unsigned number = [] {
    const char* const given = std::getenv("IPCM_TEST_SEED");
    return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
  }();
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << number);
  return number;
}

double times_the_sample() {
  const char* const given = std::getenv("IPCM_TEST_FAULTS");
  return given == nullptr || tries_everything() ? 1 : std::stod(given);
}

bool tries_everything() {
  const char* const given = std::getenv("IPCM_TEST_FAULTS");
  return given != nullptr && std::string_view(given) == "all";
}

std::vector<long> chosen_up_to(long count, std::size_t sample, std::mt19937& random) {
  std::vector<long> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 1L);
  if (tries_everything()) return numbers;
  std::ranges::shuffle(numbers, random);
  const double most = std::max(1.0, static_cast<double>(sample) * times_the_sample());
  numbers.resize(std::min(numbers.size(), static_cast<std::size_t>(most)));
  return numbers;
}

}  // namespace test
