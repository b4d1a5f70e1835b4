// SPDX-License-Identifier: MIT
// Each call of the system that an operation makes fails, and each allocation: once, or from then on. It is an error,
// and nothing worse: the operation happened or did not, nobody else is held up, and the client can be used again.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "support/faults/failing_calls.hpp"
#include "support/faults/failing_memory.hpp"
#include "support/faults/seed.hpp"
#include "support/faults/trial.hpp"

// LeakSanitizer's, where it is there.
extern "C" int __lsan_do_recoverable_leak_check() __attribute__((weak));

namespace {

using test::Judge;
using test::Lasting;

// So many failures of each kind are tried in each operation, at random; IPCM_TEST_FAULTS says how many times as many.
constexpr std::size_t kFailures = 1;

// Something that can be made to fail in this process.
struct Fault {
  std::string name;
  std::function<void(long n, Lasting lasting)> begin;
  std::function<long()> end;  // returns how often it was asked for
  std::vector<Lasting> lasting;
  std::vector<ipcm::ErrorCode> codes;  // that it may be answered with
  long last = 0;                       // so many at the end of each operation are always tried: what follows a commit
};

std::vector<ipcm::ErrorCode> codes_of(test::Resource resource) {
  using enum ipcm::ErrorCode;
  switch (resource) {
    case test::Resource::disk_space: return {RouteFull, StorageFailure};
    case test::Resource::locks: return {Busy, StorageFailure};
    case test::Resource::disk: return {StorageFailure, RouteDamaged};  // what cannot be read is damage to SQLite
    default: return {StorageFailure};
  }
}

Fault fault_of(test::Resource resource) {
  static test::FailingCalls* calls = nullptr;  // one at a time, in a process of its own
  return {test::to_string(resource),
          [resource](long n, Lasting lasting) {
            calls = new test::FailingCalls(resource, n, lasting);
            test::watch_system_calls(calls);
          },
          [] {
            test::watch_system_calls(nullptr);
            const long count = calls->count();
            delete calls;
            return count;
          },
          {Lasting::once, Lasting::for_good},
          codes_of(resource)};
}

Fault fault_of_memory() {
  return {"memory",
          test::fail_allocation,
          test::stop_failing_allocations,
          {Lasting::once, Lasting::for_good},
          {ipcm::ErrorCode::StorageFailure},
          8};
}

bool has_inbox(ipcm::Client& client) {
  return client.peer_exists(client.id());
}

// "": it can; or it says that one has to connect again.
std::string use_again(test::Stage& stage) {
  if (!stage.client || stage.client->disconnected()) return {};
  try {
    stage.client->stats();
    if (has_inbox(*stage.client)) stage.client->wait(std::chrono::milliseconds(0));
    if (stage.client->peer_exists("witness")) stage.client->send_message("witness", "again");
  } catch (const ipcm::Error& error) {
    const std::string text = error.what();
    const bool says_what_to_do = text.find("onnect again") != std::string::npos;
    return says_what_to_do ? "" : "It cannot be used again: " + text;
  }
  return {};
}

// As it is told to, in the same process.
std::string connect_again(test::Stage& stage) {
  if (!stage.client || stage.client->disconnected()) return {};
  try {
    const std::string name = has_inbox(*stage.client) ? stage.client->id() : "";
    stage.claims.clear();
    stage.request.reset();
    stage.client.reset();
    name.empty() ? void(stage.client = ipcm::connect_anonymous(stage.info())) : stage.connect(name);
  } catch (const std::exception& error) {
    return std::string("It cannot connect again: ") + error.what();
  }
  return use_again(stage);
}

std::string let_go(test::Stage& stage) {
  stage.claims.clear();
  stage.messages.clear();
  stage.request.reset();
  stage.client.reset();
  stage.bystander.reset();
  return {};
}

std::string leaks() {
  if (__lsan_do_recoverable_leak_check == nullptr) return {};
  return __lsan_do_recoverable_leak_check() == 0 ? "" : "It leaks.";
}

test::Faults failing(const Fault& fault, long n, Lasting lasting) {
  test::Faults faults;
  faults.begin = [&fault, n, lasting] { fault.begin(n, lasting); };
  if (lasting == Lasting::once) {
    faults.end = [&fault] { fault.end(); };
    // Before the judge looks: what failed must not happen after all, with the next commit. After it, so that it sees
    // what was left behind, locks among it.
    if (n % 2 == 0) faults.use = use_again;
    faults.afterwards = [](test::Stage& stage) {
      return use_again(stage) + connect_again(stage) + let_go(stage) + leaks();
    };
  } else {
    faults.afterwards = [&fault](test::Stage& stage) {
      let_go(stage);
      fault.end();
      return leaks();
    };
  }
  return faults;
}

long count(const test::Operation& operation, const Fault& fault) {
  test::Faults faults;
  long all = 0;
  faults.begin = [&] { fault.begin(0, Lasting::once); };
  faults.end = [&] { all = fault.end(); };
  faults.afterwards = [&](test::Stage&) { return std::to_string(all); };
  return std::stol(test::perform(operation, faults, Judge::Kind::comes_later).afterwards);
}

// An error that says what happened: of the disk, of a lack of memory, or what an application gets for a lack of others.
bool is_promised(const std::string& said, const Fault& fault) {
  if (said == "done") return true;
  if (said == "std::bad_alloc") return fault.name == "memory";
  return std::ranges::any_of(
      fault.codes, [&](ipcm::ErrorCode code) { return said.starts_with(std::string(ipcm::to_string(code)) + ": "); });
}

void fail_everywhere(const Fault& fault) {
  std::mt19937 random(test::seed());
  long failures = 0;
  for (const test::Operation& operation : test::operations()) {
    const long all = count(operation, fault);
    std::vector<long> chosen = test::chosen_up_to(all, kFailures, random);
    for (long n = std::max(all - fault.last + 1, 1L); n <= all; ++n) {
      if (std::ranges::find(chosen, n) == chosen.end()) chosen.push_back(n);
    }
    BOOST_TEST_MESSAGE(operation.name << ": " << chosen.size() << " of " << all << " calls");
    for (const long n : chosen) {
      for (const Lasting lasting : fault.lasting) {
        const test::Ending ending = test::perform(operation, failing(fault, n, lasting), Judge::Kind::comes_later);
        std::string problems = test::problems_of(ending, test::outlook(operation)) + ending.afterwards;
        if (!is_promised(ending.said, fault)) problems += " It said: " + ending.said;
        if (ending.exit_code != 0) problems += " It ended with " + std::to_string(ending.exit_code);
        BOOST_TEST(problems == "", operation.name << ", " << fault.name << " failing " << test::to_string(lasting)
                                                  << " at " << n << ": " << problems);
        ++failures;
      }
    }
  }
  BOOST_TEST_MESSAGE(failures << " failures of " << fault.name);
  // A single operation need not need it.
  BOOST_TEST((failures > 0 || std::getenv("IPCM_TEST_OPERATION") != nullptr));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failing)

BOOST_AUTO_TEST_CASE(a_full_disk_at_any_write_of_any_operation_is_an_error_and_nothing_worse) {
  fail_everywhere(fault_of(test::Resource::disk_space));
}

BOOST_AUTO_TEST_CASE(a_broken_disk_at_any_call_of_any_operation_is_an_error_and_nothing_worse) {
  fail_everywhere(fault_of(test::Resource::disk));
}

BOOST_AUTO_TEST_CASE(a_lack_of_descriptors_in_any_operation_is_an_error_and_nothing_worse) {
  fail_everywhere(fault_of(test::Resource::descriptors));
}

BOOST_AUTO_TEST_CASE(a_lack_of_locks_in_any_operation_is_an_error_and_nothing_worse) {
  Fault fault = fault_of(test::Resource::locks);
  fault.lasting = {Lasting::once};  // SQLite takes it for a lock that somebody else has, and waits
  fail_everywhere(fault);
}

BOOST_AUTO_TEST_CASE(a_lack_of_threads_and_mappings_in_any_operation_is_an_error_and_nothing_worse) {
  fail_everywhere(fault_of(test::Resource::threads));
}

BOOST_AUTO_TEST_CASE(a_lack_of_memory_at_any_allocation_of_any_operation_is_an_error_and_nothing_worse) {
  fail_everywhere(fault_of_memory());
}

BOOST_AUTO_TEST_SUITE_END()
