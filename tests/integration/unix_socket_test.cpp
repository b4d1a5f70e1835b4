// SPDX-License-Identifier: MIT
// What is special to the protocol UnixSocket: slow readers, dead peers, large contents, strangers' datagrams, and the
// folder that is its route.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <map>
#include <random>

#include <ipcm/ipcm.hpp>

#include "support/errors.hpp"
#include "support/remote_peer.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// A route of the protocol in a folder of its own.
class SocketRoute {
 public:
  explicit SocketRoute(const std::string& name = "route", std::size_t max_content = ipcm::kDefaultMaxContent)
      : spawn_(ipcm::spawn(options(folder_.file(name), max_content))) {}

  static ipcm::SpawnOptions options(const std::string& path, std::size_t max_content = ipcm::kDefaultMaxContent) {
    ipcm::SpawnOptions options;
    options.protocol = "UnixSocket";
    options.route = path;
    options.max_content = max_content;
    options.guard = false;
    return options;
  }
  const std::string& path() const { return spawn_.route(); }
  ipcm::ConnectionInfo info() const { return ipcm::ConnectionInfo::parse(spawn_.info()); }
  std::shared_ptr<ipcm::Client> connect(std::string_view name, milliseconds busy_timeout = milliseconds(10'000)) const {
    ipcm::ConnectOptions options;
    options.busy_timeout = busy_timeout;
    return spawn_.connect(name, options);
  }
  std::size_t letters() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path() + "/letters"), {}));
  }
  ipcm::Spawn& spawn() { return spawn_; }
  const test::TemporaryFolder& folder() const { return folder_; }

 private:
  test::TemporaryFolder folder_;
  ipcm::Spawn spawn_;
};

// Everything below a folder, with its contents.
std::map<std::string, std::string> snapshot(const std::string& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    all[entry.path()] = entry.is_regular_file() ? test::read_file(entry.path()) : "";
  }
  return all;
}

// Ends a process that is not a child of this one.
class Survivor {
 public:
  explicit Survivor(pid_t pid) : pid_(pid) {}
  ~Survivor() { kill(pid_, SIGKILL); }
  Survivor(const Survivor&) = delete;
  Survivor& operator=(const Survivor&) = delete;

 private:
  pid_t pid_;
};

bool is_private(const fs::path& path) {
  return (fs::status(path).permissions() & fs::perms(0077)) == fs::perms::none;
}

