// SPDX-License-Identifier: MIT
// `pre_/post_disconnect_hook` and `pre_/post_suspend_hook`: virtual, and settable as callbacks; pre before, post after.
#include "conformance.hpp"

namespace {

// Hooks that write down their names, and whether their client was connected then.
struct Diary {
  std::string text;
  std::weak_ptr<ipcm::Client> client;

  std::function<void()> entry(const std::string& name) {
    return [this, name] {
      const auto who = client.lock();
      text += name + (who ? (who->disconnected() ? "(gone) " : "(here) ") : " ");
    };
  }
  ipcm::ConnectOptions options() {
    ipcm::ConnectOptions options;
    options.hooks = {.pre_disconnect = entry("pre_disconnect"),
                     .post_disconnect = entry("post_disconnect"),
                     .pre_suspend = entry("pre_suspend"),
                     .post_suspend = entry("post_suspend")};
    return options;
  }
};

void refuse() {
  throw std::domain_error("no");
}

// Overrides two of the four; the others still call what the options say.
struct Worker : ipcm::Client {
  Worker(Connection connection, std::string& log) : Client(std::move(connection)), log_(log) {}
  void pre_disconnect_hook() override { log_ += "derived_pre_disconnect "; }
  void post_suspend_hook() override { log_ += "derived_post_suspend "; }

 private:
  std::string& log_;
};

struct Plain : ipcm::Client {
  using Client::Client;
};

}  // namespace

CONFORMANCE_TEST(hooks_run_before_and_after_disconnecting) {
  Diary diary;
  const auto worker = connect("worker", diary.options());
  diary.client = worker;
  worker->disconnect();
  BOOST_TEST(diary.text == "pre_disconnect(here) post_disconnect(gone) ");
  worker->disconnect();
  BOOST_TEST(diary.text == "pre_disconnect(here) post_disconnect(gone) ");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, hooks_run_before_and_after_suspending) {
  Diary diary;
  const auto worker = connect("worker", diary.options());
  diary.client = worker;
  worker->suspend();
  BOOST_TEST(diary.text == "pre_suspend(here) post_suspend(gone) ");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, hooks_run_around_every_kind_of_suspension) {
  Diary first;
  connect("worker", first.options())->suspend(std::chrono::hours(1));
  BOOST_TEST(first.text == "pre_suspend post_suspend ");
  Diary second;
  connect("worker", second.options())->suspend(clock()->now() + std::chrono::hours(1));
  BOOST_TEST(second.text == "pre_suspend post_suspend ");
}

CONFORMANCE_TEST(hooks_run_in_the_destructor) {
  Diary diary;
  connect("worker", diary.options());
  BOOST_TEST(diary.text == "pre_disconnect post_disconnect ");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, hooks_run_in_the_destructor_that_suspends) {
  Diary resting;
  auto options = resting.options();
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  connect("worker", options);
  BOOST_TEST(resting.text == "pre_suspend post_suspend ");
}

CONFORMANCE_TEST(a_hook_before_leaving_may_still_send) {
  const auto boss = connect("boss");
  std::weak_ptr<ipcm::Client> self;
  ipcm::ConnectOptions options;
  options.hooks.pre_disconnect = [&] { self.lock()->send_message("boss", "goodbye"); };
  options.hooks.pre_suspend = [&] { self.lock()->send_message("boss", "see you"); };
  auto worker = connect("worker", options);
  self = worker;
  worker->disconnect();
  if (!protocol().has_store) {
    BOOST_TEST(test::contents(boss->get_messages()) == R"(["goodbye"])");
    return;
  }
  worker = connect("worker", options);
  self = worker;
  worker->suspend();
  BOOST_TEST(test::contents(boss->get_messages()) == R"(["goodbye","see you"])");
}

CONFORMANCE_TEST(a_hook_after_leaving_sees_the_peer_gone) {
  const auto boss = connect("boss");
  ipcm::ConnectOptions options;
  std::string seen;
  options.hooks.post_disconnect = [&] { seen = test::code_of(boss->try_message("worker", 1)); };
  connect("worker", options)->disconnect();
  BOOST_TEST(seen == "PeerDisconnected");
}

