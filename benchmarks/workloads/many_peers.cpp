// SPDX-License-Identifier: MIT
// One sender, ten thousand recipients: each message goes to another inbox than the one before, and so to another page
// of the b-tree. The baseline inserts at the same places.
#include "one_pair.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

constexpr std::size_t kBytes = 1 << 10;

std::string name_of(std::size_t peer) {
  return "peer-" + std::to_string(peer);
}

// The sender has number 1. docs/file-format.md tells what a place is.
std::int64_t place_of(std::size_t peer, std::size_t number) {
  const auto peer_id = static_cast<std::int64_t>(peer + 2);
  return peer_id << 43 | std::int64_t{3} << 40 | ((std::int64_t{1} << 32) + 1 + static_cast<std::int64_t>(number));
}

// Many clients are made, which need not last until the power comes back; what is measured is then relaxed.
ipcm::Spawn route_with(const Context& context, std::size_t peers) {
  ipcm::Spawn store = fresh_route(context, "many_peers", ipcm::Durability::volatile_mode);
  const auto sender = store.connect("sender");
  for (std::size_t peer = 0; peer < peers; ++peer) store.connect(name_of(peer))->suspend();
  ipcm::set_durability(ipcm::ConnectionInfo::parse(store.info()), ipcm::Durability::relaxed);
  return store;
}

// All inboxes grow by one message in each call, numbered by the call.
class Rounds {
 public:
  Rounds(const ipcm::Spawn& store, std::filesystem::path file, std::size_t peers)
      : store_(store), sender_(store.connect("sender")), raw_(file, Sync::relaxed), peers_(peers) {}

  Measured send() {
    std::vector<ipcm::Json> contents(peers_, content_of(sent_++, kBytes));
    const Stopwatch watch;
    for (std::size_t peer = 0; peer < peers_; ++peer) {
      sender_->send_message(names_[peer], std::move(contents[peer]));
    }
    return watch.rate(peers_);
  }

  Measured insert() {
    const std::vector<std::string> texts(peers_, content_of(inserted_, kBytes).dump());
    const Stopwatch watch;
    for (std::size_t peer = 0; peer < peers_; ++peer) {
      raw_.begin();
      raw_.insert_at(place_of(peer, inserted_), texts[peer]);
      raw_.commit();
    }
    ++inserted_;
    return watch.rate(peers_);
  }

  // To connect ten thousand readers would take long: all are counted, a few are read.
  void verify() {
    for (const ipcm::PeerInfo& peer : ipcm::list_peers(ipcm::ConnectionInfo::parse(store_.info()))) {
      require(peer.queued == (peer.name == sender_->id() ? 0 : sent_), "every peer holds what was sent to it");
    }
    for (const std::size_t peer : {std::size_t{0}, peers_ / 2, peers_ - 1}) {
      take_all(*store_.connect(names_[peer]), sent_);
    }
    require_good_books(store_);
    remove_all(raw_, inserted_ * peers_);
  }

 private:
  static std::vector<std::string> names_of(std::size_t peers) {
    std::vector<std::string> names;
    for (std::size_t peer = 0; peer < peers; ++peer) names.push_back(name_of(peer));
    return names;
  }

  const ipcm::Spawn& store_;
  std::shared_ptr<ipcm::Client> sender_;
  RawStore raw_;
  std::size_t peers_;
  std::vector<std::string> names_ = names_of(peers_);
  std::size_t sent_ = 0;
  std::size_t inserted_ = 0;
};

}  // namespace

std::vector<Figure> many_peers(const Context& context) {
  const std::size_t peers = context.count(10'000, 50);
  const ipcm::Spawn store = route_with(context, peers);
  Rounds rounds(store, context.folder / "many_peers.raw", peers);
  Figure about{"send 1 KB to 10,000 peers in turn, relaxed", "raw INSERT at the same places", "messages/s",
               Better::higher, 0.7};
  Figure figure = alternate(
      context, std::move(about), [&] { return rounds.send(); }, [&] { return rounds.insert(); });
  rounds.verify();
  std::filesystem::remove(context.folder / "many_peers.raw");
  return {figure};
}

}  // namespace bench
