// SPDX-License-Identifier: MIT
// What a stranger puts where a route's files should be, in a folder such as /tmp where everybody may leave files and
// only their owners remove them: nothing is followed, nothing of it is used, and nothing of the victim's is harmed.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "faults/users.hpp"
#include "integration/route_file.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

using boost::unit_test::precondition;
using test::kAlice;
using test::kMallory;

namespace fs = std::filesystem;

constexpr mode_t kLikeTmp = 01777;

std::string code_of_spawn(const std::string& path) {
  ipcm::SpawnOptions options;
  options.route = path;
  options.guard = false;
  return test::code_of_call([&] { ipcm::spawn(options); });
}

// As that user; what goes wrong is thrown.
void act_as(unsigned user, const std::function<void()>& act) {
  const std::string outcome = test::as_user(user, 0, [&] {
    act();
    return std::string();
  });
  if (!outcome.empty()) throw std::runtime_error(outcome);
}

// Alice's route with one message in it, at rest.
void make_route_of_alice(const std::string& path) {
  act_as(kAlice, [&] {
    if (code_of_spawn(path) != "ok") throw std::runtime_error("cannot spawn");
    const auto alice = ipcm::connect("alice", path);
    alice->send_message("alice", "precious");
    alice->suspend();
  });
}

std::string mail_of_alice(const std::string& path) {
  return test::as_user(kAlice, 0, [&] { return test::contents(ipcm::connect("alice", path)->peek()); });
}

const std::vector<std::string> kSideFiles = {"-wal", "-shm", "-journal", "-lock", "-wake", "-unfinished"};

