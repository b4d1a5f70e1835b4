// SPDX-License-Identifier: MIT
#include "storm/storm.hpp"

#include <signal.h>

#include <filesystem>
#include <sstream>
#include <thread>

#include "integration/route_file.hpp"
#include "integration/sqlite_shell.hpp"
#include "storm/shells.hpp"

namespace storm {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kChatters = 4;
constexpr int kDriver = 0;
constexpr int kShell = 1;
constexpr const char* kSchedule = "7";  // the number of its messages
constexpr int kApplicationId = 0x6970636d;

}  // namespace

Storm::Storm(const StormOptions& options)
    : options_(options),
      random_(options.seed),
      journal_(folder_.file("journal-driver"), kDriver),
      shell_journal_(folder_.file("journal-shell"), kShell) {
  options_.first_version == 0 ? make_route(busy_route()) : make_old_route();
  make_route(quiet_route());
  make_route(lonely_route(), ipcm::NotifierKind::hook);
  for (int n = 0; n < kChatters; ++n) parts_.push_back({"p" + std::to_string(n), "", ""});
  parts_.push_back({"b0", "b1", "socket"});
  parts_.push_back({"b1", "b0", "socket"});
  parts_.push_back({"c0", "court", "socket"});
  parts_.push_back({"c1", "court", "socket"});
  parts_.push_back({"d0", "d1", "poll"});
  parts_.push_back({"d1", "d0", "poll"});
  parts_.push_back({"e0", "e1", "hook"});  // and e1, in the same process
  for (Part& part : parts_) start(part);
  if (options_.first_version != 0) ipcm::migrate_route(info(busy_route()));  // they try to connect already
  make_boss();
  if (!options_.with_shells) return;
  shells_.push_back(std::async(std::launch::async, look_at_views, stop_shells_.get_token(), busy_route(), random_()));
  shells_.push_back(std::async(std::launch::async, send_by_sql, stop_shells_.get_token(), busy_route(), random_(),
                               std::ref(shell_journal_)));
}

Storm::~Storm() {
  stop_shells_.request_stop();
}

void Storm::note(int call, std::string word, std::string message, std::string inbox, std::string more) {
  journal_.write(Event{0, 0, call, std::move(word), std::move(message), std::move(inbox), std::move(more)});
}

// --- before it -------------------------------------------------------------------------------------------------------

std::string Storm::route_of(const Part& part) const {
  if (part.partner.empty()) return busy_route();
  return part.notifier == "hook" ? lonely_route() : quiet_route();
}

void Storm::make_route(const std::string& route, ipcm::NotifierKind notifier) {
  ipcm::SpawnOptions options;
  options.notifier = notifier;
  options.route = route;
  options.guard = false;
  options.durability = options_.durability;
  ipcm::spawn(options);
}

// As a library of that time made it, with mail in it.
void Storm::make_old_route() {
  const fs::path migrations = fs::path(IPCM_TEST_SOURCE_DIR) / "migrations";
  test::PlainSql old(busy_route());
  const auto run = [&](const std::string& sql) {
    if (const std::string problem = old.run(sql); !problem.empty()) throw std::runtime_error(problem);
  };
  run("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA application_id = " +
      std::to_string(kApplicationId) + "; PRAGMA user_version = " + std::to_string(options_.first_version));
  for (const char* step : {"0001_initial.sql", "0002_requests.sql"}) {
    if (step[3] - '0' <= options_.first_version) run(test::read_file((migrations / step).string()));
  }
  run("INSERT INTO route(only_row, route_id, created_at, durability, max_content) VALUES (1, 'an-old-route', 1.5, '" +
      std::string(ipcm::to_string(options_.durability)) +
      "', 1000000); INSERT INTO peers(peer_id, name, state, epoch) VALUES (1, 'p0', 'suspended', 1)");
  for (int n = 1000; n < 1020; ++n) {
    const int call = journal_.begin();
    note(call, "sending", std::to_string(n), "p0", "op=sql from=old");
    run("INSERT INTO send(sender, recipient, content) VALUES ('old', 'p0', '{\"n\":" + std::to_string(n) + "}')");
    note(call, "sent", std::to_string(n), "p0");
  }
}

