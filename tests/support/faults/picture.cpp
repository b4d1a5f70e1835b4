// SPDX-License-Identifier: MIT
#include "support/faults/picture.hpp"

#include <algorithm>
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
  return text.str();
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

// Of one inbox, in the order in which they are delivered.
std::string taken_in_order(const std::vector<ipcm::JobInfo>& jobs, const std::string& inbox) {
  std::vector<std::string> ids;
  for (const ipcm::JobInfo& job : jobs) {
    const bool out_of_attempts =
        job.state == State::in_flight && job.message.attempts() >= job.message.max_attempts().value_or(3);
    if (job.message.to() == inbox && job.state != State::scheduled && !out_of_attempts) ids.push_back(job.message.id());
  }
  // What was claimed comes back to its old place, so the order is that of the names, which were given in order.
  std::ranges::sort(ids);
  return joined(ids);
}

std::string sorted_ids(std::vector<std::string> ids) {
  std::ranges::sort(ids);
  return joined(ids);
}

std::string problems_of_claiming(ipcm::Client& client, const std::string& queue) {
  const std::string expected = taken_in_order(client.jobs(queue), queue);
  if (client.queue_settings(queue).paused) return {};
  std::vector<std::string> ids;
  std::vector<ipcm::Claim> claims;
  do {  // what comes back comes once nothing else is left
    claims = client.claim(queue, {.limit = 100});
    for (const ipcm::Claim& claim : claims) ids.push_back(claim.message().id());
    client.ack(claims);
  } while (!claims.empty());
  const std::string found = sorted_ids(ids);
  return found == expected ? "" : "claimed from " + queue + ": " + found + " instead of " + expected + "\n";
}

std::string problems_of_taking(const ipcm::ConnectionInfo& info, ipcm::Client& judge, const std::string& name) {
  const std::string expected = taken_in_order(judge.jobs(name), name);
  const auto client = ipcm::reconnect(name, info);
  std::vector<std::string> ids;
  for (const ipcm::Message& message : client->get_messages()) ids.push_back(message.id());
  for (const ipcm::Message& message : client->get_messages()) ids.push_back(message.id());  // what came back
  const std::string found = sorted_ids(ids);
  return found == expected ? "" : name + " took " + found + " instead of " + expected + "\n";
}

}  // namespace

std::string picture_of(const ipcm::ConnectionInfo& info, ipcm::Client& client) {
  std::ostringstream picture;
  picture << "durability " << ipcm::route_info(info).durability << ", zone " << client.time_zone() << "\n";
  for (const ipcm::PeerInfo& peer : ipcm::list_peers(info)) {
    if (is_of_a_judge(peer.name)) continue;
    const bool did_not_leave = peer.state == "active" || peer.state == "crashed";
    picture << peer.name << " is " << (did_not_leave ? "connected" : peer.state) << "\n";
  }
  for (const ipcm::QueueInfo& queue : client.queues()) {
    picture << "queue " << queue.name << ": " << queue.settings.max_attempts << " attempts"
            << (queue.settings.paused ? ", paused" : "") << "\n";
  }
  for (const ipcm::JobInfo& job : client.jobs()) {
    if (is_of_a_judge(job.message.to())) continue;
    picture << job.message.to() << " " << to_string(job.state) << " " << job.worker << " " << text_of(job.message)
            << "\n";
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
