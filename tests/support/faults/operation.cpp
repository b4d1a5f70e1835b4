// SPDX-License-Identifier: MIT
#include "support/faults/operation.hpp"

#include <fcntl.h>

#include <cstdlib>
#include <future>
#include <new>
#include <span>
#include <stdexcept>
#include <string_view>

#include "support/faults/copy_operations.hpp"
#include "support/faults/old_route.hpp"
#include "support/faults/sql_sender.hpp"

namespace test {
namespace {

using namespace std::chrono_literals;
using ipcm::MessageFields;

constexpr std::size_t kSeveralPages = 20'000;
constexpr std::size_t kMoreThanTheLog = 5 << 20;  // so that a checkpoint is due
constexpr std::size_t kMoreThanIsKept = 6 << 20;  // so that space is given back
constexpr std::chrono::hours kLongTime{1};

// Its id is too long for what a std::string holds without memory of its own, as one that ipcm makes is.
MessageFields mail(std::string to, const std::string& id, std::size_t size = 10) {
  MessageFields fields;
  fields.content = std::string(size, id.front());
  fields.to = std::move(to);
  fields.id = id + ", which is a longer id";
  return fields;
}

std::vector<MessageFields> three_messages() {
  return {mail("worker", "b1"), mail("other", "b2", kSeveralPages), mail("worker", "b3")};
}

// --- set-ups ---------------------------------------------------------------------------------------------------------

// From here on descriptors have two digits, as in any program that does something.
void take_the_low_descriptors() {
  constexpr int kSome = 12;
  static const bool taken = [] {
    for (int n = 0; n < kSome; ++n) static_cast<void>(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return true;
  }();
  static_cast<void>(taken);
}

Act as(const std::string& name) {
  return [name](Stage& stage) { stage.connect(name); };
}

Act with_claims(const std::string& queue, std::size_t limit) {
  return [=](Stage& stage) {
    stage.connect("boss");
    stage.claims = stage.client->claim(queue, {.limit = limit, .lease = kLongTime});
    if (stage.claims.size() != limit) throw std::runtime_error("the route is not as it should be");
  };
}

void with_dead_letters(Stage& stage) {
  stage.connect("boss");
  for (const ipcm::DeadLetter& dead : stage.client->dead_letters()) stage.letters.push_back(dead.number);
}

void nothing(Stage&) {
  take_the_low_descriptors();
}

// --- what has parts --------------------------------------------------------------------------------------------------

Act send_these(std::vector<int> numbers) {
  return [=](Stage& stage) {
    for (const int n : numbers) stage.client->send_message(mail("worker", "a" + std::to_string(n)));
  };
}

void send_three_async(Stage& stage) {
  std::vector<std::future<std::string>> sent;
  for (int n = 0; n < 3; ++n) sent.push_back(stage.client->send_async(mail("worker", "a" + std::to_string(n))));
  for (auto& one : sent) one.get();
}

void send_with_a_handler(Stage& stage) {
  auto told = std::make_shared<std::promise<ipcm::Outcome>>();
  auto outcome = told->get_future();
  stage.client->send_async(mail("worker", "a"),
                           [told](const std::string&, const ipcm::Outcome& sent) { told->set_value(sent); });
  const ipcm::Outcome became = outcome.get();
  // In the words of the other operations, which take no memory to say.
  if (!became && std::string_view(became.error().what()).find("memory") != std::string_view::npos)
    throw std::bad_alloc();
  became.or_throw();
}

// What cannot be handed over for lack of memory stays in flight until its lease ends.
Act claim_so_many(const std::string& queue, std::size_t limit) {
  return [=](Stage& stage) { stage.claims = stage.client->claim(queue, {.limit = limit, .lease = kLongTime}); };
}

void remove_all(Stage& stage) {
  stage.client->remove_messages(stage.client->peek());
}

void claim_and_leave(Stage& stage) {
  stage.claims = stage.client->claim("jobs", {.limit = 2, .lease = kLongTime});
  stage.client->disconnect();
}

void migrate(Stage& stage) {
  ipcm::migrate_route(stage.info());
}

std::vector<Operation> sending() {
  return {
      {"send", as("boss"), [](Stage& s) { s.client->send_message(mail("worker", "a")); }},
      {"send with an id made for it", as("boss"), [](Stage& s) { s.client->send_message("worker", ipcm::Json(1)); }},
      {"send much", as("boss"), [](Stage& s) { s.client->send_message(mail("worker", "a", kSeveralPages)); }},
      {"send a batch", as("boss"), [](Stage& s) { s.client->send_messages(three_messages()); }},
      {"broadcast", as("boss"), [](Stage& s) { s.client->broadcast(ipcm::Json(1)); }},
      {"send without waiting",
       as("boss"),
       send_three_async,  // each succeeds or fails by itself
       {send_these({0}), send_these({1}), send_these({2}), send_these({0, 1}), send_these({0, 2}), send_these({1, 2}),
        send_these({0, 1, 2})}},
      {"send with a handler", as("boss"), send_with_a_handler},
      {"send for later", as("boss"),
       [](Stage& s) {
         MessageFields fields = mail("worker", "a");
         fields.delay = 1h;
         fields.dedup_key = "key";
         s.client->send_message(fields);
       }},
      {"send in a transaction of the application", as("boss"),
       [](Stage& s) { send_by_sql(s.route, *s.client, mail("worker", "a")); }},
      {"send until the log is moved",
       as("boss"),
       [](Stage& s) { s.client->send_message(mail("idle", "a", kMoreThanTheLog)); },
       {},
       {},
       true},
      {"send over a log that was moved",
       [](Stage& s) {
         s.connect("boss");
         s.client->send_message(mail("idle", "large", kMoreThanTheLog));
       },
       [](Stage& s) { s.client->send_message(mail("worker", "a")); },
       {},
       {},
       true},
      {"send over a log that somebody else made",
       [](Stage& s) {
         s.bystander = ipcm::connect_anonymous(s.info());  // which only reads, so it syncs nothing
         s.connect("boss");
       },
       [](Stage& s) { s.client->send_message(mail("worker", "a")); }},
  };
}

std::vector<Operation> reading() {
  return {
      {"take one", as("worker"), [](Stage& s) { s.client->get_messages(1); }},
      {"take all", as("worker"), [](Stage& s) { s.client->get_messages(); }},
      {"remove what was seen", as("worker"), remove_all},
      {"put back",
       [](Stage& s) {
         s.connect("worker");
         s.messages = s.client->get_messages(3);
       },
       [](Stage& s) { s.client->requeue_messages(s.messages); }},
      {"take what a schedule sends",
       [](Stage& s) {
         s.clock = std::make_shared<ManualClock>();
         s.clock->advance(90min);
         s.connect("other");
       },
       [](Stage& s) { s.client->get_messages(); }},
  };
}

std::vector<Operation> jobs() {
  return {
      {"claim one", as("boss"), claim_so_many("jobs", 1), {claim_so_many("jobs", 1)}},
      {"claim many", as("boss"), claim_so_many("jobs", 3), {claim_so_many("jobs", 3)}},
      {"claim from one's own inbox", as("worker"), claim_so_many("", 2), {claim_so_many("", 2)}},
      {"acknowledge one", with_claims("jobs", 1), [](Stage& s) { s.claims[0].ack(); }},
      {"acknowledge many", with_claims("jobs", 3), [](Stage& s) { s.client->ack(s.claims); }},
      {"fail", with_claims("jobs", 1), [](Stage& s) { s.claims[0].fail("not today"); }},
      {"fail for the last time", with_claims("last", 1), [](Stage& s) { s.claims[0].fail("not today"); }},
      {"release", with_claims("jobs", 1), [](Stage& s) { s.claims[0].release(); }},
      {"release for later", with_claims("jobs", 1), [](Stage& s) { s.claims[0].release(1h); }},
      {"extend", with_claims("jobs", 1), [](Stage& s) { s.claims[0].extend(2h); }},
      {"kill a job", with_claims("jobs", 1), [](Stage& s) { s.claims[0].kill("never"); }},
      {"replay the dead", with_dead_letters, [](Stage& s) { s.client->replay_dead(s.letters); }},
      {"purge the dead", with_dead_letters, [](Stage& s) { s.client->purge_dead(s.letters); }},
      {"send and acknowledge in one transaction", with_claims("jobs", 2),
       [](Stage& s) {
         s.client->transaction([&](ipcm::Transaction& all) {
           all.send_message(mail("worker", "a", kSeveralPages));
           all.ack(s.claims[0]);
           all.fail(s.claims[1], "not today");
         });
       }},
      {"make a queue", as("boss"), [](Stage& s) { s.client->create_queue("new", {.max_attempts = 7}); }},
      {"pause a queue", as("boss"), [](Stage& s) { s.client->pause_queue("jobs"); }},
      {"add a schedule", as("boss"),
       [](Stage& s) { s.client->add_schedule("new", "every 2h", {.to = "worker", .content = 1}); }},
      {"remove a schedule", as("boss"), [](Stage& s) { s.client->remove_schedule("hourly"); }},
      {"set the time zone", as("boss"), [](Stage& s) { s.client->set_time_zone("Europe/Berlin"); }},
  };
}

// `other` asks `worker`, which has seen it, behind the mail that it has.
void with_a_request(Stage& stage) {
  stage.bystander = ipcm::connect("other", stage.info());
  stage.request = stage.bystander->request("worker", "please", kLongTime);
  stage.connect("worker");
  stage.messages = stage.client->peek();
}

void with_an_answer(Stage& stage) {
  stage.connect("boss");
  stage.request = stage.client->request("other", "please", kLongTime);
  stage.bystander = ipcm::connect("other", stage.info());
  stage.bystander->reply(stage.bystander->get_messages().back(), "here");
}

void answer(Stage& stage) {
  stage.client->reply(stage.messages.back(), "here");
}

void serve(Stage& stage) {
  ipcm::Service service(stage.client);
  service.on_message([](const ipcm::Message&) {});
  bool has_failed = true;
  service.on_request([&](const ipcm::Message&) {
    service.stop();
    ipcm::Content content("here");
    has_failed = false;
    return content;
  });
  service.run();
  if (has_failed) throw std::bad_alloc();
}

// A service answers at once, and removes what it has handled when it comes to it. A handler that fails, here for lack
// of memory, is an answer, too.
std::vector<Act> parts_of_serving() {
  const auto refuse = [](Stage& s) { s.client->reply_error(s.messages.back(), "no"); };
  std::vector<Act> parts = {[=](Stage& s) {
    s.client->remove_messages(s.messages);
    refuse(s);
  }};
  for (const std::size_t removed : {0, 1, 2, 3}) {
    for (const Act& answering : {Act(nothing), Act(answer), Act(refuse)}) {
      parts.push_back([=](Stage& s) {
        s.client->remove_messages(std::span(s.messages).first(removed));
        answering(s);
      });
    }
  }
  return parts;
}

std::vector<Operation> requests() {
  return {
      {"ask", as("boss"), [](Stage& s) { s.client->request("worker", "please", kLongTime); }},
      {"ask and have a handler called", as("boss"),
       [](Stage& s) { s.client->request("worker", "please", kLongTime, [](const ipcm::Reply&) {}); }},
      {"answer", with_a_request, answer},
      {"receive an answer", with_an_answer, [](Stage& s) { s.request->wait().outcome.or_throw(); }},
      {"serve", with_a_request, serve, parts_of_serving()},
  };
}

std::vector<Operation> coming_and_going() {
  return {
      {"connect a new name", nothing, as("newcomer")},
      {"connect again", nothing, as("worker")},
      {"connect without a name", nothing, [](Stage& s) { s.client = ipcm::connect_anonymous(s.info()); }},
      {"reconnect", nothing, [](Stage& s) { s.client = ipcm::reconnect("gone", s.info()); }},
      {"suspend", with_claims("jobs", 2), [](Stage& s) { s.client->suspend(1h); }},
      {"disconnect", with_claims("jobs", 2), [](Stage& s) { s.client->disconnect(); }},
      {"disconnect with a handler",
       as("worker"),
       [](Stage& s) { s.client->disconnect([](std::span<const ipcm::Message>) {}); },
       {remove_all}},
      {"claim and leave", as("boss"), claim_and_leave, {[](Stage& s) {
         s.claims = s.client->claim("jobs", {.limit = 2, .lease = kLongTime});
       }}},
      {"let the last client go", as("boss"), [](Stage& s) { s.client.reset(); }, {}, {}, false, true},
      {"forget", as("boss"), [](Stage& s) { s.client->forget("idle"); }},
      {"forget so much that space is given back",
       as("boss"),
       [](Stage& s) { s.client->forget("idle"); },
       {},
       [](const std::string& route) {
         prepare_route(route);
         const auto info = ipcm::ConnectionInfo::parse(route);
         ipcm::connect_anonymous(info)->send_message(mail("idle", "large", kMoreThanIsKept));
       },
       true},
      {"wait until there is something", as("worker"), [](Stage& s) { s.client->wait(1h); }},
      {"ask for a descriptor", as("worker"), [](Stage& s) { s.client->fd(); }},
  };
}

std::vector<Operation> routes() {
  return {
      {"spawn",
       nothing,
       [](Stage& s) { ipcm::spawn({.route = s.route, .guard = false}); },
       {},
       [](const std::string&) {}},
      {"open", nothing, [](Stage& s) { ipcm::spawn({.route = s.route, .guard = false}); }},
      // It is gone once its file is; that something else of it could not be removed is an error.
      {"unspawn", nothing, [](Stage& s) { ipcm::unspawn(s.route); }, {[](Stage& s) { ipcm::unspawn(s.route); }}},
      {"set the durability", nothing, [](Stage& s) { ipcm::set_durability(s.info(), ipcm::Durability::relaxed); }},
      {"set the durability to full",
       nothing,
       [](Stage& s) { ipcm::set_durability(s.info(), ipcm::Durability::full); },
       {},
       [](const std::string& route) {
         prepare_route(route);
         ipcm::set_durability(ipcm::ConnectionInfo::parse(route), ipcm::Durability::relaxed);
       }},
      {"migrate from version 1", nothing, migrate, {}, [](const std::string& route) { make_old_route(route, 1); }},
      {"migrate from version 2", nothing, migrate, {}, [](const std::string& route) { make_old_route(route, 2); }},
  };
}

}  // namespace

void Stage::connect(const std::string& name) {
  take_the_low_descriptors();
  ipcm::ConnectOptions options;
  options.clock = clock;
  client = ipcm::connect(name, info(), options);
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = [] {
    const char* const only = std::getenv("IPCM_TEST_OPERATION");
    std::vector<Operation> list;
    for (auto part : {sending(), reading(), jobs(), requests(), coming_and_going(), routes(), copying()}) {
      for (Operation& one : part) {
        if (only != nullptr && one.name != only) continue;
        list.push_back(std::move(one));
      }
    }
    if (list.empty()) throw std::invalid_argument(std::string("IPCM_TEST_OPERATION: there is no operation ") + only);
    return list;
  }();
  return all;
}

const Operation& operation(const std::string& name) {
  for (const Operation& one : operations()) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("there is no operation " + name);
}

void prepare_route(const std::string& route) {
  ipcm::spawn({.route = route, .guard = false, .time_zone = "UTC"});
  const auto info = ipcm::ConnectionInfo::parse(route);
  for (const char* name : {"worker", "other", "idle", "witness", "bystander"}) ipcm::connect(name, info)->suspend();
  ipcm::connect("gone", info)->disconnect();
  const auto boss = ipcm::connect("boss", info, {.at_end = ipcm::ConnectOptions::AtEnd::suspend});
  boss->send_messages(std::vector<MessageFields>{mail("worker", "m1"), mail("worker", "m2", kSeveralPages),
                                                 mail("worker", "m3"), mail("idle", "i1")});
  MessageFields later = mail("worker", "later");
  later.delay = std::chrono::hours(24 * 365);
  boss->send_message(later);
  const ipcm::QueueSettings slow{.max_attempts = 3, .backoff = ipcm::Backoff::fixed, .retry_delay = 1h};
  boss->create_queue("jobs", slow);
  boss->create_queue("last", slow);
  MessageFields grouped = mail("jobs", "j3");
  grouped.group_key = "group";
  grouped.dedup_key = "known";
  boss->send_messages(std::vector<MessageFields>{mail("jobs", "j1"), mail("jobs", "j2", kSeveralPages), grouped,
                                                 mail("jobs", "j4"), mail("jobs", "dead")});
  MessageFields last = mail("last", "l1");
  last.max_attempts = 1;
  boss->send_message(last);
  std::vector<ipcm::Claim> claims = boss->claim("jobs", {.limit = 5});
  claims.back().kill("for a test");
  for (auto claim = claims.rbegin() + 1; claim != claims.rend(); ++claim) claim->release();
  boss->add_schedule("hourly", "every 1h", {.to = "other", .content = 1}, ipcm::Missed::once);
}

}  // namespace test
