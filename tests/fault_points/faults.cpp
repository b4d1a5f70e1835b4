// SPDX-License-Identifier: MIT
#include "fault_points/faults.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <string_view>

namespace {

std::mutex mutex;
bool counts = false;
long points_to_live = 0;
std::vector<std::string> reached;
std::atomic<const char*> seeded{nullptr};

}  // namespace

namespace ipcm::faults {

void reach(const char* step) noexcept {
  const std::lock_guard lock(mutex);
  if (!counts) return;
  reached.emplace_back(step);
  if (points_to_live > 0 && --points_to_live == 0) kill(getpid(), SIGKILL);
}

bool has_bug(const char* bug) noexcept {
  const char* const now = seeded.load();
  return now != nullptr && std::string_view(now) == bug;
}

}  // namespace ipcm::faults

namespace test {

void die_at_point(long n) {
  const std::lock_guard lock(mutex);
  counts = true;
  points_to_live = n;
  reached.clear();
}

const std::vector<std::string>& points_reached() {
  return reached;
}

SeededBug::SeededBug(const char* bug) {
  seeded = bug;
}

SeededBug::~SeededBug() {
  seeded = nullptr;
}

}  // namespace test
