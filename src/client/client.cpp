// SPDX-License-Identifier: MIT
#include <ipcm/client.hpp>

#include "client/endpoint.hpp"
#include "client/failure.hpp"
#include "client/message_builder.hpp"
#include "client/request_state.hpp"
#include "core/fault_point.hpp"
#include "core/message_id.hpp"
#include "core/names.hpp"
#include "core/seconds.hpp"
#include "platform/fork.hpp"
#include "platform/poll.hpp"
#include "platform/process.hpp"

namespace ipcm {
namespace {

// What a handler of disconnect() gets at a time.
constexpr std::size_t kDrainBatch = 100;

void call(const std::function<void()>& hook) {
  if (hook) hook();
}

MessageBuilder builder(const Endpoint& endpoint) {
  return {endpoint.id(), endpoint.clock()};
}

void require_recipient(const Message& message) {
  if (message.to().empty()) {
    throw Error(ErrorCode::InvalidMessage, "a broadcast without a recipient is sent with broadcast(), not one by one.");
  }
}

void require_inbox(const Endpoint& endpoint) {
  if (!endpoint.id().starts_with('_')) return;
  throw Error(ErrorCode::NotSupported,
              "a client without a name has no inbox: no answer to a request can come. Use connect().");
}

template <typename Send>
Outcome try_to(Send send) {
  try {
    send();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::WrongProcess) throw;
    return error;
  }
  return {};
}

Outcome outcome_of(const std::exception_ptr& failure) {
  return failure ? Outcome(to_error(failure)) : Outcome();
}

}  // namespace

// --- life ------------------------------------------------------------------------------------------------------------

Client::Connection::Connection(std::unique_ptr<Endpoint> endpoint) : endpoint_(std::move(endpoint)) {}
Client::Connection::Connection(Connection&&) noexcept = default;
Client::Connection::~Connection() = default;

Client::Client(Connection connection)
    : endpoint_(std::move(connection.endpoint_)), requests_(std::make_shared<Requests>(*endpoint_)) {
  if (!connection.is_entered_later_) endpoint_->enter();
}

Client::~Client() {
  close();
  if (endpoint_->in_own_process()) return;
  if (platform::forked_amid_calls()) {  // a thread of the parent may have been changing them: they stay as they are
    static_cast<void>(new auto(std::move(endpoint_)));
    static_cast<void>(new auto(std::move(requests_)));
  } else {
    endpoint_->abandon();
  }
}

void Client::close() noexcept {
  if (!endpoint_->in_own_process()) return;
  settle_requests();
  if (!endpoint_->disconnected()) {
    try {
      if (endpoint_->options().at_end == ConnectOptions::AtEnd::suspend && endpoint_->can_suspend()) {
        suspend();
      } else {
        disconnect();
      }
    } catch (...) {  // a hook or the store failed: then the peer counts as crashed, which loses nothing
    }
  }
  if (endpoint_->in_own_process()) endpoint_->stop_sends(!in_handler());  // a hook may have forked
}

bool Client::in_handler() const noexcept {
  return requests_->on_own_thread() || endpoint_->in_send_completion();
}

// Were one of the client's two threads of handlers to wait for the other, that might be waiting for it.
void Client::settle_requests() noexcept {
  requests_->close(requests_->left(), !in_handler());
}

// --- who and where ---------------------------------------------------------------------------------------------------

const std::string& Client::id() const noexcept {
  return endpoint_->id();
}

const std::string& Client::route() const noexcept {
  return endpoint_->route();
}

std::string Client::serializer() const {
  return std::string(endpoint_->serializer().name());
}

std::size_t Client::max_content() const noexcept {
  return endpoint_->max_content();
}

int Client::pid() const noexcept {
  return endpoint_->pid();
}

Client& Client::pid_check() {
  endpoint();
  return *this;
}

int Client::pid_is_running(int pid) {
  return platform::pid_is_running(pid);
}

bool Client::disconnected() const noexcept {
  return endpoint_->disconnected();
}

Endpoint& Client::reader() const {
  Endpoint& checked = endpoint();
  checked.require_reader();
  return checked;
}

Endpoint& Client::endpoint() const {
  if (endpoint_->in_own_process() || faults::has_bug("a child uses its parent's client")) return *endpoint_;
  throw Error(ErrorCode::WrongProcess,
              "the client " + in_quotes(id()) + " belongs to process " + std::to_string(pid()) +
                  ", not to a process forked from it. Connect anew, under another name.",
              pid());
}

