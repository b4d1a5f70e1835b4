// SPDX-License-Identifier: MIT
#include "support/faults/power_loss.hpp"

#include <random>
#include <set>
#include <vector>

#include "support/faults/judge.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/simulated_disk.hpp"
#include "support/faults/trial.hpp"
#include "support/temporary_folder.hpp"

namespace test {
namespace {

// So many moments of each operation are tried, at random; IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kSample = 3;

struct Recorded {
  std::vector<DiskEvent> events;
  std::size_t began = 0;         // the operation, after so many events
  std::size_t acknowledged = 0;  // after so many
};

// What leaves is not recorded any more.
Recorded record(const Operation& operation, const std::string& folder) {
  Stage stage{folder + "/" + kRouteName};
  Recorded recorded;
  DiskRecording recording(folder);
  operation.set_up(stage);
  recorded.began = recording.now();
  operation.act(stage);
  recorded.acknowledged = recording.now();
  recorded.events = recording.events();
  return recorded;
}

Ending start_again(const Disk& disk, bool acknowledged) {
  const TemporaryFolder machine(folder_in_memory());
  write_disk(disk, machine.path().string());
  return {acknowledged ? "done" : "", Judge(machine.file(kRouteName), Judge::Kind::comes_later).verdict(true), {}, 0};
}

}  // namespace

PowerLosses lose_power_during(const Operation& operation, unsigned seed) {
  std::mt19937 random(seed);
  const TemporaryFolder folder(folder_in_memory());
  copy_prepared_route(operation, folder.path());
  const Outlook& expected = outlook(operation);
  SimulatedDisk disk(folder.path().string());
  const Recorded recorded = record(operation, folder.path().string());

  std::set<std::size_t> moments{recorded.acknowledged};
  const auto during = static_cast<long>(recorded.acknowledged - recorded.began);
  for (const long moment : chosen_up_to(during, kSample, random)) {
    moments.insert(recorded.began + static_cast<std::size_t>(moment) - 1);
  }
  PowerLosses losses;
  std::size_t applied = 0;
  for (const std::size_t moment : moments) {
    while (applied < moment) disk.apply(recorded.events[applied++]);
    for (const Unsynced fate : {Unsynced::lost, Unsynced::kept, Unsynced::mixed}) {
      const bool acknowledged = moment == recorded.acknowledged;
      const std::string problems =
          problems_of(start_again(disk.after_power_loss(fate, random), acknowledged), expected);
      ++losses.disks;
      if (problems.empty()) continue;
      ++losses.bad;
      if (losses.first.empty()) {
        losses.first = operation.name + ", after " + std::to_string(moment - recorded.began) + " of " +
                       std::to_string(during) + " events, seed " + std::to_string(seed) + ": " + problems;
      }
    }
  }
  return losses;
}

}  // namespace test
