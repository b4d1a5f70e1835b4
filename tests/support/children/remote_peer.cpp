// SPDX-License-Identifier: MIT
// A client that does what it is told: one request a line, one answer a line. See support/remote_peer.hpp.
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "support/picky_serializer.hpp"

namespace {

using ipcm::Json;

std::shared_ptr<ipcm::Client> client;
std::unique_ptr<ipcm::Spawn> store;
std::vector<ipcm::Claim> claims;  // in the order in which they were claimed

Json as_json(const std::vector<ipcm::Message>& messages) {
  Json all = Json::array();
  for (const ipcm::Message& message : messages) all.push_back(message.to_json());
  return all;
}

std::vector<ipcm::Message> messages_in(const Json& list) {
  std::vector<ipcm::Message> messages;
  for (const Json& message : list) messages.push_back(ipcm::Message::from_json(message));
  return messages;
}

std::size_t limit_in(const Json& request) {
  return request.size() > 1 ? request.at(1).get<std::size_t>() : ipcm::kNoLimit;
}

ipcm::ConnectOptions options_in(const Json& request) {
  ipcm::ConnectOptions options;
  const Json given = request.size() > 3 ? request.at(3) : Json::object();
  if (given.value("suspend_at_end", false)) options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
  options.fallback_interval = std::chrono::milliseconds(given.value("fallback_ms", 500));
  if (given.contains("notifier")) options.notifier = ipcm::parse_notifier_kind(given["notifier"].get<std::string>());
  options.busy_timeout = std::chrono::milliseconds(given.value("busy_ms", 10'000));
  return options;
}

Json spawn(const Json& request) {
  ipcm::SpawnOptions options;
  options.route = request.at(1).get<std::string>();
  options.guard = false;
  if (request.size() > 2) options.group = request.at(2).get<std::string>();
  store = std::make_unique<ipcm::Spawn>(ipcm::spawn(options));
  return store->created();
}

// A child of this process that lives until it is killed; `executed` replaces its program.
Json make_child(bool executed) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (executed) execlp("sleep", "sleep", "600", nullptr);
    for (;;) pause();
  }
  return pid;
}

Json descriptors() {
  Json all = Json::array();
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone) all.push_back(target.string());
  }
  return all;
}

// ["become", USER, GROUP]: also its only group; without one, that of the user's number.
Json become(const Json& request) {
  const uid_t user = request.at(1);
  const gid_t group = request.size() > 2 ? request.at(2).get<gid_t>() : user;
  if (setgroups(1, &group) != 0 || setgid(user) != 0 || setuid(user) != 0) {
    throw std::runtime_error("cannot change the user");
  }
  return true;
}

Json send_numbers(const Json& request) {
  const int readers = request.at(2);
  for (int n = 0; n < request.at(3).get<int>(); ++n) {
    client->send_message(request.at(1).get<std::string>() + std::to_string(n % readers), n);
  }
  return true;
}

// Sends back what comes, until it was that often or nothing comes any more.
Json echo(const Json& request) {
  int echoed = 0;
  while (echoed < request.at(1).get<int>() && client->wait(std::chrono::milliseconds(request.at(2).get<int>()))) {
    for (const ipcm::Message& message : client->get_messages()) {
      client->send_message(message.from(), message.raw_content());
      ++echoed;
    }
  }
  return echoed;
}

// ["claim", "jobs", LIMIT, LEASE_MS, WAIT_MS]
Json claim(const Json& request) {
  Json claimed = Json::array();
  for (ipcm::Claim& one :
       client->claim(request.at(1).get<std::string>(), {.limit = request.at(2).get<std::size_t>(),
                                                       .lease = std::chrono::milliseconds(request.at(3).get<int>()),
                                                       .wait = std::chrono::milliseconds(request.at(4).get<int>())})) {
    claimed.push_back(one.message().to_json());
    claims.push_back(std::move(one));
  }
  return claimed;
}

using Handler = std::function<Json(const Json&)>;

const std::map<std::string, Handler> kHandlers = {
    {"connect",
     [](const Json& r) {
       client = ipcm::connect(r.at(1).get<std::string>(), r.at(2).get<std::string>(), options_in(r));
       return true;
     }},
    {"reconnect",
     [](const Json& r) {
       client = ipcm::reconnect(r.at(1).get<std::string>(), r.at(2).get<std::string>(), options_in(r));
       return true;
     }},
    {"send", [](const Json& r) { return client->send_message(r.at(1).get<std::string>(), r.at(2)); }},
    {"get", [](const Json& r) { return as_json(client->get_messages(limit_in(r))); }},
    {"peek", [](const Json& r) { return as_json(client->peek(limit_in(r))); }},
    {"remove", [](const Json& r) { return client->remove_messages(messages_in(r.at(1))); }},
    {"requeue",
     [](const Json& r) {
       client->requeue_messages(messages_in(r.at(1)));
       return true;
     }},
    {"reply", [](const Json& r) { return client->reply(ipcm::Message::from_json(r.at(1)), ipcm::Content(r.at(2))); }},
    {"request",
     [](const Json& r) {
       auto request =
           client->request(r.at(1).get<std::string>(), r.at(2), std::chrono::milliseconds(r.at(3).get<int>()));
       return request.get().content();
     }},
    {"broadcast", [](const Json& r) { return client->broadcast(ipcm::Content(r.at(1))).size(); }},
    {"claim", claim},
    {"ack",
     [](const Json& r) {
       claims.at(r.at(1).get<std::size_t>()).ack();
       return true;
     }},
    {"ready", [](const Json&) { return client->have_ready_messages(); }},
    {"wait", [](const Json& r) { return client->wait(std::chrono::milliseconds(r.at(1).get<int>())); }},
    {"active", [](const Json& r) { return client->peer_active(r.at(1).get<std::string>()); }},
    {"peers", [](const Json&) { return client->peers(); }},
    {"suspend",
     [](const Json&) {
       client->suspend();
       return true;
     }},
    {"disconnect", [](const Json&) { return static_cast<bool>(client->disconnect()); }},
    {"spawn", spawn},
    {"send_numbers", send_numbers},
    {"echo", echo},
    {"running", [](const Json& r) { return ipcm::Client::pid_is_running(r.at(1).get<int>()); }},
    {"ready?", [](const Json&) { return true; }},
    {"reap", [](const Json& r) { return waitpid(r.at(1).get<pid_t>(), nullptr, 0); }},
    {"fork", [](const Json&) { return make_child(false); }},
    {"fork_and_exec", [](const Json&) { return make_child(true); }},
    {"descriptors", [](const Json&) { return descriptors(); }},
    {"become", become},
    {"umask", [](const Json& r) { return umask(r.at(1).get<mode_t>()); }},
    {"unspawn",
     [](const Json& r) {
       ipcm::unspawn(r.at(1).get<std::string>());
       return true;
     }},
};

Json answer(const Json& request) {
  try {
    return {{"value", kHandlers.at(request.at(0).get<std::string>())(request)}};
  } catch (const ipcm::Error& error) {
    Json refused = {{"error", std::string(ipcm::to_string(error.code()))}, {"text", error.what()}};
    if (error.pid()) refused["pid"] = *error.pid();
    return refused;
  }
}

}  // namespace

int main() {
  ipcm::register_serializer(std::make_shared<test::PickySerializer>("OnlyRemote"));
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(Json::parse(line)).dump() << std::endl;
  claims.clear();
  client.reset();
}
