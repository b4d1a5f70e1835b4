// SPDX-License-Identifier: MIT
#include "notify/socket_notifier.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "platform/file.hpp"
#include "platform/range_lock.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using ipcm::notify::Event;
using ipcm::notify::Inbox;
using ipcm::notify::SocketNotifier;

namespace {

struct Route {
  explicit Route(const std::string& below = "wake")
      : sockets(folder.file(below)), lock_file(ipcm::platform::parent_of(sockets) + "/lock") {}
  std::unique_ptr<SocketNotifier> notifier(Inbox inbox) {
    namespace platform = ipcm::platform;
    const auto home = std::make_shared<platform::Folder>(platform::parent_of(sockets));
    if (!home->status_of("lock")) home->make_file("lock", {});
    return std::make_unique<SocketNotifier>(
        SocketNotifier::Place{home, platform::name_in(sockets), "lock", 100, 1000, 2}, inbox);
  }
  test::TemporaryFolder folder;
  std::string sockets;
  std::string lock_file;
};

bool is_signalled(SocketNotifier& notifier, Event event) {
  pollfd waiting{notifier.fd(event), POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_notifier)

BOOST_AUTO_TEST_CASE(nothing_is_made_for_a_route_that_is_being_removed_or_gone) {
  Route route;
  const auto reader = route.notifier(1);
  const ipcm::platform::Folder home(ipcm::platform::parent_of(route.sockets));
  ipcm::platform::RangeLockFile remover(home, ipcm::platform::name_in(route.lock_file));
  BOOST_TEST(remover.try_lock(2));
  std::filesystem::remove_all(route.sockets);
  reader->arm(Event::mail);
  BOOST_TEST(!reader->repair(Event::mail));
  reader->announce();
  CHECK_ERROR(RouteGone, route.notifier(2));
  BOOST_TEST(!std::filesystem::exists(route.sockets));

  remover.unlock(2);  // it stays after all
  BOOST_TEST(reader->repair(Event::mail));
  BOOST_TEST(std::filesystem::exists(route.sockets));

  std::filesystem::remove_all(route.sockets);
  std::filesystem::remove(route.lock_file);
  BOOST_TEST(!reader->repair(Event::mail));
  std::ofstream(route.lock_file) << "of another route";
  BOOST_TEST(!reader->repair(Event::mail));
  BOOST_TEST(!std::filesystem::exists(route.sockets));
}

BOOST_AUTO_TEST_CASE(one_that_sleeps_is_woken_and_one_that_is_awake_is_left_alone) {
  Route route;
  const auto reader = route.notifier(1);
  const auto writer = route.notifier(2);
  writer->wake(1);
  BOOST_TEST(!is_signalled(*reader, Event::mail));
  reader->arm(Event::mail);
  writer->wake(1);
  BOOST_TEST(is_signalled(*reader, Event::mail));
  reader->drain(Event::mail);
  BOOST_TEST(!is_signalled(*reader, Event::mail));
  reader->disarm(Event::mail);
  writer->wake(1);
  BOOST_TEST(!is_signalled(*reader, Event::mail));
}

BOOST_AUTO_TEST_CASE(a_client_wakes_itself_too) {
  Route route;
  const auto both = route.notifier(1);
  both->arm(Event::mail);
  both->wake(1);
  BOOST_TEST(is_signalled(*both, Event::mail));
}

BOOST_AUTO_TEST_CASE(waking_nobody_and_waking_without_end_do_no_harm) {
  Route route;
  const auto reader = route.notifier(1);
  const auto writer = route.notifier(2);
  writer->wake(77);
  reader->arm(Event::mail);
  for (int wake = 0; wake < 10'000; ++wake) writer->wake(1);
  BOOST_TEST(is_signalled(*reader, Event::mail));
}

BOOST_AUTO_TEST_CASE(everyone_who_watches_peers_hears_an_announcement) {
  Route route;
  const auto announcer = route.notifier(1);
  const auto named = route.notifier(2);
  const auto anonymous = route.notifier(0);
  const auto deaf = route.notifier(3);
  named->arm(Event::peers);
  anonymous->arm(Event::peers);
  announcer->announce();
  BOOST_TEST(is_signalled(*named, Event::peers));
  BOOST_TEST(is_signalled(*anonymous, Event::peers));
  BOOST_TEST(!is_signalled(*deaf, Event::peers));
}

BOOST_AUTO_TEST_CASE(a_folder_whose_path_is_longer_than_a_socket_address_works) {
  std::string deep;
  for (int level = 0; level < 5; ++level) deep += std::string(60, 'd') + "/";
  Route route(deep + "wake");
  std::filesystem::create_directories(std::filesystem::path(route.sockets).parent_path());
  const auto reader = route.notifier(1);
  const auto writer = route.notifier(2);
  reader->arm(Event::mail);
  writer->wake(1);
  BOOST_TEST(is_signalled(*reader, Event::mail));
}

BOOST_AUTO_TEST_CASE(one_that_retired_does_not_take_its_successors_socket_along) {
  Route route;
  auto before = route.notifier(1);
  before->arm(Event::mail);
  before->retire();
  const auto after = route.notifier(1);
  before->disarm(Event::mail);
  after->arm(Event::mail);
  before.reset();
  route.notifier(2)->wake(1);
  BOOST_TEST(is_signalled(*after, Event::mail));
}

BOOST_AUTO_TEST_CASE(sockets_are_private_and_gone_with_their_client) {
  namespace fs = std::filesystem;
  Route route;
  {
    const auto reader = route.notifier(1);
    reader->arm(Event::mail);
    BOOST_TEST((fs::status(route.sockets).permissions() == fs::perms::owner_all));
    BOOST_TEST(!fs::is_empty(route.sockets));
  }
  BOOST_TEST(fs::is_empty(route.sockets));
}

BOOST_AUTO_TEST_CASE(a_socket_that_was_removed_is_made_anew_under_the_same_descriptor) {
  for (const std::string& deep : {std::string(), std::string(100, 'd') + "/"}) {
    Route route(deep + "wake");
    std::filesystem::create_directories(std::filesystem::path(route.sockets).parent_path());
    const auto reader = route.notifier(1);
    const auto writer = route.notifier(2);
    reader->arm(Event::mail);
    const int fd = reader->fd(Event::mail);
    BOOST_TEST(!reader->repair(Event::mail));
    std::filesystem::remove_all(route.sockets);
    BOOST_TEST(reader->repair(Event::mail));
    BOOST_TEST(!reader->repair(Event::mail));
    BOOST_TEST(reader->fd(Event::mail) == fd);
    writer->wake(1);
    BOOST_TEST(is_signalled(*reader, Event::mail));
    reader->retire();
    BOOST_TEST(!reader->repair(Event::mail));
  }
}

BOOST_AUTO_TEST_CASE(sockets_of_clients_that_were_killed_are_removed_and_those_of_the_living_stay) {
  Route route;
  const auto living = route.notifier(1);
  ipcm::platform::RangeLockFile presence(ipcm::platform::Folder(route.folder.path().string()), "lock", 0600);
  BOOST_REQUIRE(presence.try_lock(1000 + 1));
  living->arm(Event::mail);
  living->arm(Event::peers);
  const pid_t killed = fork();
  if (killed == 0) {
    const auto dying = route.notifier(2);
    const auto anonymous = route.notifier(0);
    for (SocketNotifier* each : {dying.get(), anonymous.get()}) each->arm(Event::peers);
    dying->arm(Event::mail);
    kill(getpid(), SIGKILL);
  }
  waitpid(killed, nullptr, 0);
  const auto files = [&] {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(route.sockets)) {
      names.insert(entry.path().filename());
    }
    return names;
  };
  BOOST_TEST(files().size() == 5U);
  route.notifier(3)->announce();
  BOOST_TEST(files() == (std::set<std::string>{"1.mail", "1.peers"}), boost::test_tools::per_element());
  BOOST_TEST(is_signalled(*living, Event::peers));
}

BOOST_AUTO_TEST_CASE(only_what_the_owner_sends_is_a_hint) {
  Route route;
  const auto reader = route.notifier(1);
  reader->arm(Event::mail);
  BOOST_TEST(!reader->drain(Event::mail));
  route.notifier(2)->wake(1);
  BOOST_TEST(reader->drain(Event::mail));
  if (geteuid() != 0) {
    BOOST_TEST_MESSAGE("not root: datagrams of another user are left out");
    return;
  }
  const std::string socket_path = route.sockets + "/1.mail";
  for (const std::string& path : {route.folder.path().string(), route.sockets}) chmod(path.c_str(), 0755);
  chmod(socket_path.c_str(), 0777);
  constexpr int kFlood = 1'000'000;
  const pid_t stranger = fork();
  if (stranger == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int out = socket(AF_UNIX, SOCK_DGRAM, 0);
    const std::string junk(30'000, 'x');
    for (int n = 0; n < kFlood; ++n) {
      if (sendto(out, junk.data(), static_cast<std::size_t>(n % 30'000), 0, reinterpret_cast<sockaddr*>(&address),
                 sizeof address) < 0) {
        _exit(2);
      }
    }
    _exit(0);
  }
  int status = 0;
  int strange_hints = 0;
  while (waitpid(stranger, &status, WNOHANG) == 0) strange_hints += reader->drain(Event::mail) ? 1 : 0;
  BOOST_TEST(WEXITSTATUS(status) == 0);
  while (is_signalled(*reader, Event::mail)) strange_hints += reader->drain(Event::mail) ? 1 : 0;
  BOOST_TEST(strange_hints == 0);
  route.notifier(2)->wake(1);
  BOOST_TEST(reader->drain(Event::mail));
}

BOOST_AUTO_TEST_CASE(a_file_in_place_of_the_folder_is_an_error) {
  Route route;
  test::write_file(route.sockets, "");
  BOOST_CHECK_THROW(route.notifier(1), ipcm::Error);
}

BOOST_AUTO_TEST_SUITE_END()
