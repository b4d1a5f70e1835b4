// SPDX-License-Identifier: MIT
#include "faults/socket_trial.hpp"

#include <unistd.h>

#include <cctype>
#include <csignal>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "support/faults/child.hpp"
#include "support/temporary_folder.hpp"
#include "support/text.hpp"

namespace sockets {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kLarge = 200'000;

// --- messages --------------------------------------------------------------------------------------------------------

std::string content_of(const std::string& name) {
  const bool is_large = std::isupper(static_cast<unsigned char>(name.front())) != 0;
  return name + ":" + std::string(is_large ? kLarge : 10, name.back());
}

ipcm::MessageFields fields_of(const Letter& letter) {
  return {.to = letter.to, .content = content_of(letter.name)};
}

// Its name; and what is wrong with it.
std::string name_of(const ipcm::Message& message) {
  const auto content = message.content().get<std::string>();
  const std::string name = content.substr(0, content.find(':'));
  return content == content_of(name) ? name : name + " (not whole)";
}

std::vector<std::string> take_names(ipcm::Client& client) {
  std::vector<std::string> names;
  for (const ipcm::Message& message : client.get_messages()) names.push_back(name_of(message));
  return names;
}

// --- operations ------------------------------------------------------------------------------------------------------

void as_boss(Stage& stage) {
  stage.connect("boss");
}

void nothing(Stage&) {}

Operation sending(const std::string& name, const std::vector<Letter>& letters) {
  return {name, as_boss,
          [letters](Stage& s) {
            std::vector<ipcm::MessageFields> all;
            for (const Letter& letter : letters) all.push_back(fields_of(letter));
            all.size() == 1 ? void(s.client->send_message(all[0])) : void(s.client->send_messages(all));
          },
          letters, letters.size() == 1 ? Operation::Partly::never : Operation::Partly::in_order};
}

// Which nobody sees but the process itself.
void with_mail(Stage& stage) {
  stage.bystander = ipcm::connect("sender", info_of(stage.route));
  stage.connect("boss");
  for (const char* name : {"a", "B", "c"}) stage.bystander->send_message(fields_of({"boss", name}));
}

void take(Stage& stage) {
  for (const std::string& name : take_names(*stage.client)) stage.taken.push_back(name);
}

// --- the judge -------------------------------------------------------------------------------------------------------

class Judge {
 public:
  explicit Judge(const std::string& route)
      : route_(route),
        worker_(ipcm::connect("worker", info_of(route))),
        other_(ipcm::connect("other", info_of(route))) {}

  // What they received, by name, a line each.
  std::string received() {
    return "other: " + test::joined(take_names(*other_)) + "\nworker: " + test::joined(take_names(*worker_)) + "\n";
  }

  // Whoever was killed is gone: its name is free, and what it left behind is in nobody's way.
  std::string problems() {
    std::string problems;
    const auto boss = ipcm::connect("boss", info_of(route_));
    boss->send_message(fields_of({"worker", "n"}));
    worker_->send_message(fields_of({"boss", "N"}));
    if (take_names(*worker_) != std::vector<std::string>{"n"}) problems += "the worker receives nothing from it\n";
    if (take_names(*boss) != std::vector<std::string>{"N"}) problems += "it receives nothing from the worker\n";
    if (test::joined(boss->peers()) != "other,worker") problems += "its peers: " + test::joined(boss->peers()) + "\n";
    if (boss->peer_exists("sender")) boss->forget("sender");
    for (const auto& client : {boss, worker_, other_}) client->disconnect();
    for (const char* folder : {"letters", "sockets"}) {
      for (const auto& entry : fs::directory_iterator(route_ + "/" + folder)) {
        problems += "left behind: " + entry.path().string() + "\n";
      }
    }
    for (const std::string& problem : ipcm::check_route(info_of(route_)).problems) problems += problem + "\n";
    ipcm::unspawn(route_);
    if (fs::exists(route_)) problems += "the folder is still there\n";
    return problems;
  }

 private:
  std::string route_;
  std::shared_ptr<ipcm::Client> worker_;
  std::shared_ptr<ipcm::Client> other_;
};

// --- a trial ---------------------------------------------------------------------------------------------------------

std::string attempt(const Act& act, Stage& stage) {
  try {
    act(stage);
    return "done";
  } catch (const ipcm::Error& error) {
    return std::string(ipcm::to_string(error.code())) + ": " + error.what();
  }
}

// What a client that met an error must still be able to do; returns what is wrong.
std::string go_on(Stage& stage, bool has_mail) {
  if (!stage.client) stage.connect("boss");
  if (stage.client->disconnected()) return {};
  stage.client->peers();
  if (!has_mail) return {};
  take(stage);
  const std::string taken = test::joined(stage.taken);
  const bool is_rest = std::string("a,B,c").ends_with(taken);  // some may have been removed
  return is_rest ? "" : "it took " + taken + "\n";
}

// What is received when these of the letters are, a bit for each.
std::string received_of(const Operation& operation, unsigned which) {
  std::vector<std::string> other;
  std::vector<std::string> worker;
  for (std::size_t n = 0; n < operation.sends.size(); ++n) {
    if ((which >> n & 1U) == 0) continue;
    (operation.sends[n].to == "other" ? other : worker).push_back(operation.sends[n].name);
  }
  return "other: " + test::joined(other) + "\nworker: " + test::joined(worker) + "\n";
}

std::set<std::string> allowed_after(const Operation& operation, const std::string& said) {
  using Partly = Operation::Partly;
  const unsigned all = (1U << operation.sends.size()) - 1;
  if (said == "done") return {received_of(operation, all)};
  std::set<std::string> allowed{received_of(operation, 0)};
  if (said.empty() || operation.partly == Partly::in_order) {
    for (unsigned some = 1; some <= all; some = some << 1 | 1U) allowed.insert(received_of(operation, some));
  }
  for (unsigned some = 1; operation.partly == Partly::each && some <= all; ++some) {
    allowed.insert(received_of(operation, some));
  }
  return allowed;
}

}  // namespace

