// SPDX-License-Identifier: MIT
#include <atomic>
#include <forward_list>
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

/// Readers take no lock, so that a child forked while other threads look something up can do so too. Never destroyed:
/// the destructor of a static object may still send a message.
class Registry {
 public:
  using Serializers = std::map<std::string, std::shared_ptr<const Serializer>, std::less<>>;

  static Registry& instance() {
    static Registry& registry = *new Registry;
    return registry;
  }

  const Serializers& current() const noexcept { return *current_.load(std::memory_order_acquire); }

  void add(std::shared_ptr<const Serializer> serializer) {
    const std::string name(serializer->name());
    const std::scoped_lock lock(mutex_);
    Serializers more = current();
    const auto [known, is_new] = more.try_emplace(name, serializer);
    if (!is_new && known->second != serializer) {
      throw Error(ErrorCode::InvalidArgument, "another serializer is already registered as " + in_quotes(name));
    }
    if (is_new) publish(std::move(more));
  }

 private:
  Registry() {
    Serializers built_in;
    for (auto& serializer : {make_json_serializer(), make_cbor_serializer(), make_message_pack_serializer()}) {
      built_in.emplace(serializer->name(), serializer);
    }
    publish(std::move(built_in));
  }

  void publish(Serializers serializers) {
    all_.push_front(std::move(serializers));
    current_.store(&all_.front(), std::memory_order_release);
  }

  std::mutex mutex_;                    // for those who add
  std::forward_list<Serializers> all_;  // what was ever current: somebody may still read it
  std::atomic<const Serializers*> current_ = nullptr;
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
