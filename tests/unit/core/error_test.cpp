// SPDX-License-Identifier: MIT
#include <ipcm/error.hpp>
#include <ipcm/outcome.hpp>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(an_error_carries_its_code_its_text_and_the_process_in_the_way) {
  const ipcm::Error plain(ipcm::ErrorCode::UnknownPeer, "no such peer");
  BOOST_TEST((plain.code() == ipcm::ErrorCode::UnknownPeer));
  BOOST_TEST(plain.what() == "no such peer");
  BOOST_TEST(!plain.pid());
  BOOST_TEST(ipcm::Error(ipcm::ErrorCode::NameInUse, "taken", 42).pid().value() == 42);
}

BOOST_AUTO_TEST_CASE(every_code_has_a_name_of_its_own) {
  BOOST_TEST(ipcm::to_string(ipcm::ErrorCode::UnknownPeer) == "UnknownPeer");
  BOOST_TEST(ipcm::to_string(ipcm::ErrorCode::StorageFailure) == "StorageFailure");
  BOOST_TEST(ipcm::to_string(static_cast<ipcm::ErrorCode>(-1)) == "Unknown");
}

BOOST_AUTO_TEST_CASE(an_outcome_tests_true_or_holds_the_error) {
  BOOST_TEST(static_cast<bool>(ipcm::Outcome()));
  ipcm::Outcome().or_throw();
  const ipcm::Outcome failed(ipcm::Error(ipcm::ErrorCode::Busy, "locked"));
  BOOST_TEST(!failed);
  BOOST_TEST((failed.error().code() == ipcm::ErrorCode::Busy));
  BOOST_CHECK_THROW(failed.or_throw(), ipcm::Error);
}

BOOST_AUTO_TEST_SUITE_END()
