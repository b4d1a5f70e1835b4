// SPDX-License-Identifier: MIT
// The protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP). The queue is a list, read as its
// documentation advises for queues that lose nothing: moved to a second list, and removed there once it was handled.
#include <initializer_list>

#include "programs.hpp"
#include "rivals/line_socket.hpp"
#include "rivals/queue.hpp"

namespace bench {
namespace {

void append_command(std::string& request, std::initializer_list<std::string_view> words) {
  request.append("*").append(std::to_string(words.size())).append("\r\n");
  for (const std::string_view word : words) {
    request.append("$").append(std::to_string(word.size())).append("\r\n").append(word).append("\r\n");
  }
}

std::size_t read_number(LineSocket& socket) {
  return number_in(value_in(socket.read_line(), ":"));
}

class RedisProducer : public Producer {
 public:
  explicit RedisProducer(const std::filesystem::path& path) : socket_(path) {}

  void put(Load& load) override { put_all({&load, 1}); }

  void put_all(std::span<Load> loads) override {
    request_.clear();
    for (const Load& load : loads) append_command(request_, {"RPUSH", "queue", load.text});
    socket_.write(request_);
    for (std::size_t i = 0; i < loads.size(); ++i) require(read_number(socket_) > 0, "Redis holds what was put");
  }

 private:
  LineSocket socket_;
  std::string request_;
};

class Redis : public Queue {
 public:
  Redis(const std::string& program, const std::filesystem::path& folder, Sync sync)
      : path_(folder / "socket"), server_(words(program, sync), folder), socket_(path_) {}

  std::string name() override {
    return "Redis " + std::string(value_in(text_of({"INFO", "server"}), "redis_version:"));
  }

  std::unique_ptr<Producer> connect(const std::string& /*name*/) const override {
    return std::make_unique<RedisProducer>(path_);
  }

  std::string get_and_acknowledge() override {
    std::string text = text_of({"LMOVE", "queue", "taken", "LEFT", "RIGHT"});
    require(number_of({"LREM", "taken", "1", text}) == 1, "what was taken is removed");
    return text;
  }

  std::size_t length() override { return number_of({"LLEN", "queue"}) + number_of({"LLEN", "taken"}); }

  std::size_t clear() override {
    const std::size_t count = length();
    number_of({"DEL", "queue", "taken"});
    require(length() == 0, "Redis can be emptied");
    return count;
  }

 private:
  // It begins in its folder.
  static std::vector<std::string> words(const std::string& program, Sync sync) {
    return {program,
            "--port",
            "0",
            "--unixsocket",
            "socket",
            "--dir",
            ".",
            "--appendonly",
            "yes",
            "--appendfsync",
            sync == Sync::full ? "always" : "everysec",
            "--save",
            ""};
  }

  void ask(std::initializer_list<std::string_view> words) {
    request_.clear();
    append_command(request_, words);
    socket_.write(request_);
  }

  std::size_t number_of(std::initializer_list<std::string_view> words) {
    ask(words);
    return read_number(socket_);
  }

  std::string text_of(std::initializer_list<std::string_view> words) {
    ask(words);
    return std::string(socket_.read_bytes(number_in(value_in(socket_.read_line(), "$"))));
  }

  std::filesystem::path path_;
  Server server_;
  LineSocket socket_;
  std::string request_;
};

}  // namespace

std::unique_ptr<Queue> start_redis(const std::string& program, const std::filesystem::path& folder, Sync sync) {
  return std::make_unique<Redis>(program, folder, sync);
}

}  // namespace bench
