// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// The datagrams in some bytes: each is a length of two bytes, the lower first, and so many bytes, or what is left.
std::vector<std::string> datagrams_of(std::string_view bytes);

/// Sends to the socket at that path as any program may. False: it is not there, full, or takes nothing.
bool send_datagram(const std::string& path, const std::string& datagram);

}  // namespace fuzz