ipcm::ConnectionInfo info_of(const std::string& route) {
  ipcm::ConnectionInfo info;
  info.protocol = "UnixSocket";
  info.route = route;
  return info;
}

void spawn(const std::string& route) {
  ipcm::SpawnOptions options;
  options.protocol = "UnixSocket";
  options.route = route;
  options.guard = false;
  ipcm::spawn(options);
}

const std::vector<Operation>& operations() {
  static const std::vector<Operation> all = {
      sending("send", {{"worker", "a"}}),
      sending("send much", {{"worker", "A"}}),
      sending("send a batch", {{"worker", "a"}, {"worker", "B"}, {"worker", "c"}}),
      {"ask", as_boss, [](Stage& s) { s.client->request("worker", content_of("a"), 1h); }, {{"worker", "a"}}},
      {"broadcast",
       as_boss,
       [](Stage& s) {
         for (const auto& [peer, outcome] : s.client->broadcast(ipcm::Content(content_of("A")))) outcome.or_throw();
       },
       {{"other", "A"}, {"worker", "A"}},
       Operation::Partly::each},
      {"connect", nothing, as_boss},
      {"connect again",
       [](Stage& s) {
         as_boss(s);
         s.client->disconnect();
         s.client.reset();
       },
       as_boss},
      {"disconnect", as_boss, [](Stage& s) { s.client->disconnect(); }},
      {"let the client go", as_boss, [](Stage& s) { s.client.reset(); }},
      {"forget",
       [](Stage& s) {
         ipcm::connect("gone", info_of(s.route))->disconnect();
         as_boss(s);
       },
       [](Stage& s) { s.client->forget("gone"); }},
      {"take", with_mail, take},
      {"look and remove", with_mail, [](Stage& s) { s.client->remove_messages(s.client->peek()); }},
      {"ask for a descriptor", with_mail, [](Stage& s) { s.client->fd(); }},
      {"wait", with_mail, [](Stage& s) { s.client->wait(1h); }},
  };
  return all;
}

// Everything that has a client is a process of its own.
Ending perform(const Operation& operation, const Faults& faults) {
  const test::TemporaryFolder folder(test::folder_in_memory());
  const std::string route = folder.file("route");
  test::Pipe judge_said;
  test::Pipe judge_told;
  const pid_t judge = test::fork_child([&] {
    spawn(route);
    Judge all(route);
    judge_said.write("ready\n");
    judge_told.read_line();
    const std::string received = all.received();
    judge_said.write(received + '\0' + all.problems());
  });
  const int hears_judge = judge_said.keep_reading_end();
  const int tells_judge = judge_told.keep_writing_end();
  for (char byte = 0; byte != '\n';) {
    if (read(hears_judge, &byte, 1) != 1) throw std::runtime_error("a judge could not connect");
  }

  test::Pipe said;
  const pid_t actor = test::fork_child([&] {
    Stage stage{route};
    operation.set_up(stage);
    if (faults.begin) faults.begin();
    const std::string outcome = attempt(operation.act, stage);
    if (faults.end) faults.end();
    said.write(outcome + '\0');
    if (!faults.goes_on) kill(getpid(), SIGKILL);
    said.write(go_on(stage, stage.bystander != nullptr));
    stage.client.reset();
  });
  const int hears = said.keep_reading_end();
  if (faults.watch) faults.watch(actor);
  Ending ending;
  const std::string words = test::read_to_end(hears);
  const std::size_t end = words.find('\0');
  ending.said = words.substr(0, end);
  if (end != std::string::npos) ending.problems = words.substr(end + 1);
  const int exit_code = test::wait_for_child(actor);
  const bool ended_well = faults.watch || exit_code == (faults.goes_on ? 0 : 128 + SIGKILL);
  if (!ended_well) ending.problems += "it ended with " + std::to_string(exit_code) + "\n";

  if (write(tells_judge, "\n", 1) != 1) ending.problems += "the judge is gone\n";
  const std::string verdict = test::read_to_end(hears_judge);
  const std::size_t middle = verdict.find('\0');
  ending.received = verdict.substr(0, middle);
  ending.problems += middle == std::string::npos ? "the judge ended without a verdict\n" : verdict.substr(middle + 1);
  test::wait_for_child(judge);
  close(hears);
  close(hears_judge);
  close(tells_judge);
  return ending;
}

std::string problems_of(const Operation& operation, const Ending& ending) {
  std::string problems = ending.problems;
  if (!allowed_after(operation, ending.said).contains(ending.received)) problems += "received:\n" + ending.received;
  return problems.empty() ? "" : problems + "it said: " + ending.said;
}

std::string problems_of_route(const std::string& route) {
  test::Pipe said;
  const pid_t judge = test::fork_child([&] {
    spawn(route);
    said.write(Judge(route).problems());
  });
  const int hears = said.keep_reading_end();
  std::string problems = test::read_to_end(hears);
  close(hears);
  if (test::wait_for_child(judge) != 0) problems += "it cannot be used";
  return problems;
}

}  // namespace sockets
