// SPDX-License-Identifier: MIT
#include "notify/socket_notifier.hpp"
#include "core/fault_point.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <ipcm/error.hpp>

namespace ipcm::notify {
namespace {

constexpr std::string_view kPeersSuffix = ".peers";
constexpr std::string_view kMailSuffix = ".mail";
constexpr std::string_view kAnonymousPrefix = "anonymous-";
// More than the kernel queues by default; what is left makes the descriptor readable once more.
constexpr int kMostDatagrams = 64;

// Clients without an inbox need a name of their own for the socket that hears of peers.
std::string name_for(Inbox inbox) {
  static std::atomic<unsigned> counter{0};
  if (inbox != 0) return std::to_string(inbox);
  return std::string(kAnonymousPrefix) + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1));
}

[[noreturn]] void throw_gone(const SocketNotifier::Place& place) {
  throw Error(ErrorCode::RouteGone,
              "the route whose lock file was " + place.home->path_of(place.lock_file) + " is being removed, or gone.");
}

platform::RangeLockFile open_locks(const SocketNotifier::Place& place) {
  if (!place.home->status_of(place.lock_file)) throw_gone(place);
  return {*place.home, place.lock_file};
}

}  // namespace

/// While it lives the route is not removed, so what is made in its folder of sockets is removed with it. False: it is
/// about to be removed, or it is gone.
class SocketNotifier::RouteStays {
 public:
  explicit RouteStays(SocketNotifier& notifier) noexcept : notifier_(notifier) {
    try {
      is_locked_ = notifier_.locks_.try_lock_shared(notifier_.folder_byte_);
    } catch (const Error& error) {
      problem_ = error;
    }
    stays_ = is_locked_ && notifier_.locks_.is_still_at_path();
  }
  ~RouteStays() {
    if (is_locked_) notifier_.locks_.unlock(notifier_.folder_byte_);
  }
  RouteStays(const RouteStays&) = delete;
  RouteStays& operator=(const RouteStays&) = delete;

  explicit operator bool() const noexcept { return stays_; }
  /// Why it cannot be told, if it cannot.
  const std::optional<Error>& problem() const noexcept { return problem_; }

 private:
  SocketNotifier& notifier_;
  std::optional<Error> problem_;
  bool is_locked_ = false;
  bool stays_ = false;
};

SocketNotifier::SocketNotifier(const Place& place, Inbox inbox)
    : sleep_base_(place.sleep_base),
      presence_base_(place.presence_base),
      folder_byte_(place.folder_byte),
      inbox_(inbox),
      senders_(place.access.group ? platform::Senders::anybody : platform::Senders::owner),
      locks_(open_locks(place)),
      folder_(open_folder(place)),
      voice_(platform::unbound_datagram_socket()) {
  const std::string name = name_for(inbox);
  mail_.name = name + std::string(kMailSuffix);
  peers_.name = name + std::string(kPeersSuffix);
}

platform::SocketFolder SocketNotifier::open_folder(const Place& place) {
  const RouteStays stays(*this);
  if (stays.problem()) throw Error(*stays.problem());
  if (!stays) throw_gone(place);
  return {place.home, place.folder, place.access};
}

SocketNotifier::~SocketNotifier() {
  if (!abandoned_) retire();
}

void SocketNotifier::retire() noexcept {
  for (Ear* heard : {&mail_, &peers_}) {
    if (heard->fd.get() >= 0 && !heard->retired) folder_.remove(heard->name);
    heard->retired = true;
  }
}

int SocketNotifier::fd(Event event) {
  Ear& listening = ear(event);
  if (listening.fd.get() < 0 && !listening.retired && !bind(listening)) {
    // No hint can reach it: its owner looks by itself, every fallback interval.
    listening.fd.reset(platform::unbound_datagram_socket());
  }
  return listening.fd.get();
}

// Keeps the number of the descriptor: threads may be sleeping on it.
bool SocketNotifier::bind(Ear& listening) noexcept {
  const RouteStays stays(*this);
  if (!stays) return false;  // its client learns it at its next look
  try {
    platform::UniqueFd bound = folder_.bind(listening.name);
    listening.identity = folder_.identity_of(listening.name);
    if (listening.fd.get() < 0) {
      listening.fd.reset(std::move(bound));
      return true;
    }
    return ::dup3(bound.get(), listening.fd.get(), O_CLOEXEC) >= 0;
  } catch (...) {  // no folder can be made, or no memory
    return false;
  }
}

bool SocketNotifier::repair(Event event) noexcept {
  Ear& listening = ear(event);
  if (abandoned_ || listening.fd.get() < 0 || listening.retired) return false;
  try {
    if (listening.identity && folder_.identity_of(listening.name) == listening.identity) return false;
  } catch (...) {  // no memory for a path
    return false;
  }
  return bind(listening);
}

void SocketNotifier::arm(Event event) {
  fd(event);
  if (event != Event::mail || inbox_ == 0 || mail_.retired) return;
  locks_.try_lock(sleep_base_ + inbox_);
  mail_armed_ = true;
}

void SocketNotifier::disarm(Event event) noexcept {
  if (event != Event::mail || inbox_ == 0) return;
  mail_armed_ = false;
  locks_.unlock(sleep_base_ + inbox_);
}

bool SocketNotifier::drain(Event event) noexcept {
  const int socket = ear(event).fd.get();
  return socket >= 0 && platform::discard_datagrams(socket, kMostDatagrams, senders_);
}

void SocketNotifier::renew(Event event) noexcept {
  if (ear(event).fd.get() >= 0) signal(ear(event).name);
}

void SocketNotifier::wake(Inbox inbox) noexcept {
  if (abandoned_ || faults::has_bug("a wake-up is lost")) return;
  try {
    const bool asleep = inbox == inbox_ ? mail_armed_.load() : locks_.is_locked_by_other(sleep_base_ + inbox);
    if (asleep) signal(std::to_string(inbox) + std::string(kMailSuffix));
  } catch (...) {  // it looks again by itself
  }
}

void SocketNotifier::announce() noexcept {
  if (abandoned_) return;
  try {
    for (const std::string& name : folder_.names()) {
      if (name == peers_.name || name == mail_.name) continue;
      const bool heard = name.ends_with(kPeersSuffix) && signal(name);
      if (!heard && is_stale(name)) folder_.remove(name);
    }
  } catch (...) {  // they look again by themselves
  }
}

// Left by a client that was killed. Should a new one bind the name at this very moment, it makes it anew by itself.
bool SocketNotifier::is_stale(const std::string& name) const {
  Inbox inbox = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), inbox);
  if (problem != std::errc()) return name.starts_with(kAnonymousPrefix) && name.ends_with(kPeersSuffix);
  return inbox != inbox_ && !locks_.is_locked_by_other(presence_base_ + inbox);
}

std::string SocketNotifier::describe() const {
  return "socket: Unix datagrams in " + folder_.path();
}

// False: nobody is there.
bool SocketNotifier::signal(const std::string& name) const noexcept {
  const char byte = 0;
  return folder_.send(voice_.get(), name, &byte, sizeof byte) != platform::SocketFolder::Delivery::nobody;
}

}  // namespace ipcm::notify
