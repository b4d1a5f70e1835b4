// SPDX-License-Identifier: MIT
// Random calls on a route and on a model of it: every answer must be the same, also where threads make several calls of
// one client at once. What goes wrong is told by the shortest list of calls that shows it.
// IPCM_TEST_SEED=n repeats a run, as far as threads do; IPCM_TEST_MODEL_CASES=n sets how many lists of calls each
// protocol gets.
#include <cstdlib>
#include <random>

#include <boost/test/unit_test.hpp>

#include "conformance/conformance.hpp"
#include "conformance/model/comparison.hpp"

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

}  // namespace

CONFORMANCE_TEST(random_calls_give_the_same_answers_as_a_model) {
  model::Comparison comparison{.protocol = protocol().name,
                               .promises = {.has_store = protocol().has_store, .has_jobs = protocol().has_jobs}};
  comparison.notifiers.clear();
  for (const ipcm::NotifierKind kind : protocol().notifiers) {
    comparison.notifiers.emplace_back(ipcm::to_string(kind));
  }
  comparison.lists = static_cast<int>(number_from("IPCM_TEST_MODEL_CASES", 120));
  comparison.seed = number_from("IPCM_TEST_SEED", std::random_device()());
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << comparison.seed);
  const model::Difference difference = model::find_difference(comparison);
  BOOST_TEST_MESSAGE(difference.text);
  BOOST_TEST(!difference.found, "IPCM_TEST_SEED=" << comparison.seed << "\n" << difference.text);
}
