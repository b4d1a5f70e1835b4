// SPDX-License-Identifier: MIT
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

#include "core/names.hpp"
#include "serialize/built_in.hpp"

namespace ipcm {
namespace {

/// Without a mutex, which a child that is forked while another thread has it could never lock. Made before main(), for
/// the same reason, and never destroyed: the destructor of a static object may still send a message.
class Registry {
 public:
  using Serializers = std::map<std::string, std::shared_ptr<const Serializer>, std::less<>>;

  static Registry& instance() {
    static Registry& registry = *new Registry;
    return registry;
  }

  const Serializers& current() const noexcept { return current_.load(std::memory_order_acquire)->serializers; }

  void add(const std::shared_ptr<const Serializer>& serializer) {
    const std::string name(serializer->name());
    auto next = std::make_unique<Version>();
    next->previous = current_.load(std::memory_order_acquire);
    do {
      next->serializers = next->previous->serializers;
      const auto [known, is_new] = next->serializers.try_emplace(name, serializer);
      if (!is_new && known->second == serializer) return;
      if (!is_new) {
        throw Error(ErrorCode::InvalidArgument, "another serializer is already registered as " + in_quotes(name));
      }
    } while (!current_.compare_exchange_weak(next->previous, next.get(), std::memory_order_acq_rel));
    static_cast<void>(next.release());
  }

 private:
  // What was ever current is kept: somebody may still read it.
  struct Version {
    Serializers serializers;
    const Version* previous = nullptr;
  };

  Registry() {
    auto built_in = std::make_unique<Version>();
    for (auto& serializer : {make_json_serializer(), make_cbor_serializer(), make_message_pack_serializer()}) {
      built_in->serializers.emplace(serializer->name(), serializer);
    }
    current_.store(built_in.release());
  }

  std::atomic<const Version*> current_{nullptr};
};

[[maybe_unused]] const Registry& registry_at_start = Registry::instance();

}  // namespace

void Serializer::check(std::string_view bytes) const {
  decode(bytes);
}

void register_serializer(const std::shared_ptr<const Serializer>& serializer) {
  if (!serializer) throw Error(ErrorCode::InvalidArgument, "there is no serializer to register");
  if (const std::string rule = broken_rule(serializer->name()); !rule.empty()) {
    throw Error(ErrorCode::InvalidArgument, "the serializer's name " + in_quotes(serializer->name()) + " " + rule);
  }
  Registry::instance().add(serializer);
}

std::shared_ptr<const Serializer> find_serializer(std::string_view name) {
  const Registry::Serializers& serializers = Registry::instance().current();
  if (const auto found = serializers.find(name); found != serializers.end()) return found->second;
  std::string known;
  for (const auto& [each, serializer] : serializers) known += (known.empty() ? "" : ", ") + each;
  throw Error(ErrorCode::InvalidArgument, "no serializer is called " + in_quotes(name) + "; this process knows " +
                                              known + " (register_serializer() adds others)");
}

std::vector<std::string> serializer_names() {
  std::vector<std::string> names;
  for (const auto& [name, serializer] : Registry::instance().current()) names.push_back(name);
  return names;
}

}  // namespace ipcm
