// SPDX-License-Identifier: MIT
// Connecting, leaving, sending and the books. Reading is in store_endpoint_reading.cpp, peers in
// store_endpoint_peers.cpp.
#include "client/store_endpoint.hpp"

#include <exception>
#include <limits>
#include <mutex>

#include "client/job_rules.hpp"
#include "client/parcels.hpp"
#include "client/peer_state.hpp"
#include "client/return_rules.hpp"
#include "client/store_jobs.hpp"
#include "core/fault_point.hpp"
#include "core/message_access.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"
#include "platform/process.hpp"
#include "platform/uptime.hpp"

namespace ipcm {

using storage::RecordedState;

using Mode = ConnectRequest::Mode;

namespace {

// How many messages a client that leaves looks through, with the write lock: a millisecond.
constexpr std::size_t kLookedThrough = 1000;

}  // namespace

StoreEndpoint::StoreEndpoint(StoreParts parts, ConnectRequest request)
    : Endpoint(std::move(request.name), std::move(request.route), std::move(request.serializer),
               std::move(request.options)),
      store_(std::move(parts.store)),
      send_in_(std::move(parts.send_in)),
      make_notifier_(std::move(parts.make_notifier)),
      mode_(request.mode),
      jobs_(std::make_unique<StoreJobs>(*this)),
      sends_(std::make_shared<SendQueue>([this](std::span<SendRequest* const> group) { commit_group(group); })) {}

StoreEndpoint::~StoreEndpoint() {
  if (sends_) sends_->stop(false);  // its client has waited for handlers, unless one of them destroyed it
}

// --- connecting and leaving ------------------------------------------------------------------------------------------

void StoreEndpoint::enter() {
  const ProtocolCall call;
  disconnected_ = false;
  try {
    if (mode_ == Mode::anonymous) {
      prepare_to_wait();
      return;
    }
    claim_name();
  } catch (...) {
    disconnected_ = true;
    waiting_.reset();
    store_->drop_presence(self_.id);
    throw;
  }
  faults::reach("can be woken");
  waiting_->notifier().announce();
}

void StoreEndpoint::prepare_to_wait() {
  const auto change_count = [this] {
    const std::lock_guard lock(turn_);
    return store_->change_count();
  };
  waiting_.reset();
  waiting_ = std::make_unique<Waiting>(make_notifier_(self_.id, change_count), options().fallback_interval);
}

void StoreEndpoint::claim_name() {
  store_->write([&](storage::Transaction& transaction) {
    std::optional<storage::PeerRow> peer = transaction.find_peer(id());
    if (!peer && mode_ == Mode::reconnect) {
      throw Error(ErrorCode::UnknownPeer, "cannot reconnect as " + in_quotes(id()) + " to " + route() +
                                              ": no peer of that name was ever connected. Use connect().");
    }
    if (peer && peer->is_queue) {
      throw Error(ErrorCode::NameInUse, "cannot connect as " + in_quotes(id()) + " to " + route() +
                                            ": a queue has that name. Claim from it under another one.");
    }
    self_ = peer ? *peer : transaction.insert_peer(id());
    if (!store_->hold_presence(self_.id)) {
      const std::string pid = self_.pid ? ", by process " + std::to_string(*self_.pid) + " on " + self_.host : "";
      throw Error(ErrorCode::NameInUse,
                  "cannot connect as " + in_quotes(id()) + " to " + route() + ": the name is in use" + pid + ".",
                  self_.pid);
    }
    const platform::ProcessIdentity process = platform::this_process();
    self_.state = RecordedState::active;
    self_.pid = process.pid;
    self_.pid_started = process.started;
    self_.host = process.host;
    self_.suspend_expires = std::nullopt;
    self_.epoch = self_.epoch < std::numeric_limits<std::int64_t>::max() ? self_.epoch + 1 : 1;
    transaction.update_peer(self_);
    if (self_.epoch > 1) jobs_->bring_back(transaction, self_.id);  // what an earlier life claimed from this inbox
    prepare_to_wait();  // so that nothing is left to fail once this is stored
  });
}

storage::PeerRow StoreEndpoint::row_after_leaving(RecordedState state, std::optional<double> suspend_expires) const {
  storage::PeerRow row = self_;
  row.state = state;
  row.pid = std::nullopt;
  row.pid_started = std::nullopt;
  row.host.clear();
  row.suspend_expires = suspend_expires;
  return row;
}

void StoreEndpoint::let_go_of_name() noexcept {
  turn_.assert_held();
  disconnected_ = true;
  faults::reach("is about to let go of its name");
  waiting_->retire();  // before anybody else can take the name
  store_->drop_presence(self_.id);
}

bool StoreEndpoint::is_terminate(const storage::StoredMessage& message) const {
  // To be decoded only where it can be one: in JSON a letter of the word may also be written by its number.
  const std::string_view content = message.parcel.content;
  const bool is_json = message.parcel.serializer.empty();
  const bool may_be = !is_json || content.find("terminate") != content.npos || content.find('\\') != content.npos;
  return may_be && !decoding_problem(message) && unpack(message, id()).is_terminate();
}

bool StoreEndpoint::is_stale(const storage::StoredMessage& message) const {
  return self_.stale_until && storage::arrival_of(message.place) <= *self_.stale_until && is_terminate(message);
}

// Many terminate messages are mail, so that it does not take for ever to look through them.
bool StoreEndpoint::has_mail_to_keep(storage::Snapshot& view) {
  bool found = false;
  std::size_t terminates = 0;
  view.peek(self_.id, kNoLimit, [&](const storage::StoredMessage& message) {
    found = !is_expired(message, now()) && (!is_terminate(message) || ++terminates >= kLookedThrough);
    return !found;
  });
  return found;
}

// They were meant for this life of the peer: the next one is not to end by them. Among much mail it drops those that it
// comes to itself: to find them here would keep all writers waiting.
std::optional<std::int64_t> StoreEndpoint::drop_terminates(storage::Transaction& transaction) {
  std::vector<storage::Standing> found;
  std::size_t looked_through = 0;
  transaction.peek(self_.id, kLookedThrough, [&](const storage::StoredMessage& message) {
    ++looked_through;
    if (is_terminate(message)) found.push_back({message.place, message.parcel.id});
    return true;
  });
  remove_from(transaction, found);
  if (looked_through < kLookedThrough) return std::nullopt;
  return transaction.last_arrival(self_.id);
}

Endpoint::Goodbye StoreEndpoint::disconnect(bool even_with_mail) {
  sends_->flush();
  bool mail_waits = false;
  std::set<storage::PeerId> readers;
  {
    const std::lock_guard lock(turn_);
    if (disconnected_) return Goodbye::said_by_others;
    if (self_.id != 0) {
      store_->write([&](storage::Transaction& transaction) {
        readers.clear();
        if (std::optional<JobRules> rules = rules_for(transaction)) rules->bring_due(self_.id);
        mail_waits = has_mail_to_keep(transaction);
        while (!mail_waits && let_expire(transaction)) mail_waits = has_mail_to_keep(transaction);
        if (mail_waits && !even_with_mail) return;
        jobs_->release_all(transaction, readers);
        storage::PeerRow row = row_after_leaving(RecordedState::disconnected, std::nullopt);
        row.stale_until = drop_terminates(transaction);
        transaction.update_peer(row);
      });
    }
    if (mail_waits && !even_with_mail) return Goodbye::not_yet;
    let_go_of_name();
  }
  for (const storage::PeerId reader : readers) waiting_->notifier().wake(reader);
  waiting_->look_again();
  waiting_->notifier().announce();
  return mail_waits ? Goodbye::with_mail : Goodbye::clean;
}

void StoreEndpoint::suspend(std::optional<std::chrono::system_clock::time_point> expires_at) {
  require_inbox("suspend");
  std::optional<double> expires;
  std::set<storage::PeerId> readers;
  sends_->flush();
  if (expires_at) expires = seconds_since_1970(*expires_at);
  {
    const std::lock_guard lock(turn_);
    require_connected();
    store_->write([&](storage::Transaction& transaction) {
      jobs_->release_all(transaction, readers);
      transaction.update_peer(row_after_leaving(RecordedState::suspended, expires));
    });
    let_go_of_name();
  }
  for (const storage::PeerId reader : readers) waiting_->notifier().wake(reader);
  waiting_->look_again();
  waiting_->notifier().announce();
}

void StoreEndpoint::abandon() noexcept {
  if (waiting_) waiting_->notifier().abandon();
  if (store_) store_->abandon();
  sends_.reset();
  waiting_.reset();
  store_.reset();
}

// --- taking turns ----------------------------------------------------------------------------------------------------

void StoreEndpoint::require_connected() const {
  if (!disconnected_) return;
  throw Error(ErrorCode::Disconnected,
              "the client " + in_quotes(id()) + " is disconnected from " + route() + ". Connect again.");
}

void StoreEndpoint::require_inbox(std::string_view call) const {
  if (self_.id != 0) return;
  throw Error(ErrorCode::NotSupported,
              "a client without a name has no inbox: it cannot " + std::string(call) + ". Use connect().");
}

void StoreEndpoint::read(Read work) {
  const std::lock_guard lock(turn_);
  require_connected();
  store_->read(work);
}

void StoreEndpoint::write(Write work) {
  std::unique_lock lock(turn_, std::defer_lock);
  if (!faults::has_bug("a write takes no lock")) lock.lock();
  require_connected();
  store_->write(work);
}

void StoreEndpoint::read_even_disconnected(Read work) {
  const std::lock_guard lock(turn_);
  store_->read(work);
}

std::optional<JobRules> StoreEndpoint::rules_for(storage::Transaction& transaction) const {
  std::optional<JobRules> rules;
  if (storage::Jobs* jobs = transaction.jobs()) rules.emplace(transaction, *jobs, JobTime{now(), platform::uptime()});
  return rules;
}

double StoreEndpoint::now() const {
  return seconds_since_1970(clock().now());
}

// --- sending ---------------------------------------------------------------------------------------------------------

namespace {

[[noreturn]] void throw_duplicate(const Message& message) {
  throw Error(ErrorCode::DuplicateMessage, "the message " + in_quotes(message.id()) + " is held for " +
                                               in_quotes(message.to()) + " already. Nothing was stored.");
}

}  // namespace

PackedMessage StoreEndpoint::packed(const Message& message) const {
  return {message, serializer(), store_->max_content(), PackedMessage::As::encoded_anew};
}

Endpoint::Deduplicated StoreEndpoint::send(std::span<const Message> messages) {
  require_connected();  // before anything that is wrong with the messages
  SendRequest request;
  request.messages.reserve(messages.size());
  for (const Message& message : messages) request.messages.push_back(packed(message));
  sends_->send(request);
  return std::move(request.deduplicated);
}

void StoreEndpoint::send_async(const Message& message, SendCompletion completion) {
  auto request = std::make_unique<SendRequest>();
  request->messages.push_back(packed(message));
  // It is moved on: a copy would need memory once it is stored.
  request->completion = [completion = std::move(completion), id = message.id()](SendRequest& sent) mutable {
    completion(sent.failure, std::move(sent.deduplicated.empty() ? id : sent.deduplicated.begin()->second));
  };
  sends_->send_async(std::move(request));
}

void StoreEndpoint::commit_group(std::span<SendRequest* const> group) noexcept {
  try {
    store_group(group);
  } catch (const Error& error) {
    if (group.size() > 1 && error.code() == ErrorCode::RouteFull) {  // together they are too large; alone some may fit
      for (SendRequest* const& request : group) commit_group({&request, 1});
      return;
    }
    // To each its own: the end of one that threads share is a race in the eyes of ThreadSanitizer.
    for (SendRequest* request : group) request->failure = std::make_exception_ptr(error);
  } catch (...) {
    for (SendRequest* request : group) request->failure = std::current_exception();
  }
}

void StoreEndpoint::store_group(std::span<SendRequest* const> group) {
  Recipients recipients;
  write([&](storage::Transaction& transaction) {
    for (SendRequest* request : group) {
      request->failure = nullptr;  // of a try that came to nothing
      const auto append = [&] { append_all(transaction, *request, recipients); };
      if (group.size() == 1) return append();
      try {  // one that is refused fails by itself; a single message is not half stored
        request->messages.size() > 1 ? transaction.attempt(append) : append();
      } catch (const Error&) {
        request->failure = std::current_exception();
      }
    }
  });
  faults::reach("stored, and is about to wake");
  for (const auto& [name, recipient] : recipients) {
    for (const storage::PeerId reader : recipient.readers) waiting_->notifier().wake(reader);
  }
}

void StoreEndpoint::append_all(storage::Transaction& transaction, SendRequest& request, Recipients& recipients) {
  request.deduplicated.clear();  // of a try that came to nothing
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    if (const auto first = append(transaction, request.messages[i], recipients)) {
      request.deduplicated.emplace(i, first->text());
    }
  }
}

