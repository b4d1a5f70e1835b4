// SPDX-License-Identifier: MIT
// When schedules are due. The first line is a recurrence, the second a time zone, the third a time in seconds since
// 1970: the times that come after it increase, however clocks are changed.
#include "core/recurrence.hpp"

#include <cstdlib>

#include "fuzz/support/fuzz.hpp"
#include "support/errors.hpp"

using fuzz::require;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds kYear10000 = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

ipcm::TimeZone zone_of(const std::string& name) {
  ipcm::TimeZone zone = ipcm::TimeZone::find("UTC");
  const auto refused = test::caught([&] { zone = ipcm::TimeZone::find(name); });
  require(!refused || refused->code() == ipcm::ErrorCode::InvalidArgument, "an unknown zone is an invalid argument");
  return zone;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto lines = fuzz::lines_of(fuzz::text_of(data, size));
  lines.resize(3);
  std::optional<ipcm::Recurrence> recurrence;
  const auto refused = test::caught([&] { recurrence = ipcm::Recurrence::parse(lines[0]); });
  require(!refused || refused->code() == ipcm::ErrorCode::InvalidArgument, "what never comes is an invalid argument");
  const ipcm::TimeZone zone = zone_of(lines[1]);
  if (!recurrence) return 0;
  require(ipcm::Recurrence::parse(recurrence->text()).text() == recurrence->text(), "a recurrence has one text");

  const sys_seconds anchor{std::chrono::seconds(std::strtoll(lines[2].c_str(), nullptr, 10))};
  sys_seconds last = anchor;
  for (int n = 0; n < 5; ++n) {
    const auto next = recurrence->next_after(last, anchor, zone);
    if (!next) return 0;
    require(*next > last, "times increase");
    if (*next >= kYear10000) return 0;  // where nothing is asked any more
    const auto before = recurrence->next_after(*next - std::chrono::seconds(1), anchor, zone);
    require(before == next, "what is due is due whenever one asks before it");
    last = *next;
  }
  return 0;
}
