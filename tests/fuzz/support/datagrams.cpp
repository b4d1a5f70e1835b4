// SPDX-License-Identifier: MIT
#include "fuzz/support/datagrams.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>

#include "platform/unique_fd.hpp"

namespace fuzz {

std::vector<std::string> datagrams_of(std::string_view bytes) {
  std::vector<std::string> all;
  while (bytes.size() >= 2) {
    const std::size_t size = static_cast<std::uint8_t>(bytes[0]) | std::size_t{static_cast<std::uint8_t>(bytes[1])}
                                                                       << 8U;
    all.emplace_back(bytes.substr(2, size));
    bytes.remove_prefix(2 + all.back().size());
  }
  return all;
}

bool send_datagram(const std::string& path, const std::string& datagram) {
  static const ipcm::platform::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  return ::sendto(socket.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
                  sizeof to) >= 0;
}

}  // namespace fuzz
