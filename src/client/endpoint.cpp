// SPDX-License-Identifier: MIT
#include "client/endpoint.hpp"

#include "core/names.hpp"
#include "platform/fork.hpp"
#include "platform/process.hpp"

namespace ipcm {

Endpoint::Endpoint(std::string id, std::string route, std::shared_ptr<const Serializer> serializer,
                   ConnectOptions options)
    : id_(std::move(id)),
      route_(std::move(route)),
      serializer_(std::move(serializer)),
      options_(std::move(options)),
      pid_(platform::this_process().pid),
      fork_generation_(platform::fork_generation()) {
  if (!options_.clock) options_.clock = system_clock();
}

Endpoint::HandingOver::HandingOver(Endpoint& endpoint) noexcept : endpoint_(endpoint) {
  std::thread::id other{};
  is_outermost_ = endpoint_.handing_over_.compare_exchange_strong(other, std::this_thread::get_id());
  is_ours_ = is_outermost_ || other == std::this_thread::get_id();
}

Endpoint::HandingOver::~HandingOver() {
  if (is_outermost_) endpoint_.handing_over_ = std::thread::id();
}

bool Endpoint::another_thread_hands_over() const noexcept {
  const std::thread::id reader = handing_over_;
  return reader != std::thread::id() && reader != std::this_thread::get_id();
}

void Endpoint::require_reader() const {
  if (!another_thread_hands_over()) return;
  throw Error(ErrorCode::Disconnected,
              "another thread disconnects the client " + in_quotes(id_) + " and is handed what is waiting.");
}

JobEndpoint& Endpoint::jobs() {
  throw Error(ErrorCode::NotSupported, "the route " + route_ + " keeps no jobs: use one of the protocol SQLite.");
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): those that can keep it
std::string Endpoint::send_in(sqlite3*, const Message&, Committed) {
  throw Error(ErrorCode::NotSupported,
              "the route " + route_ + " is no SQLite file: nothing can be sent in a " + "transaction of SQLite.");
}

bool Endpoint::in_own_process() const noexcept {
  return platform::fork_generation() == fork_generation_;
}

}  // namespace ipcm
