// SPDX-License-Identifier: MIT
#pragma once

#include "client/protocol.hpp"
#include "client/store_endpoint.hpp"

namespace ipcm {

/// A protocol whose routes are stores.
class StoreProtocol : public Protocol {
 public:
  std::unique_ptr<Endpoint> connect(ConnectRequest request) const override;
  std::vector<PeerInfo> peers(const std::string& route) const override;

 protected:
  virtual StoreParts open(const std::string& route, const ConnectOptions& options) const = 0;
  /// The store, to be read only, also where open() refuses a route that has lost commits.
  virtual std::unique_ptr<storage::Store> open_to_look(const std::string& route) const;
};

}  // namespace ipcm
