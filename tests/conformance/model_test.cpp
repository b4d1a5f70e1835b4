// SPDX-License-Identifier: MIT
// Random calls, side by side on every protocol with a store and on a model of a few lines: every answer must be the
// same.
// The seed is printed; IPCM_TEST_SEED=n repeats a run, IPCM_TEST_OPERATIONS=n sets its length.
#include <cstdlib>
#include <deque>
#include <random>

#include <boost/test/unit_test.hpp>

#include "conformance/conformance.hpp"
#include "conformance/model/generator.hpp"
#include "conformance/model/subject.hpp"

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

// The last operations with their answers, for whoever has to find out what went wrong.
class History {
 public:
  void add(const std::string& line) {
    lines_.push_back(line);
    if (lines_.size() > 60) lines_.pop_front();
  }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines_) all += "\n  " + line;
    return all;
  }

 private:
  std::deque<std::string> lines_;
};

std::string either(const model::Answers& answers) {
  std::string all;
  for (const std::string& answer : answers) all += (all.empty() ? "" : " or ") + answer;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model)

BOOST_AUTO_TEST_CASE(random_calls_give_the_same_answers_on_every_protocol_and_on_the_model) {
  const auto seed = number_from("IPCM_TEST_SEED", std::random_device()());
  const auto operations = number_from("IPCM_TEST_OPERATIONS", 4000);
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << seed);
  model::Model expected;
  model::Generator generator(seed);
  std::vector<std::unique_ptr<model::Subject>> subjects;
  for (const auto& protocol : test::protocols()) {
    if (protocol.has_store) subjects.push_back(std::make_unique<model::Subject>(protocol.name));
  }
  History history;
  for (std::uint64_t step = 0; step < operations; ++step) {
    const auto operation = generator.next(expected);
    const auto answers = expected.apply(operation);
    history.add(operation.text() + " = " + either(answers));
    for (const auto& subject : subjects) {
      std::string given;
      try {
        given = subject->apply(operation);
      } catch (const std::exception& failure) {
        given = std::string("an exception: ") + failure.what();
      }
      BOOST_REQUIRE_MESSAGE(answers.contains(given), subject->protocol()
                                                         << " answered " << given << " at step " << step
                                                         << ", IPCM_TEST_SEED=" << seed << history.text());
      if (step % 100 != 0) continue;
      const auto problems = subject->problems(expected.queued());
      BOOST_REQUIRE_MESSAGE(problems.empty(), subject->protocol() << ": " << problems << " at step " << step
                                                                  << ", IPCM_TEST_SEED=" << seed << history.text());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
