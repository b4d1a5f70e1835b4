// SPDX-License-Identifier: MIT
#include "support/faults/judge.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <ipcm/ipcm.hpp>

#include "support/faults/child.hpp"
#include "support/faults/picture.hpp"
#include "support/text.hpp"

namespace test {
namespace {

constexpr char kEndOfPicture = '\0';

std::string say(const std::string& picture, const std::string& problems) {
  return picture + kEndOfPicture + problems;
}

// Nobody where there is no route yet, or an old one.
std::shared_ptr<ipcm::Client> bystander(const std::string& route) {
  try {
    return ipcm::connect("bystander", ipcm::ConnectionInfo::parse(route));
  } catch (const ipcm::Error& error) {
    if (error.code() == ipcm::ErrorCode::RouteMissing || error.code() == ipcm::ErrorCode::RouteTooOld) return nullptr;
    throw;
  }
}

std::string judge(const std::string& route, std::shared_ptr<ipcm::Client> client, bool actor_is_gone) {
  const auto info = ipcm::ConnectionInfo::parse(route);
  std::string picture;
  try {
    if (!std::filesystem::exists(route)) {
      ipcm::spawn({.route = route, .guard = false});  // whatever was left over is in nobody's way
      return say("missing",
                 joined(ipcm::check_route(info).problems) + (ipcm::list_peers(info).empty() ? "" : "It has peers."));
    }
    ipcm::migrate_route(info);
    std::string problems = joined(ipcm::check_route(info).problems);
    if (!client) client = ipcm::connect("bystander", info);
    picture = picture_of(info, *client);
    problems += problems_of_use(info, *client, actor_is_gone);
    return say(picture, problems);
  } catch (const std::exception& error) {
    return say(picture, std::string("the judge caught: ") + error.what());
  }
}

}  // namespace

Judge::Judge(const std::string& route, Kind kind) : route_(route) {
  if (kind == Kind::is_connected) start(true);
}

void Judge::start(bool connected) {
  Pipe said;
  Pipe told;
  pid_ = fork_child([&] {
    std::shared_ptr<ipcm::Client> client = connected ? bystander(route_) : nullptr;
    said.write("ready\n");
    const std::string order = told.read_line();
    if (!order.empty()) said.write(judge(route_, std::move(client), order == "gone"));
  });
  in_ = said.keep_reading_end();
  out_ = told.keep_writing_end();
  char byte = 0;
  while (byte != '\n') {
    if (read(in_, &byte, 1) != 1) throw std::runtime_error("a judge could not connect");
  }
}

Judge::~Judge() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (in_ >= 0) close(in_);
  if (out_ >= 0) close(out_);
}

Verdict Judge::verdict(bool actor_is_gone) {
  if (pid_ < 0) start(false);
  const std::string order = actor_is_gone ? "gone\n" : "there\n";
  if (write(out_, order.data(), order.size()) < 0) throw std::runtime_error("a judge is gone");
  const std::string answer = read_to_end(in_);
  const std::size_t end = answer.find(kEndOfPicture);
  if (end == std::string::npos) return {answer, "the judge ended without a verdict"};
  return {answer.substr(0, end), answer.substr(end + 1)};
}

}  // namespace test
