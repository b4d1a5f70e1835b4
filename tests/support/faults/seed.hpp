// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace test {

/// For what is tried at random: a new one for each run, which is printed, or that of IPCM_TEST_SEED, which repeats one.
unsigned seed();

/// The numbers from 1 to `count`, or so many of them, chosen at random, where not everything is to be tried.
std::vector<long> chosen_up_to(long count, std::size_t most, std::mt19937& random);

/// Whether everything is to be tried and not only a sample: IPCM_TEST_EVERY_FAULT is set.
bool tries_everything();

}  // namespace test