std::optional<MessageId> StoreEndpoint::append(storage::Transaction& transaction, const PackedMessage& message,
                                               Recipients& recipients) {
  const std::string& to = message.message().to();
  auto known = recipients.find(to);
  if (known == recipients.end()) {
    const std::optional<storage::PeerRow> peer = transaction.find_peer(to);
    if (auto refused = refusal(to, peer, now(), route())) throw Error(*refused);
    known = recipients.emplace(to, Recipient{peer->id}).first;
    std::set<storage::PeerId>& readers = known->second.readers;
    peer->is_queue ? StoreJobs::add_readers(transaction, peer->id, readers) : void(readers.insert(peer->id));
  }
  const storage::PeerId inbox = known->second.inbox;
  if (!message.is_job()) {
    if (!transaction.append(inbox, message.parcel())) throw_duplicate(message.message());
    return std::nullopt;
  }
  std::optional<JobRules> rules = rules_for(transaction);
  if (!rules) PackedMessage::refuse_job(message.message(), route());
  const JobRules::Posted posted = rules->post(inbox, message.parcel(), message.deliver_at());
  if (!posted.stored && !posted.first) throw_duplicate(message.message());
  return posted.first;
}

std::map<std::string, Outcome> StoreEndpoint::broadcast(const Message& prototype) {
  require_connected();
  const PackedMessage message = packed(prototype);
  sends_->flush();  // what was sent before stands before it
  std::map<std::string, Outcome> outcomes;
  std::vector<storage::PeerId> recipients;
  write([&](storage::Transaction& transaction) {
    outcomes.clear();
    recipients.clear();
    if (!transaction.jobs()) PackedMessage::refuse_job(prototype, route());
    for (const storage::PeerRow& peer : transaction.peers()) {
      if (peer.id == self_.id || peer.is_queue || !takes_mail(peer, now())) continue;
      if (faults::has_bug("a broadcast misses a peer")) continue;
      storage::Parcel parcel = message.parcel();
      parcel.id = MessageId::generate(static_cast<std::int64_t>(now() * 1000));
      if (message.is_job()) {
        rules_for(transaction)->post(peer.id, parcel, message.deliver_at());
      } else {
        transaction.append(peer.id, parcel);
      }
      outcomes.emplace(peer.name, Outcome());
      recipients.push_back(peer.id);
    }
  });
  for (const storage::PeerId inbox : recipients) waiting_->notifier().wake(inbox);
  return outcomes;
}

