// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "conformance/model/model.hpp"
#include "conformance/model/operation.hpp"

namespace model {

/// Makes up operations that fit what the model holds, refusals included.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Operation next(const Model& model);

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
  bool one_in(int chances) { return below(chances) == 0; }
  std::string any_name();
  Operation::Kind any_kind();
  Letter letter();
  std::vector<int> some_of(const std::vector<int>& numbers);
  void fill(Operation& operation, const Model& model);

  std::mt19937_64 random_;
  int last_number_ = 0;
};

}  // namespace model
