// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include "command_line.hpp"
#include "commands.hpp"
#include "errors.hpp"

namespace ipcm::cli {
namespace {

/// A descriptor below 3 that is closed would be given to the next file that is opened, and what is printed would be
/// written into it. Opened for the wrong direction, it answers every use with an error, as a closed one would.
void occupy_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) ::_exit(1);
  }
}

/// A mask is inherited, and who blocked these signals did not mean that the command can never be ended.
void unblock_stop_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, number);
  ::sigprocmask(SIG_UNBLOCK, &stops, nullptr);
}

/// SQLite counts its memory under a lock, a tenth of the instructions of a short command. Nobody asks for that here.
void let_sqlite_not_count_its_memory() {
  ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int run(int count, const char* const* arguments) {
  CommandLine line;
  setup_commands(line, count, arguments);
  Output out(STDOUT_FILENO);
  return line.run(count, arguments, out);
}

}  // namespace
}  // namespace ipcm::cli

int main(int count, char** arguments) {
  ipcm::cli::occupy_standard_descriptors();
  ipcm::cli::unblock_stop_signals();
  ipcm::cli::let_sqlite_not_count_its_memory();
  ::signal(SIGPIPE, SIG_IGN);  // a closed pipe is noticed where it is written to
  return ipcm::cli::guarded([&] { return ipcm::cli::run(count, arguments); });
}
