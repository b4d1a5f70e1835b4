// SPDX-License-Identifier: MIT
// Instance method `pid_check`: WrongProcess in a forked child, for everything that touches the store; and the child's
// exit leaves the parent's connection whole.
#include <unistd.h>

#include "conformance.hpp"
#include "support/forked_child.hpp"
#include "support/remote_peer.hpp"

using test::ChildExit;
using test::in_forked_child;

namespace {

// What each call that touches the store throws, where it is not WrongProcess.
std::string calls_that_are_not_refused(ipcm::Client& client, const ipcm::Message& built) {
  using Call = std::function<void()>;
  const ipcm::MessageFields fields{.to = "worker"};
  const std::vector<ipcm::MessageFields> batch = {fields};
  const std::vector<ipcm::Message> messages = {built};
  const std::chrono::milliseconds now(0);
  const std::vector<std::pair<std::string, Call>> calls = {
      {"pid_check", [&] { client.pid_check(); }},
      {"send_message(message)", [&] { client.send_message(built); }},
      {"send_message(peer, content)", [&] { client.send_message("worker", 1); }},
      {"send_message(fields)", [&] { client.send_message(fields); }},
      {"try_message(message)", [&] { client.try_message(built); }},
      {"try_message(peer, content)", [&] { client.try_message("worker", 1); }},
      {"try_message(fields)", [&] { client.try_message(fields); }},
      {"send_async(message)", [&] { client.send_async(built); }},
      {"send_async(peer, content)", [&] { client.send_async("worker", 1); }},
      {"send_async(fields)", [&] { client.send_async(fields); }},
      {"send_async(fields, handler)",
       [&] { client.send_async(fields, [](const std::string&, const ipcm::Outcome&) {}); }},
      {"send_messages", [&] { client.send_messages(batch); }},
      {"broadcast", [&] { client.broadcast(1); }},
      {"get_messages", [&] { client.get_messages(); }},
      {"peek", [&] { client.peek(); }},
      {"remove_messages", [&] { client.remove_messages(messages); }},
      {"requeue_message", [&] { client.requeue_message(built); }},
      {"requeue_messages", [&] { client.requeue_messages(messages); }},
      {"have_ready_messages", [&] { client.have_ready_messages(); }},
      {"have_pending_messages", [&] { client.have_pending_messages(); }},
      {"wait(timeout)", [&] { client.wait(now); }},
      {"wait", [&] { client.wait(); }},
      {"fd", [&] { client.fd(); }},
      {"peer_change_fd", [&] { client.peer_change_fd(); }},
      {"peers", [&] { client.peers(); }},
      {"peer_exists", [&] { client.peer_exists("worker"); }},
      {"peer_active", [&] { client.peer_active("worker"); }},
      {"peer_active(timeout)", [&] { client.peer_active("worker", now); }},
      {"peer_pid", [&] { client.peer_pid("worker"); }},
      {"peer_suspend_expires", [&] { client.peer_suspend_expires("worker"); }},
      {"peer_inactive", [&] { client.peer_inactive("worker", now); }},
      {"request", [&] { client.request("worker", 1, now); }},
      {"request(handler)", [&] { client.request("worker", 1, now, [](const ipcm::Reply&) {}); }},
      {"forget", [&] { client.forget("worker"); }},
      {"disconnect", [&] { client.disconnect(); }},
      {"disconnect(handler)", [&] { client.disconnect([](std::span<const ipcm::Message>) {}); }},
      {"suspend", [&] { client.suspend(); }},
      {"stats", [&] { client.stats(); }},
      {"read_stats", [&] { client.read_stats(); }},
      {"write_stats", [&] { client.write_stats(); }},
      {"all_stats", [&] { client.all_stats(); }},
  };
  std::string wrong;
  for (const auto& [name, call] : calls) {
    const std::string code = test::code_of_call(call);
    if (code != "WrongProcess") wrong += name + ": " + code + "; ";
  }
  return wrong;
}

}  // namespace

CONFORMANCE_TEST(every_call_that_touches_the_store_is_refused_in_a_forked_child) {
  const auto boss = connect("boss");
  const auto worker = connect("worker");
  const auto built = boss->build_message("worker", 1);
  BOOST_TEST(in_forked_child([&] { return calls_that_are_not_refused(*boss, built); }) == "");
  BOOST_TEST(!worker->have_ready_messages());
}

