// SPDX-License-Identifier: MIT
#include "client/send_queue.hpp"

#include <future>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "core/message_access.hpp"

using namespace ipcm;

namespace {

constexpr std::size_t kMaxContent = 1 << 20;

const Serializer& json() {
  static const auto serializer = find_serializer("JSON");
  return *serializer;
}

// A request of one message, which is known by the name of its recipient.
SendRequest request_to(const std::string& name, std::size_t bytes = 1) {
  const Message message = MessageAccess::make(MessageId::chosen(name), "boss", name, 0, false, std::string(bytes, 'x'));
  SendRequest request;
  request.messages.emplace_back(message, json(), kMaxContent, PackedMessage::As::encoded_anew);
  return request;
}

/// A store whose commits wait until they are let through. Keeps the groups by the names of their recipients.
class SlowStore {
 public:
  explicit SlowStore(std::ptrdiff_t held_commits = 1) : held_commits_(held_commits) {}

  SendQueue::Commit commit() {
    return [this](std::span<SendRequest* const> group) {
      std::string names;
      for (const SendRequest* request : group) {
        for (const PackedMessage& message : request->messages) names += message.message().to() + " ";
      }
      groups_.push_back(names);
      if (held_commits_-- > 0) {
        begun_.count_down();
        let_go_.wait();
      }
      for (SendRequest* request : group) {
        if (!request->messages.empty() && request->messages.front().message().to() == "refused") {
          request->failure = std::make_exception_ptr(Error(ErrorCode::UnknownPeer, "refused"));
        }
      }
    };
  }
  void wait_for_first_commit() { begun_.wait(); }
  void let_go() { let_go_.count_down(); }
  const std::vector<std::string>& groups() const { return groups_; }  // once nobody commits

