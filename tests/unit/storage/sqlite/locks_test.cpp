// SPDX-License-Identifier: MIT
// What the lock file says about who has the turn, and how little of it is believed.
#include "storage/sqlite/locks.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <boost/test/unit_test.hpp>

#include <ipcm/error.hpp>

#include "platform/lock_file_view.hpp"
#include "platform/process.hpp"
#include "storage/sqlite/route_file.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/errors.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

using namespace ipcm::storage::sqlite;
using ipcm::Error;
using ipcm::ErrorCode;
using ipcm::storage::PeerRow;
using ipcm::storage::RecordedState;
using ipcm::storage::Transaction;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kTestPatience{10'000};

/// Two connections to one route; the first is that of the peer "worker".
class TwoConnections {
 public:
  TwoConnections() {
    holder_.write([&](Transaction& transaction) {
      worker_ = transaction.insert_peer("worker");
      holder_.hold_presence(worker_.id);
      worker_.state = RecordedState::active;
      worker_.pid = ipcm::platform::process_id();
      transaction.update_peer(worker_);
    });
  }

  PeerRow& worker() { return worker_; }
  SqliteStore& holder() { return holder_; }
  void save_worker() {
    holder_.write([&](Transaction& transaction) { transaction.update_peer(worker_); });
  }
  // Fills the hints: five words of the queue's, the last of which is the pid; then the peer.
  void write_hints(std::uint32_t pid, std::uint32_t peer) {
    const std::uint32_t words[] = {0, 0, 0, 0, pid, peer};
    overwrite({reinterpret_cast<const char*>(words), sizeof words});
  }
  void overwrite(std::string_view bytes) {
    std::fstream file(path_.lock_file(), std::ios::in | std::ios::out | std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    BOOST_REQUIRE(file.flush());
  }

  // Who has the turn, in the words of one that waits for it in vain; `meanwhile` happens before that.
  template <typename Act>
  std::string holder_as_told(Act meanwhile) {
    std::optional<Error> error;
    holder_.write([&](Transaction&) {
      meanwhile();
      error = test::caught([&] { other_.write([](Transaction&) {}); });
    });
    BOOST_REQUIRE(error.has_value());
    BOOST_TEST((error->code() == ErrorCode::Busy), error->what());
    const std::string text = error->what();
    return text.substr(0, text.find(" has had the turn"));
  }
  std::string holder_as_told() {
    return holder_as_told([] {});
  }

  void cut(std::uintmax_t size) { std::filesystem::resize_file(path_.lock_file(), size); }
  std::uintmax_t size_of_lock_file() const { return std::filesystem::file_size(path_.lock_file()); }
  // With the patience of a client.
  void other_writes() {
    SqliteStore other(path_, kTestPatience);
    other.write([](Transaction&) {});
  }
  void wait_until_other_waits() {
    const ipcm::platform::LockFileView view = path_.look_at_lock_file();
    BOOST_TEST(test::eventually([&] { return view.is_locked(kNextInLineByte); }));
  }

 private:
  static RoutePath made(const RoutePath& path) {
    BOOST_REQUIRE(create_route(path, {"an-id", 1.5, "relaxed", 1000}, kTestPatience));
    return path;
  }

  test::TemporaryFolder folder_;
  RoutePath path_{made(RoutePath(folder_.file("route.ipcm")))};
  SqliteStore holder_{path_, kTestPatience};
  SqliteStore other_{path_, milliseconds(20)};
  PeerRow worker_;
};

const std::string kThisProcess = "process " + std::to_string(ipcm::platform::process_id());

}  // namespace

BOOST_AUTO_TEST_SUITE(locks)

BOOST_AUTO_TEST_CASE(the_peer_that_has_the_turn_is_named_with_its_process) {
  TwoConnections two;
  BOOST_TEST(two.holder_as_told() == "\"worker\" (" + kThisProcess + ")");
}

BOOST_AUTO_TEST_CASE(a_connection_that_gave_up_its_name_is_known_by_its_process) {
  TwoConnections two;
  two.holder().drop_presence(two.worker().id);
  BOOST_TEST(two.holder_as_told() == kThisProcess);
}

BOOST_AUTO_TEST_CASE(a_peer_whose_row_has_another_process_is_not_named) {
  TwoConnections two;
  two.worker().pid = 1;
  two.save_worker();
  BOOST_TEST(two.holder_as_told() == kThisProcess);
  two.worker().pid = std::nullopt;
  two.save_worker();
  BOOST_TEST(two.holder_as_told() == kThisProcess);
}

BOOST_AUTO_TEST_CASE(hints_that_are_wrong_name_nobody) {
  TwoConnections two;
  const auto self = static_cast<std::uint32_t>(ipcm::platform::process_id());
  const auto worker = static_cast<std::uint32_t>(two.worker().id);
  BOOST_TEST(two.holder_as_told([&] { two.write_hints(self, worker + 1); }) == kThisProcess);
  BOOST_TEST(two.holder_as_told([&] { two.write_hints(self, 0xFFFF'FFFF); }) == kThisProcess);
  BOOST_TEST(two.holder_as_told([&] { two.write_hints(1, worker); }) == "process 1");
  BOOST_TEST(two.holder_as_told([&] { two.write_hints(0, worker); }) == "another process");
}

BOOST_AUTO_TEST_CASE(a_lock_file_full_of_rubbish_costs_the_name_and_nothing_else) {
  TwoConnections two;
  for (const char byte : {'\x00', '\x01', '\x7F', '\x80', '\xFF'}) {
    const std::string rubbish(4096, byte);
    const std::string told = two.holder_as_told([&] { two.overwrite(rubbish); });
    BOOST_TEST(told.find("worker") == std::string::npos, told);
  }
  BOOST_TEST(two.holder_as_told() == "\"worker\" (" + kThisProcess + ")");
}

BOOST_AUTO_TEST_CASE(a_lock_file_that_is_cut_short_costs_the_name_and_ends_nobody) {
  TwoConnections two;
  for (const std::uintmax_t size : {0U, 1U, 20U, 1024U, 1500U}) {
    const std::string told = two.holder_as_told([&] { two.cut(size); });
    BOOST_TEST((told.find("worker") == std::string::npos || size >= 1024U), told);  // what names it stands before that
    two.save_worker();                                                              // a turn and a commit more
    BOOST_TEST(two.size_of_lock_file() == 4096U);
    BOOST_TEST(two.holder_as_told() == "\"worker\" (" + kThisProcess + ")");
  }
}

BOOST_AUTO_TEST_CASE(a_writer_that_waits_on_a_lock_file_that_is_cut_short_gets_its_turn) {
  TwoConnections two;
  std::thread waiting;
  two.holder().write([&](Transaction&) {
    waiting = std::thread([&] { two.other_writes(); });
    two.wait_until_other_waits();
    two.cut(0);
  });
  waiting.join();
}

BOOST_AUTO_TEST_SUITE_END()