// --- sending ---------------------------------------------------------------------------------------------------------

std::string Client::send_message(const Message& message, const MessageFields& overrides) {
  return send_built(build_message(message, overrides));
}

std::string Client::send_message(std::string_view peer, const Content& content, const MessageFields& fields) {
  return send_built(build_message(peer, content, fields));
}

std::string Client::send_message(const MessageFields& fields) {
  return send_built(build_message(fields));
}

std::string Client::send_built(const Message& message) {
  require_recipient(message);
  std::string id = message.id();  // copied before: once it is stored, nothing may fail
  Endpoint::Deduplicated first = endpoint().send(std::span(&message, 1));
  if (!first.empty()) id = std::move(first.begin()->second);
  return id;
}

Outcome Client::try_message(const Message& message, const MessageFields& overrides) {
  return try_to([&] { send_message(message, overrides); });
}

Outcome Client::try_message(std::string_view peer, const Content& content, const MessageFields& fields) {
  return try_to([&] { send_message(peer, content, fields); });
}

Outcome Client::try_message(const MessageFields& fields) {
  return try_to([&] { send_message(fields); });
}

Message Client::build_message(const Message& message, const MessageFields& overrides) const {
  return builder(*endpoint_).build(message, overrides);
}

Message Client::build_message(std::string_view peer, const Content& content, const MessageFields& fields) const {
  return builder(*endpoint_).build(peer, content, fields);
}

Message Client::build_message(const MessageFields& fields) const {
  return builder(*endpoint_).build(fields);
}

std::vector<std::string> Client::send_messages(std::span<const MessageFields> messages) {
  std::vector<Message> built;
  built.reserve(messages.size());
  for (const MessageFields& fields : messages) built.push_back(build_message(fields));
  return send_all(built);
}

std::vector<std::string> Client::send_messages(std::span<const Message> messages) {
  std::vector<Message> built;
  built.reserve(messages.size());
  for (const Message& message : messages) built.push_back(build_message(message));
  return send_all(built);
}

std::vector<std::string> Client::send_all(std::span<const Message> messages) {
  std::vector<std::string> ids;
  ids.reserve(messages.size());
  for (const Message& message : messages) {
    require_recipient(message);
    ids.push_back(message.id());
  }
  for (auto& [index, first] : endpoint().send(messages)) ids[index] = std::move(first);
  return ids;
}

std::future<std::string> Client::send_async(const Message& message, const MessageFields& overrides) {
  return send_built_async(build_message(message, overrides));
}

std::future<std::string> Client::send_async(std::string_view peer, const Content& content,
                                            const MessageFields& fields) {
  return send_built_async(build_message(peer, content, fields));
}

std::future<std::string> Client::send_async(const MessageFields& fields) {
  return send_built_async(build_message(fields));
}

