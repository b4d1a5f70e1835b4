// SPDX-License-Identifier: MIT
// How content becomes bytes. JSON is the default and readable in the sqlite3 shell; CBOR and MessagePack are smaller
// and keep binary values; or bring your own. Each message remembers its serializer, so clients need not agree.
#include <ipcm/ipcm.hpp>

#include <iostream>
#include <memory>
#include <string>

#include "expect.hpp"

// A serializer for plain text: the bytes are the text itself.
class PlainText : public ipcm::Serializer {
 public:
  std::string_view name() const override { return "PlainText"; }

  std::string encode(const ipcm::Json& content) const override {
    if (!content.is_string()) {
      throw ipcm::Error(ipcm::ErrorCode::InvalidMessage, "PlainText takes a string, not " + content.dump());
    }
    return content.get<std::string>();
  }

  ipcm::Json decode(std::string_view bytes) const override { return std::string(bytes); }
};

int main() {
  ipcm::register_serializer(std::make_shared<PlainText>());

  ipcm::Spawn store = ipcm::spawn();
  auto reader = store.connect("reader");  // JSON
  auto json = ipcm::connect("json", "JSON", store.route());
  auto cbor = ipcm::connect("cbor", "CBOR", store.route());
  auto pack = ipcm::connect("pack", "MessagePack", store.route());
  auto text = ipcm::connect("text", "PlainText", store.route());

  const ipcm::Json picture = {{"width", 640}, {"height", 480}, {"tags", {"sea", "sky"}}};
  for (const auto& client : {json, cbor, pack}) client->send_message("reader", picture);
  text->send_message("reader", "just a line");

  const auto messages = reader->get_messages();
  expect(messages.size() == 4, "one reader reads them all, whatever they were written with");
  for (const ipcm::Message& message : messages) {
    std::cout << message.from() << ": " << message.content_text().size() << " bytes for " << message.content() << "\n";
  }
  for (std::size_t i = 0; i < 3; ++i) expect(messages[i].content() == picture, "the value comes back as it was");
  expect(messages[1].content_text().size() < messages[0].content_text().size(), "CBOR is smaller than JSON");
  expect(messages[3].content_text() == "just a line", "the bytes are as the serializer wrote them");

  // What a serializer cannot encode is an error of the send, and nothing is stored.
  const ipcm::Outcome sent = text->try_message("reader", 42);
  expect(!sent && sent.error().code() == ipcm::ErrorCode::InvalidMessage, "PlainText refuses a number");
  std::cout << "PlainText and a number: " << sent.error().what() << "\n";
}
