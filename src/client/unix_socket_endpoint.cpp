// SPDX-License-Identifier: MIT
// Connecting, leaving, peers and the books. Sending is in unix_socket_endpoint_sending.cpp, reading in
// unix_socket_endpoint_reading.cpp.
#include "client/unix_socket_endpoint.hpp"

#include "core/names.hpp"
#include "transport/letter_folder.hpp"

namespace ipcm {

using notify::Event;
using transport::Peer;
using transport::PeerTable;
using transport::Presence;

UnixSocketEndpoint::UnixSocketEndpoint(ConnectRequest request, const MakeNotifier& make_notifier)
    : Endpoint(std::move(request.name), std::move(request.route), std::move(request.serializer),
               std::move(request.options)),
      table_(std::make_unique<PeerTable>(transport::RouteFolder(route()), options().busy_timeout)),
      max_content_(read_mark(table_->folder()).max_content) {
  if (request.mode == ConnectRequest::Mode::reconnect) {
    throw Error(ErrorCode::NotSupported, "cannot reconnect as " + in_quotes(id()) + " to " + route() +
                                             ": the protocol UnixSocket keeps nothing for who is away. Use connect().");
  }
  try {
    const bool named = request.mode == ConnectRequest::Mode::connect;
    named ? claim_name() : claim_nothing();
    outbox_ = std::make_unique<transport::Outbox>(*table_, presence_, options().busy_timeout);
    peer_changes_ = std::make_unique<Waiting>(make_notifier(self_.id), options().fallback_interval);
    if (mailbox_) mailbox_->on_arrival([this] { peer_changes_->look_again(); });
    if (named) peer_changes_->notifier().announce();
    sends_ = std::make_shared<SendQueue>([this](std::span<SendRequest* const> group) { send_group(group); });
  } catch (...) {
    if (mailbox_) mailbox_->close();
    throw;
  }
}

UnixSocketEndpoint::~UnixSocketEndpoint() {
  if (sends_) sends_->stop(false);         // its client has waited for handlers, unless one of them destroyed it
  if (table_ && !disconnected_) let_go();  // without a goodbye
}

// --- connecting and leaving ------------------------------------------------------------------------------------------

void UnixSocketEndpoint::claim_name() {
  const transport::RouteFolder& folder = table_->folder();
  self_ = table_->claim(id(), [&](const Peer& self) {
    transport::LetterFolder(*folder.open()).clean(self, [this](std::int64_t peer) { return table_->is_present(peer); });
    mailbox_ = transport::Mailbox::open(folder, self);
  });
  presence_ = self_.id;
  const transport::Counts before = table_->counts_of(self_.id);
  const platform::LockGuard lock(books_mutex_);
  books_ = before.stats;
  dead_before_ = before.dead;
}

void UnixSocketEndpoint::claim_nothing() {
  presence_ = table_->claim_anonymous();
}

bool UnixSocketEndpoint::has_mail_to_hand_over() {
  bool found = false;
  mailbox_->visit(
      kNoLimit,
      [&](transport::Place place, const transport::Letter& letter) {
        using Verdict = transport::Mailbox::Verdict;
        found = letter.enclosure || undecodable(letter) || !message_of(place, letter).is_terminate();
        return found ? Verdict::stop : Verdict::keep;
      },
      transport::Mailbox::Enclosures::left_out);
  return found;
}

// What comes between the last look and the refusal of more is found by a second look. Then the goodbye is said, but
// the client can still read, and calls again.
Endpoint::Goodbye UnixSocketEndpoint::disconnect(bool even_with_mail) {
  sends_->flush();
  bool mail_waits = false;
  {
    const platform::LockGuard lock(leaving_);
    if (disconnected_) return Goodbye::said_by_others;
    if (mailbox_) {
      if (!even_with_mail && has_mail_to_hand_over()) return Goodbye::not_yet;
      table_->say_goodbye(self_);
      mailbox_->refuse_more();
      uses_end_ = true;  // what another thread takes from now on would count as waiting, and what it puts back as gone
      while (const std::uint32_t uses = uses_) uses_.wait(uses);
      try {
        mail_waits = has_mail_to_hand_over();
      } catch (...) {
        uses_end_ = false;
        throw;
      }
      if (mail_waits && !even_with_mail) {
        uses_end_ = false;
        return Goodbye::not_yet;
      }
    }
    let_go();
  }
  peer_changes_->notifier().announce();
  return mail_waits ? Goodbye::with_mail : Goodbye::clean;
}

void UnixSocketEndpoint::let_go() noexcept {
  disconnected_ = true;
  try {
    if (mailbox_) save_books();
  } catch (...) {  // the route is gone or full, or there is no memory: what was counted is lost
  }
  if (peer_changes_) peer_changes_->look_again();  // whoever waits is told
  if (peer_changes_) peer_changes_->retire();      // before anybody else can take the name
  if (mailbox_) mailbox_->close();
  table_->let_go(presence_);
}

void UnixSocketEndpoint::suspend(std::optional<std::chrono::system_clock::time_point>) {
  require_connected();
  throw Error(ErrorCode::NotSupported, in_quotes(id()) + " cannot be suspended on " + route() +
                                           ": the protocol UnixSocket keeps nothing for who is away. Disconnect.");
}

void UnixSocketEndpoint::abandon() noexcept {
  if (peer_changes_) peer_changes_->notifier().abandon();
  sends_.reset();
  peer_changes_.reset();
  outbox_.reset();
  mailbox_.reset();
  table_.reset();
}

UnixSocketEndpoint::Use::Use(UnixSocketEndpoint& endpoint) : endpoint_(endpoint) {
  ++endpoint_.uses_;
  try {
    if (endpoint_.uses_end_) endpoint_.throw_disconnected();
    endpoint_.require_use();
  } catch (...) {
    end();
    throw;
  }
}

void UnixSocketEndpoint::Use::end() noexcept {
  if (--endpoint_.uses_ == 0) endpoint_.uses_.notify_all();
}

void UnixSocketEndpoint::require_connected() const {
  if (disconnected_) throw_disconnected();
}

void UnixSocketEndpoint::throw_disconnected() const {
  throw Error(ErrorCode::Disconnected,
              "the client " + in_quotes(id()) + " is disconnected from " + route() + ". Connect again.");
}

void UnixSocketEndpoint::require_inbox(std::string_view call) const {
  if (mailbox_) return;
  throw Error(ErrorCode::NotSupported,
              "a client without a name has no inbox: it cannot " + std::string(call) + ". Use connect().");
}

void UnixSocketEndpoint::require_use() const {
  require_connected();
  table_->require_route();
}

// --- peers -----------------------------------------------------------------------------------------------------------

bool UnixSocketEndpoint::peers_may_have_changed() {
  require_connected();
  return peer_changes_->before_taking(Event::peers);
}

std::vector<std::string> UnixSocketEndpoint::peers() {
  require_connected();
  peer_changes_->before_taking(Event::peers);
  std::vector<std::string> names;
  for (const Peer& peer : table_->peers()) {
    if (peer.id != self_.id && table_->presence_of(peer) == Presence::active) names.push_back(peer.name);
  }
  return names;
}

std::optional<Peer> UnixSocketEndpoint::find(std::string_view peer) const {
  require_connected();
  return table_->find(peer);
}

bool UnixSocketEndpoint::peer_exists(std::string_view peer) {
  return find(peer).has_value();
}

bool UnixSocketEndpoint::peer_active(std::string_view peer, std::chrono::milliseconds timeout) {
  const auto is_active = [&] {
    const std::optional<Peer> found = find(peer);
    return found && table_->presence_of(*found) == Presence::active;
  };
  if (timeout == std::chrono::milliseconds::zero()) return is_active();
  return peer_changes_->wait(Event::peers, platform::deadline_after(timeout), is_active);
}

std::optional<PeerStatus> UnixSocketEndpoint::peer_status(std::string_view peer) {
  const std::optional<Peer> found = find(peer);
  if (!found) return std::nullopt;
  switch (table_->presence_of(*found)) {
    case Presence::active: return PeerStatus{PeerState::active, found->pid, found->host};
    case Presence::crashed: return PeerStatus{PeerState::crashed, found->pid, found->host};
    case Presence::disconnected: break;
  }
  return PeerStatus{PeerState::disconnected};
}

std::optional<std::chrono::system_clock::time_point> UnixSocketEndpoint::peer_suspend_expires(std::string_view) {
  require_use();
  return std::nullopt;  // nobody can be suspended
}

void UnixSocketEndpoint::forget(std::string_view peer) {
  require_connected();
  table_->forget(peer);
  {
    const platform::LockGuard lock(books_mutex_);
    books_.sent.erase(std::string(peer));
  }
  peer_changes_->notifier().announce();
}

int UnixSocketEndpoint::peer_change_fd() {
  require_connected();
  return peer_changes_->fd(Event::peers, [] { return false; });
}

// --- the books -------------------------------------------------------------------------------------------------------

void UnixSocketEndpoint::count_read(const std::string& sender, int change) {
  const platform::LockGuard lock(books_mutex_);
  std::uint64_t& count = books_.read[sender];
  if (change > 0) {
    ++count;
  } else if (count > 0) {
    --count;
  }
  if (count == 0) books_.read.erase(sender);
}

void UnixSocketEndpoint::count_sent(const std::string& recipient) {
  const platform::LockGuard lock(books_mutex_);
  ++books_.sent[recipient];
}

Stats UnixSocketEndpoint::stats() {
  table_->require_route();
  const platform::LockGuard lock(books_mutex_);
  return books_;
}

void UnixSocketEndpoint::save_books() {
  transport::Counts counts;
  const platform::LockGuard lock(books_mutex_);
  counts.dead = dead_before_ + mailbox_->dead();
  counts.stats = books_;
  table_->write_counts(self_.id, counts);
}

void UnixSocketEndpoint::write_stats() {
  const platform::LockGuard lock(leaving_);  // afterwards somebody else may have the name
  if (mailbox_ && !disconnected_) save_books();
}

std::map<std::string, Stats> UnixSocketEndpoint::all_stats() {
  std::map<std::string, Stats> all;
  for (const Peer& peer : table_->peers()) all[peer.name] = table_->counts_of(peer.id).stats;
  if (mailbox_ && !disconnected_) all[id()] = stats();
  return all;
}

}  // namespace ipcm
