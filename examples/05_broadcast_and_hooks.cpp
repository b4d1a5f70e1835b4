// SPDX-License-Identifier: MIT
// One message to everybody, and what a client does when it leaves. Hooks are functions in the options, or members of a
// class of your own.
#include <ipcm/ipcm.hpp>

#include <iostream>
#include <string>
#include <vector>

#include "expect.hpp"

// A client with a hook of its own. connect_as() makes one.
class Worker : public ipcm::Client {
 public:
  Worker(Connection connection, std::vector<std::string>& log) : Client(std::move(connection)), log_(log) {}

 private:
  void pre_suspend_hook() override { log_.push_back(id() + " saves its work"); }

  std::vector<std::string>& log_;
};

int main() {
  std::vector<std::string> log;
  ipcm::Spawn store = ipcm::spawn();

  auto first = ipcm::connect_as<Worker>("first", ipcm::ConnectionInfo::parse(store.info()), {}, log);

  ipcm::ConnectOptions options;
  options.hooks.pre_disconnect = [&] { log.push_back("second says goodbye"); };
  options.hooks.post_disconnect = [&] { log.push_back("second is gone"); };
  auto second = store.connect("second", options);

  auto boss = store.connect("boss");
  std::cout << "peers of the boss:";
  for (const std::string& name : boss->peers()) std::cout << " " << name;
  std::cout << "\n";

  // In one transaction: everybody gets it, or nobody. The outcome is told for each peer.
  const auto outcomes = boss->broadcast({{"news", "we stop at five"}});
  expect(outcomes.size() == 2, "everybody but the sender gets a broadcast");
  for (ipcm::Client* client : {static_cast<ipcm::Client*>(first.get()), second.get()}) {
    const auto messages = client->get_messages();
    expect(messages.size() == 1 && messages[0].broadcast(), "one copy each, and it says that it is a broadcast");
    std::cout << client->id() << " reads: " << messages[0].content().at("news") << "\n";
  }

  first->suspend();
  second->disconnect();
  for (const std::string& line : log) std::cout << line << "\n";
  expect(log == std::vector<std::string>{"first saves its work", "second says goodbye", "second is gone"},
         "hooks run before and after");
}
