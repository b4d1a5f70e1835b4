// SPDX-License-Identifier: MIT
#include "client/examine_mail.hpp"

#include <map>
#include <string>
#include <vector>

#include <ipcm/error.hpp>

#include "client/examine_jobs.hpp"
#include "client/peer_state.hpp"
#include "core/names.hpp"
#include "core/utc_text.hpp"
#include "platform/process_facts.hpp"

namespace ipcm {
namespace {

using storage::PeerRow;

// So that clocks of several machines, or a leap second, are no finding.
constexpr double kClockTolerance = 60;

struct Group {
  std::vector<std::string> names;  // with their mail
  std::uint64_t messages = 0;
};

struct Census {
  std::map<PeerState, std::uint64_t> peers;
  std::map<PeerState, Group> with_mail;
  Group stopped;
};

void add(Group& group, const std::string& name, std::uint64_t messages) {
  group.names.push_back(in_quotes(name) + " (" + std::to_string(messages) + ")");
  group.messages += messages;
}

std::string text_of(const Group& group) {
  constexpr std::size_t kMostNames = 5;
  std::string text;
  for (std::size_t n = 0; n < group.names.size() && n < kMostNames; ++n) text += (n == 0 ? "" : ", ") + group.names[n];
  if (group.names.size() > kMostNames) text += " and " + std::to_string(group.names.size() - kMostNames) + " more";
  return text;
}

Census take_census(storage::Store& store, storage::Snapshot& view, double now) {
  Census census;
  for (const PeerRow& row : view.peers()) {
    if (row.is_queue) continue;
    const PeerState state = state_of(row, store, now);
    ++census.peers[state];
    const std::uint64_t messages = view.depth(row.id);
    if (messages > 0) add(census.with_mail[state], row.name, messages);
    if (state == PeerState::active && row.pid && platform::facts_of_process(*row.pid).stopped) {
      census.stopped.names.push_back(in_quotes(row.name) + " (process " + std::to_string(*row.pid) + ")");
    }
  }
  return census;
}

void tell_of_peers(const Census& census, Findings& findings) {
  std::string all;
  for (const auto& [state, number] : census.peers) {
    all += (all.empty() ? "" : ", ") + std::to_string(number) + " " + std::string(to_string(state));
  }
  findings.ok("peers", all.empty() ? "no name was ever connected." : "there are " + all + ".");
  const auto tell = [&](PeerState state, Severity severity, const char* what, const char* advice) {
    const auto found = census.with_mail.find(state);
    if (found == census.with_mail.end()) return;
    const std::uint64_t messages = found->second.messages;
    const std::string text =
        (messages == 1 ? "1 message waits for " : std::to_string(messages) + " messages wait for ") +
        std::string(what) + ": " + text_of(found->second) + ".";
    severity == Severity::warning ? findings.warning("peers", text, advice) : findings.note("peers", text, advice);
  };
  tell(PeerState::crashed, Severity::warning, "peers whose process died",
       "Start them again: they find their mail. `ipcm get` reads it, `ipcm forget` removes a name with its mail.");
  tell(PeerState::disconnected, Severity::warning, "peers that said goodbye",
       "It is kept until they connect again; `ipcm forget` removes a name with its mail.");
  tell(PeerState::expired, Severity::warning, "peers that did not come back in time",
       "It is kept until they connect again; `ipcm forget` removes a name with its mail.");
  tell(PeerState::suspended, Severity::note, "peers that mean to come back", "");
  if (!census.stopped.names.empty()) {
    findings.warning("peers",
                     "connected, but stopped, so that nobody reads their mail: " + text_of(census.stopped) + ".",
                     "`kill -CONT` lets a process go on.");
  }
}

void tell_of_clock(std::optional<double> newest, double now, Findings& findings) {
  if (!newest || *newest <= now + kClockTolerance) return;
  findings.warning(
      "clock",
      "the last message was stored at " + utc_text(*newest) + ", and this machine's clock says " + utc_text(now) + ".",
      "Set the clock. The order of messages does not depend on it, but what is for later and what expires "
      "does.");
}

}  // namespace

void examine_mail(storage::Store& store, double now, double uptime, std::optional<double> newest, Findings& findings) {
  store.read([&](storage::Snapshot& view) {
    tell_of_peers(take_census(store, view, now), findings);
    if (view.jobs() != nullptr) examine_jobs(store, view, *view.jobs(), {now, uptime}, findings);
  });
  tell_of_clock(newest, now, findings);
}

}  // namespace ipcm
