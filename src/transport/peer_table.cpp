// SPDX-License-Identifier: MIT
#include "transport/peer_table.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include <ipcm/content.hpp>
#include <ipcm/error.hpp>

#include "core/names.hpp"
#include "core/random.hpp"
#include "platform/process.hpp"
#include "transport/folder_turn.hpp"
#include "transport/letter_folder.hpp"

namespace ipcm::transport {
namespace {

// Ids of clients without a name: at random above this, and below 2^62.
constexpr std::int64_t kAnonymousBase = std::int64_t{1} << 60;

// How often it is looked whether somebody removed the files of the route by other means than unspawn().
constexpr std::chrono::milliseconds kBetweenRefreshes{1};

Peer peer_in(const Json& json) {
  Peer peer;
  peer.id = json.at("id").get<std::int64_t>();
  peer.name = json.at("name").get<std::string>();
  peer.connected = json.at("connected").get<bool>();
  peer.pid = json.at("pid").get<int>();
  peer.host = json.at("host").get<std::string>();
  peer.epoch = json.at("epoch").get<std::int64_t>();
  if (peer.id < 1 || peer.epoch < 1 || !broken_rule(peer.name).empty()) throw std::out_of_range("a peer is impossible");
  return peer;
}

Json json_of(const Peer& peer) {
  return {{"id", peer.id},   {"name", peer.name}, {"connected", peer.connected},
          {"pid", peer.pid}, {"host", peer.host}, {"epoch", peer.epoch}};
}

std::string host_as_text(const std::string& host) {
  return is_valid_utf8(host) ? host : std::string();
}

RouteFolder marked(const RouteFolder& folder) {
  RouteFolder opened = folder.opened();
  read_mark(opened);
  return opened;
}

std::string counts_file(std::int64_t id) {
  return std::to_string(id) + ".json";
}

[[noreturn]] void throw_in_use(const std::string& what, const std::string& route, const Peer& peer) {
  throw Error(ErrorCode::NameInUse,
              "cannot " + what + " " + in_quotes(peer.name) + " on " + route + ": it is connected, by process " +
                  std::to_string(peer.pid) + " on " + peer.host + ".",
              peer.pid);
}

}  // namespace

std::string Peer::mail_socket() const {
  return std::to_string(id) + "-" + std::to_string(epoch) + ".mail";
}

std::string Peer::pressure_socket() const {
  return std::to_string(id) + "-" + std::to_string(epoch) + ".full";
}

PeerTable::PeerTable(const RouteFolder& folder, std::chrono::milliseconds patience)
    : folder_(marked(folder)),
      home_(folder_.open()),
      patience_(patience),
      locks_(*home_, kLockName),
      removal_sign_(locks_) {}

void PeerTable::require_route() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const bool is_given = removal_sign_.is_given();
  if (!is_given && now.count() < next_look_.load()) return;
  if (!is_given && locks_.has_a_name()) {
    next_look_ = std::chrono::steady_clock::duration(now + kBetweenRefreshes).count();
    return;
  }
  throw Error(ErrorCode::RouteGone, "the route " + folder_.path() + " was removed.");
}

PeerTable::Contents PeerTable::read() const {
  // By the path there may be another route by now.
  if (!locks_.is_still_at_path()) {
    throw Error(ErrorCode::RouteGone, "the route " + folder_.path() + " was removed or replaced.");
  }
  Contents contents;
  const std::optional<std::string> text = home_->read_file(kTableName);
  if (!text) return contents;
  try {
    const Json json = Json::parse(*text);
    contents.next_id = json.at("next_id").get<std::int64_t>();
    for (const Json& each : json.at("peers")) contents.peers.push_back(peer_in(each));
  } catch (const std::exception& wrong) {  // of the parser, or of what a peer may be
    throw Error(ErrorCode::RouteDamaged, folder_.table() + " is damaged: " + wrong.what() + ".");
  }
  return contents;
}

void PeerTable::change(FunctionRef<void(Contents&)> work) {
  const Turn turn(turn_);
  const FolderTurn among_processes(locks_, folder_.path(), patience_);
  Contents contents = read();
  work(contents);
  std::ranges::sort(contents.peers, {}, &Peer::name);
  Json json = {{"next_id", contents.next_id}, {"peers", Json::array()}};
  for (const Peer& peer : contents.peers) json["peers"].push_back(json_of(peer));
  home_->replace_file(kTableName, json.dump() + "\n");
}

