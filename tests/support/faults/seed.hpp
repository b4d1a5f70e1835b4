// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace test {

/// For what is tried at random: a new one for each run, which is printed, or that of IPCM_TEST_SEED, which repeats one.
unsigned seed();

/// How many times as much as in the suite is to be tried: 1, or IPCM_TEST_FAULTS.
std::size_t times_the_sample();

/// Whether everything is to be tried and not only a sample: IPCM_TEST_FAULTS=all.
bool tries_everything();

/// The numbers from 1 to `count`, or `sample` times times_the_sample() of them, chosen at random, where not everything
/// is to be tried.
std::vector<long> chosen_up_to(long count, std::size_t sample, std::mt19937& random);

}  // namespace test
