// SPDX-License-Identifier: MIT
#include "support/faults/picture.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <sstream>

#include "support/text.hpp"

namespace test {
namespace {

using State = ipcm::JobInfo::State;

constexpr std::size_t kLengthOfUuid = 36;

bool is_of_a_judge(const std::string& name) {
  return name == "witness" || name == "bystander";
}

std::string text_of(const ipcm::Message& message) {
  const std::string content = message.content_text();
  std::ostringstream text;
  text << (message.id().size() == kLengthOfUuid ? "(generated)" : message.id()) << " from " << message.from() << ": "
       << content.size() << " bytes " << content.substr(0, 20) << ", hash " << std::hash<std::string>()(content)
       << ", priority " << message.priority() << ", attempts " << message.attempts();
  if (!message.group_key().empty()) text << ", group " << message.group_key();
  if (!message.dedup_key().empty()) text << ", key " << message.dedup_key();
  if (message.broadcast()) text << ", broadcast";
  if (message.is_request()) text << ", request";
  if (message.is_reply()) text << ", reply";
  return text.str();
}

long hours_until(double time) {
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return std::lround((time - now) / 3600);
}

void add_books(ipcm::Client& client, std::ostream& picture) {
  for (auto& [name, stats] : client.all_stats()) {
    if (is_of_a_judge(name)) continue;
    for (const char* judge : {"witness", "bystander"}) {
      stats.sent.erase(judge);
      stats.read.erase(judge);
    }
    if (!stats.sent.empty() || !stats.read.empty()) picture << "books of " << name << ": " << text(stats) << "\n";
  }
}

// Of one inbox; sorted.
std::string ids_that_can_be_taken(const std::vector<ipcm::JobInfo>& jobs, const std::string& inbox) {
  std::vector<std::string> ids;
  for (const ipcm::JobInfo& job : jobs) {
    const bool out_of_attempts =
        job.state == State::in_flight && job.message.attempts() >= job.message.max_attempts().value_or(3);
    if (job.message.to() == inbox && job.state != State::scheduled && !out_of_attempts) ids.push_back(job.message.id());
  }
  std::ranges::sort(ids);
  return joined(ids);
}

// What one call hands out is in the order of the places: all here have one priority.
class HandedOut {
 public:
  void begin_call() { last_place_ = 0; }
  void add(const ipcm::Message& message) {
    const std::int64_t place = message.place().value_or(0);
    if (place <= last_place_) problems_ += message.id() + " came behind what stands behind it\n";
    last_place_ = place;
    ids_.push_back(message.id());
  }
  std::string problems(const std::string& what, const std::string& expected) {
    std::ranges::sort(ids_);
    const std::string found = joined(ids_);
    return problems_ + (found == expected ? "" : what + " " + found + " instead of " + expected + "\n");
  }

 private:
  std::vector<std::string> ids_;
  std::int64_t last_place_ = 0;
  std::string problems_;
};

std::string problems_of_claiming(ipcm::Client& client, const std::string& queue) {
  const std::string expected = ids_that_can_be_taken(client.jobs(queue), queue);
  if (client.queue_settings(queue).paused) return {};
  HandedOut handed_out;
  std::vector<ipcm::Claim> claims;
  do {  // what comes back comes once nothing else is left
    claims = client.claim(queue, {.limit = 100});
    handed_out.begin_call();
    for (const ipcm::Claim& claim : claims) handed_out.add(claim.message());
    client.ack(claims);
  } while (!claims.empty());
  return handed_out.problems("claimed from " + queue + ":", expected);
}

std::string problems_of_taking(const ipcm::ConnectionInfo& info, ipcm::Client& judge, const std::string& name) {
  const std::string expected = ids_that_can_be_taken(judge.jobs(name), name);
  const auto client = ipcm::reconnect(name, info);
  HandedOut handed_out;
  for (int call = 0; call < 2; ++call) {  // the second time what came back
    handed_out.begin_call();
    for (const ipcm::Message& message : client->get_messages()) handed_out.add(message);
  }
  return handed_out.problems(name + " took", expected);
}

}  // namespace

std::string picture_of(const ipcm::ConnectionInfo& info, ipcm::Client& client) {
  std::ostringstream picture;
  picture << "durability " << ipcm::route_info(info).durability << ", zone " << client.time_zone() << "\n";
  for (const ipcm::PeerInfo& peer : ipcm::list_peers(info)) {
    if (is_of_a_judge(peer.name)) continue;
    const bool did_not_leave = peer.state == "active" || peer.state == "crashed";
    picture << peer.name << " is " << (did_not_leave ? "connected" : peer.state);
    if (peer.suspend_expires) picture << " for " << hours_until(*peer.suspend_expires) << " h";
    picture << "\n";
  }
  for (const ipcm::QueueInfo& queue : client.queues()) {
    picture << "queue " << queue.name << ": " << queue.settings.max_attempts << " attempts"
            << (queue.settings.paused ? ", paused" : "") << "\n";
  }
  for (const ipcm::JobInfo& job : client.jobs()) {
    if (is_of_a_judge(job.message.to())) continue;
    picture << job.message.to() << " " << to_string(job.state) << " " << job.worker << " " << text_of(job.message);
    if (job.state == State::in_flight) picture << ", for " << std::chrono::round<std::chrono::hours>(job.lease_left);
    picture << "\n";
  }
  for (const ipcm::DeadLetter& dead : client.dead_letters()) {
    picture << "dead of " << dead.message.to() << " " << dead.reason << " " << text_of(dead.message) << "\n";
  }
  for (const ipcm::Schedule& schedule : client.schedules()) {
    picture << "schedule " << schedule.name << " " << schedule.recurrence << " for " << schedule.message.to() << "\n";
  }
  add_books(client, picture);
  return picture.str();
}

std::string problems_of_use(const ipcm::ConnectionInfo& info, ipcm::Client& client, bool actor_is_gone) {
  std::string problems;
  if (client.peer_exists("witness")) client.send_message("witness", "judged");  // a new route has none
  if (actor_is_gone) {
    for (const ipcm::QueueInfo& queue : client.queues()) problems += problems_of_claiming(client, queue.name);
    if (client.peer_exists("worker")) problems += problems_of_taking(info, client, "worker");
  }
  for (const std::string& problem : ipcm::check_route(info).problems) problems += problem + "\n";
  return problems;
}

}  // namespace test
