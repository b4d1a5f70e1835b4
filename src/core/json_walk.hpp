// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

namespace ipcm {

/// Throws Error(InvalidMessage): nested deeper than kMaxContentDepth.
[[noreturn]] void refuse_depth();

/// Shows every value inside `root`, itself included, in no particular order: visit(key, value), where `key` is the
/// member's name or null. Does not recurse, so that any depth can be looked at; throws what refuse_depth() throws when
/// it is too deep.
template <typename Visit>
void walk_json(const Json& root, Visit visit) {
  visit(static_cast<const std::string*>(nullptr), root);
  if (!root.is_structured()) return;
  std::vector<std::pair<const Json*, int>> open{{&root, 1}};
  while (!open.empty()) {
    const auto [parent, depth] = open.back();
    open.pop_back();
    const auto look_at = [&, depth = depth](const std::string* key, const Json& value) {
      visit(key, value);
      if (!value.is_structured()) return;
      if (depth == kMaxContentDepth) refuse_depth();
      open.emplace_back(&value, depth + 1);
    };
    if (const auto* members = parent->template get_ptr<const Json::object_t*>()) {
      for (const auto& [key, value] : *members) look_at(&key, value);
    } else {
      for (const Json& value : *parent->template get_ptr<const Json::array_t*>()) look_at(nullptr, value);
    }
  }
}

}  // namespace ipcm