std::vector<Peer> PeerTable::peers() const {
  return read().peers;
}

std::optional<Peer> PeerTable::find(std::string_view name) const {
  const Contents contents = read();
  const auto found = std::ranges::find(contents.peers, name, &Peer::name);
  return found != contents.peers.end() ? std::optional(*found) : std::nullopt;
}

bool PeerTable::is_present(std::int64_t id) const {
  return id == own_id_ || locks_.is_locked_by_other(id);
}

Presence PeerTable::presence_of(const Peer& peer) const {
  if (!peer.connected) return Presence::disconnected;
  if (is_present(peer.id)) return Presence::active;
  // It may have left in an orderly way since the record was read: then the record is another one now.
  const std::optional<Peer> now = find(peer.name);
  return now && now->connected && now->epoch == peer.epoch ? Presence::crashed : Presence::disconnected;
}

Peer PeerTable::claim(const std::string& name, FunctionRef<void(const Peer&)> prepare) {
  Peer claimed;
  change([&](Contents& contents) {
    auto found = std::ranges::find(contents.peers, name, &Peer::name);
    if (found == contents.peers.end()) {
      found = contents.peers.insert(found, Peer{.id = contents.next_id++, .name = name});
    }
    if (!locks_.try_lock(found->id)) throw_in_use("connect as", folder_.path(), *found);
    own_id_ = found->id;
    const platform::ProcessIdentity process = platform::this_process();
    found->connected = true;
    found->pid = process.pid;
    found->host = host_as_text(process.host);
    ++found->epoch;
    prepare(*found);
    claimed = *found;
  });
  return claimed;
}

std::int64_t PeerTable::claim_anonymous() {
  for (;;) {
    std::array<std::uint8_t, 7> bytes{};
    fill_random(bytes);
    std::int64_t id = kAnonymousBase;
    for (unsigned n = 0; n < bytes.size(); ++n) id += static_cast<std::int64_t>(bytes[n]) << 8U * n;
    if (!locks_.try_lock(id)) continue;
    own_id_ = id;
    return id;
  }
}

void PeerTable::say_goodbye(const Peer& peer) {
  change([&](Contents& contents) {
    const auto found = std::ranges::find(contents.peers, peer.id, &Peer::id);
    if (found != contents.peers.end()) found->connected = false;
  });
}

void PeerTable::let_go(std::int64_t id) noexcept {
  locks_.unlock(id);
  own_id_ = 0;
}

void PeerTable::forget(std::string_view name) {
  Peer forgotten;
  change([&](Contents& contents) {
    const auto found = std::ranges::find(contents.peers, name, &Peer::name);
    if (found == contents.peers.end()) {
      throw Error(ErrorCode::UnknownPeer, "cannot forget " + in_quotes(name) +
                                              ": no peer of that name was ever connected to " + folder_.path() + ".");
    }
    if (is_present(found->id)) throw_in_use("forget", folder_.path(), *found);
    forgotten = *found;
    contents.peers.erase(found);
  });
  try {  // the sockets and the letters are there where it was killed
    platform::Folder(*home_, kCountsName).remove_file(counts_file(forgotten.id));
    const platform::Folder sockets(*home_, kSocketsName);
    for (const std::string& socket : {forgotten.mail_socket(), forgotten.pressure_socket()}) {
      sockets.remove_file(socket);
    }
    LetterFolder(*home_).remove_mail_of(forgotten);
  } catch (const Error&) {  // no other peer ever gets that number
  }
}

Counts PeerTable::counts_of(std::int64_t id) const {
  try {
    const platform::Folder counts(*home_, kCountsName);
    const Json json = Json::parse(counts.read_file(counts_file(id)).value_or("{}"));
    using ByName = std::map<std::string, std::uint64_t>;
    return {{json.value("read", ByName()), json.value("sent", ByName())}, json.value("dead", std::uint64_t{0})};
  } catch (const Json::exception&) {
    return {};
  }
}

void PeerTable::write_counts(std::int64_t id, const Counts& counts) const {
  require_route();
  const Json json = {{"read", counts.stats.read}, {"sent", counts.stats.sent}, {"dead", counts.dead}};
  platform::Folder(*home_, kCountsName).replace_file(counts_file(id), json.dump() + "\n");
}

}  // namespace ipcm::transport
