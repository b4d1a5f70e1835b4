// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "storm/history.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace storm {

struct StormOptions {
  std::uint64_t seed = 0;
  ipcm::Durability durability = ipcm::Durability::full;
  int first_version = 0;  ///< the schema with which the route begins, to be migrated under the storm; 0: the newest
  bool with_shells = true;
  int fewest_kills = 0;  ///< it rages longer than it is told to until there were so many
  std::string bug{};     ///< which one the library of those who take part has; "none": it could, but has none
};

/// Processes that do all that can be done with a route, under a driver that kills them with kill -9, stops and
/// continues them, sends them away, removes their sockets, and changes the route's durability.
class Storm {
 public:
  explicit Storm(const StormOptions& options);
  ~Storm();

  void rage(std::chrono::milliseconds how_long);

  /// Ends whoever still runs, and collects all that is known.
  Evidence end();

  /// What the driver did, and how often.
  const std::map<std::string, int>& deeds() const { return deeds_; }

  /// Copies the route and the journals; they stay after this.
  void keep_in(const std::string& folder) const;

 private:
  struct Part {
    std::string name;
    std::string partner;
    std::string notifier;  // empty: one or another
    std::unique_ptr<test::Process> process{};
    int life = 0;
    bool connected = false;
  };

  // One where everything happens, and two of the players, where nothing but the ball wakes anybody; one of these is
  // that of a single process.
  std::string busy_route() const { return folder_.file("jobs.ipcm"); }
  std::string quiet_route() const { return folder_.file("quiet.ipcm"); }
  std::string lonely_route() const { return folder_.file("lonely.ipcm"); }
  std::string route_of(const Part& part) const;
  static ipcm::ConnectionInfo info(const std::string& route) { return ipcm::ConnectionInfo::parse(route); }
  std::string journal(const std::string& name) const { return folder_.file("journal-" + name); }
  int up_to(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  void note(int call, std::string word, std::string message, std::string inbox, std::string more = {});

  void make_route(const std::string& route, ipcm::NotifierKind notifier = ipcm::NotifierKind::automatic);
  void make_old_route();
  void make_boss();
  std::vector<std::string> command(const std::string& name, const std::string& partner, const std::string& route,
                                   int life, const std::string& notifier = "auto");
  void start(Part& part);
  void wait_until_connected(Part& part);
  void kill(Part& part);
  void send_away(Part& part);
  void stop_for_a_while(Part& part);
  void deafen(const Part& part);
  void look_at_the_route();
  void act();

  void accept_losses(const std::string& route);
  void sweep(const std::string& route);
  void collect_remains(const std::string& route, std::vector<Remains>& remains);
  void collect_books(const std::string& route, std::vector<Pair>& books);

  StormOptions options_;
  std::mt19937_64 random_;
  test::TemporaryFolder folder_;
  Journal journal_;
  Journal shell_journal_;
  std::vector<Part> parts_;
  int lives_ = 1;  // of the driver and the shell
  std::stop_source stop_shells_;
  std::vector<std::future<std::string>> shells_;
  std::map<std::string, int> deeds_;
  std::vector<std::string> complaints_;
};

}  // namespace storm
