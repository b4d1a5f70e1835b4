// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <ipcm/claim.hpp>
#include <ipcm/message.hpp>

namespace ipcm {

/// What is to happen in one transaction: see Client::transaction(). It notes the calls; they are carried out, in their
/// order, once the function that got this object has returned.
///
///     client->transaction([&](ipcm::Transaction& all) {
///       all.send_message("results", result);
///       all.ack(claim);
///     });
class Transaction {
 public:
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Throw what is wrong with the message or claim itself; what the store says is thrown by Client::transaction().

  /// Returns the id. Where the message's dedup_key is known already, it is not stored, and its id is nobody's.
  std::string send_message(std::string_view peer, const Content& content, const MessageFields& fields = {});
  std::string send_message(const MessageFields& fields);
  // As the calls of Claim.
  void ack(Claim& claim);
  void release(Claim& claim, std::chrono::milliseconds delay = {});
  void fail(Claim& claim, std::string_view reason);
  void kill(Claim& claim, std::string_view reason);

 private:
  friend class Client;
  struct State;
  explicit Transaction(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ipcm
