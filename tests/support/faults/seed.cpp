// SPDX-License-Identifier: MIT
#include "support/faults/seed.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>

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

std::vector<long> chosen_up_to(long count, std::size_t most, std::mt19937& random) {
  std::vector<long> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 1L);
  if (tries_everything()) return numbers;
  std::ranges::shuffle(numbers, random);
  numbers.resize(std::min(numbers.size(), most));
  return numbers;
}

bool tries_everything() {
  return std::getenv("IPCM_TEST_EVERY_FAULT") != nullptr;
}

}  // namespace test
