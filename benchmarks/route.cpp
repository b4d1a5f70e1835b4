// SPDX-License-Identifier: MIT
#include "route.hpp"

namespace bench {

ipcm::Spawn fresh_route(const Context& context, const std::string& name, ipcm::Durability durability) {
  return fresh_route(context, name, ipcm::SpawnOptions{.durability = durability});
}

ipcm::Spawn fresh_route(const Context& context, const std::string& name, ipcm::SpawnOptions options) {
  options.route = (context.folder / (name + ".ipcm")).string();
  options.guard = true;
  return ipcm::spawn(options);
}

void require_good_books(const ipcm::Spawn& store) {
  const ipcm::CheckReport report = ipcm::check_route(ipcm::ConnectionInfo::parse(store.info()));
  require(report.problems.empty(),
          "the books of " + store.route() + " balance: " + (report.problems.empty() ? "" : report.problems.front()));
}

ipcm::Json content_of(std::size_t number, std::size_t bytes) {
  ipcm::Json content = {{"n", number}, {"task", "resize"}, {"data", ""}};
  const std::size_t empty = content.dump().size();
  content["data"] = std::string(bytes > empty ? bytes - empty : 0, 'x');
  return content;
}

std::vector<ipcm::Json> contents_of(std::size_t count, std::size_t bytes) {
  std::vector<ipcm::Json> contents;
  contents.reserve(count);
  for (std::size_t number = 0; number < count; ++number) contents.push_back(content_of(number, bytes));
  return contents;
}

std::vector<std::string> texts_of(std::size_t count, std::size_t bytes) {
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t number = 0; number < count; ++number) texts.push_back(content_of(number, bytes).dump());
  return texts;
}

void take_all(ipcm::Client& reader, std::size_t count) {
  std::size_t next = 0;
  for (auto batch = reader.get_messages(1000); !batch.empty(); batch = reader.get_messages(1000)) {
    for (const ipcm::Message& message : batch) {
      require(message.content().at("n") == next, "messages come in the order in which they were sent");
      ++next;
    }
  }
  require(next == count, "as many messages are read as were sent");
}

}  // namespace bench
