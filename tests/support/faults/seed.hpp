// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace test {

/// For what is tried at random: a new one for each run, which is printed, or that of IPCM_TEST_SEED, which repeats one.
unsigned seed();

/// How many times as much as the suite tries is to be tried: 1, or IPCM_TEST_FAULTS, such as 20 or 0.25.
double times_the_sample();

/// Whether everything is to be tried and not only a sample: IPCM_TEST_FAULTS=all.
bool tries_everything();

/// The numbers from 1 to `count`, or where not everything is to be tried `sample` times times_the_sample() of them and
/// at least one, chosen at random.
std::vector<long> chosen_up_to(long count, std::size_t sample, std::mt19937& random);

}  // namespace test
