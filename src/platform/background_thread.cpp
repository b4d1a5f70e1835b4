// SPDX-License-Identifier: MIT
#include "platform/background_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <ipcm/error.hpp>

namespace ipcm::platform {
namespace {

// A thread inherits the mask of the one that starts it.
class SignalsHeldBack {
 public:
  SignalsHeldBack() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

void start_background_thread(std::function<void()> work) {
  const SignalsHeldBack held_back;
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error& refused) {
    throw Error(ErrorCode::StorageFailure, std::string("cannot start a thread: ") + refused.what() + ".");
  }
}

}  // namespace ipcm::platform
