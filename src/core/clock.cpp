// SPDX-License-Identifier: MIT
#include <ipcm/clock.hpp>

namespace ipcm {
namespace {

class SystemClock : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace

std::shared_ptr<const Clock> system_clock() {
  static const auto& clock = *new auto(std::make_shared<const SystemClock>());  // for what has static storage
  return clock;
}

}  // namespace ipcm
