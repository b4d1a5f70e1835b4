// SPDX-License-Identifier: MIT
// One suite for every protocol: a CONFORMANCE_TEST is run once per protocol, named PROTOCOL/topic/name, where the topic
// is the file's name without "_test.cpp". What depends on a protocol is said here and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ipcm/ipcm.hpp>

#include <boost/test/unit_test.hpp>

#include "support/errors.hpp"
#include "support/manual_clock.hpp"
#include "support/text.hpp"

namespace test {

struct Protocol {
  std::string name;
  bool several_processes;  ///< a route can be reached from any process, and outlives the one that made it
  bool has_store;  ///< keeps mail for who is away; so one can be suspended, and ids be compared with what is held
  bool has_jobs;   ///< claims, queues, and messages for later
  /// All that its clients can be woken by.
  std::vector<ipcm::NotifierKind> notifiers{ipcm::NotifierKind::automatic};
};

const std::vector<Protocol>& protocols();

using ClientPtr = std::shared_ptr<ipcm::Client>;

/// What a case starts with: a fresh route of one protocol, and a clock that stands still.
class Conformance {
 public:
  explicit Conformance(const Protocol& protocol);
  virtual ~Conformance();
  virtual void run() = 0;

 protected:
  const Protocol& protocol() const { return protocol_; }
  ipcm::Spawn& store() { return store_; }
  const std::shared_ptr<ManualClock>& clock() const { return clock_; }
  ipcm::ConnectionInfo info(const std::string& serializer = "JSON") const;
  /// For another route of this protocol.
  ipcm::SpawnOptions spawn_options() const;

  ClientPtr connect(std::string_view name, ipcm::ConnectOptions options = {}) const;
  ClientPtr connect_with(const std::string& serializer, std::string_view name) const;
  ClientPtr reconnect(std::string_view name, ipcm::ConnectOptions options = {}) const;
  /// reconnect(), or connect() where the protocol cannot.
  ClientPtr come_back(std::string_view name, ipcm::ConnectOptions options = {}) const;
  /// suspend(), or disconnect() where the protocol cannot.
  void rest(ipcm::Client& client) const;
  /// Registers a name that is offline and takes mail.
  void make_suspended(std::string_view name) const;
  /// Registers a name that said goodbye.
  void make_disconnected(std::string_view name) const;

  /// What is wrong with the route's books; empty when all is well.
  std::string problems() const;

 private:
  ipcm::ConnectOptions with_clock(ipcm::ConnectOptions options) const;

  const Protocol& protocol_;
  std::shared_ptr<ManualClock> clock_;
  ipcm::Spawn store_;
};

using MakeCase = std::function<std::unique_ptr<Conformance>(const Protocol&)>;

/// Adds a case to the suite of every protocol that `wanted` accepts.
struct Registration {
  Registration(const char* file, int line, const char* name, bool (*wanted)(const Protocol&), MakeCase make);
};

/// Builds the tree of suites. To be called once, by main.
void add_conformance_tests();

}  // namespace test

#define CONFORMANCE_TEST_WHERE(condition, name)                                                                     \
  namespace {                                                                                                       \
  struct name final : test::Conformance {                                                                           \
    using Conformance::Conformance;                                                                                 \
    void run() override;                                                                                            \
  };                                                                                                                \
  const test::Registration register_##name(                                                                         \
      __FILE__, __LINE__, #name, [](const test::Protocol& protocol [[maybe_unused]]) -> bool { return condition; }, \
      [](const test::Protocol& protocol) { return std::make_unique<name>(protocol); });                             \
  }                                                                                                                 \
  void name::run()

/// A case for every protocol.
#define CONFORMANCE_TEST(name) CONFORMANCE_TEST_WHERE(true, name)
/// A case for the protocols that several processes can share.
#define CONFORMANCE_TEST_SHARED(name) CONFORMANCE_TEST_WHERE(protocol.several_processes, name)
