// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <random>
#include <string>

namespace test {

/// Values of every kind, extremes included, from a fixed seed.
class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : engine_(seed) {}

  /// Finite numbers and no binary values: what every serializer takes.
  nlohmann::json value(int depth = 5);
  /// Valid UTF-8 of any code points, NUL included.
  std::string text();
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_); }

 private:
  nlohmann::json scalar();
  double finite_double();

  std::mt19937_64 engine_;
};

/// One code point as UTF-8; surrogates and too great ones by the same scheme, which is then not valid.
std::string utf8(std::uint32_t code_point);

}  // namespace test
