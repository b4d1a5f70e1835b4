// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <unistd.h>

#include "output.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

void write_to_terminal(const std::string& text) {
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Progress::Progress() : enabled_(is_smart_terminal(STDERR_FILENO)), started_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  clear();
}

void Progress::show(std::uint64_t count, const std::string& what, const std::string& more) {
  if (enabled_ && std::chrono::steady_clock::now() - shown_ >= kInterval) show_now(count, what, more);
}

void Progress::show_now(std::uint64_t count, const std::string& what, const std::string& more) {
  if (!enabled_) return;
  shown_ = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(shown_ - started_).count();
  std::string text = counted(count, "message") + " " + what;
  if (seconds > 0.5 && count > 0) {
    text += ", " + with_thousands(static_cast<std::uint64_t>(static_cast<double>(count) / seconds)) + "/s";
  }
  write_to_terminal("\r\033[K" + text + more);
  visible_ = true;
}

void Progress::clear() {
  if (!visible_) return;
  write_to_terminal("\r\033[K");
  visible_ = false;
}

}  // namespace ipcm::cli
