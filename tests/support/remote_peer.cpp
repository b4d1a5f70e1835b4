// SPDX-License-Identifier: MIT
#include "support/remote_peer.hpp"

#include <signal.h>

#include <stdexcept>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>

#include "support/errors.hpp"

namespace test {
namespace {

ipcm::ErrorCode code_named(const std::string& name) {
  for (int number = 0;; ++number) {
    const auto code = static_cast<ipcm::ErrorCode>(number);
    if (ipcm::to_string(code) == name) return code;
    if (code == ipcm::ErrorCode::StorageFailure) throw std::runtime_error("no error code is named " + name);
  }
}

}  // namespace

RemotePeer::RemotePeer() : process_(std::make_unique<Process>(std::vector<std::string>{child("remote_peer")})) {}

RemotePeer::RemotePeer(const ipcm::ConnectionInfo& info, const std::string& name) : RemotePeer() {
  connect(info, name);
}

void RemotePeer::connect(const ipcm::ConnectionInfo& info, const std::string& name) {
  call({"connect", name, info.to_string()});
}

std::string RemotePeer::send(const std::string& peer, const ipcm::Json& content) {
  return call({"send", peer, content});
}

std::vector<ipcm::Message> RemotePeer::get() {
  std::vector<ipcm::Message> messages;
  for (const ipcm::Json& message : call({"get"})) messages.push_back(ipcm::Message::from_json(message));
  return messages;
}

bool RemotePeer::active(const std::string& peer) {
  return call({"active", peer});
}

ipcm::Json RemotePeer::call(const ipcm::Json& request) {
  start(request);
  return finish();
}

void RemotePeer::start(const ipcm::Json& request) {
  process_->write(request.dump() + "\n");
}

ipcm::Json RemotePeer::finish() {
  const auto line = process_->read_line();
  if (!line) throw std::runtime_error("the remote peer ended instead of answering: " + process_->finish().err);
  const ipcm::Json answer = ipcm::Json::parse(*line);
  if (!answer.contains("error")) return answer.at("value");
  std::optional<int> pid;
  if (answer.contains("pid")) pid = answer.at("pid").get<int>();
  throw ipcm::Error(code_named(answer.at("error")), answer.at("text"), pid);
}

std::string RemotePeer::finish_code() {
  return code_of_call([&] { finish(); });
}

void RemotePeer::kill() {
  process_.reset();  // kills and reaps
}

int RemotePeer::end() {
  return process_->finish().exit_code;
}

}  // namespace test
