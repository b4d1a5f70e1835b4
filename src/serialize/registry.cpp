// SPDX-License-Identifier: MIT
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

#include "core/names.hpp"
#include "serialize/built_in.hpp"

namespace ipcm {
namespace {

/// Never destroyed: the destructor of a static object may still send a message.
class Registry {
 public:
  static Registry& instance() {
    static Registry& registry = *new Registry;
    return registry;
  }

  void add(std::shared_ptr<const Serializer> serializer) {
    const std::string name(serializer->name());
    const std::scoped_lock lock(mutex_);
    const auto [known, is_new] = serializers_.try_emplace(name, serializer);
    if (!is_new && known->second != serializer) {
      throw Error(ErrorCode::InvalidArgument, "another serializer is already registered as " + in_quotes(name));
    }
  }

  std::shared_ptr<const Serializer> find(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = serializers_.find(name);
    return found == serializers_.end() ? nullptr : found->second;
  }

  std::vector<std::string> names() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, serializer] : serializers_) names.push_back(name);
    return names;
  }

 private:
  Registry() {
    for (auto& serializer : {make_json_serializer(), make_cbor_serializer(), make_message_pack_serializer()}) {
      serializers_.emplace(serializer->name(), serializer);
    }
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Serializer>, std::less<>> serializers_;
};

}  // namespace

void Serializer::check(std::string_view bytes) const {
  decode(bytes);
}

void register_serializer(std::shared_ptr<const Serializer> serializer) {
  if (!serializer) throw Error(ErrorCode::InvalidArgument, "there is no serializer to register");
  if (const std::string rule = broken_rule(serializer->name()); !rule.empty()) {
    throw Error(ErrorCode::InvalidArgument, "the serializer's name " + in_quotes(serializer->name()) + " " + rule);
  }
  Registry::instance().add(std::move(serializer));
}

std::shared_ptr<const Serializer> find_serializer(std::string_view name) {
  if (auto found = Registry::instance().find(name)) return found;
  std::string known;
  for (const std::string& each : serializer_names()) known += (known.empty() ? "" : ", ") + each;
  throw Error(ErrorCode::InvalidArgument, "no serializer is called " + in_quotes(name) + "; this process knows " +
                                              known + " (register_serializer() adds others)");
}

std::vector<std::string> serializer_names() {
  return Registry::instance().names();
}

}  // namespace ipcm
