// SPDX-License-Identifier: MIT
// A program of somebody who has installed ipcm: what must work across the library's boundary, above all that its errors
// are caught, its classes derived from, and its types shared.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <ipcm/ipcm.hpp>

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "consumer: it does not hold that " << what << '\n';
  ++failures;
}

// A serializer of the user's own: JSON in brackets.
class Bracketed : public ipcm::Serializer {
 public:
  std::string_view name() const override { return "Bracketed"; }
  std::string encode(const ipcm::Json& content) const override { return "<" + content.dump() + ">"; }
  ipcm::Json decode(std::string_view bytes) const override {
    return ipcm::Json::parse(bytes.substr(1, bytes.size() - 2));
  }
};

struct Worker : ipcm::Client {
  using Client::Client;
  void pre_suspend_hook() override { ++suspended; }
  int suspended = 0;
};

void messages_arrive(const ipcm::Spawn& store) {
  const auto boss = store.connect("boss");
  const auto worker = ipcm::connect_as<Worker>("worker", ipcm::ConnectionInfo::parse(store.info()));
  boss->send_message("worker", {{"n", 1}});
  const auto messages = worker->get_messages();
  expect(messages.size() == 1 && messages[0].content()["n"] == 1, "a message arrives");
  expect(messages.at(0).from() == "boss", "it says from whom");
  worker->suspend();
  expect(worker->suspended == 1, "a derived class's hook is called");
}

void errors_are_caught(const ipcm::Spawn& store) {
  try {
    store.connect("boss")->send_message("nobody", "hello");
    expect(false, "mail to nobody is refused");
  } catch (const ipcm::Error& error) {
    expect(error.code() == ipcm::ErrorCode::UnknownPeer, "the error says why");
  }
}

void own_serializers_work(const ipcm::Spawn& store) {
  ipcm::register_serializer(std::make_shared<Bracketed>());
  const auto reader = ipcm::connect("reader", "Bracketed", store.route());
  ipcm::connect("writer", "Bracketed", store.route())->send_message("reader", {1, 2, 3});
  const auto messages = reader->get_messages();
  expect(messages.size() == 1 && messages[0].content_text() == "<[1,2,3]>", "a serializer of the user's is used");
}

}  // namespace

int main() {
  const ipcm::Spawn store = ipcm::spawn();
  messages_arrive(store);
  errors_are_caught(store);
  own_serializers_work(store);
  if (failures == 0) std::cout << "ipcm " IPCM_VERSION " works\n";
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
