// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ipcm/finding.hpp>

namespace ipcm {

/// Gathers what is found about a route.
class Findings {
 public:
  void ok(std::string about, std::string text) { add(Severity::ok, std::move(about), std::move(text), {}); }
  void note(std::string about, std::string text, std::string advice = {}) {
    add(Severity::note, std::move(about), std::move(text), std::move(advice));
  }
  void warning(std::string about, std::string text, std::string advice) {
    add(Severity::warning, std::move(about), std::move(text), std::move(advice));
  }
  void problem(std::string about, std::string text, std::string advice) {
    add(Severity::problem, std::move(about), std::move(text), std::move(advice));
  }

  std::vector<Finding> take() { return std::move(all_); }

 private:
  void add(Severity severity, std::string about, std::string text, std::string advice) {
    all_.push_back({severity, std::move(about), std::move(text), std::move(advice)});
  }

  std::vector<Finding> all_;
};

}  // namespace ipcm