// Is away all the time and gets mail all the same; made a schedule before it went.
void Storm::make_boss() {
  const int call = journal_.begin();
  note(call, "connecting", "-", "boss", "route=jobs.ipcm");
  const auto boss = ipcm::connect("boss", info(busy_route()));
  note(call, "connected", "-", "boss");
  note(journal_.begin(), "scheduling", kSchedule, "p1", "from=boss");
  const bool added = test::eventually([&] {  // p1 is not there yet, or away
    try {
      boss->add_schedule("often", "every 1s", {.to = "p1", .content = {{"n", std::stoi(kSchedule)}, {"every", true}}});
      return true;
    } catch (const ipcm::Error&) {
      return false;
    }
  });
  if (!added) throw std::runtime_error("nobody took part in the storm");
  boss->create_queue("jobs", {.max_attempts = 8, .retry_delay = 2ms, .max_retry_delay = 10ms});
  const int leaving = journal_.begin();
  note(leaving, "leaving", "-", "boss", "how=suspend");
  boss->suspend();
  note(leaving, "left", "-", "boss");
}

// --- in it -----------------------------------------------------------------------------------------------------------

std::vector<std::string> Storm::command(const std::string& name, const std::string& partner, const std::string& route,
                                        int life, const std::string& notifier) {
  return {"env",
          "IPCM_TEST_BUG=" + options_.bug,
          test::child(options_.bug.empty() ? "storm_actor" : "storm_actor_faulty"),
          route,
          name,
          journal(name),
          std::to_string(life),
          std::to_string(random_()),
          std::to_string(kChatters),
          partner,
          notifier};
}

void Storm::start(Part& part) {
  part.life = ++lives_;
  part.connected = false;
  const std::string notifier = !part.notifier.empty() ? part.notifier : up_to(2) == 0 ? "poll" : "socket";
  part.process = std::make_unique<test::Process>(command(part.name, part.partner, route_of(part), part.life, notifier));
}

void Storm::wait_until_connected(Part& part) {
  if (!part.connected) part.process->read_line();  // "started", or nothing where it failed
  part.connected = true;
}

// Whoever ended before, because something failed, is found out here.
void Storm::kill(Part& part) {
  const Time began = now();
  part.process->signal(SIGKILL);
  const test::RunResult result = part.process->finish();
  note(journal_.begin(), "killed", "-", "-", "life=" + std::to_string(part.life) + " began=" + std::to_string(began));
  if (result.exit_code != 128 + SIGKILL) complaints_.push_back(part.name + " ended by itself: " + result.err);
}

void Storm::send_away(Part& part) {
  wait_until_connected(part);
  part.process->signal(SIGTERM);
  const test::RunResult result = part.process->finish();
  if (result.exit_code != 0) complaints_.push_back(part.name + " failed: " + result.err);
}

void Storm::stop_for_a_while(Part& part) {
  part.process->signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds(up_to(up_to(10) == 0 ? 200 : 20)));
  part.process->signal(SIGCONT);
}

// Its socket goes: hints reach it no more, until it looks by itself and makes it anew.
void Storm::deafen(const Part& part) {
  note(journal_.begin(), "deafening", "-", part.name);
  test::PlainSql sql(busy_route());
  const std::string id = sql.query("SELECT peer_id FROM peers WHERE name = '" + part.name + "'");
  if (!id.empty()) fs::remove(busy_route() + "-wake/" + id + ".mail");
}

void Storm::look_at_the_route() {
  const ipcm::ConnectionInfo route = info(up_to(3) == 0 ? quiet_route() : busy_route());
  if (up_to(1) == 0) {
    ipcm::set_durability(route, up_to(1) == 0 ? ipcm::Durability::full : ipcm::Durability::relaxed);
  } else {
    ipcm::route_info(route);  // which makes a checkpoint, too
    ipcm::list_peers(route);
  }
}

