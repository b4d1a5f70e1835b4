// SPDX-License-Identifier: MIT
#include <ipcm/spawn.hpp>

#include "client/protocol.hpp"
#include "core/names.hpp"
#include "platform/fork.hpp"

namespace ipcm {
namespace {

void check_options(const SpawnOptions& options) {
  find_serializer(options.serializer);
  if (options.max_content == 0 || options.max_content > kHighestMaxContent) {
    throw Error(ErrorCode::InvalidArgument, "max_content must be 1 to " + std::to_string(kHighestMaxContent) +
                                                " bytes, not " + std::to_string(options.max_content) + ".");
  }
  if (!options.group.empty() && options.protocol != "SQLite") {
    throw Error(ErrorCode::NotSupported,
                "a route of the protocol " + options.protocol + " cannot be shared by a group.");
  }
  if (options.secure_delete && options.protocol != "SQLite") {
    throw Error(ErrorCode::NotSupported, "a route of the protocol " + options.protocol +
                                             " has no file to overwrite: secure_delete is of SQLite.");
  }
}

}  // namespace

struct __attribute__((visibility("hidden"))) Spawn::State {
  const Protocol& protocol;
  Protocol::Spawned spawned;
  std::string serializer;
  bool guard;
  unsigned long fork_generation;
  bool gone = false;
};

Spawn::Spawn(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spawn::Spawn(Spawn&&) noexcept = default;

Spawn& Spawn::operator=(Spawn&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Spawn::~Spawn() {
  if (!state_ || !state_->guard || state_->fork_generation != platform::fork_generation()) return;
  try {
    unspawn();
  } catch (const std::exception&) {  // the files stay for someone to look at
  }
}

const std::string& Spawn::route() const noexcept {
  return state_->spawned.route;
}

const std::string& Spawn::stash() const noexcept {
  return state_->spawned.stash;
}

std::string Spawn::info() const {
  return ConnectionInfo{std::string(state_->protocol.name()), state_->serializer, route()}.to_string();
}

bool Spawn::created() const noexcept {
  return state_->spawned.created;
}

std::shared_ptr<Client> Spawn::connect(std::string_view name, const ConnectOptions& options) const {
  return ipcm::connect(name, ConnectionInfo{std::string(state_->protocol.name()), state_->serializer, route()},
                       options);
}

void Spawn::terminate() const {
  const ConnectionInfo info{std::string(state_->protocol.name()), state_->serializer, route()};
  connect_anonymous(info)->broadcast({{"terminate", true}});
}

void Spawn::unspawn() {
  if (state_->fork_generation != platform::fork_generation()) {
    throw Error(ErrorCode::WrongProcess,
                "the route " + route() + " was spawned by a parent of this process. Use ipcm::unspawn().");
  }
  if (state_->gone) return;
  const ProtocolCall call;
  state_->protocol.unspawn(state_->spawned.route, state_->spawned.stash);
  state_->gone = true;
}

Spawn spawn(const SpawnOptions& options) {
  const ProtocolCall call;
  check_options(options);
  const Protocol& protocol = find_protocol(options.protocol);
  // First: once the route is there, nothing may fail.
  std::unique_ptr<Spawn::State> state(
      new Spawn::State{protocol, {}, options.serializer, false, platform::fork_generation()});
  state->spawned = protocol.spawn(options);
  state->guard = options.guard.value_or(state->spawned.created && options.route.empty());
  return Spawn(std::move(state));
}

void unspawn(std::string_view route, std::string_view stash) {
  const ProtocolCall call;
  const Protocol& protocol = protocol_to_unspawn(route, stash);
  protocol.unspawn(protocol.normalized(route), std::string(stash));
}

}  // namespace ipcm
