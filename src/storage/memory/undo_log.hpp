// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace ipcm::storage {

/// How to take back what a transaction has done so far, newest first. A step is added before the change that it takes
/// back, so that running out of memory in between leaves nothing half done; it must be harmless if the change never
/// came, and must not throw.
class UndoLog {
 public:
  /// Returns the step, which may be filled in until the next one is added.
  template <typename Step>
  Step& add(Step step) {
    auto kept = std::make_unique<Kept<Step>>(std::move(step));
    Step& reference = kept->step;
    steps_.push_back(std::move(kept));
    return reference;
  }

  void roll_back() noexcept { roll_back_to(0); }

  /// How many steps there are: where roll_back_to() can return to.
  std::size_t mark() const noexcept { return steps_.size(); }
  void roll_back_to(std::size_t mark) noexcept {
    for (; steps_.size() > mark; steps_.pop_back()) steps_.back()->run();
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void run() noexcept = 0;
  };

  template <typename Step>
  struct Kept : Base {
    explicit Kept(Step&& given) : step(std::move(given)) {}
    void run() noexcept override { step(); }
    Step step;
  };

  std::vector<std::unique_ptr<Base>> steps_;
};

}  // namespace ipcm::storage