void StoreEndpoint::put_back(std::span<const Message> messages) {
  require_inbox("requeue");
  require_connected();
  std::vector<PackedMessage> packed;
  packed.reserve(messages.size());
  for (const Message& message : messages) {
    check_addressee(message, id());
    packed.emplace_back(message, serializer(), store_->max_content(), PackedMessage::As::stored_before);
  }
  write([&](storage::Transaction& transaction) {
    std::optional<JobRules> rules = rules_for(transaction);
    // Those without a known place go to the front one by one, so the last comes first.
    for (auto one = packed.rbegin(); one != packed.rend(); ++one) {
      const std::optional<storage::Place> place = MessageAccess::place(one->message());
      const bool was_read = transaction.has_read_from(self_.id, one->message().from());
      const bool is_back =
          rules ? rules->put_back(self_, place, one->parcel()) : transaction.put_back(self_, place, one->parcel());
      if (!is_back) throw_duplicate(one->message());
      if (!was_read) refuse_unread(one->message());
    }
  });
  waiting_->notifier().wake(self_.id);
}

std::string StoreEndpoint::send_in(sqlite3* connection, const Message& message, Committed committed) {
  if (!send_in_) return Endpoint::send_in(connection, message, std::move(committed));  // which throws
  require_connected();
  const PackedMessage packed(message, *find_serializer("JSON"), store_->max_content(), PackedMessage::As::encoded_anew);
  return send_in_(connection, message.to(), packed.parcel(), packed.deliver_at(), std::move(committed));
}