CONFORMANCE_TEST(a_hook_that_throws_before_stops_the_operation) {
  const auto boss = connect("boss");
  ipcm::ConnectOptions options;
  options.hooks.pre_disconnect = refuse;
  options.hooks.pre_suspend = refuse;
  const auto worker = connect("worker", options);
  boss->send_message("worker", 1);
  BOOST_CHECK_THROW(worker->disconnect(), std::domain_error);
  if (protocol().has_store) BOOST_CHECK_THROW(worker->suspend(), std::domain_error);
  int calls = 0;
  BOOST_CHECK_THROW(worker->disconnect([&](std::span<const ipcm::Message>) { ++calls; }), std::domain_error);
  BOOST_TEST(calls == 0);
  BOOST_TEST(!worker->disconnected());
  BOOST_TEST(boss->peer_active("worker"));
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
}

CONFORMANCE_TEST(the_error_of_a_hook_that_throws_after_is_reported_and_the_operation_is_complete) {
  const auto boss = connect("boss");
  ipcm::ConnectOptions options;
  options.hooks.post_disconnect = refuse;
  options.hooks.post_suspend = refuse;
  const auto leaving = connect("leaving", options);
  BOOST_CHECK_THROW(leaving->disconnect(), std::domain_error);
  BOOST_TEST(leaving->disconnected());
  CHECK_ERROR(PeerDisconnected, boss->send_message("leaving", 1));
  if (!protocol().has_store) return;
  const auto resting = connect("resting", options);
  BOOST_CHECK_THROW(resting->suspend(), std::domain_error);
  BOOST_TEST(resting->disconnected());
  boss->send_message("resting", 1);
  BOOST_TEST(!boss->peer_active("resting"));
}

CONFORMANCE_TEST(a_hook_that_throws_in_the_destructor_is_silent_and_the_name_is_free) {
  for (const bool suspend : {false, true}) {
    ipcm::ConnectOptions options;
    options.hooks = {
        .pre_disconnect = refuse, .post_disconnect = refuse, .pre_suspend = refuse, .post_suspend = refuse};
    if (suspend) options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
    connect("worker", options);
    connect("worker");
  }
}

CONFORMANCE_TEST_WHERE(protocol.has_store, a_derived_class_overrides_hooks_and_inherits_the_others) {
  std::string log;
  ipcm::ConnectOptions options;
  options.hooks = {.pre_disconnect = [&] { log += "option_pre_disconnect "; },
                   .post_disconnect = [&] { log += "option_post_disconnect "; },
                   .pre_suspend = [&] { log += "option_pre_suspend "; },
                   .post_suspend = [&] { log += "option_post_suspend "; }};
  auto worker = ipcm::connect_as<Worker>("worker", info(), options, log);
  worker->suspend();
  BOOST_TEST(log == "option_pre_suspend derived_post_suspend ");
  log.clear();
  worker = ipcm::connect_as<Worker>("worker", info(), options, log);
  worker->disconnect();
  BOOST_TEST(log == "derived_pre_disconnect option_post_disconnect ");
}

CONFORMANCE_TEST(the_hooks_of_a_derived_class_run_when_its_last_pointer_goes) {
  std::string log;
  ipcm::connect_as<Worker>("worker", info(), {}, log);
  BOOST_TEST(log == "derived_pre_disconnect ");
}

CONFORMANCE_TEST_WHERE(protocol.has_store, the_hooks_of_a_derived_class_run_when_its_last_pointer_goes_and_suspends) {
  std::string log;
  ipcm::ConnectOptions options;
  options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  ipcm::connect_as<Worker>("worker", info(), options, log);
  BOOST_TEST(log == "derived_post_suspend ");
}

CONFORMANCE_TEST(a_derived_client_is_a_client_like_any_other) {
  const auto boss = connect("boss");
  const auto worker = ipcm::connect_as<Plain>("worker", info());
  boss->send_message("worker", 1);
  BOOST_TEST(test::contents(worker->get_messages()) == "[1]");
  CHECK_ERROR(NameInUse, ipcm::connect_as<Plain>("worker", info()));
  CHECK_ERROR(InvalidName, ipcm::connect_as<Plain>("_worker", info()));
  const auto local = ipcm::local_clients(store().route());
  BOOST_TEST(local.size() == 2);
}
