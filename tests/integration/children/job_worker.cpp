// SPDX-License-Identifier: MIT
// A worker of the storm of jobs: claims, and does with each claim what chance says. It writes down what it is about to
// do and what came of it, so that a checker can tell who settled what.
//
//   job_worker ROUTE NAME JOURNAL SEED [unfenced]
//
// `unfenced`: acknowledges as a library would that does not look whether the claim is still held.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include <ipcm/ipcm.hpp>

namespace {

using namespace std::chrono_literals;

// Its clock is set, forwards and backwards, while it works.
class SteppingClock : public ipcm::Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::now() + offset_.load();
  }
  void step(std::chrono::seconds offset) { offset_ = offset; }

 private:
  std::atomic<std::chrono::seconds> offset_{0s};
};

class Journal {
 public:
  explicit Journal(const char* path) : file_(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  ~Journal() { ::close(file_); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // One length that divides a page, so that a kill leaves whole lines.
  void write(const char* event, const ipcm::Message& job) const {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    char line[64];
    const int length = std::snprintf(line, sizeof line, "%-9s %8d %22lld", event, job.content().get<int>(),
                                     static_cast<long long>(time.tv_sec) * 1'000'000'000 + time.tv_nsec);
    std::fill(line + length, line + sizeof line, ' ');
    line[sizeof line - 1] = '\n';
    if (::write(file_, line, sizeof line) != static_cast<ssize_t>(sizeof line)) std::exit(4);
  }

 private:
  int file_;
};

class Worker {
 public:
  Worker(const std::string& route, const std::string& name, const char* journal, unsigned seed, bool unfenced)
      : route_(route), unfenced_(unfenced), journal_(journal), random_(seed) {
    ipcm::ConnectOptions options;
    options.clock = clock_;
    client_ = ipcm::connect(name, ipcm::ConnectionInfo::parse(route), options);
  }

  void work() {
    if (chance(20)) clock_->step(std::chrono::seconds(std::uniform_int_distribution(-3600, 3600)(random_)));
    const bool hurried = chance(3);  // its leases run out now and then
    ipcm::ClaimOptions options;
    options.limit = chance(3) ? 4 : 1;
    options.lease = hurried ? std::chrono::milliseconds(1 + random_() % 10) : 30s;
    options.wait = 20ms;
    auto claims = client_->claim("jobs", options);
    for (const ipcm::Claim& claim : claims) journal_.write("claimed", claim.message());
    if (hurried) std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 12));
    if (chance(6)) return acknowledge_all(claims);
    for (ipcm::Claim& claim : claims) {
      try {
        settle(claim);
      } catch (const ipcm::Error& error) {
        if (error.code() != ipcm::ErrorCode::LostClaim) throw;
        journal_.write("lost", claim.message());
      }
    }
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

  void acknowledge_all(std::vector<ipcm::Claim>& claims) {
    for (const ipcm::Claim& claim : claims) journal_.write("acking", claim.message());
    const std::size_t held = client_->ack(claims);
    // Which of them were lost is not told: then nothing is written down, as when it is killed here.
    if (held != claims.size()) return;
    for (const ipcm::Claim& claim : claims) journal_.write("acked", claim.message());
  }

  void settle(ipcm::Claim& claim) {
    const ipcm::Message job = claim.message();
    switch (random_() % 10) {
      case 0: return claim.release();
      case 1: return claim.release(std::chrono::milliseconds(random_() % 5));
      case 2: static_cast<void>(claim.fail("chance")); return;
      case 3: return chance(4) ? claim.kill("chance") : claim.extend(30s);  // which is released at the end of the scope
      case 4:
      case 5:
        journal_.write("acking", job);
        client_->transaction([&](ipcm::Transaction& all) {
          all.send_message({.to = "results", .content = job.content(), .id = job.id()});
          all.ack(claim);
        });
        return journal_.write("done", job);  // acknowledged, with a result
      default:
        journal_.write("acking", job);
        unfenced_ ? acknowledge_unfenced(job) : claim.ack();
        journal_.write("acked", job);
    }
  }

  void acknowledge_unfenced(const ipcm::Message& job) {
    sqlite3* database = nullptr;
    sqlite3_open(route_.c_str(), &database);
    sqlite3_busy_timeout(database, 10'000);
    const std::string sql = "DELETE FROM claims WHERE place = " + std::to_string(*job.place());
    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(database);
  }

  std::string route_;
  bool unfenced_;
  Journal journal_;
  std::mt19937 random_;
  std::shared_ptr<SteppingClock> clock_ = std::make_shared<SteppingClock>();
  std::shared_ptr<ipcm::Client> client_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) return 2;
  try {
    Worker worker(arguments[1], arguments[2], arguments[3], static_cast<unsigned>(std::stoul(arguments[4])), count > 5);
    std::cout << "working" << std::endl;
    for (;;) worker.work();
  } catch (const std::exception& failure) {
    std::cerr << arguments[2] << ": " << failure.what() << std::endl;
    return 1;
  }
}
