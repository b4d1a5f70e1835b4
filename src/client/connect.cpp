// SPDX-License-Identifier: MIT
#include <ipcm/connect.hpp>

#include "client/client_registry.hpp"
#include "client/endpoint.hpp"
#include "client/protocol.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

void check_times(const ConnectOptions& options) {
  if (options.fallback_interval <= std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument, "the fallback interval must be longer than 0 ms, not " +
                                                std::to_string(options.fallback_interval.count()) + " ms.");
  }
  if (options.busy_timeout < std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument,
                "a busy time-out cannot be negative: " + std::to_string(options.busy_timeout.count()) + " ms.");
  }
}

ConnectRequest::Mode to_request_mode(Composition::Mode mode) {
  switch (mode) {
    case Composition::Mode::connect: return ConnectRequest::Mode::connect;
    case Composition::Mode::reconnect: return ConnectRequest::Mode::reconnect;
    case Composition::Mode::anonymous: break;
  }
  return ConnectRequest::Mode::anonymous;
}

}  // namespace

Client::Connection Composition::open(std::string_view name, const ConnectionInfo& info, const ConnectOptions& options,
                                     Mode mode) {
  if (mode != Mode::anonymous) check_name(name);
  check_times(options);
  const ProtocolCall call;
  const Protocol& protocol = find_protocol(info.protocol);
  return Client::Connection(protocol.connect({.mode = to_request_mode(mode),
                                              .name = std::string(mode == Mode::anonymous ? kAnonymousName : name),
                                              .route = protocol.normalized(info.route),
                                              .serializer = find_serializer(info.serializer),
                                              .options = options}));
}

std::shared_ptr<Client> Composition::make(std::string_view name, const ConnectionInfo& info,
                                          const ConnectOptions& options, Mode mode) {
  Client::Connection connection = open(name, info, options, mode);
  connection.is_entered_later_ = true;
  std::shared_ptr<Client> client(new Client(std::move(connection)));
  ClientRegistry& registry = ClientRegistry::instance();
  ClientRegistry::Entry entry = ClientRegistry::entry_of(client);
  client->endpoint_->enter();
  registry.enlist(std::move(entry));
  return client;
}

void Composition::finish(Client& client) noexcept {
  client.close();
}

void Composition::enlist(const std::shared_ptr<Client>& client) {
  ClientRegistry::instance().enlist(ClientRegistry::entry_of(client));
}

std::shared_ptr<Client> connect(std::string_view name, const ConnectionInfo& info, const ConnectOptions& options) {
  return Composition::make(name, info, options, Composition::Mode::connect);
}

std::shared_ptr<Client> connect(std::string_view name, std::string_view info, const ConnectOptions& options) {
  return connect(name, ConnectionInfo::parse(info), options);
}

std::shared_ptr<Client> connect(std::string_view name, std::string_view serializer, std::string_view route,
                                const ConnectOptions& options) {
  return connect(name, ConnectionInfo{"SQLite", std::string(serializer), std::string(route)}, options);
}

std::shared_ptr<Client> reconnect(std::string_view name, const ConnectionInfo& info, const ConnectOptions& options) {
  return Composition::make(name, info, options, Composition::Mode::reconnect);
}

std::shared_ptr<Client> reconnect(std::string_view name, std::string_view info, const ConnectOptions& options) {
  return reconnect(name, ConnectionInfo::parse(info), options);
}

std::shared_ptr<Client> reconnect(std::string_view name, std::string_view serializer, std::string_view route,
                                  const ConnectOptions& options) {
  return reconnect(name, ConnectionInfo{"SQLite", std::string(serializer), std::string(route)}, options);
}

std::shared_ptr<Client> connect_anonymous(const ConnectionInfo& info, const ConnectOptions& options) {
  return Composition::make({}, info, options, Composition::Mode::anonymous);
}

std::vector<std::shared_ptr<Client>> local_clients(std::string_view route) {
  std::vector<std::shared_ptr<Client>> clients = ClientRegistry::instance().on_route(route);
  if (!clients.empty() || route.empty()) return clients;
  return ClientRegistry::instance().on_route(find_protocol("SQLite").normalized(route));  // a relative path
}

}  // namespace ipcm
