// SPDX-License-Identifier: MIT
#include <map>

#include "rivals/queue.hpp"

namespace bench {
namespace {

class RouteProducer : public Producer {
 public:
  RouteProducer(const std::string& name, const std::string& info) : client_(ipcm::connect(name, info)) {}

  void put(Load& load) override { client_->send_message("reader", std::move(load.content)); }

  void put_all(std::span<Load> loads) override {
    std::vector<ipcm::MessageFields> messages(loads.size());
    for (std::size_t i = 0; i < loads.size(); ++i) {
      messages[i].to = "reader";
      messages[i].content = std::move(loads[i].content);
    }
    client_->send_messages(messages);
  }

 private:
  std::shared_ptr<ipcm::Client> client_;
};

class RouteQueue : public Queue {
 public:
  explicit RouteQueue(ipcm::Spawn store) : store_(std::move(store)), reader_(store_.connect("reader")) {}

  std::string name() override { return "ipcm " IPCM_VERSION; }

  std::unique_ptr<Producer> connect(const std::string& name) const override {
    return std::make_unique<RouteProducer>(name, store_.info());
  }

  std::string get_and_acknowledge() override {
    const auto messages = reader_->peek(1);
    std::string text = messages.at(0).content_text();
    require(reader_->remove_messages(messages) == 1, "what was looked at is removed");
    return text;
  }

  std::size_t length() override { return ipcm::route_info(ipcm::ConnectionInfo::parse(store_.info())).queued; }

  std::size_t clear() override {
    std::map<std::string, std::size_t> next;
    std::size_t count = 0;
    for (auto batch = reader_->get_messages(1000); !batch.empty(); batch = reader_->get_messages(1000)) {
      for (const ipcm::Message& message : batch) {
        require(message.content().at("n") == next[message.from()]++, "each producer's messages come in their order");
      }
      count += batch.size();
    }
    require_good_books(store_);
    return count;
  }

 private:
  ipcm::Spawn store_;
  std::shared_ptr<ipcm::Client> reader_;
};

}  // namespace

std::unique_ptr<Queue> make_route_queue(const Context& context, ipcm::Durability durability) {
  return std::make_unique<RouteQueue>(fresh_route(context, "rivals", durability));
}

}  // namespace bench
