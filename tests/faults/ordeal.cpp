// SPDX-License-Identifier: MIT
#include "faults/ordeal.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include <ipcm/ipcm.hpp>

#include "integration/route_file.hpp"
#include "support/forked_child.hpp"
#include "support/text.hpp"

namespace test {
namespace {

using std::chrono::milliseconds;

constexpr const char* kSender = "boss";

std::string encoded(const ipcm::Message& message) {
  return std::string(message.raw_content().text());
}

// Mail of every kind, from a client that leaves no claims behind. Messages that stay where they are are noted.
Contents fill(const ipcm::ConnectionInfo& info) {
  Contents contents;
  const auto boss = ipcm::connect(kSender, info);
  const auto worker = ipcm::connect("worker", info);
  boss->create_queue("jobs");
  const auto note = [&](const ipcm::Message& message) { contents[message.id()] = encoded(message); };
  for (int n = 0; n < 12; ++n)
    boss->send_message("worker", {{"n", n}, {"text", std::string(40, static_cast<char>('a' + n))}});
  boss->send_message("worker", std::string(9000, 'x'));  // in overflow pages
  boss->send_message({.to = "worker", .content = 1, .id = "chosen", .priority = 7});
  for (int n = 0; n < 3; ++n)
    boss->send_message({.to = "jobs", .content = n, .dedup_key = "d" + std::to_string(n), .group_key = "g"});
  boss->send_message("jobs", {{"job", true}});
  boss->send_message({.to = "jobs", .content = 2, .delay = std::chrono::hours(1)});
  boss->send_message("jobs", "to be dead");
  boss->add_schedule("daily", "0 4 * * *", {.to = "worker", .content = "wake up"});
  for (const ipcm::JobInfo& job : boss->jobs()) note(job.message);
  for (auto& claim : worker->claim("jobs", {.limit = 4})) {
    if (encoded(claim.message()) == R"("to be dead")") claim.kill("it is of no use");
  }
  boss->send_message("boss", 1);
  worker->peek();
  boss->get_messages();
  worker->suspend();
  return contents;
}

// Fills the route and dies with a claim in its hands.
void fill_and_be_killed(const ipcm::ConnectionInfo& info, const std::string& notes) {
  const std::string outcome = in_forked_child([&] {
    ipcm::Json json = fill(info);
    write_file(notes, json.dump());
    const auto worker = ipcm::connect("worker", info);
    const auto held = worker->claim("jobs", {.limit = 1});
    kill(getpid(), SIGKILL);
    return std::string();
  });
  if (outcome != "ended by signal 9") throw std::runtime_error("the sample was not made: " + outcome);
}

Sample make_sample(bool at_rest) {
  ipcm::SpawnOptions options;
  options.durability = ipcm::Durability::volatile_mode;  // what is tried here needs no disk
  const RouteFile route(options);
  fill_and_be_killed(route.info(), route.folder().file("notes"));
  const Contents contents = ipcm::Json::parse(read_file(route.folder().file("notes"))).get<Contents>();
  if (at_rest) PlainSql(route.path()).query("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string log = route.path() + "-wal";
  return {{read_file(route.path()), std::filesystem::exists(log) ? read_file(log) : ""}, contents};
}

class Ordeal {
 public:
  Ordeal(const std::string& path, const Contents& contents)
      : info_(ipcm::ConnectionInfo::parse(path)), contents_(contents) {}

  Endured run(bool copies) {
    options_.busy_timeout = milliseconds(300);
    options_.notifier = ipcm::NotifierKind::poll;
    attempt("peers", [&] { ipcm::list_peers(info_); });
    verdict_.refused = !attempt("connect", [&] { worker_ = ipcm::connect("worker", info_, options_); });
    attempt("connect", [&] { boss_ = ipcm::connect("newcomer", info_, options_); });
    if (worker_) use();
    if (boss_) look();
    attempt("leave", [&] {
      if (worker_) worker_->suspend();
    });
    worker_.reset();
    boss_.reset();
    attempt("info", [&] { ipcm::route_info(info_); });
    attempt("check", [&] { verdict_.problems = joined(ipcm::check_route(info_).problems); });
    if (copies) copy();
    attempt("unspawn", [&] { ipcm::unspawn(info_.route); });
    return std::move(verdict_);
  }

 private:
  // Whatever can be saved is a whole route.
  void copy() {
    constexpr std::uintmax_t kLargest = std::uintmax_t{64} << 20;  // else it takes the minute that there is
    std::error_code missing;
    const std::uintmax_t size = std::filesystem::file_size(info_.route, missing);
    if (!missing && size > kLargest) return;
    const std::string other = info_.route + ".copy";
    const auto remove = [&] { attempt("unspawn", [&] { ipcm::unspawn(other); }); };
    attempt("doctor", [&] { ipcm::examine_route(info_); });
    attempt("dump", [&] { ipcm::dump_route(info_, [](std::string_view) {}); });
    attempt("backup", [&] { ipcm::backup_route(info_, other); });
    remove();
    bool is_made = false;
    attempt("salvage", [&] { is_made = !ipcm::salvage_route(info_, other).nothing(); });
    if (is_made) {
      const std::string problems = joined(ipcm::check_route(ipcm::ConnectionInfo::parse(other)).problems);
      if (!problems.empty()) verdict_.wrong += "salvage made what does not add up: " + problems + "\n";
    }
    remove();
  }

  void use() {
    attempt("peek", [&] { judge(worker_->peek()); });
    attempt("take", [&] { judge(worker_->get_messages(2)); });
    attempt("send", [&] { worker_->send_message("worker", "new"); });
    attempt("take", [&] {
      const auto messages = worker_->get_messages();
      judge(messages);
      if (!messages.empty()) worker_->requeue_message(messages.front());
    });
    attempt("claim", [&] {
      auto claims = worker_->claim("jobs", {.limit = 3});
      for (const auto& claim : claims) judge({claim.message()});
      if (!claims.empty()) claims.front().ack();
      if (claims.size() > 1) claims[1].fail("not today");
    });
  }

  void look() {
    attempt("send", [&] { boss_->send_message({.to = "jobs", .content = 1, .group_key = "g"}); });
    attempt("broadcast", [&] { boss_->broadcast(1); });
    attempt("jobs", [&] {
      for (const auto& job : boss_->jobs()) judge({job.message});
    });
    attempt("dead", [&] {
      for (const auto& letter : boss_->dead_letters()) boss_->replay_dead(std::vector{letter.number});
    });
    attempt("queues", [&] { boss_->queues(); });
    attempt("schedules", [&] {
      boss_->schedules();
      boss_->remove_schedule("daily");
    });
    attempt("stats", [&] { boss_->all_stats(); });
    attempt("peers", [&] {
      for (const std::string& name : boss_->peers()) boss_->peer_active(name);
    });
    attempt("forget", [&] { boss_->forget("boss"); });
  }

  void judge(const std::vector<ipcm::Message>& messages) {
    for (const ipcm::Message& message : messages) {
      const auto sent = contents_.find(message.id());
      const bool is_own = sent == contents_.end() && is_of_the_ordeal(encoded(message));
      if (is_own) continue;
      const bool is_whole = sent != contents_.end() && encoded(message) == sent->second;
      (is_whole ? verdict_.delivered : verdict_.altered).insert(message.id());
      if (message.from() != kSender) verdict_.from_others.insert(message.id());
    }
  }

  // What use() and look() send, and what comes of the schedule.
  static bool is_of_the_ordeal(const std::string& content) {
    return content == "1" || content == "\"new\"" || content == "\"wake up\"";
  }

  bool attempt(const std::string& what, const std::function<void()>& work) {
    try {
      work();
      return true;
    } catch (const ipcm::Error& error) {
      ++verdict_.errors[std::string(ipcm::to_string(error.code()))];
    } catch (const std::exception& error) {
      verdict_.wrong += what + " threw no Error but: " + error.what() + "\n";
    }
    return false;
  }

  ipcm::ConnectionInfo info_;
  const Contents& contents_;
  ipcm::ConnectOptions options_;
  std::shared_ptr<ipcm::Client> worker_;
  std::shared_ptr<ipcm::Client> boss_;
  Endured verdict_;
};

constexpr int kInOneChild = 200;
constexpr unsigned kSecondsEach = 180;  // the largest contents, under a sanitizer, beside other tests

void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which set aside terabytes of addresses
  const rlimit most{rlim_t{4} << 30, rlim_t{4} << 30};
  setrlimit(RLIMIT_AS, &most);
#endif
}

// Which number a child is at, told also when it ends without a word.
class SharedNumber {
 public:
  SharedNumber()
      : at_(static_cast<std::atomic<int>*>(
            mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (at_ == MAP_FAILED) throw std::runtime_error("mmap failed");
  }
  ~SharedNumber() { munmap(at_, sizeof *at_); }
  SharedNumber(const SharedNumber&) = delete;
  SharedNumber& operator=(const SharedNumber&) = delete;

  std::atomic<int>& get() { return *at_; }

 private:
  std::atomic<int>* at_;
};

}  // namespace

Sample sample_at_rest() {
  return make_sample(true);
}

Sample sample_in_log() {
  return make_sample(false);
}

void put_route(const std::string& path, const RouteBytes& bytes) {
  for (const char* suffix : {"-shm", "-journal", "-lock", "-wal"}) std::filesystem::remove(path + suffix);
  std::filesystem::remove_all(path + "-wake");
  write_file(path, bytes.database);
  if (!bytes.log.empty()) write_file(path + "-wal", bytes.log);
}

Endured undergo(const std::string& path, const Contents& contents, bool copies) {
  return Ordeal(path, contents).run(copies);
}

std::vector<std::string> in_children(int count, const std::function<std::string(int)>& work) {
  std::vector<std::string> complaints;
  SharedNumber at;
  for (int next = 0; next < count;) {
    const int end = std::min(next + kInOneChild, count);
    const std::string outcome = in_forked_child([&] {
      limit_memory();
      for (at.get() = next; at.get() < end; ++at.get()) {
        alarm(kSecondsEach);
        if (const std::string complaint = work(at.get()); !complaint.empty()) return complaint;
      }
      return std::string();
    });
    if (!outcome.empty()) complaints.push_back(std::to_string(at.get()) + ": " + outcome);
    next = outcome.empty() ? end : at.get() + 1;
  }
  return complaints;
}

}  // namespace test
