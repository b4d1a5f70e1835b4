// SPDX-License-Identifier: MIT
#include "rivals/line_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "figure.hpp"

namespace bench {

LineSocket::LineSocket(const std::filesystem::path& path) : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  require(name.size() < sizeof address.sun_path, "the path of a socket is short enough: give a shorter --folder");
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  const Stopwatch watch;
  while (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    require(watch.seconds() < 10, "a server listens at " + name);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

LineSocket::~LineSocket() {
  close(socket_);
}

void LineSocket::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written <= 0) throw std::runtime_error("a server hung up");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string_view LineSocket::read_line() {
  for (;;) {
    const std::size_t end = received_.find("\r\n", at_);
    if (end != std::string::npos) return hand_out(end - at_);
    receive();
  }
}

std::string_view LineSocket::read_bytes(std::size_t count) {
  while (received_.size() - at_ < count + 2) receive();
  return hand_out(count);
}

std::string_view LineSocket::hand_out(std::size_t count) {
  const std::string_view text(received_.data() + at_, count);
  at_ += count + 2;
  return text;
}

void LineSocket::receive() {
  received_.erase(0, at_);
  at_ = 0;
  std::array<char, 16 << 10> some;
  const ssize_t count = read(socket_, some.data(), some.size());
  if (count <= 0) throw std::runtime_error("a server hung up");
  received_.append(some.data(), static_cast<std::size_t>(count));
}

std::size_t number_in(std::string_view text) {
  std::size_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  require(read.ec == std::errc(), "a server tells a number instead of: " + std::string(text));
  return number;
}

std::string_view value_in(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  require(at != std::string_view::npos, "a server tells its " + std::string(label));
  text.remove_prefix(at + label.size());
  return text.substr(0, text.find_first_of("\r\n"));
}

}  // namespace bench
