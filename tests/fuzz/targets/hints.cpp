// SPDX-License-Identifier: MIT
// The sockets by which clients of a store are woken: whatever is sent there is at most a hint, and is gone once the
// client has looked.
#include <poll.h>

#include <filesystem>
#include <memory>

#include "fuzz/support/datagrams.hpp"
#include "fuzz/support/fuzz.hpp"
#include "notify/socket_notifier.hpp"
#include "support/temporary_folder.hpp"

using fuzz::require;
using ipcm::notify::Event;
using ipcm::notify::SocketNotifier;
namespace platform = ipcm::platform;

namespace {

bool is_readable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

struct Reader {
  Reader() : notifier({home(), "wake", "lock", 100, 1000, 2}, 1) {
    fd = notifier.fd(Event::mail);
    for (const auto& entry : std::filesystem::directory_iterator(folder.file("wake"))) socket = entry.path();
  }

  std::shared_ptr<platform::Folder> home() const {
    auto home = std::make_shared<platform::Folder>(folder.path().string());
    home->make_file("lock", {});
    return home;
  }

  test::TemporaryFolder folder;
  SocketNotifier notifier;
  int fd;
  std::string socket;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Reader reader;
  bool any = false;
  for (const std::string& datagram : fuzz::datagrams_of(fuzz::text_of(data, size))) {
    any = fuzz::send_datagram(reader.socket, datagram) || any;
  }
  require(is_readable(reader.fd) == any, "what was sent wakes its client");
  bool hinted = false;
  for (int n = 0; n < 1000 && is_readable(reader.fd); ++n) hinted = reader.notifier.drain(Event::mail) || hinted;
  require(!is_readable(reader.fd), "what was drained wakes nobody any more");
  require(hinted == any, "what one's own user sent is a hint");
  return 0;
}
