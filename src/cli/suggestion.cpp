// SPDX-License-Identifier: MIT
#include "suggestion.hpp"

#include <algorithm>
#include <exception>

#include <ipcm/connect.hpp>
#include <ipcm/route.hpp>

namespace ipcm::cli {
namespace {

constexpr std::size_t kOneIn = 3;

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

/// Optimal string alignment: Levenshtein's distance, in which two neighbours that are swapped count as one.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::vector<std::string> names_on(const ConnectionInfo& info) {
  std::vector<std::string> names;
  for (const PeerInfo& peer : list_peers(info)) names.push_back(peer.name);
  if (info.protocol != "SQLite") return names;
  for (const QueueInfo& queue : connect_anonymous(info)->queues()) names.push_back(queue.name);
  return names;
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& names) {
  const std::string wanted = lower(name);
  std::string nearest;
  std::size_t least = 0;
  for (const std::string& candidate : names) {
    const auto [shorter, longer] = std::minmax({name.size(), candidate.size()});
    if ((longer - shorter) * kOneIn > longer) continue;
    const std::size_t wrong = distance(wanted, lower(candidate));
    if (wrong * kOneIn > longer) continue;
    if (!nearest.empty() && wrong >= least) continue;
    nearest = candidate;
    least = wrong;
  }
  return nearest;
}

std::string did_you_mean(const std::string& name) {
  return name.empty() ? "" : "; did you mean " + name + "?";
}

std::string suggestion(const std::string& route, const std::vector<std::string>& given) {
  try {
    const std::vector<std::string> names = names_on(ConnectionInfo::parse(route));
    for (const std::string& name : given) {
      if (std::ranges::find(names, name) != names.end()) continue;
      if (const std::string nearest = nearest_name(name, names); !nearest.empty()) return did_you_mean(nearest);
    }
  } catch (const std::exception&) {  // what was wrong first is what the user has to hear
  }
  return {};
}

}  // namespace ipcm::cli
