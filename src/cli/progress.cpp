// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <unistd.h>

#include <utility>

#include "output.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

void write_to_terminal(const std::string& text) {
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Progress::Progress(std::string noun)
    : noun_(std::move(noun)), enabled_(is_smart_terminal(STDERR_FILENO)), started_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  clear();
}

void Progress::show(std::uint64_t count, const std::string& what, const std::string& more) {
  if (enabled_ && std::chrono::steady_clock::now() - shown_ >= kInterval) show_now(count, what, more);
}

void Progress::show_now(std::uint64_t count, const std::string& what, const std::string& more) {
  if (!enabled_) return;
  shown_ = std::chrono::steady_clock::now();
  std::string text = counted(count, noun_) + " " + what;
  if (const double each = rate(count); each > 0) text += ", " + with_thousands(static_cast<std::uint64_t>(each)) + "/s";
  write_to_terminal("\r\033[K" + text + more);
  visible_ = true;
}

double Progress::rate(std::uint64_t count) const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  return seconds > 0.5 ? static_cast<double>(count) / seconds : 0;
}

void Progress::clear() {
  if (!visible_) return;
  write_to_terminal("\r\033[K");
  visible_ = false;
}

}  // namespace ipcm::cli
