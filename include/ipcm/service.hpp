// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <ipcm/client.hpp>

namespace ipcm {

/// The loop that most programs write around Client::wait().
///
///     ipcm::Service service(ipcm::connect("adder", info));
///     service.on_request([](const ipcm::Message& asked) { return asked.content()["a"].get<int>() + 1; });
///     service.run();  // until stop(), or a terminate message
///
/// A message is removed from the inbox after its handler has returned, together with those that were handled within the
/// same 10 ms: a process that is killed in between finds them again, so a handler may see a message a second time, and
/// none is lost. What a handler throws comes out of run(); its message stays in the inbox, those before it are removed.
///
/// run() and the handlers use one thread, that of run(). Handlers may use the client, but leave reading to the service.
class Service {
 public:
  using MessageHandler = std::function<void(const Message& message)>;
  /// What it returns is the answer. What it throws becomes the answer, too: an error with its words; run() goes on.
  using RequestHandler = std::function<Content(const Message& request)>;

  struct PeerChange {
    std::string peer;
    bool takes_mail = false;  ///< it is in peers()
    bool active = false;
  };
  using PeerHandler = std::function<void(const PeerChange& change)>;

  explicit Service(std::shared_ptr<Client> client);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // To be set before run(); on_interval() by handlers, too. One of each, but any number of intervals.

  /// For messages, late answers, and requests where there is no on_request().
  Service& on_message(MessageHandler handler);
  Service& on_request(RequestHandler handler);
  /// For what changed since run() began: who came, left, was suspended or died.
  Service& on_peer_change(PeerHandler handler);
  /// Called every `interval`, by the monotonic clock; calls that were missed meanwhile are left out. Throws
  /// InvalidArgument unless it is positive.
  Service& on_interval(std::chrono::milliseconds interval, std::function<void()> handler);

  /// Serves until stop(), or until a terminate message, which it removes. Throws what a handler throws, what the client
  /// throws, and InvalidMessage for a message that no handler takes, which stays. Can be called again.
  void run();

  /// Ends run() after the handler that runs now; or the next run(), at once, where none runs. Safe from any thread and
  /// in a signal handler.
  void stop() noexcept;

  Client& client() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ipcm