// At moments that nothing announces, so it sleeps. Players, whose long sleeps are judged, live longer.
void Storm::act() {
  std::this_thread::sleep_for(std::chrono::microseconds(up_to(40'000)));
  const bool is_player = up_to(150) == 0;
  const int n = is_player ? kChatters + up_to(static_cast<int>(parts_.size()) - kChatters - 1) : up_to(kChatters - 1);
  Part& part = parts_.at(static_cast<std::size_t>(n));
  const int what = up_to(19);
  if (what < 9 || is_player) {
    ++deeds_["kills"];
    if (up_to(3) != 0) wait_until_connected(part);  // one in four may be killed while it still connects
    kill(part);
    start(part);
  } else if (what < 14) {
    ++deeds_["stops"];
    stop_for_a_while(part);
  } else if (what < 17) {
    ++deeds_["goodbyes"];
    send_away(part);
    start(part);
  } else if (what == 17) {
    ++deeds_["sockets removed"];
    deafen(part);
  } else {
    ++deeds_["looks and changes"];
    look_at_the_route();
  }
}

void Storm::rage(std::chrono::milliseconds how_long) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + how_long;
  const auto latest = end + test::kPatience;
  while (Clock::now() < end || (deeds_["kills"] < options_.fewest_kills && Clock::now() < latest)) act();
}

// --- after it --------------------------------------------------------------------------------------------------------

Evidence Storm::end() {
  stop_shells_.request_stop();
  for (auto& shell : shells_) {
    if (const std::string words = shell.get(); !words.empty()) complaints_.push_back(words);
  }
  for (Part& part : parts_) kill(part);
  Evidence evidence;
  for (const Part& part : parts_) evidence.journals.push_back(read_journal(journal(part.name)));
  parts_.clear();
  for (const char* name : {"driver", "shell"}) evidence.journals.push_back(read_journal(journal(name)));
  for (const std::string& route : {busy_route(), quiet_route(), lonely_route()}) {
    accept_losses(route);
    sweep(route);
    accept_losses(route);  // of the sweeper, whose library may be wrong
    collect_remains(route, evidence.remains);
    collect_books(route, evidence.books);
    for (const std::string& problem : ipcm::check_route(info(route)).problems) complaints_.push_back(problem);
  }
  evidence.complaints = complaints_;
  return evidence;
}

void Storm::accept_losses(const std::string& route) {
  for (const std::string& loss : ipcm::accept_loss(info(route))) complaints_.push_back(loss);
}

// A look by somebody who is alive, and has the same library, brings back what the dead had claimed.
void Storm::sweep(const std::string& route) {
  const test::RunResult result = test::run(command("sweeper", "sweep", route, ++lives_));
  if (result.exit_code != 0) complaints_.push_back("the sweeper failed: " + result.err);
}

void Storm::collect_remains(const std::string& route, std::vector<Remains>& remains) {
  const auto auditor = ipcm::connect("auditor", info(route));
  for (const ipcm::JobInfo& job : auditor->jobs()) {
    if (!job.schedule.empty()) continue;  // not sent yet
    const auto state = job.state == ipcm::JobInfo::State::ready       ? Remains::State::ready
                       : job.state == ipcm::JobInfo::State::scheduled ? Remains::State::later
                                                                      : Remains::State::claimed;
    remains.push_back({number_of(job.message), job.message.to(), state, fingerprint_of(job.message),
                       job.message.place().value_or(0), job.message.attempts(), ""});
  }
  for (const ipcm::DeadLetter& letter : auditor->dead_letters()) {
    remains.push_back({number_of(letter.message), letter.message.to(), Remains::State::dead,
                       fingerprint_of(letter.message), 0, letter.message.attempts(), letter.reason});
  }
}

void Storm::collect_books(const std::string& route, std::vector<Pair>& books) {
  test::PlainSql sql(route);
  std::istringstream lines(
      sql.query("SELECT sender || ' ' || recipient || ' ' || sent || ' ' || read || ' ' || dead || ' ' || expired || ' "
                "' || queued"
                " FROM traffic"));
  for (Pair pair;
       lines >> pair.sender >> pair.inbox >> pair.sent >> pair.read >> pair.dead >> pair.expired >> pair.queued;) {
    books.push_back(pair);
  }
}

void Storm::keep_in(const std::string& folder) const {
  fs::create_directories(folder);
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    if (entry.is_regular_file()) {
      fs::copy_file(entry.path(), fs::path(folder) / entry.path().filename(), fs::copy_options::overwrite_existing);
    }
  }
}

}  // namespace storm
