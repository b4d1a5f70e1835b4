// SPDX-License-Identifier: MIT
#include "core/message_id.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "unit/support/forked.hpp"

namespace {

using ipcm::MessageId;

constexpr std::size_t kTextSize = 36;

/// As one string of 36 bytes each.
std::string new_ids(int count) {
  std::string ids;
  for (int i = 0; i < count; ++i) ids += MessageId::generate(1'700'000'000'000).text();
  return ids;
}

/// How many of them there are without their doubles.
std::size_t distinct(const std::string& ids) {
  std::set<std::string> seen;
  for (std::size_t at = 0; at < ids.size(); at += kTextSize) seen.insert(ids.substr(at, kTextSize));
  return seen.size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_id)

BOOST_AUTO_TEST_CASE(a_generated_id_is_a_uuid_of_version_7_that_begins_with_its_time) {
  const std::string text = MessageId::generate(0x0123456789AB).text();
  BOOST_TEST(text.size() == kTextSize);
  BOOST_TEST(text.substr(0, 15) == "01234567-89ab-7");
  BOOST_TEST(std::string("89ab").find(text[19]) != std::string::npos);
  for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) BOOST_TEST(text[hyphen] == '-');
}

BOOST_AUTO_TEST_CASE(generated_ids_sort_by_their_time_as_text_and_as_bytes) {
  std::vector<MessageId> ids;
  for (const std::int64_t time : {0LL, 1LL, 255LL, 256LL, 1LL << 32, 1'700'000'000'000LL, (1LL << 48) - 1}) {
    ids.push_back(MessageId::generate(time));
  }
  for (std::size_t i = 1; i < ids.size(); ++i) {
    BOOST_TEST(ids[i - 1].text() < ids[i].text());
    BOOST_TEST((ids[i - 1].uuid() < ids[i].uuid()));
  }
}

BOOST_AUTO_TEST_CASE(ids_of_one_millisecond_differ) {
  BOOST_TEST(distinct(new_ids(100'000)) == 100'000U);
}

BOOST_AUTO_TEST_CASE(every_random_bit_takes_both_values) {
  MessageId::Uuid ones{};
  MessageId::Uuid zeros{};
  for (int i = 0; i < 200; ++i) {
    const MessageId::Uuid uuid = MessageId::generate(0).uuid();
    for (std::size_t byte = 0; byte < uuid.size(); ++byte) {
      ones[byte] = static_cast<std::uint8_t>(ones[byte] | uuid[byte]);
      zeros[byte] = static_cast<std::uint8_t>(zeros[byte] | ~uuid[byte]);
    }
  }
  for (std::size_t byte = 6; byte < ones.size(); ++byte) {
    const int fixed = byte == 6 ? 0xF0 : byte == 8 ? 0xC0 : 0;
    BOOST_TEST((ones[byte] & zeros[byte]) == (0xFF & ~fixed));
  }
}

BOOST_AUTO_TEST_CASE(threads_get_different_ids) {
  constexpr int kThreads = 8;
  std::vector<std::string> ids(kThreads);
  std::vector<std::thread> threads;
  for (std::string& mine : ids) threads.emplace_back([&mine] { mine = new_ids(2'000); });
  for (std::thread& thread : threads) thread.join();
  std::string all;
  for (const std::string& mine : ids) all += mine;
  BOOST_TEST(distinct(all) == kThreads * 2'000U);
}

BOOST_AUTO_TEST_CASE(forked_processes_get_different_ids) {
  for (const test::ForkBy how : {test::ForkBy::fork, test::ForkBy::clone}) {
    std::string ids = new_ids(1);  // so that there is something left for a child to repeat
    for (int child = 0; child < 3; ++child) {
      ids += test::in_child([how] { return new_ids(500) + test::in_child([] { return new_ids(500); }, how); }, how);
    }
    ids += new_ids(500);
    BOOST_TEST(ids.size() == 3'501 * kTextSize);
    BOOST_TEST(distinct(ids) == 3'501U);
  }
}

BOOST_AUTO_TEST_CASE(a_generated_id_comes_back_from_its_text) {
  for (int i = 0; i < 1'000; ++i) {
    const MessageId id = MessageId::generate(i * 1'000'003LL);
    BOOST_TEST((MessageId::generated_from_text(id.text()) == id));
    BOOST_TEST((MessageId::from_uuid(id.uuid()) == id));
  }
}

BOOST_AUTO_TEST_CASE(text_that_is_not_a_uuid_as_ipcm_writes_it_is_a_chosen_id) {
  const std::string good = "0190163d-8694-739b-aea5-966c26f8ad91";
  BOOST_TEST(MessageId::generated_from_text(good).is_generated());
  for (const std::string& text :
       {std::string(), std::string("order-17"), good + "0", good.substr(1), std::string("0190163D") + good.substr(8),
        "0190163d08694-739b-aea5-966c26f8ad91" + std::string(), "g" + good.substr(1), good.substr(0, 35) + "\n"}) {
    const MessageId id = MessageId::generated_from_text(text);
    BOOST_TEST(!id.is_generated());
    BOOST_TEST(id.text() == text);
  }
}

BOOST_AUTO_TEST_CASE(a_chosen_id_never_equals_a_generated_one_of_the_same_text) {
  const MessageId generated = MessageId::generate(1);
  const MessageId chosen = MessageId::chosen(generated.text());
  BOOST_TEST(chosen.text() == generated.text());
  BOOST_TEST(chosen.chosen_text() == generated.text());
  BOOST_TEST((chosen != generated));
}

BOOST_AUTO_TEST_SUITE_END()
