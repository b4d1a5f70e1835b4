// SPDX-License-Identifier: MIT
// Random calls on a route and on a model of it: every answer must be the same. What goes wrong is told by the shortest
// list of calls that shows it.
// IPCM_TEST_SEED=n repeats a run, IPCM_TEST_MODEL_CASES=n sets how many lists of calls each protocol gets.
#include <cstdlib>
#include <random>

#include <rapidcheck.h>
#include <rapidcheck/state.h>
#include <boost/test/unit_test.hpp>

#include "conformance/conformance.hpp"
#include "conformance/model/generator.hpp"
#include "conformance/model/subject.hpp"

namespace model {
namespace {

/// A route, and what it answered so far.
struct Trial {
  explicit Trial(const ipcm::SpawnOptions& options) : subject(options) {}

  Subject subject;
  std::string history{};
};

std::string either(const Answers& answers) {
  std::string all;
  for (const std::string& answer : answers) all += (all.empty() ? "" : " or ") + answer;
  return all;
}

class Call : public rc::state::Command<Model, Trial> {
 public:
  explicit Call(Operation operation) : operation_(std::move(operation)) {}

  void checkPreconditions(const Model& state) const override { RC_PRE(makes_sense(state, operation_)); }
  void apply(Model& state) const override { state.apply(operation_); }
  void show(std::ostream& out) const override { out << operation_.text(); }

  void run(const Model& before, Trial& trial) const override {
    Model after = before;
    const Answers expected = after.apply(operation_);
    const std::string given = trial.subject.apply(operation_, before.last_number());
    trial.history += "  " + operation_.text() + " = " + given + "\n";
    if (!expected.contains(given)) RC_FAIL("expected: " + either(expected) + "\n" + trial.history);
    const std::string differences = trial.subject.differences(after);
    if (!differences.empty()) RC_FAIL(differences + "\n" + trial.history);
  }

 private:
  Operation operation_;
};

using CallPointer = std::shared_ptr<const rc::state::Command<Model, Trial>>;

rc::Gen<CallPointer> any_call(const Model& state) {
  return rc::gen::map(any_operation(state),
                      [](Operation operation) -> CallPointer { return std::make_shared<Call>(std::move(operation)); });
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

// Where it makes a difference, of every kind.
ipcm::SpawnOptions any_options(const test::Protocol& protocol) {
  ipcm::SpawnOptions options;
  options.protocol = protocol.name;
  options.max_content = kMaxContent;
  if (protocol.name == "SQLite") {
    // Mostly without waiting for the disk: nothing cuts the power here.
    options.durability =
        ipcm::parse_durability(*rc::gen::weightedElement<std::string>({{6, "volatile"}, {3, "relaxed"}, {1, "full"}}));
    options.notifier = ipcm::parse_notifier_kind(*rc::gen::element<std::string>("auto", "hook", "poll"));
  }
  return options;
}

void compare(const test::Protocol& protocol) {
  rc::detail::TestParams params;
  params.seed = number_from("IPCM_TEST_SEED", std::random_device()());
  params.maxSuccess = static_cast<int>(number_from("IPCM_TEST_MODEL_CASES", 120));
  params.maxSize = 300;  // of which a list has a random part; the first lists are short, the last ones are not
  BOOST_TEST_MESSAGE("IPCM_TEST_SEED=" << params.seed);
  const auto property = [&] {
    Trial trial(any_options(protocol));
    const Model initial(Promises{.has_store = protocol.has_store, .has_jobs = protocol.has_jobs});
    const auto calls = *rc::state::gen::commands(initial, any_call);
    rc::state::runAll(calls, initial, trial);
    Model last = initial;
    for (const auto& call : calls) call->apply(last);
    const std::string problems = trial.subject.problems(last);
    if (!problems.empty()) RC_FAIL(problems + "\n" + trial.history);
  };
  const rc::detail::TestMetadata metadata{protocol.name, protocol.name};
  const auto result = rc::detail::checkTestable(property, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  BOOST_TEST_MESSAGE(text.str());
  BOOST_TEST(result.is<rc::detail::SuccessResult>(), "IPCM_TEST_SEED=" << params.seed << "\n" << text.str());
}

}  // namespace
}  // namespace model

CONFORMANCE_TEST(random_calls_give_the_same_answers_as_a_model) {
  model::compare(protocol());
}
