// SPDX-License-Identifier: MIT
#include "output.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "errors.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// For an output that somebody else has made non-blocking.
bool wait_writable(int descriptor) {
  pollfd waiting{descriptor, POLLOUT, 0};
  return ::poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

bool is_smart_terminal(int descriptor) {
  if (::isatty(descriptor) == 0) return false;
  const char* kind = std::getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb";
}

void throw_write_error(int error) {
  if (error == EPIPE) throw ClosedPipe();
  throw Failure(std::string("cannot write to standard output: ") + std::strerror(error));
}

Output::Output(int descriptor)
    : descriptor_(descriptor),
      terminal_(::isatty(descriptor) != 0),
      styles_(is_smart_terminal(descriptor) && !is_set("NO_COLOR")) {}

std::optional<std::size_t> Output::columns() const {
  winsize size{};
  if (!terminal_ || ::ioctl(descriptor_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

void Output::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0) {
      if (errno == EINTR || (errno == EAGAIN && wait_writable(descriptor_))) continue;
      throw_write_error(errno);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

std::string Output::styled(std::string_view text, std::string_view style) const {
  if (!styles_) return std::string(text);
  return std::string(style).append(text).append("\033[0m");
}

}  // namespace ipcm::cli
