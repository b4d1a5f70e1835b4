// SPDX-License-Identifier: MIT
// The socket of a client of UnixSocket: of what is sent there the letters are shown, in their order, and everything is
// accounted for.
#include "transport/mailbox.hpp"

#include <algorithm>

#include "fuzz/support/datagrams.hpp"
#include "fuzz/support/fuzz.hpp"
#include "support/temporary_folder.hpp"
#include "transport/letter_codec.hpp"

using fuzz::require;
using namespace ipcm::transport;

namespace {

struct Box {
  Box() : route(folder.file("route")) {
    create_route_folder(route, {"id", 1, 1000}, std::chrono::seconds(1));
    mailbox = Mailbox::open(route, self);
  }
  ~Box() { mailbox->close(); }

  std::string socket() const { return route.socket_folder() + "/" + self.mail_socket(); }

  test::TemporaryFolder folder;
  RouteFolder route;
  Peer self{.id = 1, .name = "worker", .connected = true, .pid = 1, .host = "", .epoch = 1};
  std::shared_ptr<Mailbox> mailbox;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Box box;
  const std::uint64_t dropped = box.mailbox->dropped();
  const std::uint64_t dead = box.mailbox->dead();
  std::uint64_t sent = 0;
  std::vector<std::string> expected;
  for (const std::string& datagram : fuzz::datagrams_of(fuzz::text_of(data, size))) {
    if (!fuzz::send_datagram(box.socket(), datagram)) continue;
    ++sent;
    const auto letter = decode_letter(datagram);
    if (letter && !letter->enclosure) expected.push_back(letter->content);
  }
  std::vector<std::string> shown;
  box.mailbox->visit(1'000'000, [&](Place, const Letter& letter) {
    shown.push_back(letter.content);
    return Mailbox::Verdict::take;
  });
  require(shown == expected, "letters are shown in the order in which they came");
  const std::uint64_t lost = box.mailbox->dropped() - dropped + box.mailbox->dead() - dead;
  require(shown.size() + lost == sent, "what is no letter, and what has lost its enclosure, is counted");
  require(!box.mailbox->ready(), "what was taken is there no more");
  return 0;
}
