// SPDX-License-Identifier: MIT
#include "conformance.hpp"

#include <filesystem>
#include <map>

namespace test {
namespace {

struct Case {
  std::string file;
  std::size_t line;
  std::string name;
  bool (*wanted)(const Protocol&);
  MakeCase make;

  std::string topic() const {
    const std::string stem = std::filesystem::path(file).stem();
    return stem.substr(0, stem.rfind("_test"));
  }
};

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

ipcm::SpawnOptions options_for(const Protocol& protocol) {
  ipcm::SpawnOptions options;
  options.protocol = protocol.name;
  return options;
}

boost::unit_test::test_suite* suite_for(const Protocol& protocol) {
  auto* whole = BOOST_TEST_SUITE(protocol.name);
  std::map<std::string, boost::unit_test::test_suite*> topics;
  for (const Case& one : cases()) {
    if (!one.wanted(protocol)) continue;
    auto*& topic = topics[one.topic()];
    if (topic == nullptr) {
      topic = BOOST_TEST_SUITE(one.topic());
      whole->add(topic);
    }
    const auto run = [&one, &protocol] { one.make(protocol)->run(); };
    topic->add(boost::unit_test::make_test_case(run, one.name, one.file, one.line));
  }
  return whole;
}

}  // namespace

const std::vector<Protocol>& protocols() {
  static const std::vector<Protocol> all = {
      {.name = "SQLite",
       .several_processes = true,
       .has_store = true,
       .has_jobs = true,
       .notifiers = {ipcm::NotifierKind::socket, ipcm::NotifierKind::hook, ipcm::NotifierKind::poll}},
      {.name = "LocalMemory", .several_processes = false, .has_store = true, .has_jobs = false},
      {.name = "UnixSocket", .several_processes = true, .has_store = false, .has_jobs = false},
  };
  return all;
}

Registration::Registration(const char* file, int line, const char* name, bool (*wanted)(const Protocol&),
                           MakeCase make) {
  cases().push_back({file, static_cast<std::size_t>(line), name, wanted, std::move(make)});
}

void add_conformance_tests() {
  for (const Protocol& protocol : protocols()) {
    boost::unit_test::framework::master_test_suite().add(suite_for(protocol));
  }
}

Conformance::Conformance(const Protocol& protocol)
    : protocol_(protocol), clock_(std::make_shared<ManualClock>()), store_(ipcm::spawn(options_for(protocol))) {}

Conformance::~Conformance() = default;

ipcm::ConnectionInfo Conformance::info(const std::string& serializer) const {
  auto info = ipcm::ConnectionInfo::parse(store_.info());
  info.serializer = serializer;
  return info;
}

ipcm::SpawnOptions Conformance::spawn_options() const {
  return options_for(protocol_);
}

ipcm::ConnectOptions Conformance::with_clock(ipcm::ConnectOptions options) const {
  if (!options.clock) options.clock = clock_;
  return options;
}

ClientPtr Conformance::connect(std::string_view name, ipcm::ConnectOptions options) const {
  return store_.connect(name, with_clock(std::move(options)));
}

ClientPtr Conformance::connect_with(const std::string& serializer, std::string_view name) const {
  return ipcm::connect(name, info(serializer), with_clock({}));
}

ClientPtr Conformance::reconnect(std::string_view name, ipcm::ConnectOptions options) const {
  return ipcm::reconnect(name, info(), with_clock(std::move(options)));
}

ClientPtr Conformance::come_back(std::string_view name, ipcm::ConnectOptions options) const {
  return protocol_.has_store ? reconnect(name, std::move(options)) : connect(name, std::move(options));
}

void Conformance::rest(ipcm::Client& client) const {
  protocol_.has_store ? client.suspend() : static_cast<void>(client.disconnect());
}

void Conformance::make_suspended(std::string_view name) const {
  connect(name)->suspend();
}

void Conformance::make_disconnected(std::string_view name) const {
  connect(name)->disconnect();
}

std::string Conformance::problems() const {
  return joined(ipcm::check_route(info()).problems);
}

}  // namespace test