std::future<std::string> Client::send_built_async(const Message& message) {
  require_recipient(message);
  auto promise = std::make_shared<std::promise<std::string>>();
  auto future = promise->get_future();
  if (endpoint().in_send_completion()) {  // nobody else could keep the promise while it is waited for
    try {
      promise->set_value(send_built(message));
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
    return future;
  }
  endpoint().send_async(message, [promise](const std::exception_ptr& failure, std::string&& id) {
    failure ? promise->set_exception(failure) : promise->set_value(std::move(id));
  });
  return future;
}

void Client::send_async(const Message& message, SendHandler handler) {
  send_built_async(build_message(message), std::move(handler));
}

void Client::send_async(std::string_view peer, const Content& content, SendHandler handler) {
  send_built_async(build_message(peer, content), std::move(handler));
}

void Client::send_async(const MessageFields& fields, SendHandler handler) {
  send_built_async(build_message(fields), std::move(handler));
}

void Client::send_built_async(const Message& message, SendHandler handler) {
  require_recipient(message);
  endpoint().send_async(message, [handler = std::move(handler)](const std::exception_ptr& failure, std::string&& id) {
    handler(id, outcome_of(failure));
  });
}

std::map<std::string, Outcome> Client::broadcast(const Message& message) {
  return endpoint().broadcast(builder(*endpoint_).build_broadcast(message));
}

std::map<std::string, Outcome> Client::broadcast(const Content& content) {
  MessageFields fields;
  fields.content = content;
  return broadcast_fields(fields);
}

std::map<std::string, Outcome> Client::broadcast_fields(const MessageFields& fields) {
  return endpoint().broadcast(builder(*endpoint_).build_broadcast(fields));
}

// --- reading ---------------------------------------------------------------------------------------------------------

std::vector<Message> Client::get_messages(std::size_t limit) {
  const bool apart = faults::has_bug("two threads may take the same");
  std::vector<Message> messages = apart ? reader().peek(limit) : reader().take(limit);
  if (apart) endpoint().remove(messages);
  requests_->sort_out(messages);
  return messages;
}

std::vector<Message> Client::peek(std::size_t limit) {
  std::vector<Message> messages = reader().peek(limit);
  requests_->sort_out_peeked(messages);
  return messages;
}

std::size_t Client::remove_messages(std::span<const Message> messages) {
  return endpoint().remove(messages);
}

void Client::requeue_message(const Message& message) {
  requeue_messages(std::span(&message, 1));
}

void Client::requeue_messages(std::span<const Message> messages) {
  endpoint().put_back(messages);
}

bool Client::have_ready_messages() {
  return endpoint().ready();
}

bool Client::have_pending_messages() {
  return endpoint().pending();
}

// --- requests and replies --------------------------------------------------------------------------------------------

Message Client::build_request(std::string_view peer, const Content& content, MessageFields fields) const {
  fields.reply_to = id();
  if (!fields.correlation_id) fields.correlation_id = MessageId::generate(0).text();
  return build_message(peer, content, fields);
}

Request Client::request(std::string_view peer, const Content& content, std::chrono::milliseconds timeout,
                        const MessageFields& fields) {
  require_inbox(endpoint());
  const auto deadline = platform::deadline_after(timeout);
  auto state = std::make_unique<Request::State>(Request::State{requests_, nullptr});
  state->pending = requests_->send(build_request(peer, content, fields), deadline, nullptr);
  return Request(std::move(state));  // once it is sent, nothing may fail
}

void Client::request(std::string_view peer, const Content& content, std::chrono::milliseconds timeout,
                     ReplyHandler handler) {
  require_inbox(endpoint());
  if (!handler) throw Error(ErrorCode::InvalidArgument, "the handler of a reply is empty.");
  const auto deadline = platform::deadline_after(timeout);
  requests_->send(build_request(peer, content, {}), deadline, std::move(handler));
}

std::string Client::answer(const Message& request, MessageFields fields) {
  if (!request.is_request()) {
    throw Error(ErrorCode::InvalidMessage,
                "the message " + in_quotes(request.id()) + " does not ask for a reply: it has no reply_to.");
  }
  fields.to = faults::has_bug("a reply goes to the wrong client") ? id() : request.reply_to();
  if (!request.correlation_id().empty()) fields.correlation_id = request.correlation_id();
  return send_message(fields);
}

std::string Client::reply(const Message& request, const Content& content) {
  return answer(request, {.content = content});
}

std::string Client::reply_error(const Message& request, std::string_view error) {
  return answer(request, {.error = std::string(error)});
}

// --- waiting ---------------------------------------------------------------------------------------------------------

bool Client::wait(std::chrono::milliseconds timeout) {
  return endpoint().wait(timeout, platform::Signals::ignored) == Waited::ready;
}

void Client::wait() {
  endpoint().wait(std::nullopt, platform::Signals::ignored);
}

Waited Client::wait_interruptibly(std::chrono::milliseconds timeout) {
  return endpoint().wait(timeout, platform::Signals::end_the_sleep);
}

int Client::fd() {
  return endpoint().fd();
}

int Client::peer_change_fd() {
  return endpoint().peer_change_fd();
}

// --- peers -----------------------------------------------------------------------------------------------------------

std::vector<std::string> Client::peers() {
  return endpoint().peers();
}

bool Client::peer_exists(std::string_view peer) {
  return endpoint().peer_exists(peer);
}

bool Client::peer_active(std::string_view peer) {
  return endpoint().peer_active(peer, std::chrono::milliseconds::zero());
}

bool Client::peer_active(std::string_view peer, std::chrono::milliseconds timeout) {
  return endpoint().peer_active(peer, timeout);
}

bool Client::peer_inactive(std::string_view peer, std::chrono::milliseconds timeout) {
  Endpoint& checked = endpoint();
  const auto deadline = platform::deadline_after(timeout);
  std::unique_ptr<PeerWatch> watch;
  int process = -1;
  const auto look = [&] {
    watch = checked.watch_peer(peer);  // anew: it may live a second life
    process = watch->fd();
    return !checked.peer_active(peer, std::chrono::milliseconds::zero());
  };
  return checked.wait_for(Endpoint::Changes::peers, deadline, look, std::span(&process, 1));
}

std::optional<int> Client::peer_pid(std::string_view peer) {
  const std::optional<PeerStatus> status = endpoint().peer_status(peer);
  return status && status->state == PeerState::active ? status->pid : std::nullopt;
}

std::optional<PeerStatus> Client::peer_status(std::string_view peer) {
  return endpoint().peer_status(peer);
}

std::optional<std::chrono::system_clock::time_point> Client::peer_suspend_expires(std::string_view peer) {
  return endpoint().peer_suspend_expires(peer);
}

void Client::forget(std::string_view peer) {
  endpoint().forget(peer);
}

// --- leaving ---------------------------------------------------------------------------------------------------------

Outcome Client::disconnect() {
  Endpoint& checked = endpoint();
  if (checked.disconnected() || checked.another_thread_hands_over()) return {};
  pre_disconnect_hook();
  pid_check();  // the hook may have forked
  const Endpoint::Goodbye goodbye = checked.disconnect(true);
  if (goodbye == Endpoint::Goodbye::said_by_others) return {};
  settle_requests();
  post_disconnect_hook();
  if (goodbye == Endpoint::Goodbye::clean) return {};
  return Error(
      ErrorCode::MessagesWaiting,
      in_quotes(id()) + " disconnected from " + route() + " while messages were waiting. " +
          (checked.can_suspend() ? "They are kept; connect again to read them."
                                 : "They are lost, as this route keeps none. Pass a handler to disconnect()."));
}

Outcome Client::disconnect(const DrainHandler& handler) {
  Endpoint& checked = endpoint();
  {
    const Endpoint::HandingOver ours(checked);
    if (!ours || checked.disconnected()) return {};
    pre_disconnect_hook();
    pid_check();
    if (!hand_over(handler)) return {};
  }
  settle_requests();
  post_disconnect_hook();
  return {};
}

// False: another thread said goodbye first.
bool Client::hand_over(const DrainHandler& handler) {
  Endpoint::Goodbye goodbye{};
  do {  // until no mail came in between looking and leaving
    try {
      for (auto batch = peek(kDrainBatch); !batch.empty(); batch = peek(kDrainBatch)) {
        handler(batch);
        remove_messages(batch);
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Disconnected || !endpoint_->disconnected()) throw;
      return false;
    }
    goodbye = endpoint_->disconnect(false);
  } while (goodbye == Endpoint::Goodbye::not_yet);
  return goodbye != Endpoint::Goodbye::said_by_others;
}

void Client::suspend() {
  suspend_until(std::nullopt);
}

void Client::suspend(std::chrono::milliseconds expires_in) {
  if (expires_in < std::chrono::milliseconds::zero()) {
    throw Error(ErrorCode::InvalidArgument,
                "a suspension cannot run out before it begins: " + std::to_string(expires_in.count()) + " ms.");
  }
  suspend_until(time_after(endpoint().clock().now(), expires_in));
}

void Client::suspend(std::chrono::system_clock::time_point expires_at) {
  suspend_until(expires_at);
}

void Client::suspend_until(std::optional<std::chrono::system_clock::time_point> expires_at) {
  Endpoint& checked = endpoint();
  if (checked.can_suspend()) pre_suspend_hook();
  pid_check();  // the hook may have forked
  checked.suspend(expires_at);
  settle_requests();
  post_suspend_hook();
}

void Client::pre_disconnect_hook() {
  call(endpoint_->options().hooks.pre_disconnect);
}

void Client::post_disconnect_hook() {
  call(endpoint_->options().hooks.post_disconnect);
}

void Client::pre_suspend_hook() {
  call(endpoint_->options().hooks.pre_suspend);
}

void Client::post_suspend_hook() {
  call(endpoint_->options().hooks.post_suspend);
}

// --- stats -----------------------------------------------------------------------------------------------------------

Stats Client::stats() {
  return endpoint().stats();
}

Stats Client::read_stats() {
  return endpoint().stats();
}

void Client::write_stats() {
  endpoint().write_stats();
}

std::map<std::string, Stats> Client::all_stats() {
  return endpoint().all_stats();
}

}  // namespace ipcm