// Takes until it has that many.
std::vector<ipcm::Message> take(ipcm::Client& client, std::size_t count) {
  std::vector<ipcm::Message> all;
  while (all.size() < count && client.wait(test::kPatience)) {
    for (auto& message : client.get_messages()) all.push_back(std::move(message));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unix_socket)

// --- contents --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(contents_of_every_size_arrive_whole_and_in_order) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  test::RemotePeer echo(route.info(), "echo");
  constexpr std::size_t kKilo = 1024;
  const std::vector<std::size_t> sizes = {2,          3,          32 * kKilo - 1, 32 * kKilo,     32 * kKilo + 1, 5,
                                          64 * kKilo, 7,          64 * kKilo - 1, 64 * kKilo + 1, 1000 * kKilo,   11,
                                          1 << 20,    200 * kKilo};
  echo.start({"echo", sizes.size(), 60'000});
  std::vector<std::string> sent;
  for (const std::size_t size : sizes) {
    sent.push_back("\"" + std::string(size - 2, static_cast<char>('a' + sent.size())) + "\"");
    boss->send_message("echo", ipcm::Content::from_text(sent.back()));
  }
  const auto back = take(*boss, sizes.size());
  BOOST_REQUIRE(back.size() == sizes.size());
  for (std::size_t n = 0; n < sizes.size(); ++n) BOOST_TEST((back[n].content_text() == sent[n]));
  BOOST_TEST(echo.finish() == sizes.size());
  BOOST_TEST(route.letters() == 0U);
}

BOOST_AUTO_TEST_CASE(content_of_exactly_the_limit_arrives_and_one_byte_more_is_refused) {
  constexpr std::size_t kLimit = 3'000'000;
  const SocketRoute route("route", kLimit);
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  const std::string text(kLimit - 2, 'x');
  boss->send_message("worker", text);
  CHECK_ERROR(TooLarge, boss->send_message("worker", text + "x"));
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 1U);
  BOOST_TEST((messages[0].content() == text));
  BOOST_TEST(route.letters() == 0U);
}

BOOST_AUTO_TEST_CASE(a_large_message_can_be_looked_at_put_back_and_taken) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  const std::string text(500'000, 'x');
  boss->send_message("worker", 1);
  boss->send_message("worker", text);
  boss->send_message("worker", 2);
  BOOST_TEST(worker->peek().size() == 3U);
  BOOST_TEST((worker->peek().at(1).content() == text));
  const auto taken = worker->get_messages(2);
  BOOST_TEST(route.letters() == 0U);
  worker->requeue_messages(taken);
  const auto again = worker->get_messages();
  BOOST_REQUIRE(again.size() == 3U);
  BOOST_TEST((again[1].content() == text));
  boss->send_message("worker", text);
  BOOST_TEST(worker->remove_messages(worker->peek()) == 1U);
  BOOST_TEST(route.letters() == 0U);
}

BOOST_AUTO_TEST_CASE(a_reader_that_has_no_descriptor_left_loses_nothing) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  const std::string text(500'000, 'x');
  boss->send_message("worker", text);
  boss->send_message("worker", 1);
  rlimit before{};
  BOOST_REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit few = before;
  few.rlim_cur = 200;
  setrlimit(RLIMIT_NOFILE, &few);
  std::vector<int> used;
  for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) used.push_back(fd);
  const std::string code = test::code_of_call([&] { worker->get_messages(); });
  const bool ready = worker->have_ready_messages();
  for (const int fd : used) close(fd);
  setrlimit(RLIMIT_NOFILE, &before);
  BOOST_TEST(code == "StorageFailure");
  BOOST_TEST(ready);
  const auto messages = worker->get_messages();
  BOOST_REQUIRE(messages.size() == 2U);
  BOOST_TEST((messages[0].content() == text));
}

