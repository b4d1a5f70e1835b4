// SPDX-License-Identifier: MIT
#include "notify/stale_sockets.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include "platform/file.hpp"
#include "platform/process.hpp"

namespace ipcm::notify {
namespace {

constexpr std::string_view kOfNobody = "anonymous-";

template <typename Number>
bool parse_leading(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

}  // namespace

std::vector<std::string> stale_sockets(const std::string& folder, FunctionRef<bool(Inbox)> is_present) {
  std::vector<std::string> stale;
  for (const std::string& name : platform::names_in(folder)) {
    Inbox inbox = 0;
    int pid = 0;
    const bool is_anonymous = name.starts_with(kOfNobody);
    if (is_anonymous && parse_leading(std::string_view(name).substr(kOfNobody.size()), pid)) {
      if (platform::pid_is_running(pid) == 0) stale.push_back(name);
    } else if (!is_anonymous && parse_leading(name, inbox) && !is_present(inbox)) {
      stale.push_back(name);
    }
  }
  return stale;
}

}  // namespace ipcm::notify
