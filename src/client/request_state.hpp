// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "client/requests.hpp"

namespace ipcm {

struct __attribute__((visibility("hidden"))) Request::State {
  std::shared_ptr<Requests> requests;
  Requests::PendingPtr pending;

  void require_own_process() const;
};

}  // namespace ipcm