// A hint, so what fails is left to the readers' own looks.
void StoreEndpoint::wake_readers(const std::set<std::string>& recipients) noexcept {
  try {
    std::set<storage::PeerId> readers;
    read([&](storage::Snapshot& view) {
      for (const std::string& name : recipients) {
        if (const auto peer = view.find_peer(name)) StoreJobs::add_readers(view, peer->id, readers);
      }
    });
    for (const storage::PeerId reader : readers) waiting_->notifier().wake(reader);
  } catch (...) {}
}

JobEndpoint& StoreEndpoint::jobs() {
  if (!store_->keeps_jobs()) return Endpoint::jobs();  // which throws
  return *jobs_;
}

// --- the books -------------------------------------------------------------------------------------------------------

Stats StoreEndpoint::stats() {
  Stats own;
  read_even_disconnected([&](storage::Snapshot& view) {
    own = {};
    for (const storage::PairCount& pair : view.counts()) {
      if (pair.recipient == id() && self_.id != 0 && pair.read > 0) own.read[pair.sender] = pair.read;
      if (pair.sender == id()) own.sent[pair.recipient] = pair.sent;
    }
  });
  return own;
}

std::map<std::string, Stats> StoreEndpoint::all_stats() {
  std::map<std::string, Stats> all;
  read_even_disconnected([&](storage::Snapshot& view) {
    all.clear();
    for (const storage::PeerRow& peer : view.peers()) all[peer.name];
    for (const storage::PairCount& pair : view.counts()) {
      if (pair.read > 0) all[pair.recipient].read[pair.sender] = pair.read;
      all[pair.sender].sent[pair.recipient] = pair.sent;
    }
  });
  return all;
}

}  // namespace ipcm
