// SPDX-License-Identifier: MIT
#include "notify/socket_notifier.hpp"

#include <poll.h>

#include <filesystem>
#include <memory>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "support/temporary_folder.hpp"

using ipcm::notify::Event;
using ipcm::notify::Inbox;
using ipcm::notify::SocketNotifier;

namespace {

struct Route {
  explicit Route(const std::string& below = "wake") : place{folder.file(below), folder.file("lock"), 100} {}
  std::unique_ptr<SocketNotifier> notifier(Inbox inbox) { return std::make_unique<SocketNotifier>(place, inbox); }
  test::TemporaryFolder folder;
  SocketNotifier::Place place;
};

bool is_signalled(SocketNotifier& notifier, Event event) {
  pollfd waiting{notifier.fd(event), POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_notifier)

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
  std::filesystem::create_directories(std::filesystem::path(route.place.folder).parent_path());
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
    BOOST_TEST((fs::status(route.place.folder).permissions() == fs::perms::owner_all));
    BOOST_TEST(!fs::is_empty(route.place.folder));
  }
  BOOST_TEST(fs::is_empty(route.place.folder));
}

BOOST_AUTO_TEST_CASE(a_file_in_place_of_the_folder_is_an_error) {
  Route route;
  test::write_file(route.place.folder, "");
  BOOST_CHECK_THROW(route.notifier(1), ipcm::Error);
}

BOOST_AUTO_TEST_SUITE_END()