 private:
  std::ptrdiff_t held_commits_;
  std::latch begun_{1};
  std::latch let_go_{1};
  std::vector<std::string> groups_;
};

std::unique_ptr<SendRequest> counted(SendRequest request, std::atomic<int>& completions) {
  auto made = std::make_unique<SendRequest>(std::move(request));
  made->completion = [&completions](const SendRequest&) {
    ++completions;
    completions.notify_all();
  };
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(send_queue)

BOOST_AUTO_TEST_CASE(what_is_handed_in_during_a_commit_is_committed_together_in_its_order) {
  SlowStore store;
  const auto queue = std::make_shared<SendQueue>(store.commit());
  std::atomic<int> completions{0};
  auto first = std::async(std::launch::async, [&] {
    SendRequest request = request_to("first");
    queue->send(request);
  });
  store.wait_for_first_commit();
  for (const char* name : {"a", "b", "c"}) queue->send_async(counted(request_to(name), completions));
  store.let_go();
  queue->stop(true);
  first.get();
  BOOST_TEST(store.groups().size() == 2U);
  BOOST_TEST(store.groups().at(0) == "first ");
  BOOST_TEST(store.groups().at(1) == "a b c ");
  BOOST_TEST(completions == 3);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_refused_fails_alone) {
  SlowStore store;
  const auto queue = std::make_shared<SendQueue>(store.commit());
  std::string outcomes;
  const auto handed_in = [&](const std::string& name) {
    auto request = std::make_unique<SendRequest>(request_to(name));
    request->completion = [&outcomes, name](const SendRequest& sent) {
      outcomes += name + (sent.failure ? " failed, " : " stored, ");
    };
    queue->send_async(std::move(request));
  };
  handed_in("first");
  store.wait_for_first_commit();
  for (const char* name : {"a", "refused", "b"}) handed_in(name);
  store.let_go();
  queue->stop(true);
  BOOST_TEST(outcomes == "first stored, a stored, refused failed, b stored, ");
  BOOST_TEST(store.groups().size() == 2U);
  SendRequest request = request_to("refused");
  BOOST_CHECK_THROW(queue->send(request), Error);
}

BOOST_AUTO_TEST_CASE(a_group_is_bounded_in_requests_and_in_bytes) {
  SlowStore store;
  const auto queue = std::make_shared<SendQueue>(store.commit());
  std::atomic<int> completions{0};
  queue->send_async(counted(request_to("first"), completions));
  store.wait_for_first_commit();
  constexpr std::size_t kHalf = SendQueue::kMostBytes / 2;
  for (const char* name : {"half", "half", "half"})
    queue->send_async(counted(request_to(name, kHalf - 2), completions));
  for (std::size_t n = 0; n < SendQueue::kMostRequests; ++n) queue->send_async(counted(request_to("s"), completions));
  store.let_go();
  queue->stop(true);
  BOOST_TEST(store.groups().size() == 4U);
  BOOST_TEST(store.groups().at(1) == "half half ");
  BOOST_TEST(store.groups().at(2).size() == 5 + 2 * (SendQueue::kMostRequests - 1));
  BOOST_TEST(store.groups().at(3) == "s ");
  BOOST_TEST(completions == 1004);
}

BOOST_AUTO_TEST_CASE(flushing_waits_for_what_was_handed_in_before) {
  SlowStore store;
  const auto queue = std::make_shared<SendQueue>(store.commit());
  std::atomic<int> completions{0};
  queue->send_async(counted(request_to("first"), completions));
  store.wait_for_first_commit();
  queue->send_async(counted(request_to("second"), completions));
  auto flushed = std::async(std::launch::async, [&] { queue->flush(); });
  BOOST_TEST((flushed.wait_for(std::chrono::milliseconds(1)) == std::future_status::timeout));
  store.let_go();
  flushed.get();
  BOOST_TEST(store.groups().at(1).starts_with("second "));
  queue->stop(true);
  BOOST_TEST(completions == 2);
}

BOOST_AUTO_TEST_CASE(handing_in_blocks_while_too_much_is_in_flight) {
  SlowStore store;
  const auto queue = std::make_shared<SendQueue>(store.commit());
  std::atomic<int> completions{0};
  for (std::size_t n = 0; n < SendQueue::kMostInFlight; ++n) queue->send_async(counted(request_to("s"), completions));
  auto one_more = std::async(std::launch::async, [&] { queue->send_async(counted(request_to("last"), completions)); });
  BOOST_TEST((one_more.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout));
  store.let_go();
  one_more.get();
  queue->stop(true);
  BOOST_TEST(completions == static_cast<int>(SendQueue::kMostInFlight) + 1);
}

BOOST_AUTO_TEST_CASE(handing_in_blocks_while_too_many_bytes_are_in_flight) {
  SlowStore store;
  const auto queue = std::make_shared<SendQueue>(store.commit());
  std::atomic<int> completions{0};
  constexpr std::size_t kQuotes = 2;
  constexpr std::size_t kCount = SendQueue::kMostBytesInFlight / kMaxContent;
  for (std::size_t n = 0; n < kCount; ++n) {
    queue->send_async(counted(request_to("large", kMaxContent - kQuotes), completions));
  }
  auto one_more = std::async(std::launch::async, [&] { queue->send_async(counted(request_to("last"), completions)); });
  BOOST_TEST((one_more.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout));
  store.let_go();
  one_more.get();
  queue->stop(true);
  BOOST_TEST(completions == static_cast<int>(kCount) + 1);
}

BOOST_AUTO_TEST_CASE(a_completion_may_hand_in_more_than_there_is_room_for_and_end_the_queue) {
  SlowStore store(0);
  auto queue = std::make_shared<SendQueue>(store.commit());
  std::atomic<int> completions{0};
  std::promise<void> ended;
  auto request = std::make_unique<SendRequest>(request_to("first"));
  request->completion = [&](const SendRequest&) {
    for (std::size_t n = 0; n <= SendQueue::kMostInFlight; ++n)
      queue->send_async(counted(request_to("s"), completions));
    queue->stop(true);
    queue.reset();
    ended.set_value();
  };
  queue->send_async(std::move(request));
  ended.get_future().get();
  const int all = static_cast<int>(SendQueue::kMostInFlight) + 1;
  for (int seen = completions; seen < all; seen = completions) completions.wait(seen);
}

BOOST_AUTO_TEST_SUITE_END()
