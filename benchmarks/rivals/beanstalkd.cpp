// SPDX-License-Identifier: MIT
// The protocol: https://github.com/beanstalkd/beanstalkd/blob/master/doc/protocol.txt
#include "programs.hpp"
#include "rivals/line_socket.hpp"
#include "rivals/queue.hpp"

namespace bench {
namespace {

// Priority 0, no delay, an hour for who has it in hands.
void append_put(std::string& request, const std::string& text) {
  request.append("put 0 0 3600 ").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

void expect(LineSocket& socket, std::string_view answer) {
  const std::string_view line = socket.read_line();
  require(line.starts_with(answer), "beanstalkd answers " + std::string(answer) + " instead of " + std::string(line));
}

class BeanstalkdProducer : public Producer {
 public:
  explicit BeanstalkdProducer(const std::filesystem::path& path) : socket_(path) {}

  void put(Load& load) override { put_all({&load, 1}); }

  void put_all(std::span<Load> loads) override {
    request_.clear();
    for (const Load& load : loads) append_put(request_, load.text);
    socket_.write(request_);
    for (std::size_t i = 0; i < loads.size(); ++i) expect(socket_, "INSERTED ");
  }

 private:
  LineSocket socket_;
  std::string request_;
};

class Beanstalkd : public Queue {
 public:
  Beanstalkd(const std::string& program, const std::filesystem::path& folder, Sync sync)
      : path_(folder / "socket"), server_(words(program, sync), folder), socket_(path_) {}

  std::string name() override {
    std::string version(value_in(statistics("stats"), "\nversion: "));
    std::erase(version, '"');
    return "beanstalkd " + version;
  }

  std::unique_ptr<Producer> connect(const std::string& /*name*/) const override {
    return std::make_unique<BeanstalkdProducer>(path_);
  }

  std::string get_and_acknowledge() override {
    socket_.write("reserve\r\n");
    std::string text;
    const std::string id = read_reserved(text);
    socket_.write("delete " + id + "\r\n");
    expect(socket_, "DELETED");
    return text;
  }

  std::size_t length() override {
    const std::string told = statistics("stats-tube default");
    return number_in(value_in(told, "current-jobs-ready: ")) + number_in(value_in(told, "current-jobs-reserved: "));
  }

  std::size_t clear() override {
    const std::size_t count = length();
    for (std::size_t left = count; left > 0; left -= std::min(left, kAtOnce)) remove(std::min(left, kAtOnce));
    require(length() == 0, "beanstalkd can be emptied");
    return count;
  }

 private:
  static constexpr std::size_t kAtOnce = 100;

  // It begins in its folder.
  static std::vector<std::string> words(const std::string& program, Sync sync) {
    std::vector<std::string> words{program, "-l", "unix:socket", "-b", "."};
    if (sync == Sync::full) words.emplace_back("-f0");
    return words;
  }

  std::string statistics(const std::string& command) {
    socket_.write(command + "\r\n");
    const std::string_view line = socket_.read_line();
    return std::string(socket_.read_bytes(number_in(value_in(line, "OK "))));
  }

  // Returns the job's id.
  std::string read_reserved(std::string& text) {
    const std::string_view line = socket_.read_line();
    const std::string_view id_and_size = value_in(line, "RESERVED ");
    const std::size_t space = id_and_size.find(' ');
    std::string id(id_and_size.substr(0, space));
    text = socket_.read_bytes(number_in(id_and_size.substr(space + 1)));
    return id;
  }

  void remove(std::size_t count) {
    std::string request;
    for (std::size_t i = 0; i < count; ++i) request += "reserve\r\n";
    socket_.write(request);
    request.clear();
    std::string text;
    for (std::size_t i = 0; i < count; ++i) request += "delete " + read_reserved(text) + "\r\n";
    socket_.write(request);
    for (std::size_t i = 0; i < count; ++i) expect(socket_, "DELETED");
  }

  std::filesystem::path path_;
  Server server_;
  LineSocket socket_;
};

}  // namespace

std::unique_ptr<Queue> start_beanstalkd(const std::string& program, const std::filesystem::path& folder, Sync sync) {
  return std::make_unique<Beanstalkd>(program, folder, sync);
}

}  // namespace bench
