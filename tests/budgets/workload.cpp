// SPDX-License-Identifier: MIT
// budget_workload OPERATION ROUTE: does one operation on a new route. What it is to cost runs inside ipcm_measured(),
// the only function that callgrind counts; see check.
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

// Visible by that name, and never inlined.
extern "C" [[gnu::noinline]] void ipcm_measured(const std::function<void()>& work) {
  work();
}

namespace {

using ipcm::Client;

// So many of an operation are measured at once: what happens now and then has its share of each.
constexpr std::size_t kTimes = 100;
constexpr std::size_t kWarmUp = 20;
constexpr std::size_t kToDrain = 1000;

struct Clients {
  Client& boss;
  Client& worker;
  const ipcm::ConnectionInfo& info;
};

const ipcm::Content& content() {
  static const ipcm::Content made(ipcm::Json{{"resize", std::string(80, 'x')}, {"width", 640}});
  return made;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("not so: ") + what);
}

std::vector<ipcm::MessageFields> batch_to(const std::string& recipient, std::size_t size) {
  ipcm::MessageFields fields;
  fields.to = recipient;
  fields.content = content();
  return std::vector(size, fields);
}

void connect_and_suspend(const Clients& clients) {
  const auto once = [&] { ipcm::connect("visitor", clients.info)->suspend(); };
  once();
  ipcm_measured(once);
}

void send_one_by_one(const Clients& clients) {
  const auto send = [&](std::size_t times) {
    for (std::size_t n = 0; n < times; ++n) clients.boss.send_message("worker", content());
  };
  send(kWarmUp);
  ipcm_measured([&] { send(kTimes); });
}

void send_by_100(const Clients& clients) {
  const auto batch = batch_to("worker", 100);
  clients.boss.send_messages(batch);
  ipcm_measured([&] { clients.boss.send_messages(batch); });
}

void take_one_by_one(const Clients& clients) {
  clients.boss.send_messages(batch_to("worker", kWarmUp + kTimes));
  const auto take = [&](std::size_t times) {
    for (std::size_t n = 0; n < times; ++n)
      require(clients.worker.get_messages(1).size() == 1, "there is a message to take");
  };
  take(kWarmUp);
  ipcm_measured([&] { take(kTimes); });
}

void drain_1000(const Clients& clients) {
  clients.boss.send_messages(batch_to("worker", kToDrain));
  clients.worker.get_messages(1);
  ipcm_measured([&] { require(clients.worker.get_messages().size() == kToDrain - 1, "all is taken"); });
}

void claim_and_ack(const Clients& clients) {
  clients.boss.create_queue("jobs");
  clients.boss.send_messages(batch_to("jobs", kWarmUp + kTimes));
  const auto work = [&](std::size_t times) {
    for (std::size_t n = 0; n < times; ++n) {
      auto claims = clients.worker.claim("jobs");
      require(claims.size() == 1, "there is a job");
      claims.front().ack();
    }
  };
  work(kWarmUp);
  ipcm_measured([&] { work(kTimes); });
}

void find_nothing(const Clients& clients) {
  clients.boss.send_messages(batch_to("boss", kToDrain));  // somebody else's
  const auto look = [&](std::size_t times) {
    for (std::size_t n = 0; n < times; ++n) require(!clients.worker.have_ready_messages(), "there is nothing");
  };
  look(kWarmUp);
  ipcm_measured([&] { look(kTimes); });
}

void leave_much_behind(const Clients& clients) {
  constexpr std::size_t kMuch = 10'000;
  for (std::size_t n = 0; n < kMuch; n += 1000) clients.boss.send_messages(batch_to("worker", 1000));
  ipcm_measured([&] { clients.worker.disconnect(); });
}

// So many requests are open whenever a reply comes. Their handlers have a thread of their own: see check_requests.
template <std::size_t open>
void reply_while_open(const Clients& clients) {
  std::atomic<std::size_t> replied{0};
  const auto ask = [&] {
    clients.boss.request("worker", content(), std::chrono::hours(1), [&](const ipcm::Reply& reply) {
      if (reply.message) ++replied;
      replied.notify_all();
    });
  };
  for (std::size_t n = 0; n < open; ++n) ask();
  for (std::size_t n = 0; n < kToDrain; ++n) {
    clients.worker.reply(clients.worker.get_messages(1).at(0), n);
    for (std::size_t seen = replied; seen <= n; seen = replied) replied.wait(seen);
    ask();
  }
}

void run(const std::string& operation, const std::string& route) {
  const std::map<std::string, void (*)(const Clients&)> all{
      {"connect", connect_and_suspend},  {"send", send_one_by_one},
      {"send-by-100", send_by_100},      {"take", take_one_by_one},
      {"drain-1000", drain_1000},        {"claim-and-ack", claim_and_ack},
      {"find-nothing", find_nothing},    {"leave-10000", leave_much_behind},
      {"10-open", reply_while_open<10>}, {"1000-open", reply_while_open<1000>},
  };
  const auto found = all.find(operation);
  require(found != all.end(), "the operation is known");
  const ipcm::Spawn spawned = ipcm::spawn({.route = route, .guard = false, .durability = ipcm::Durability::relaxed});
  const auto info = ipcm::ConnectionInfo::parse(spawned.info());
  const auto boss = ipcm::connect("boss", info);
  const auto worker = ipcm::connect("worker", info);
  found->second({*boss, *worker, info});
}

}  // namespace

int main(int count, char** arguments) {
  try {
    require(count == 3, "budget_workload OPERATION ROUTE");
    run(arguments[1], arguments[2]);
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "budget_workload: " << failure.what() << '\n';
    return 1;
  }
}
