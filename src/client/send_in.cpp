// SPDX-License-Identifier: MIT
#include <ipcm/send_in.hpp>

#include <ipcm/error.hpp>

#include "client/endpoint.hpp"

namespace ipcm {

std::string send_in(sqlite3* connection, Client& client, std::string_view peer, const Content& content,
                    const MessageFields& fields) {
  return client.send_by(connection, client.build_message(peer, content, fields));
}

std::string send_in(sqlite3* connection, Client& client, const MessageFields& fields) {
  return client.send_by(connection, client.build_message(fields));
}

std::string Client::send_by(sqlite3* connection, const Message& message) {
  if (message.to().empty()) throw Error(ErrorCode::InvalidMessage, "a broadcast is sent with broadcast().");
  if (connection == nullptr) throw Error(ErrorCode::InvalidArgument, "there is no connection to send by.");
  return endpoint().send_in(connection, message, [endpoint = std::weak_ptr<Endpoint>(endpoint_)](const auto& peers) {
    const std::shared_ptr<Endpoint> alive = endpoint.lock();
    if (alive && alive->in_own_process()) alive->wake_readers(peers);
  });
}

}  // namespace ipcm