BOOST_AUTO_TEST_CASE(a_sender_that_is_killed_among_large_messages_leaves_whole_ones_only) {
  const SocketRoute route;
  auto boss = route.connect("boss");
  std::mt19937 random(5);
  for (int round = 0; round < 10; ++round) {
    test::RemotePeer echo(route.info(), "echo");
    echo.start({"echo", 1000, 60'000});
    std::vector<std::string> sent;
    for (int n = 0; n < 12; ++n) {
      sent.push_back("\"" + std::string(300'000, static_cast<char>('a' + n)) + "\"");
      boss->send_message("echo", ipcm::Content::from_text(sent.back()));
    }
    std::size_t next = 0;
    const auto check = [&](const std::vector<ipcm::Message>& messages) {
      for (const auto& message : messages) BOOST_TEST_REQUIRE((message.content_text() == sent.at(next++)));
    };
    const std::size_t enough = random() % 8;
    while (next < enough) check(take(*boss, 1));
    echo.kill();
    check(boss->get_messages());
  }
  { const auto next_of_its_name = route.connect("echo"); }
  boss.reset();  // one that was killed between making a file and telling of it leaves that, while boss is there
  BOOST_TEST(route.letters() == 0U);
}

BOOST_AUTO_TEST_CASE(whoever_leaves_large_messages_behind_leaves_no_files) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  auto worker = route.connect("worker");
  for (int n = 0; n < 3; ++n) boss->send_message("worker", std::string(100'000, 'x'));
  worker->have_ready_messages();
  BOOST_TEST(route.letters() == 3U);
  BOOST_TEST(test::code_of(worker->disconnect()) == "MessagesWaiting");
  BOOST_TEST(route.letters() == 0U);
}

// --- slow and dead peers ---------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_makes_its_sender_busy_and_nothing_is_lost_or_doubled) {
  const SocketRoute route;
  const auto reader = route.connect("reader0");
  test::RemotePeer sender;
  sender.call({"connect", "sender", route.info().to_string(), {{"busy_ms", 200}}});
  sender.start({"send_numbers", "reader", 1, 10'000'000});
  const auto error = test::caught([&] { sender.finish(); });
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST(std::string(ipcm::to_string(error->code())) == "Busy");
  BOOST_TEST(error->pid().value() == getpid());
  BOOST_TEST(std::string(error->what()).find("reader0") != std::string::npos);
  CHECK_ERROR(Busy, sender.send("reader0", "refused"));

  int next = 0;
  for (auto batch = reader->get_messages(1000); !batch.empty(); batch = reader->get_messages(1000)) {
    for (const auto& message : batch) BOOST_TEST_REQUIRE(message.content() == next++);
  }
  BOOST_TEST(next > 1000);
  sender.send("reader0", "again");
  BOOST_TEST(test::contents(reader->get_messages()) == R"(["again"])");
  BOOST_TEST(sender.end() == 0);
  BOOST_TEST(reader->all_stats().at("sender").sent.at("reader0") == static_cast<std::uint64_t>(next) + 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_never_reads_what_it_sends_itself_is_told_so) {
  const SocketRoute route;
  const auto client = route.connect("client");
  const std::string text(1 << 20, 'x');
  std::string code = "ok";
  int sent = 0;
  for (; code == "ok" && sent < 1000; ++sent) code = test::code_of(client->try_message("client", text));
  BOOST_TEST(code == "Busy");
  BOOST_TEST(client->get_messages().size() == static_cast<std::size_t>(sent) - 1);
  client->send_message("client", 1);
}

BOOST_AUTO_TEST_CASE(of_a_batch_that_meets_a_full_queue_the_error_says_how_many_were_sent) {
  const SocketRoute route;
  const auto client = route.connect("client", milliseconds(50));
  std::vector<ipcm::MessageFields> batch;
  const std::string text(1 << 20, 'x');
  for (int n = 0; n < 80; ++n) batch.push_back({.to = "client", .content = text});
  const auto error = test::caught([&] { client->send_messages(batch); });
  BOOST_REQUIRE(error.has_value());
  const std::size_t sent = client->get_messages().size();
  BOOST_TEST(std::string(error->what()).starts_with(std::to_string(sent) + " of 80 messages were sent"));
}

BOOST_AUTO_TEST_CASE(a_peer_that_was_killed_is_noticed_at_the_next_send) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  const auto watcher = route.connect("watcher");
  for (int round = 0; round < 5; ++round) {
    test::RemotePeer worker(route.info(), "worker");
    boss->send_message("worker", round);
    BOOST_TEST(worker.get().size() == 1U);
    boss->send_message("worker", "never read");
    worker.kill();
    for (const auto& sender : {boss, watcher}) CHECK_ERROR(PeerGone, sender->send_message("worker", 1));
    BOOST_TEST(!boss->peer_active("worker"));
    BOOST_TEST(boss->peer_exists("worker"));
    BOOST_TEST(test::joined(boss->peers()) == "watcher");
    BOOST_TEST(test::text(boss->broadcast("news")) == "watcher:ok");
  }
  const auto worker = route.connect("worker");
  boss->send_message("worker", "anew");
  BOOST_TEST(test::contents(worker->get_messages()) == R"(["anew"])");
  const auto sockets = std::distance(fs::directory_iterator(route.path() + "/sockets"), {});
  BOOST_TEST(sockets == 3 * 2);  // two for each that is connected, none of those that were killed
}

BOOST_AUTO_TEST_CASE(a_forked_child_that_lives_on_keeps_neither_the_name_nor_the_socket_of_its_parent) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  test::RemotePeer worker(route.info(), "worker");
  const Survivor child(worker.call({"fork"}).get<pid_t>());
  worker.kill();
  // The child may only just be letting go.
  BOOST_TEST(test::eventually([&] { return test::code_of(boss->try_message("worker", 1)) == "PeerGone"; }));
  const auto next = route.connect("worker");
  boss->send_message("worker", 2);
  BOOST_TEST(test::contents(next->get_messages()) == "[2]");
}

// --- order -----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(messages_of_several_processes_arrive_once_and_for_each_in_its_order) {
  const SocketRoute route;
  constexpr int kSenders = 4;
  constexpr int kEach = 5000;
  const auto reader = route.connect("reader0");
  std::vector<test::RemotePeer> senders;
  for (int s = 0; s < kSenders; ++s) senders.emplace_back(route.info(), "sender" + std::to_string(s));
  for (auto& sender : senders) sender.start({"send_numbers", "reader", 1, kEach});
  std::map<std::string, int> next;
  for (const auto& message : take(*reader, kSenders * kEach)) {
    BOOST_TEST_REQUIRE(message.content() == next[message.from()]++);
  }
  for (auto& sender : senders) sender.finish();
  for (const auto& [sender, count] : next) BOOST_TEST(count == kEach);
  BOOST_TEST(next.size() == static_cast<std::size_t>(kSenders));
  BOOST_TEST(!reader->have_ready_messages());
}

// --- strangers -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(datagrams_of_a_stranger_cost_nothing_but_time) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  std::mt19937 random(3);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  for (int round = 0; round < 500; ++round) {
    for (const auto& entry : fs::directory_iterator(route.path() + "/sockets")) {
      sockaddr_un to{};
      to.sun_family = AF_UNIX;
      entry.path().string().copy(to.sun_path, sizeof to.sun_path - 1);
      std::string bytes = round % 3 == 0 ? std::string("ipcm\x01", 5) : std::string();
      bytes.resize(bytes.size() + random() % (round % 50 == 0 ? 100'000 : 300));
      for (std::size_t n = round % 3 == 0 ? 5 : 0; n < bytes.size(); ++n) bytes[n] = static_cast<char>(random());
      sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    if (round % 10 != 0) continue;
    boss->send_message("worker", round);
    BOOST_TEST_REQUIRE(test::contents(take(*worker, 1)) == "[" + std::to_string(round) + "]");
  }
  close(fd);
  BOOST_TEST(boss->get_messages().empty());
  BOOST_TEST(test::joined(ipcm::check_route(route.info()).problems) == "");
}

// --- the folder ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_route_may_lie_deeper_than_a_sockets_address_is_long) {
  std::string deep = "deep";
  while (deep.size() < 300) deep += "/" + std::string(60, 'd');
  const test::TemporaryFolder folder;
  fs::create_directories(folder.path() / deep);
  auto spawn = ipcm::spawn(SocketRoute::options(folder.file(deep + "/route")));
  const auto boss = spawn.connect("boss");
  const std::string name = "a/b/" + std::string(251, 'x');
  test::RemotePeer worker(ipcm::ConnectionInfo::parse(spawn.info()), name);
  BOOST_TEST(boss->peer_active(name));
  boss->send_message(name, 1);
  BOOST_TEST(test::contents(worker.get()) == "[1]");
  worker.send("boss", std::string(100'000, 'x'));
  BOOST_TEST(take(*boss, 1).size() == 1U);
  spawn.unspawn();
  BOOST_TEST(!fs::exists(spawn.route()));
}

BOOST_AUTO_TEST_CASE(a_route_that_was_deleted_or_replaced_is_noticed_and_nothing_is_written_into_the_new_one) {
  for (const bool replaced : {false, true}) {
    const SocketRoute route;
    const auto boss = route.connect("boss");
    const auto worker = route.connect("worker");
    boss->send_message("worker", 1);
    boss->peer_change_fd();
    fs::remove_all(route.path());
    std::unique_ptr<ipcm::Spawn> other;
    if (replaced) other = std::make_unique<ipcm::Spawn>(ipcm::spawn(SocketRoute::options(route.path())));
    const auto stranger = replaced ? other->connect("stranger") : nullptr;
    const auto before = replaced ? snapshot(route.path()) : std::map<std::string, std::string>();
    CHECK_ERROR(RouteGone, boss->send_message("stranger", 2));  // whom only the new one knows
    for (const auto& client : {boss, worker}) {
      BOOST_TEST(test::eventually([&] { return test::code_of(client->try_message("worker", 2)) == "RouteGone"; }));
    }
    CHECK_ERROR(RouteGone, boss->broadcast(2));
    CHECK_ERROR(RouteGone, worker->get_messages());
    CHECK_ERROR(RouteGone, worker->peek());
    CHECK_ERROR(RouteGone, worker->have_ready_messages());
    CHECK_ERROR(RouteGone, worker->wait(milliseconds(0)));
    CHECK_ERROR(RouteGone, boss->peers());
    CHECK_ERROR(RouteGone, boss->peer_active("worker"));
    CHECK_ERROR(RouteGone, boss->forget("worker"));
    CHECK_ERROR(RouteGone, boss->stats());
    CHECK_ERROR(RouteGone, boss->write_stats());
    CHECK_ERROR(RouteGone, boss->all_stats());
    CHECK_ERROR(RouteGone, boss->disconnect());
    if (replaced) BOOST_TEST((snapshot(route.path()) == before));
    if (replaced) BOOST_TEST(!stranger->have_ready_messages());
  }
}

BOOST_AUTO_TEST_CASE(nothing_that_a_route_consists_of_is_open_to_others) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  const auto worker = route.connect("worker");
  boss->peer_change_fd();
  boss->send_message("worker", std::string(100'000, 'x'));
  boss->write_stats();
  for (const auto& entry : fs::recursive_directory_iterator(route.path())) {
    if (entry.is_socket()) continue;  // in a folder that nobody else may enter
    BOOST_TEST(is_private(entry.path()), entry.path());
  }
  BOOST_TEST(is_private(route.path()));
}

BOOST_AUTO_TEST_CASE(what_is_not_a_route_is_refused_and_left_alone) {
  const test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return folder.file(name); };
  for (const char* name : {"other", "json", "newer", "damaged"}) fs::create_directory(path(name));
  test::write_file(path("file"), "not a route");
  test::write_file(path("other/important"), "data");
  test::write_file(path("json/route.json"), R"({"format":"something else"})");
  test::write_file(path("newer/route.json"), R"({"format":"ipcm-unix-socket","version":2})");
  test::write_file(path("damaged/route.json"), R"({"format":"ipcm-unix-socket","version":1,"id":17})");
  const auto before = snapshot(folder.path());
  const std::map<std::string, std::string> refused = {{"file", "NotARoute"},
                                                      {"other", "NotARoute"},
                                                      {"json", "NotARoute"},
                                                      {"newer", "RouteTooNew"},
                                                      {"damaged", "RouteDamaged"}};
  for (const auto& [name, code] : refused) {
    const ipcm::ConnectionInfo info{"UnixSocket", "JSON", folder.file(name)};
    BOOST_TEST(test::code_of_call([&] { ipcm::connect("boss", info); }) == code, name);
    BOOST_TEST(test::code_of_call([&] { ipcm::route_info(info); }) == code, name);
    BOOST_TEST(test::code_of_call([&] { ipcm::spawn(SocketRoute::options(info.route)); }) == code, name);
    if (code == "NotARoute") CHECK_ERROR(NotARoute, ipcm::unspawn(info.route, "UnixSocket"));
  }
  CHECK_ERROR(RouteMissing, ipcm::connect("boss", {"UnixSocket", "JSON", path("missing")}));
  BOOST_TEST((snapshot(folder.path()) == before));
}

BOOST_AUTO_TEST_CASE(a_damaged_list_of_peers_is_told_as_such) {
  const SocketRoute route;
  const auto boss = route.connect("boss");
  for (const char* damaged : {"", "[", "{}", R"({"next_id":1,"peers":[{"id":0}]})"}) {
    test::write_file(route.path() + "/peers.json", damaged);
    CHECK_ERROR(RouteDamaged, boss->peers());
    CHECK_ERROR(RouteDamaged, route.connect("worker"));
    CHECK_ERROR(RouteDamaged, boss->send_message("worker", 1));
  }
}

BOOST_AUTO_TEST_CASE(unspawning_by_path_removes_the_routes_own_files_and_no_others) {
  SocketRoute route;
  const auto boss = route.connect("boss");
  boss->send_message("boss", 1);
  test::write_file(route.path() + "/notes", "mine");
  ipcm::unspawn(route.path());
  BOOST_TEST(snapshot(route.path()).size() == 1U);
  BOOST_TEST(test::read_file(route.path() + "/notes") == "mine");
  CHECK_ERROR(RouteGone, boss->get_messages());
}

BOOST_AUTO_TEST_SUITE_END()
