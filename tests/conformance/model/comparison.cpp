// SPDX-License-Identifier: MIT
#include "conformance/model/comparison.hpp"

#include <algorithm>
#include <sstream>

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "conformance/model/generator.hpp"
#include "conformance/model/subject.hpp"

namespace model {
namespace {

std::string either(const Answers& answers) {
  std::string all;
  for (const std::string& answer : answers) all += (all.empty() ? "" : " or ") + answer;
  return all;
}

/// A route, and what it answered so far. Which of several calls at once came first is told by their answers, if at all:
/// until something tells, it may be in any of the states that these orders lead to.
class Trial {
 public:
  /// `told`: gets what goes wrong.
  Trial(const ipcm::SpawnOptions& options, std::chrono::milliseconds patience, const Model& initial, std::string& told)
      : subject_(options, patience), states_{initial}, told_(told) {}

  void run(Operation operation) {
    operation = states_[0].normalized(std::move(operation));
    const bool has_sense = std::ranges::all_of(states_, [&](const Model& one) { return makes_sense(one, operation); });
    if (!has_sense) return;  // it was made up for a state to which another order led
    int last_number = 0;
    for (Model& state : states_) state.set_last_number(last_number_);
    std::vector<Model> next;
    std::string expected;
    operation.kind == Operation::Kind::at_once ? run_at_once(operation, next, expected)
                                               : run_alone(operation, next, expected);
    if (next.empty()) fail("expected: " + expected + "\n" + history_);
    for (const Model& state : next) last_number = std::max(last_number, state.last_number());
    last_number_ = last_number;
    keep_those_without_differences(std::move(next));
  }

  void end() {
    std::string problems;
    for (const Model& state : states_) {
      problems = subject_.problems(state);
      if (problems.empty()) return;
    }
    fail(problems + "\n" + history_);
  }

 private:
  // Where threads decide, another try may not show it again: then rapidcheck forgets its words.
  void fail(const std::string& words) {
    told_ = words;
    RC_FAIL(words);
  }

  void run_alone(const Operation& operation, std::vector<Model>& next, std::string& expected) {
    const std::string given = subject_.apply(operation, last_number_);
    history_ += "  " + operation.text() + " = " + given + "\n";
    for (const Model& state : states_) {
      Model after = state;
      const Answers answers = after.apply(operation);
      if (answers.contains(given)) next.push_back(std::move(after));
      expected = either(answers);
    }
  }

  void run_at_once(const Operation& operation, std::vector<Model>& next, std::string& expected) {
    const std::vector<std::string> given = subject_.apply_at_once(operation, last_number_);
    history_ += "  " + operation.text() + " = " + joined_by_bars(given) + "\n";
    for (const Model& state : states_) {
      for (Model::Outcome& outcome : state.apply_at_once(operation)) {
        std::vector<std::string> words;
        bool fits = true;
        for (std::size_t n = 0; n < given.size(); ++n) {
          fits = fits && outcome.answers[n].contains(given[n]);
          words.push_back(either(outcome.answers[n]));
        }
        if (fits) next.push_back(std::move(outcome.after));
        expected += (expected.empty() ? "" : ", or: ") + joined_by_bars(words);
      }
    }
  }

  void keep_those_without_differences(std::vector<Model> states) {
    std::map<std::string, Model> right;
    std::string differences;
    for (Model& state : states) {
      differences = subject_.differences(state);
      if (differences.empty()) right.emplace(state.text(), std::move(state));
    }
    if (right.empty()) fail(differences + "\n" + history_);
    states_.clear();
    for (auto& [text, state] : right) states_.push_back(std::move(state));
  }

  static std::string joined_by_bars(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (&word == &words[0] ? "" : " || ") + word;
    return all;
  }

  Subject subject_;
  std::vector<Model> states_;
  std::string& told_;
  std::string history_;
  int last_number_ = 0;
};

class Call : public rc::state::Command<Model, Trial> {
 public:
  explicit Call(Operation operation) : operation_(std::move(operation)) {}

  void checkPreconditions(const Model& state) const override { RC_PRE(makes_sense(state, operation_)); }
  void apply(Model& state) const override { state.apply(operation_); }
  void show(std::ostream& out) const override { out << operation_.text(); }
  void run(const Model&, Trial& trial) const override { trial.run(operation_); }

 private:
  Operation operation_;
};

using CallPointer = std::shared_ptr<const rc::state::Command<Model, Trial>>;

rc::Gen<CallPointer> any_call(const Model& state) {
  return rc::gen::map(any_operation(state),
                      [](Operation operation) -> CallPointer { return std::make_shared<Call>(std::move(operation)); });
}

// Where it makes a difference, of every kind.
ipcm::SpawnOptions any_options(const Comparison& comparison) {
  ipcm::SpawnOptions options;
  options.protocol = comparison.protocol;
  options.max_content = kMaxContent;
  if (comparison.protocol == "SQLite") {
    // Mostly without waiting for the disk: nothing cuts the power here.
    options.durability =
        ipcm::parse_durability(*rc::gen::weightedElement<std::string>({{6, "volatile"}, {3, "relaxed"}, {1, "full"}}));
    options.notifier = ipcm::parse_notifier_kind(*rc::gen::elementOf(comparison.notifiers));
  }
  return options;
}

}  // namespace

Difference find_difference(const Comparison& comparison) {
  rc::detail::TestParams params;
  params.seed = comparison.seed;
  params.maxSuccess = comparison.lists;
  params.disableShrinking = !comparison.makes_shorter;
  params.maxSize = 300;  // of which a list has a random part; the first lists are short, the last ones are not
  std::string told;
  const auto property = [&] {
    const Model initial(comparison.promises);
    Trial trial(any_options(comparison), comparison.patience, initial, told);
    const auto calls = *rc::state::gen::commands(initial, any_call);
    rc::state::runAll(calls, initial, trial);
    trial.end();
  };
  const rc::detail::TestMetadata metadata{comparison.protocol, comparison.protocol};
  const auto result = rc::detail::checkTestable(property, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  const bool found = !result.is<rc::detail::SuccessResult>();
  return {found, found ? text.str() + "\n" + told : text.str()};
}

}  // namespace model
