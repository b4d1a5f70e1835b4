// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/connection_info.hpp>
#include <ipcm/message.hpp>

#include "support/process.hpp"

namespace test {

/// A client in a process of its own, driven from here: support/children/remote_peer.cpp.
///
/// A request is a JSON array ["send","worker",{"n":1}]; errors come back as ipcm::Error.
class RemotePeer {
 public:
  /// Starts the process; it is not connected.
  RemotePeer();
  /// Starts the process and connects.
  RemotePeer(const ipcm::ConnectionInfo& info, const std::string& name);

  pid_t pid() const { return process_->pid(); }

  void connect(const ipcm::ConnectionInfo& info, const std::string& name);
  std::string send(const std::string& peer, const ipcm::Json& content);
  std::vector<ipcm::Message> get();
  bool active(const std::string& peer);

  /// Any request, with its answer.
  ipcm::Json call(const ipcm::Json& request);
  /// In two steps, for requests that take time.
  void start(const ipcm::Json& request);
  ipcm::Json finish();
  /// finish(), giving the name of the error's code, or "ok".
  std::string finish_code();

  /// kill -9, and reaped.
  void kill();
  /// An orderly end of main(); returns the exit code.
  int end();

 private:
  std::unique_ptr<Process> process_;
};

}  // namespace test
