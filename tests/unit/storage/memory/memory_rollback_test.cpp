// SPDX-License-Identifier: MIT
// A transaction that fails leaves no trace, wherever it fails.
#include <boost/test/unit_test.hpp>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/memory/memory_store.hpp"
#include "support/faults/failing_memory.hpp"
#include "unit/storage/memory/memory_fixture.hpp"

namespace {

using namespace ipcm::storage;
using ipcm::MessageId;
using test::nth_place;
using test::parcel;

struct Stop : std::runtime_error {
  Stop() : std::runtime_error("stop") {}
};

/// A route with a history: peers, mail, counts, dead letters and a message that was put back.
struct WithHistory : test::MemoryRouteFixture {
  PeerRow worker = add_peer("worker");
  PeerRow clerk = add_peer("clerk");

  WithHistory() {
    for (const char* id : {"a", "b", "c", "d"}) append(worker, parcel(id, "boss"));
    append(worker, parcel(MessageId::generate(1), "clerk"));
    append(clerk, parcel("to clerk", "boss"));
    take(worker, 1);
    store.write([&](Transaction& transaction) { transaction.take(worker, 1, test::bury_it); });
    put_back(worker, nth_place(worker.id, 1), parcel("a", "boss"));
  }

  /// One step for everything that a transaction can do, each with something that it changes.
  std::vector<std::function<void(Transaction&)>> steps() {
    return {
        [this](Transaction& all) {
          all.append(worker.id, parcel("a chosen id that is long enough to allocate", "boss"));
        },
        [this](Transaction& all) {
          all.append(worker.id, parcel(MessageId::generate(2), "a sender who never wrote before"));
        },
        [this](Transaction& all) { all.append(worker.id, parcel("c", "boss")); },  // refused
        [](Transaction& all) { all.append(all.insert_peer("a newcomer with a long name").id, parcel("x", "boss")); },
        [this](Transaction& all) {
          PeerRow row = *all.find_peer("worker");
          row.state = RecordedState::active;
          row.pid = 42;
          row.pid_started = 4242;
          row.host = "a host with a name that is long enough to allocate";
          row.suspend_expires = 1.5;
          ++row.epoch;
          all.update_peer(row);
        },
        [this](Transaction& all) {
          all.take_one(worker, nth_place(worker.id, 3), MessageId::chosen("c"), test::read_it);
        },
        [this](Transaction& all) {
          all.take_one(worker, nth_place(worker.id, 4), MessageId::chosen("d"), test::bury_it);
        },
        [this](Transaction& all) { all.take(worker, 1, test::read_it); },
        [this](Transaction& all) { all.put_back(worker, nth_place(worker.id, 1), parcel("a", "boss")); },
        [this](Transaction& all) {
          all.put_back(worker, std::nullopt, parcel("a foreign message", "a foreign sender"));
        },
        [this](Transaction& all) { all.take(worker, SIZE_MAX, test::bury_it); },
        [this](Transaction& all) { all.append(worker.id, parcel("c", "boss")); },
        [this](Transaction& all) { all.forget_peer(worker); },
        [](Transaction& all) {
          if (const auto old = all.find_peer("worker")) all.forget_peer(*old);
          all.append(all.insert_peer("worker").id, parcel("for the new worker", "boss"));
        },
        [this](Transaction& all) { all.forget_peer(clerk); },
        [](Transaction& all) { all.insert_peer("another"); },
    };
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_rollback, WithHistory)

BOOST_AUTO_TEST_CASE(an_exception_after_any_number_of_steps_leaves_no_trace) {
  const auto steps = this->steps();
  const std::string before = everything();
  for (std::size_t done = 0; done <= steps.size(); ++done) {
    BOOST_CHECK_THROW(store.write([&](Transaction& transaction) {
      for (std::size_t i = 0; i < done; ++i) steps[i](transaction);
      throw Stop();
    }),
                      Stop);
    BOOST_TEST(everything() == before, "after " << done << " steps");
  }
}

BOOST_AUTO_TEST_CASE(each_step_alone_leaves_no_trace_either_and_would_have_left_one) {
  const auto steps = this->steps();
  const std::string before = everything();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    BOOST_CHECK_THROW(store.write([&](Transaction& transaction) {
      steps[i](transaction);
      throw Stop();
    }),
                      Stop);
    BOOST_TEST(everything() == before, "step " << i);
  }
  store.write([&](Transaction& transaction) {
    for (const auto& step : steps) step(transaction);
  });
  BOOST_TEST(everything() != before);
  BOOST_TEST(route->audit().problems.empty());
}

BOOST_AUTO_TEST_CASE(running_out_of_memory_at_any_allocation_leaves_no_trace) {
  const auto steps = this->steps();
  const std::string before = everything();
  long failures = 0;
  for (bool complete = false; !complete;) {
    complete = true;
    bool committed = false;
    test::fail_allocation(failures + 1, test::Lasting::once);
    try {
      store.write([&](Transaction& transaction) {
        for (const auto& step : steps) step(transaction);
      });
      committed = true;
    } catch (const std::bad_alloc&) {
      complete = false;
      ++failures;
    }
    test::stop_failing_allocations();
    if (!committed) BOOST_REQUIRE_EQUAL(everything(), before);
  }
  BOOST_TEST(failures > 50);
  BOOST_TEST(everything() != before);
  BOOST_TEST(route->audit().problems.empty());
}

BOOST_AUTO_TEST_CASE(a_judge_that_throws_leaves_everything_in_the_inbox) {
  const std::string before = everything();
  for (int calls = 1; calls <= 4; ++calls) {
    int left = calls;
    BOOST_CHECK_THROW(store.write([&](Transaction& transaction) {
      transaction.take(worker, SIZE_MAX, [&](const StoredMessage&) -> std::optional<std::string> {
        if (--left == 0) throw Stop();
        return left % 2 == 0 ? std::optional<std::string>("dead") : std::nullopt;
      });
    }),
                      Stop);
    BOOST_TEST(everything() == before);
  }
}

BOOST_AUTO_TEST_CASE(the_store_works_on_after_a_rollback) {
  BOOST_CHECK_THROW(store.write([](Transaction& transaction) {
    transaction.insert_peer("gone");
    throw Stop();
  }),
                    Stop);
  BOOST_TEST(add_peer("next").id == clerk.id + 1);
  BOOST_TEST(append(worker, parcel("e", "boss")));
  BOOST_TEST(ids(worker).back() == "e");
}

BOOST_AUTO_TEST_SUITE_END()
