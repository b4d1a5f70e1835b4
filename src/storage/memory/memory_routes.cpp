// SPDX-License-Identifier: MIT
#include <functional>

#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "storage/memory/memory_route.hpp"

namespace ipcm::storage {
namespace {

/// Never destroyed: static objects may have routes.
class Routes {
 public:
  using Map = std::map<std::string, std::shared_ptr<MemoryRoute>, std::less<>>;

  /// The map, locked. In a child it is emptied first.
  class Access {
   public:
    Access() : lock_(instance().mutex_) {
      const unsigned long now = platform::fork_generation();
      if (instance().generation_ != now) instance().map_.clear();
      instance().generation_ = now;
    }
    Map& map() noexcept { return instance().map_; }

   private:
    std::unique_lock<platform::ForkSafeMutex> lock_;
  };

 private:
  static Routes& instance() {
    static Routes& routes = *new Routes;
    return routes;
  }

  platform::ForkSafeMutex mutex_;
  unsigned long generation_ = platform::fork_generation();
  Map map_;
};

}  // namespace

std::pair<std::shared_ptr<MemoryRoute>, bool> open_or_create_memory_route(const std::string& name,
                                                                          const MemoryRouteRecord& record) {
  auto fresh = std::make_shared<MemoryRoute>(name, record);
  Routes::Access routes;
  const auto [route, is_new] = routes.map().try_emplace(name, std::move(fresh));
  return {route->second, is_new};
}

std::shared_ptr<MemoryRoute> open_memory_route(std::string_view name) {
  Routes::Access routes;
  const auto found = routes.map().find(name);
  if (found != routes.map().end()) return found->second;
  throw Error(ErrorCode::RouteMissing, "this process has no route " + in_quotes(name) +
                                           " in its memory; spawn() makes one, and no other process can see it");
}

bool remove_memory_route(std::string_view name) {
  std::shared_ptr<MemoryRoute> route;
  {
    Routes::Access routes;
    const auto found = routes.map().find(name);
    if (found == routes.map().end()) return false;
    route = std::move(found->second);
    routes.map().erase(found);
  }
  route->end();
  return true;
}

}  // namespace ipcm::storage
