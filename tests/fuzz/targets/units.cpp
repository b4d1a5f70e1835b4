// SPDX-License-Identifier: MIT
// Times, spans, sizes and numbers as they are written on a command line; and texts as they are shown on a terminal.
#include "cli/units.hpp"

#include <functional>
#include <limits>
#include <optional>

#include "cli/errors.hpp"
#include "cli/text.hpp"
#include "core/names.hpp"
#include "fuzz/support/fuzz.hpp"

using fuzz::require;
namespace cli = ipcm::cli;

namespace {

// Nothing where the text is refused.
template <typename Parse>
auto parsed(Parse&& parse, std::string_view text) -> std::optional<decltype(parse(text))> {
  try {
    return parse(text);
  } catch (const cli::UsageError& error) {
    require(*error.what() != '\0', "a refusal says something");
    return std::nullopt;
  }
}

void check_numbers(std::string_view text) {
  if (const auto duration = parsed(cli::parse_duration, text)) {
    require(duration->count() >= 0, "a span is not below 0");
    require(cli::parse_duration(cli::duration_text(*duration)) == *duration, "a span is shown as it is read");
    require(!cli::rough_duration(*duration).empty(), "a span can be shown");
  }
  if (const auto bytes = parsed(cli::parse_size, text)) {
    require(*bytes > 0, "a size is above 0");
    require(!cli::readable_size(*bytes).empty(), "a size can be shown");
  }
  if (const auto count = parsed(cli::parse_count, text)) require(*count > 0, "a count is above 0");
  const auto number = parsed([](std::string_view one) { return cli::parse_number(one, -3, 7); }, text);
  require(!number || (*number >= -3 && *number <= 7), "a number is within its limits");
  parsed(cli::parse_durability_word, text);
  parsed(cli::parse_notifier_word, text);
}

void check_time(std::string_view text) {
  const auto time = parsed(cli::parse_time, text);
  if (!time) return;
  const double seconds = std::chrono::duration<double>(time->time_since_epoch()).count();
  require(seconds >= 0, "a time is not before 1970");
  const auto again = parsed(cli::parse_time, cli::iso_time(seconds));
  require(again.has_value(), "a time that is shown can be read");
  const auto difference = *again > *time ? *again - *time : *time - *again;
  require(difference <= std::chrono::milliseconds(1), "a time is shown as it was read, to the millisecond");
}

void check_text(std::string_view text) {
  const std::string shown = cli::printable(text);
  require(ipcm::is_valid_utf8(shown), "what is shown is UTF-8");
  for (std::string_view left = shown; !left.empty(); left.remove_prefix(cli::character_bytes(left))) {
    require(cli::unsafe_length(left) == 0, "what is shown steers no terminal");
  }
  require(cli::printable(shown) == shown, "what is shown is safe");
  for (const std::size_t columns : {1U, 7U, 40U}) {
    require(cli::display_width(cli::cut_to_width(shown, columns)) <= columns, "what is cut is narrow enough");
  }
  require(!cli::shell_quoted(std::string(text)).empty(), "a word of a shell is not nothing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_numbers(text);
  check_time(text);
  check_text(text);
  return 0;
}
