// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <ostream>
#include <string>

#include <nlohmann/json.hpp>

namespace bench {
namespace {

std::string number(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

// 12345.6 as 12,346; 12.3456 as 12.3.
std::string readable(double value) {
  if (value < 100) return number(value, value < 10 ? 2 : 1);
  std::string digits = number(value, 0);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string reach_of(const Figure& figure) {
  if (figure.reach == 0) return "";
  return (figure.better == Better::higher ? "≥ " : "≤ ") + number(figure.reach, 2) +
         (figure.aim == Aim::value ? " " + figure.unit : "");
}

std::string processor_of(const Figure& figure) {
  const std::optional<Spread> ratio = figure.processor_ratio();
  return ratio ? number(ratio->median, 2) : "";
}

std::string verdict_of(const Figure& figure) {
  if (figure.reach == 0) return "";
  return figure.reached() ? "yes" : "**no**";
}

nlohmann::json json_of(const Spread& spread) {
  return {{"median", spread.median}, {"low", spread.low}, {"high", spread.high}};
}

nlohmann::json json_of(const std::vector<Measured>& rounds) {
  nlohmann::json array = nlohmann::json::array();
  for (const Measured& round : rounds) {
    nlohmann::json one = {{"value", round.value}};
    if (round.by_processor) one["by_processor"] = *round.by_processor;
    array.push_back(std::move(one));
  }
  return array;
}

nlohmann::json json_of(const Figure& figure) {
  nlohmann::json object = {
      {"name", figure.name},
      {"unit", figure.unit},
      {"ours", json_of(spread_of(figure.ours))},
      {"baseline", {{"name", figure.baseline}, {"value", json_of(spread_of(figure.theirs))}}},
      {"ratio", json_of(figure.ratio())},
      {"better", figure.better == Better::higher ? "higher" : "lower"},
      {"rounds", {{"ours", json_of(figure.ours)}, {"baseline", json_of(figure.theirs)}}},
  };
  if (const auto ratio = figure.processor_ratio()) object["processor_ratio"] = json_of(*ratio);
  if (figure.reach != 0) {
    object["reach"] = figure.reach;
    object["reach_of"] = figure.aim == Aim::ratio ? "ratio" : "value";
    object["reached"] = figure.reached();
  }
  if (!figure.details.empty()) object["details"] = figure.details;
  return object;
}

}  // namespace

void write_table(std::ostream& out, const std::vector<Figure>& figures) {
  out << "| figure | ipcm | baseline in the same run | ratio (lowest–highest) | by processor time | aim | reached |\n"
      << "|---|---|---|---|---|---|---|\n";
  for (const Figure& figure : figures) {
    const Spread ratio = figure.ratio();
    out << "| " << figure.name << " | " << readable(spread_of(figure.ours).median) << " " << figure.unit << " | "
        << figure.baseline << ": " << readable(spread_of(figure.theirs).median) << " | **" << number(ratio.median, 2)
        << "** (" << number(ratio.low, 2) << "–" << number(ratio.high, 2) << ") | " << processor_of(figure) << " | "
        << reach_of(figure) << " | " << verdict_of(figure) << " |\n";
  }
  for (const Figure& figure : figures) {
    if (figure.details.empty()) continue;
    out << "\n" << figure.name << ":";
    const char* separator = " ";
    for (const auto& [what, value] : figure.details) {
      out << separator << what << " " << number(value, value < 10 ? 3 : 0);
      separator = "; ";
    }
    out << ".\n";
  }
}

void write_json(std::ostream& out, const Conditions& conditions, const std::vector<Figure>& figures) {
  nlohmann::json report;
  for (const auto& [name, value] : conditions) report["conditions"][name] = value;
  for (const Figure& figure : figures) report["figures"].push_back(json_of(figure));
  out << report.dump(2) << "\n";
}

}  // namespace bench
