// SPDX-License-Identifier: MIT
// From a shell: a process that sends one message, against one that inserts it with the sqlite3 shell. In both cases it
// is alone, so it opens the file, and folds the log into it when it ends.
#include <iostream>

#include "one_pair.hpp"
#include "programs.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

bool was_built() {
  const bool built = *BENCH_COMMAND != '\0';
  if (!built) std::cerr << "skipped: the command is not part of this build" << std::endl;
  return built;
}

template <typename Words>
Measured time_each(std::size_t count, Words words) {
  const double processor_before = processor_seconds_of_programs();
  const Stopwatch watch;
  for (std::size_t number = 0; number < count; ++number) run_program(words(R"({"n":)" + std::to_string(number) + "}"));
  const double each = 1e3 / static_cast<double>(count);
  return {watch.seconds() * each, (processor_seconds_of_programs() - processor_before) * each};
}

Measured send_time(const ipcm::Spawn& store, std::size_t count) {
  const Measured time = time_each(count, [&](const std::string& content) {
    return std::vector<std::string>{BENCH_COMMAND, "send", store.route(), "reader", content};
  });
  const auto reader = store.connect("reader");
  take_all(*reader, count);
  reader->suspend();
  return time;
}

Measured insert_time(const std::string& shell, const std::filesystem::path& file, std::size_t count) {
  const Measured time = time_each(count, [&](const std::string& content) {
    return std::vector<std::string>{shell, file.string(),
                                    "PRAGMA synchronous = FULL; INSERT INTO messages VALUES "
                                    "(NULL, randomblob(16), 'sender', 1.0, 0, NULL, '" +
                                        content + "')"};
  });
  RawStore raw(file, Sync::full);
  remove_all(raw, count);
  return time;
}

}  // namespace

std::vector<Figure> command(const Context& context) {
  const auto shell = find_program("sqlite3");
  if (!shell || !was_built()) return {};
  const std::filesystem::path file = context.folder / "command.raw";
  { const RawStore makes_the_file(file, Sync::full); }
  const ipcm::Spawn store = fresh_route(context, "command", ipcm::Durability::full);
  store.connect("reader")->suspend();
  const std::size_t count = context.count(100, 3);
  Figure figure = alternate(
      context, {"the command, a message each, full", "sqlite3 with an INSERT", "ms", Better::lower, 1.5},
      [&] { return send_time(store, count); }, [&] { return insert_time(*shell, file, count); });
  require_good_books(store);
  return {figure};
}

}  // namespace bench
