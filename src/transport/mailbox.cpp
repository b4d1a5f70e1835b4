// SPDX-License-Identifier: MIT
#include "transport/mailbox.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include <ipcm/error.hpp>

#include "platform/background_thread.hpp"
#include "platform/process.hpp"
#include "transport/datagram_size.hpp"
#include "transport/letter_codec.hpp"

namespace ipcm::transport {
namespace {

// More than a socket holds with the usual setting of the kernel.
constexpr std::size_t kLeastAtOnce = 1024;
constexpr std::size_t kAtATime = 32;

// How long the thread goes on after a sender poked it, although nothing comes: senders come back soon. Not where the
// client reads by itself: it would only stand in its way.
constexpr std::chrono::milliseconds kStayAwake{5};

// How many datagrams can lie in a socket: what was sent before a call that takes all must be found by it.
std::size_t most_in_a_socket() {
  std::size_t length = 0;
  std::ifstream("/proc/sys/net/unix/max_dgram_qlen") >> length;  // 0 where there is none
  return std::max(length + 2, kLeastAtOnce);
}

}  // namespace

Mailbox::Mailbox(const RouteFolder& route, const Peer& self)
    : self_(self),
      folder_(route.open()),
      sockets_(folder_, kSocketsName),
      enclosures_(*folder_),
      socket_(sockets_.bind(self.mail_socket())),
      pressure_(sockets_.bind(self.pressure_socket())),
      user_(platform::effective_user()),
      most_at_once_(most_in_a_socket()),
      inbox_(self.epoch),
      buffer_(kMostDatagramBytes) {
  const std::string own = std::to_string(self.id) + "-";
  for (const std::string& name : sockets_.names()) {  // of clients of that name that were killed
    const bool current = name == self.mail_socket() || name == self.pressure_socket();
    if (name.starts_with(own) && !current) sockets_.remove(name);
  }
}

std::shared_ptr<Mailbox> Mailbox::open(const RouteFolder& route, const Peer& self) {
  std::shared_ptr<Mailbox> mailbox(new Mailbox(route, self));
  mailbox->running_ = true;
  platform::start_background_thread([mailbox] { mailbox->run(); });
  return mailbox;
}

void Mailbox::close() noexcept {
  refuse_more();
  closing_ = true;
  platform::refuse_datagrams(pressure_.get());
  {
    const platform::ForkHold::Suspended for_its_thread;  // which a fork that waits for this one would keep out
    running_.wait(true);
  }
  for (const std::string& name : {self_.mail_socket(), self_.pressure_socket()}) sockets_.remove(name);
  const Lock lock(mutex_);
  on_arrival_ = nullptr;
  inbox_.clear();
  try {
    enclosures_.remove_mail_of(self_);  // what it has not taken is lost now; and what a killed sender never told of
  } catch (const std::exception&) {     // the next client of the name removes it
  }
}

void Mailbox::on_arrival(std::function<void()> told) {
  const Lock lock(mutex_);
  on_arrival_ = std::move(told);
}

int Mailbox::arrivals() {
  const Lock lock(mutex_);
  return inbox_.is_full() ? -1 : socket_.get();
}

void Mailbox::refuse_more() noexcept {
  const Lock lock(mutex_);
  refusing_ = true;
  platform::refuse_datagrams(socket_.get());
  update_signal();
}

// --- receiving -------------------------------------------------------------------------------------------------------

// Returns how many datagrams it took out of the socket.
std::size_t Mailbox::receive(std::size_t most) {
  std::size_t count = 0;
  platform::Received received;
  while (count < most && !inbox_.is_full() && platform::receive_datagram(socket_.get(), buffer_, received)) {
    ++count;
    std::optional<Letter> letter;
    const bool trusted = received.known_user && received.user == user_;
    if (received.whole && trusted) letter = decode_letter({buffer_.data(), received.size});
    letter ? inbox_.append(std::move(*letter)) : static_cast<void>(++dropped_);
  }
  if (count > 0 && on_arrival_) on_arrival_();
  return count;
}

void Mailbox::update_signal() noexcept {
  const bool wanted = refusing_ || (!inbox_.empty() && (waiters_ > 0 || poll_fd_));
  if (wanted == signalled_) return;
  signalled_ = wanted;
  wanted ? signal_.signal() : static_cast<void>(signal_.drain());
}

void Mailbox::run() noexcept {
  while (!closing_) {
    try {
      platform::wait_readable(pressure_.get(), platform::MonotonicTime::max());
      platform::discard_datagrams(pressure_.get(), 64, platform::Senders::owner);
      const unsigned reads_before = reads_;
      while (!closing_ && relieve() && reads_ == reads_before &&
             platform::wait_readable(socket_.get(), std::chrono::steady_clock::now() + kStayAwake)) {}
    } catch (const std::exception&) {  // out of memory: senders wait, and poke again
    }
  }
  running_ = false;
  running_.notify_all();
}

// False: there is no room for more.
bool Mailbox::relieve() {
  const Lock lock(mutex_);
  receive(most_at_once_);
  update_signal();
  return !inbox_.is_full() && !refusing_;
}

// --- reading ---------------------------------------------------------------------------------------------------------

void Mailbox::visit(std::size_t limit, Judge judge, Enclosures enclosures) {
  const Lock lock(mutex_);
  ++reads_;
  if (poll_fd_) poll_fd_->drain_interval();
  Progress progress{limit};
  std::size_t room = most_at_once_;  // for those who send as fast as this takes
  try {
    while (visit_what_is_here(progress, judge, enclosures)) {
      // A little at a time: while this judges, senders can go on.
      const std::size_t count = receive(std::min({progress.left, room, kAtATime}));
      if (count == 0) break;
      room -= count;
    }
  } catch (...) {
    update_signal();
    throw;
  }
  update_signal();
}

void Mailbox::visit_reply(const std::string& correlation_id, Judge judge) {
  const Lock lock(mutex_);
  ++reads_;
  receive(most_at_once_);
  if (const std::optional<Place> place = inbox_.find_reply(correlation_id)) {
    Progress progress{1, *place - 1};
    visit_what_is_here(
        progress, [&](Place at, const Letter& letter) { return at == *place ? judge(at, letter) : Verdict::stop; },
        Enclosures::read);
  }
  update_signal();
}

std::vector<std::string> Mailbox::replies() {
  const Lock lock(mutex_);
  ++reads_;
  receive(most_at_once_);
  update_signal();
  return inbox_.replies();
}

// False: it is over.
bool Mailbox::visit_what_is_here(Progress& progress, Judge judge, Enclosures enclosures) {
  for (auto each = inbox_.after(progress.last_seen); progress.left > 0 && each != inbox_.end();) {
    const auto here = each++;
    Letter* letter = &here->second;
    Letter with_content;
    if (letter->enclosure && enclosures == Enclosures::read) {
      std::optional<std::string> content;
      try {
        content = enclosures_.read(*letter->enclosure, self_);
      } catch (const Error&) {
        if (progress.shown) return false;
        throw;
      }
      if (!content) {
        ++dead_;
        erase(here);
        continue;
      }
      with_content = *letter;
      with_content.content = std::move(*content);
      letter = &with_content;
    }
    progress.last_seen = here->first;
    switch (judge(here->first, *letter)) {
      case Verdict::stop: return false;
      case Verdict::keep: break;
      case Verdict::set_aside:
        ++dead_;
        erase(here);
        continue;
      case Verdict::take: erase(here); break;
    }
    progress.shown = true;
    --progress.left;
  }
  return progress.left > 0;
}

void Mailbox::erase(Inbox::Letters::iterator letter) {
  if (letter->second.enclosure) enclosures_.remove(*letter->second.enclosure, self_);
  inbox_.erase(letter);
}

std::optional<std::string> Mailbox::remove(Place place, const MessageId& id) {
  const Lock lock(mutex_);
  if (poll_fd_) poll_fd_->drain_interval();
  const auto found = inbox_.find(place, id);
  if (found == inbox_.end()) return std::nullopt;
  std::string sender = found->second.sender;
  erase(found);
  update_signal();
  return sender;
}

std::optional<std::size_t> Mailbox::put_back(std::vector<Returned> letters) {
  const Lock lock(mutex_);
  receive(most_at_once_);  // what has come and may have the same id
  std::vector<std::pair<Place, MessageId>> done;
  // Those without a known place go to the front one by one, so the last comes first.
  for (std::size_t n = letters.size(); n-- > 0;) {
    const MessageId id = letters[n].letter.id;
    const std::optional<Place> place = inbox_.put_back(letters[n].place, std::move(letters[n].letter));
    if (!place) {
      for (const auto& [where, what] : done) inbox_.erase(inbox_.find(where, what));
      return n;
    }
    done.emplace_back(*place, id);
  }
  update_signal();
  return std::nullopt;
}

Mailbox::Appended Mailbox::append(Letter letter) {
  const Lock lock(mutex_);
  receive(most_at_once_);  // what others sent before
  const bool full = inbox_.is_full();
  const bool duplicate = inbox_.has_chosen_id(letter.id);
  if (!full && !duplicate) {
    inbox_.append(std::move(letter));
    if (on_arrival_) on_arrival_();
  }
  update_signal();
  if (duplicate) return Appended::duplicate;
  return full ? Appended::full : Appended::yes;
}

// --- waiting ---------------------------------------------------------------------------------------------------------

bool Mailbox::ready() {
  const Lock lock(mutex_);
  while (inbox_.empty() && receive(1) > 0) {}
  update_signal();
  return !inbox_.empty();
}

Waited Mailbox::wait(std::optional<platform::MonotonicTime> deadline, std::chrono::milliseconds interval,
                     platform::Signals signals, FunctionRef<void()> check) {
  for (;;) {
    check();
    {
      const Lock lock(mutex_);
      while (inbox_.empty() && receive(1) > 0) {}
      if (!inbox_.empty()) {
        update_signal();
        return Waited::ready;
      }
      if (deadline && std::chrono::steady_clock::now() >= *deadline) return Waited::timed_out;
      ++waiters_;
    }
    const auto next_look = platform::deadline_after(interval);
    const std::array fds{socket_.get(), signal_.get()};
    const platform::Woken woken =
        platform::sleep_until_readable(fds, deadline ? std::min(*deadline, next_look) : next_look, signals);
    const Lock lock(mutex_);
    --waiters_;
    update_signal();
    if (woken == platform::Woken::by_signal) return Waited::interrupted;
  }
}

int Mailbox::fd(std::chrono::milliseconds interval) {
  const Lock lock(mutex_);
  if (!poll_fd_) {
    either_fd_ = std::make_unique<platform::EitherFd>(socket_.get(), signal_.get());
    poll_fd_ = std::make_unique<platform::PeriodicPollFd>(either_fd_->get(), interval);
    update_signal();
  }
  return poll_fd_->get();
}

}  // namespace ipcm::transport