CONFORMANCE_TEST(a_client_that_left_before_the_fork_belongs_to_its_process_too) {
  const auto boss = connect("boss");
  boss->disconnect();
  BOOST_TEST(in_forked_child([&] { return test::code_of_call([&] { boss->pid_check(); }); }) == "WrongProcess");
  BOOST_TEST(in_forked_child([&] { return test::code_of_call([&] { boss->all_stats(); }); }) == "WrongProcess");
}

CONFORMANCE_TEST(a_client_still_knows_who_it_is_in_a_forked_child) {
  const auto boss = connect("boss");
  BOOST_TEST(in_forked_child([&] { return boss->id() + boss->route() + boss->serializer(); }) ==
             "boss" + store().route() + "JSON");
  BOOST_TEST(in_forked_child([&] { return boss->pid() == getpid() ? "the child's" : ""; }) == "");
}

CONFORMANCE_TEST(the_end_of_a_child_leaves_the_parents_connection_whole) {
  auto boss = connect("boss");
  auto worker = connect("worker");
  boss->send_message("worker", 1);
  const int fd = worker->fd();
  for (const ChildExit how : {ChildExit::immediate, ChildExit::orderly}) {
    for (const bool destroyed : {false, true}) {
      const std::string wrong = in_forked_child(
          [&] {
            if (!destroyed) return std::string();
            boss.reset();
            worker.reset();
            return std::string();
          },
          how);
      BOOST_TEST(wrong == "");
      BOOST_TEST(boss->peer_active("worker"));
      BOOST_TEST(worker->peer_active("boss"));
      CHECK_ERROR(NameInUse, connect("worker"));
      boss->send_message("worker", 2);
      BOOST_TEST(worker->wait(test::kPatience));
      BOOST_TEST(worker->fd() == fd);
      BOOST_TEST(!worker->get_messages().empty());
      worker->send_message("boss", 3);
      BOOST_TEST(boss->get_messages().size() == 1);
    }
  }
  BOOST_TEST(problems() == "");
}

CONFORMANCE_TEST(hooks_do_not_run_when_a_client_is_destroyed_in_a_child) {
  ipcm::ConnectOptions options;
  std::string* log = nullptr;
  options.hooks.pre_disconnect = [&] { *log += "pre"; };
  options.hooks.post_disconnect = [&] { *log += "post"; };
  auto boss = connect("boss", options);
  BOOST_TEST(in_forked_child([&] {
               std::string seen;
               log = &seen;
               boss.reset();
               return seen;
             }) == "");
  std::string here;
  log = &here;
  boss.reset();
  BOOST_TEST(here == "prepost");
}

CONFORMANCE_TEST_SHARED(others_still_see_the_parent_after_its_child_ended) {
  auto boss = connect("boss");
  test::RemotePeer watcher(info(), "watcher");
  for (const ChildExit how : {ChildExit::immediate, ChildExit::orderly}) {
    BOOST_TEST(in_forked_child(
                   [&] {
                     boss.reset();
                     return std::string();
                   },
                   how) == "");
    BOOST_TEST(watcher.active("boss"));
    CHECK_ERROR(NameInUse, watcher.call({"connect", "boss", store().info()}));
    watcher.send("boss", 1);
    BOOST_TEST(boss->wait(test::kPatience));
    BOOST_TEST(boss->get_messages().size() == 1);
  }
}

CONFORMANCE_TEST_SHARED(a_child_may_connect_anew_under_a_name_of_its_own) {
  const auto boss = connect("boss");
  boss->send_message("boss", "before");
  const std::string wrong = in_forked_child([&] {
    const std::string taken = test::code_of_call([&] { ipcm::connect("boss", info()); });
    if (taken != "NameInUse") return "connecting the parent's name: " + taken;
    const auto child = ipcm::connect("child", info());
    child->send_message("boss", "from the child");
    child->send_message("child", 1);
    if (child->get_messages().size() != 1) return std::string("the child got no mail");
    if (ipcm::local_clients(child->route()).size() != 1) return std::string("local_clients");
    rest(*child);
    return std::string();
  });
  BOOST_TEST(wrong == "");
  BOOST_TEST(test::contents(boss->get_messages()) == R"(["before","from the child"])");
  BOOST_TEST(test::joined(boss->peers()) == (protocol().has_store ? "child" : ""));
  BOOST_TEST(problems() == "");
}
