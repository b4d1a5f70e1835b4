// SPDX-License-Identifier: MIT
#include "transport/mailbox.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "transport/datagram_size.hpp"
#include "transport/letter_codec.hpp"
#include "unit/support/forked.hpp"

namespace mailbox_test {

using namespace ipcm::transport;
using ipcm::MessageId;

namespace {

Letter letter(const std::string& content) {
  return {MessageId::generate(1), "boss", 0, false, "", content, {}};
}

std::string datagram(const Letter& one) {
  return encode_head(one, one.content.size()) + one.content;
}

// A route with one mailbox, and a socket of a stranger.
struct Box {
  Box() : route(folder.file("route")) {
    create_route_folder(route, {"id", 1, 1000}, std::chrono::seconds(1));
    mailbox = Mailbox::open(route, self);
  }
  ~Box() { mailbox->close(); }

  std::string address() const { return route.socket_folder() + "/" + self.mail_socket(); }

  // False: the socket is full, or lets nobody send.
  bool send(const std::string& bytes) const {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    address().copy(to.sun_path, sizeof to.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool sent = sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) >= 0;
    close(fd);
    return sent;
  }
  void poke() const {
    const ipcm::platform::SocketFolder sockets(route.open(), kSocketsName);
    sockets.send(ipcm::platform::unbound_datagram_socket().get(), self.pressure_socket(), "", 1);
  }
  std::string take() const {
    std::string all;
    mailbox->visit(1'000'000, [&](Place, const Letter& one) {
      all += one.content + " ";
      return Mailbox::Verdict::take;
    });
    return all;
  }

  test::TemporaryFolder folder;
  RouteFolder route;
  Peer self{.id = 1, .name = "worker", .connected = true, .pid = 1, .host = "", .epoch = 1};
  std::shared_ptr<Mailbox> mailbox;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(mailbox)

BOOST_AUTO_TEST_CASE(what_is_no_letter_is_dropped_and_counted_and_harms_no_other) {
  Box box;
  const std::string whole = datagram(letter("between"));
  BOOST_TEST(box.send(""));
  BOOST_TEST(box.send("ipcm"));
  BOOST_TEST(box.send(whole.substr(0, whole.size() - 1)));
  BOOST_TEST(box.send(whole));
  BOOST_TEST(box.send(whole + "x"));
  BOOST_TEST(box.send(datagram(letter(std::string(kMostDatagramBytes, 'x')))));  // larger than letters are
  BOOST_TEST(box.take() == "between ");
  BOOST_TEST(box.mailbox->dropped() == 5U);
  BOOST_TEST(box.send(datagram(letter(""))));
  BOOST_TEST(box.take() == " ");
}

BOOST_AUTO_TEST_CASE(a_letter_of_another_user_is_dropped) {
  if (geteuid() != 0) return;  // only root can become another user
  Box box;
  for (auto path = std::filesystem::path(box.address()); path != box.folder.path().parent_path();
       path = path.parent_path()) {
    BOOST_REQUIRE(chmod(path.c_str(), 0777) == 0);
  }
  const std::string bytes = datagram(letter("forged"));
  const std::string sent = test::in_child([&] {
    if (setuid(65534) != 0) return std::string("cannot become another user");
    return std::string(box.send(bytes) ? "" : "cannot send");
  });
  BOOST_TEST(sent == "");
  BOOST_TEST(box.send(datagram(letter("mine"))));
  BOOST_TEST(box.take() == "mine ");
  BOOST_TEST(box.mailbox->dropped() == 1U);
}

BOOST_AUTO_TEST_CASE(descriptors_that_are_passed_along_are_not_kept) {
  Box box;
  const std::string bytes = datagram(letter("with a descriptor"));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  box.address().copy(to.sun_path, sizeof to.sun_path - 1);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const passed = CMSG_FIRSTHDR(&message);
  passed->cmsg_level = SOL_SOCKET;
  passed->cmsg_type = SCM_RIGHTS;
  passed->cmsg_len = CMSG_LEN(sizeof(int));
  int pipes[2];
  BOOST_REQUIRE(pipe(pipes) == 0);
  *reinterpret_cast<int*>(CMSG_DATA(passed)) = pipes[1];
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  BOOST_TEST(sendmsg(fd, &message, 0) > 0);
  close(fd);
  close(pipes[1]);
  box.take();
  char byte = 0;
  BOOST_TEST(read(pipes[0], &byte, 1) == 0);  // nobody holds the other end
  close(pipes[0]);
}

BOOST_AUTO_TEST_CASE(a_poke_moves_what_is_in_the_socket_into_memory_in_its_order) {
  Box box;
  std::string expected;
  int n = 0;
  for (int round = 0; round < 3; ++round) {
    while (box.send(datagram(letter(std::to_string(n))))) expected += std::to_string(n++) + " ";
    box.poke();
    BOOST_TEST(test::eventually([&] {
      const bool room = box.send(datagram(letter(std::to_string(n))));
      if (room) expected += std::to_string(n++) + " ";
      return room;
    }));
  }
  BOOST_TEST(box.take() == expected);
}

BOOST_AUTO_TEST_CASE(a_full_inbox_takes_no_more_until_somebody_reads) {
  Box box;
  const Letter large = letter(std::string(Inbox::kMostBytes / 4, 'x'));
  for (int n = 0; n < 4; ++n) BOOST_TEST((box.mailbox->append(large) == Mailbox::Appended::yes));
  BOOST_TEST((box.mailbox->append(large) == Mailbox::Appended::full));
  while (box.send(datagram(letter("a")))) {}
  for (int n = 0; n < 20; ++n) {
    box.poke();
    BOOST_TEST(!box.send(datagram(letter("a"))));
  }
  box.take();
  BOOST_TEST(box.send(datagram(letter("b"))));
}

BOOST_AUTO_TEST_CASE(a_letter_whose_enclosure_is_lost_is_set_aside_and_the_rest_is_shown) {
  Box box;
  Letter lost = letter("");
  lost.enclosure = Enclosure{7, 8, 5};
  box.send(datagram(letter("a")));
  box.send(datagram(lost));
  box.send(datagram(letter("b")));
  BOOST_TEST(box.take() == "a b ");
  BOOST_TEST(box.mailbox->dead() == 1U);
}

BOOST_AUTO_TEST_CASE(once_it_refuses_more_senders_are_told_and_what_came_before_can_be_read) {
  Box box;
  box.send(datagram(letter("a")));
  box.mailbox->refuse_more();
  BOOST_TEST(!box.send(datagram(letter("b"))));
  BOOST_TEST(box.take() == "a ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace mailbox_test
