// SPDX-License-Identifier: MIT
#include "input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "errors.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} << 10U;

[[noreturn]] void fail_reading(const std::string& name) {
  throw Failure("cannot read " + name + ": " + std::strerror(errno));
}

/// For an input that somebody else has made non-blocking.
bool wait_readable(int descriptor) {
  pollfd waiting{descriptor, POLLIN, 0};
  return ::poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

Input::Input(int descriptor, std::string name, bool owned)
    : descriptor_(descriptor), name_(std::move(name)), owned_(owned) {}

Input::Input(Input&& other) noexcept
    : descriptor_(other.descriptor_), name_(std::move(other.name_)), owned_(std::exchange(other.owned_, false)) {}

Input::~Input() {
  if (owned_) ::close(descriptor_);
}

Input Input::standard() {
  return {STDIN_FILENO, "standard input", false};
}

Input Input::file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_reading(path);
  return {descriptor, path, true};
}

std::optional<std::uint64_t> Input::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

bool Input::read_some(std::string& into) {
  const std::size_t before = into.size();
  into.resize(before + kChunkBytes);
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, into.data() + before, kChunkBytes);
  } while (count < 0 && (errno == EINTR || (errno == EAGAIN && wait_readable(descriptor_))));
  into.resize(before + static_cast<std::size_t>(count < 0 ? 0 : count));
  if (count < 0) fail_reading(name_);
  return count > 0;
}

std::string Input::read_all() {
  std::string text;
  while (read_some(text)) {
    if (text.size() <= kHighestMaxContent) continue;
    throw Failure(name_ + " is larger than " + readable_size(kHighestMaxContent) +
                  ", the most that a message can hold");
  }
  return text;
}

LineReader::Result LineReader::next(std::string& line, bool may_wait) {
  for (;;) {
    if (signals_) return Result::stopped;
    if (take_line(line)) return Result::line;
    if (at_end_) return Result::end;
    std::array<pollfd, 2> waiting{{{signals_.fd(), POLLIN, 0}, {input_.descriptor(), POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), may_wait ? -1 : 0);
    if (ready == 0) return Result::pause;
    if (ready > 0 && waiting[1].revents != 0) fill();
  }
}

void LineReader::fill() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  const std::size_t before = buffer_.size();
  at_end_ = !input_.read_some(buffer_);
  bytes_ += buffer_.size() - before;
  if (buffer_.size() > longest_ + kChunkBytes) {
    throw Failure("line " + std::to_string(number_ + 1) + " of " + input_.name() + " is longer than " +
                  readable_size(longest_) + ", the longest that a line can be");
  }
}

bool LineReader::take_line(std::string& line) {
  const std::size_t newline = buffer_.find('\n', scanned_);
  if (newline == std::string::npos) {
    scanned_ = buffer_.size();
    if (!at_end_ || begin_ == buffer_.size()) return false;
  }
  const std::size_t end = newline == std::string::npos ? buffer_.size() : newline;
  line.assign(buffer_, begin_, end - begin_);
  begin_ = scanned_ = newline == std::string::npos ? end : end + 1;
  ++number_;
  return true;
}

}  // namespace ipcm::cli