const std::map<std::string, std::function<void(const std::string&, const std::string&)>> kTricks = {
    {"a link", [](const std::string& at, const std::string& victim) { fs::create_symlink(victim, at); }},
    {"a link to nothing", [](const std::string& at, const std::string& v) { fs::create_symlink(v + "-none", at); }},
    {"a pipe", [](const std::string& at, const std::string&) { mkfifo(at.c_str(), 0666); }},
    {"a folder", [](const std::string& at, const std::string&) { fs::create_directory(at); }},
    {"a file of his own",
     [](const std::string& at, const std::string&) {
       test::write_file(at, std::string(5000, 'x'));
       chmod(at.c_str(), 0666);
     }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(planted_files)

BOOST_AUTO_TEST_CASE(what_lies_beside_a_route_at_rest_is_refused_or_does_no_harm, *precondition(test::as_root)) {
  for (const auto& [what, plant] : kTricks) {
    for (const std::string& side : kSideFiles) {
      BOOST_TEST_CONTEXT(what << " as " << side) {
        const test::SharedFolder tmp(0, 0, kLikeTmp);
        const std::string path = tmp.file("jobs.ipcm");
        const std::string victim = tmp.outside().file("victim");
        test::write_file(victim, "dear diary");
        BOOST_REQUIRE(chown(victim.c_str(), kAlice, kAlice) == 0);
        make_route_of_alice(path);
        fs::remove(path + side);  // as if it had not been there
        act_as(kMallory, [&, &trick = plant] { trick(path + side, victim); });
        const std::string code = test::as_user(kAlice, 0, [&] {
          return test::code_of_call([&] {
            const auto alice = ipcm::connect("alice", path);
            alice->fd();
            alice->send_message("alice", 2);
            alice->suspend();
          });
        });
        const bool matters = side != "-wake" && side != "-unfinished";
        BOOST_TEST((code == (matters ? "Unsafe" : "ok")), code);
        BOOST_TEST(test::read_file(victim) == "dear diary");
        BOOST_TEST(!fs::exists(victim + "-none"));
        std::error_code problem;
        fs::remove_all(path + side, problem);  // by root, who cleans up
        const std::string mail = mail_of_alice(path);
        BOOST_TEST(mail.starts_with(R"(["precious")"), mail);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_route_is_not_made_among_what_a_stranger_planted, *precondition(test::as_root)) {
  for (const auto& [what, plant] : kTricks) {
    for (const std::string& name : {std::string(), std::string("-wal"), std::string("-lock"),
                                    std::string("-unfinished"), std::string("-journal")}) {
      BOOST_TEST_CONTEXT(what << " as " << name) {
        const test::SharedFolder tmp(0, 0, kLikeTmp);
        const std::string path = tmp.file("jobs.ipcm");
        const std::string victim = tmp.outside().file("victim");
        test::write_file(victim, "dear diary");
        BOOST_REQUIRE(chown(victim.c_str(), kAlice, kAlice) == 0);
        act_as(kMallory, [&, &trick = plant] { trick(path + name, victim); });
        const std::string code = test::as_user(kAlice, 0, [&] { return code_of_spawn(path); });
        BOOST_TEST(code != "ok");
        BOOST_TEST(code.find("threw") == std::string::npos, code);
        BOOST_TEST(test::read_file(victim) == "dear diary");
        BOOST_TEST(!fs::exists(victim + "-none"));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_log_or_journal_of_a_stranger_is_not_played_into_a_route, *precondition(test::as_root)) {
  const test::SharedFolder tmp(0, 0, kLikeTmp);
  const std::string path = tmp.file("jobs.ipcm");
  make_route_of_alice(path);
  const std::string before = test::read_file(path);
  act_as(kMallory, [&] {
    const test::TemporaryFolder own;
    if (code_of_spawn(own.file("other")) != "ok") throw std::runtime_error("cannot spawn");
    const auto mallory = ipcm::connect("alice", own.file("other"));
    mallory->send_message("alice", "forged");
    fs::copy_file(own.file("other-wal"), path + "-wal");
    chmod((path + "-wal").c_str(), 0666);
  });
  BOOST_TEST(test::as_user(kAlice, 0, [&] { return test::code_of_call([&] { ipcm::connect("alice", path); }); }) ==
             "Unsafe");
  const std::string salvaged = test::as_user(kAlice, 0, [&] {
    return test::code_of_call([&] { ipcm::salvage_route(ipcm::ConnectionInfo::parse(path), tmp.file("saved")); });
  });
  BOOST_TEST(salvaged == "Unsafe");
  BOOST_TEST(!fs::exists(tmp.file("saved")));
  BOOST_TEST((test::read_file(path) == before));
  fs::remove(path + "-wal");
  BOOST_TEST(mail_of_alice(path) == R"(["precious"])");
}

BOOST_AUTO_TEST_CASE(while_a_route_is_open_in_such_a_folder_its_side_files_are_its_owners,
                     *precondition(test::as_root)) {
  const test::SharedFolder tmp(0, 0, kLikeTmp);
  const std::string path = tmp.file("jobs.ipcm");
  make_route_of_alice(path);
  act_as(kAlice, [&] {
    const auto alice = ipcm::connect("alice", path);
    for (const char* side : {"-wal", "-shm", "-lock"}) {
      struct stat status {};
      if (lstat((path + side).c_str(), &status) != 0 || status.st_uid != kAlice || (status.st_mode & 0777) != 0600) {
        throw std::runtime_error(std::string(side) + " is not hers");
      }
    }
    if (fs::exists(path + "-journal")) throw std::runtime_error("a journal was left");
  });
}

BOOST_AUTO_TEST_CASE(a_route_that_a_stranger_opened_to_all_is_not_used, *precondition(test::as_root)) {
  const test::SharedFolder tmp(0, 0, kLikeTmp);
  const std::string path = tmp.file("jobs.ipcm");
  act_as(kMallory, [&] {
    if (code_of_spawn(path) != "ok") throw std::runtime_error("cannot spawn");
    ipcm::connect("worker", path)->suspend();
    for (const char* file : {"", "-lock"}) chmod((path + file).c_str(), 0666);
  });
  const std::string codes = test::as_user(kAlice, 0, [&] {
    return code_of_spawn(path) + " " + test::code_of_call([&] { ipcm::connect("alice", path); }) + " " +
           test::code_of_call([&] { ipcm::unspawn(path); });
  });
  BOOST_TEST(codes == "Unsafe Unsafe Unsafe");
}

BOOST_AUTO_TEST_CASE(a_link_that_a_stranger_put_into_such_a_folder_is_not_followed, *precondition(test::as_root)) {
  const test::SharedFolder tmp(0, 0, kLikeTmp);
  const test::SharedFolder home(kAlice, kAlice, 0700);
  make_route_of_alice(home.file("private.ipcm"));
  act_as(kMallory, [&] {
    fs::create_symlink(home.file("private.ipcm"), tmp.file("jobs.ipcm"));
    fs::create_symlink(home.path(), tmp.file("folder"));
  });
  for (const std::string& path :
       {tmp.file("jobs.ipcm"), tmp.file("folder/private.ipcm"), tmp.file("folder/new.ipcm")}) {
    const std::string codes = test::as_user(kAlice, 0, [&] {
      return code_of_spawn(path) + " " + test::code_of_call([&] { ipcm::connect("alice", path); }) + " " +
             test::code_of_call([&] { ipcm::unspawn(path); });
    });
    BOOST_TEST(codes == "Unsafe Unsafe Unsafe", path);
  }
  BOOST_TEST(!fs::exists(home.file("new.ipcm")));
  BOOST_TEST(mail_of_alice(home.file("private.ipcm")) == R"(["precious"])");
  act_as(kAlice, [&] { fs::create_symlink(home.file("private.ipcm"), tmp.file("own")); });
  BOOST_TEST(mail_of_alice(tmp.file("own")) == R"(["precious"])");  // her own she may follow
}

BOOST_AUTO_TEST_CASE(a_route_with_two_names_is_refused_by_either) {
  const test::RouteFile route;
  route.make_suspended("worker");
  fs::create_hard_link(route.path(), route.folder().file("other"));
  for (const std::string& path : {route.path(), route.folder().file("other")}) {
    CHECK_ERROR(Unsafe, ipcm::connect("worker", path));
    CHECK_ERROR(Unsafe, ipcm::unspawn(path));
  }
  fs::remove(route.folder().file("other"));
  BOOST_TEST(test::code_of_call([&] { route.connect("worker"); }) == "ok");
}

BOOST_AUTO_TEST_CASE(a_second_name_of_ones_own_file_in_place_of_a_lock_is_refused_and_nothing_is_written_to_it) {
  const test::TemporaryFolder folder;
  test::write_file(folder.file("diary"), "dear diary");
  fs::create_hard_link(folder.file("diary"), folder.file("new.ipcm-lock"));
  BOOST_TEST(code_of_spawn(folder.file("new.ipcm")) == "Unsafe");
  BOOST_TEST(test::read_file(folder.file("diary")) == "dear diary");
}

BOOST_AUTO_TEST_CASE(unspawning_removes_no_file_that_is_not_the_routes) {
  const test::RouteFile route;
  const test::TemporaryFolder elsewhere;
  test::write_file(elsewhere.file("1.mail"), "mine");
  route.connect("worker")->fd();
  test::write_file(route.path() + "-wake/notes", "mine");
  ipcm::unspawn(route.path());
  BOOST_TEST(test::read_file(route.path() + "-wake/notes") == "mine");
  fs::remove_all(route.path() + "-wake");

  const test::RouteFile linked;
  fs::remove_all(linked.path() + "-wake");
  fs::create_directory_symlink(elsewhere.path(), linked.path() + "-wake");
  ipcm::unspawn(linked.path());
  BOOST_TEST(test::read_file(elsewhere.file("1.mail")) == "mine");
}

BOOST_AUTO_TEST_CASE(a_folder_of_a_stranger_is_no_route_of_unix_sockets, *precondition(test::as_root)) {
  const test::SharedFolder his(kMallory, kMallory, 0777);
  const std::string codes = test::as_user(kAlice, 0, [&] {
    ipcm::SpawnOptions options;
    options.protocol = "UnixSocket";
    options.route = his.path();
    options.guard = false;
    return test::code_of_call([&] { ipcm::spawn(options); });
  });
  BOOST_TEST(codes == "Unsafe");
  BOOST_TEST(fs::is_empty(his.path()));
}

BOOST_AUTO_TEST_CASE(a_link_in_place_of_a_folder_of_a_socket_route_is_refused_and_nothing_behind_it_is_touched) {
  // Under names that the route gives its own files, and others.
  const std::vector<std::string> names = {"1.json",   "2.json",  "draft-1-7", "1-1-2-7", "1-0-2-7",
                                          "1-1.mail", "1.peers", "thesis",    "keys.txt"};
  for (const std::string inner : {"letters", "counts", "sockets", "watch"}) {
    BOOST_TEST_CONTEXT(inner) {
      const test::TemporaryFolder folder;
      const std::string route = folder.file("route");
      ipcm::SpawnOptions options;
      options.protocol = "UnixSocket";
      options.route = route;
      options.guard = false;
      const auto info = ipcm::ConnectionInfo::parse(ipcm::spawn(options).info());
      const auto connect = [&] { ipcm::connect("worker", info)->disconnect(); };
      connect();
      fs::create_directory(folder.file("elsewhere"));
      for (const std::string& name : names) test::write_file(folder.file("elsewhere/" + name), "mine");
      fs::remove_all(route + "/" + inner);
      fs::create_directory_symlink(folder.file("elsewhere"), route + "/" + inner);

      CHECK_ERROR(Unsafe, connect());
      CHECK_ERROR(Unsafe, ipcm::connect_anonymous(info));
      CHECK_ERROR(Unsafe, ipcm::unspawn(route));
      CHECK_ERROR(Unsafe, ipcm::spawn(options));
      for (const std::string& name : names) BOOST_TEST(test::read_file(folder.file("elsewhere/" + name)) == "mine");
      BOOST_TEST(fs::is_symlink(route + "/" + inner));
      BOOST_TEST(fs::exists(route + "/route.json"));

      fs::remove(route + "/" + inner);  // its owner finds out, and removes the link
      ipcm::unspawn(route);
      BOOST_TEST(!fs::exists(route));
    }
  }
}

BOOST_AUTO_TEST_CASE(unspawning_a_socket_route_leaves_what_it_did_not_make) {
  const test::TemporaryFolder folder;
  const std::string route = folder.file("route");
  ipcm::SpawnOptions options;
  options.protocol = "UnixSocket";
  options.route = route;
  options.guard = false;
  const auto info = ipcm::ConnectionInfo::parse(ipcm::spawn(options).info());
  ipcm::connect("worker", info)->disconnect();
  for (const std::string foreign : {"letters/thesis", "counts/notes.json", "sockets/1-1.mail", "watch/1.peers"}) {
    test::write_file(route + "/" + foreign, "mine");
  }
  ipcm::unspawn(route);
  for (const std::string foreign : {"letters/thesis", "counts/notes.json", "sockets/1-1.mail", "watch/1.peers"}) {
    BOOST_TEST(test::read_file(route + "/" + foreign) == "mine", foreign);
  }
  BOOST_TEST(!fs::exists(route + "/route.json"));
}

BOOST_AUTO_TEST_CASE(names_and_ids_that_look_like_sql_are_names_and_ids) {
  const test::RouteFile route;
  const std::vector<std::string> odd = {"'; DROP TABLE messages; --",
                                        "\"; DELETE FROM peers; --",
                                        "%",
                                        "*",
                                        "[a-z]",
                                        "?1",
                                        ":name",
                                        "x' OR '1'='1",
                                        "`",
                                        "NULL",
                                        "\\"};
  for (const std::string& name : odd) route.make_suspended(name);
  const auto boss = route.connect("boss");
  boss->create_queue("'); DROP TABLE claims; --");
  for (const std::string& name : odd) {
    boss->send_message({.to = name, .content = name, .id = name, .dedup_key = name, .group_key = name});
    boss->add_schedule(name, "0 4 * * *", {.to = name, .content = name});
  }
  for (const std::string& name : odd) {
    const auto peer = route.connect(name);
    const auto messages = peer->get_messages();
    BOOST_REQUIRE(messages.size() == 1);
    BOOST_TEST(messages.front().id() == name);
    BOOST_TEST(messages.front().content() == name);
    BOOST_TEST(boss->remove_schedule(name));
  }
  BOOST_TEST(route.problems() == "");
}

BOOST_AUTO_TEST_SUITE_END()
