// SPDX-License-Identifier: MIT
#include "errors.hpp"

#include <signal.h>
#include <unistd.h>

#include <new>

#include <ipcm/error.hpp>

#include "exit_code.hpp"
#include "text.hpp"

namespace ipcm::cli {
namespace {

[[noreturn]] void die_of(int number) {
  ::signal(number, SIG_DFL);
  ::raise(number);
  ::_exit(128 + number);
}

}  // namespace

std::string without_period(std::string text) {
  if (text.ends_with('.') && !text.ends_with("..")) text.pop_back();
  return text;
}

void complain(const std::string& text) {
  const std::string line = "ipcm: " + printable(without_period(text)) + "\n";
  // One write, so that lines of commands that share a terminal stay whole. If it fails there is nobody left to tell.
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const ClosedPipe&) {
    return kDone;
  } catch (const Interrupted& interrupted) {
    if (!interrupted.note.empty()) complain(interrupted.note);
    die_of(interrupted.signal);
  } catch (const UsageError& error) {
    complain(error.what());
    return kUsage;
  } catch (const std::bad_alloc&) {
    complain("out of memory");
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return kError;
}

}  // namespace ipcm::cli
