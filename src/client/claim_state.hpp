// SPDX-License-Identifier: MIT
// Private to Claim, Transaction and Client.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ipcm/claim.hpp>
#include <ipcm/transaction.hpp>

#include "client/endpoint.hpp"
#include "client/job_endpoint.hpp"

namespace ipcm {

struct __attribute__((visibility("hidden"))) Claim::State {
  std::weak_ptr<Endpoint> endpoint;
  ClaimTicket ticket;
  bool settled = false;

  /// Throws InvalidArgument where it was settled before.
  void require_unsettled() const;
  /// In a transaction of its own.
  Settlement::Result run(Settlement step);
};

struct __attribute__((visibility("hidden"))) Transaction::State {
  const Endpoint* endpoint = nullptr;
  std::vector<JobStep> steps{};
  std::vector<Claim::State*> claims{};  // to be settled when it succeeds

  void settle(Claim::State& claim, Settlement step);
};

}  // namespace ipcm
