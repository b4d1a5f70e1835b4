// SPDX-License-Identifier: MIT
#include <ipcm/connection_info.hpp>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

#include "core/absolute_route.hpp"
#include "unit/support/expect_error.hpp"

namespace {

using ipcm::ConnectionInfo;
using ipcm::ErrorCode;
using test::contains;
using test::expect_error;

std::string here() {
  return std::filesystem::current_path().string();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_info)

BOOST_AUTO_TEST_CASE(an_info_comes_back_from_its_text) {
  for (const ConnectionInfo& info :
       {ConnectionInfo{"SQLite", "JSON", "/tmp/jobs.ipcm"}, ConnectionInfo{"LocalMemory", "CBOR", "a name"},
        ConnectionInfo{"SQLite", "JSON", "/tmp/with \"quotes\", [brackets] and größe"}}) {
    BOOST_TEST((ConnectionInfo::parse(info.to_string()) == info));
  }
  BOOST_TEST((ConnectionInfo{"SQLite", "JSON", "/a"}.to_string()) == R"(["SQLite","JSON","/a"])");
}

BOOST_AUTO_TEST_CASE(plain_text_is_the_path_of_an_sqlite_route) {
  const ConnectionInfo info = ConnectionInfo::parse("jobs.ipcm");
  BOOST_TEST(info.protocol == "SQLite");
  BOOST_TEST(info.serializer == "JSON");
  BOOST_TEST(info.route == here() + "/jobs.ipcm");
}

BOOST_AUTO_TEST_CASE(a_path_is_made_absolute_without_looking_at_the_disk) {
  BOOST_TEST(ConnectionInfo::parse("./a//./b/").route == here() + "/a/b");
  BOOST_TEST(ConnectionInfo::parse("../a").route == here() + "/../a");
  BOOST_TEST(ConnectionInfo::parse("/a/../b").route == "/a/../b");
  BOOST_TEST(ConnectionInfo::parse("/").route == "/");
  BOOST_TEST(ConnectionInfo::parse(".").route == here());
  BOOST_TEST(ConnectionInfo::parse(R"(["UnixSocket","JSON","dir"])").route == here() + "/dir");
}

BOOST_AUTO_TEST_CASE(a_route_that_is_not_a_path_is_kept_as_it_is) {
  BOOST_TEST(ConnectionInfo::parse(R"(["LocalMemory","JSON","./a//b"])").route == "./a//b");
  BOOST_TEST(ConnectionInfo::parse(R"(["PostgreSQL","JSON","host=/tmp"])").route == "host=/tmp");
}

BOOST_AUTO_TEST_CASE(what_is_not_an_array_of_three_strings_is_refused_with_an_example) {
  for (const std::string& text :
       {std::string("["), std::string("[]"), std::string(R"(["SQLite","JSON"])"), std::string(R"(["SQLite","JSON",1])"),
        std::string(R"(["SQLite","JSON","/a","b"])"), std::string(R"(["SQLite","JSON","/a"] x)"),
        std::string(R"([["SQLite","JSON","/a"]])"), std::string(R"(["SQLite","JSON","/a")"),
        std::string(R"(["SQLite",{},"/a"])"), std::string(R"(["SQLite","JSON","/\xff"])"), std::string("[\"\xFF"),
        std::string(R"(["","JSON","/a"])"), std::string(R"(["SQLite","","/a"])"),
        std::string(R"(["SQLite","JSON",""])"), std::string(100'000, '[')}) {
    const std::string error = expect_error(ErrorCode::InvalidArgument, [&] { ConnectionInfo::parse(text); });
    BOOST_TEST(contains(error, R"(["SQLite","JSON","/path/to/route"])"));
    BOOST_TEST(error.size() < 300U);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_route_and_one_with_a_nul_are_refused) {
  expect_error(ErrorCode::InvalidArgument, [] { ConnectionInfo::parse(""); });
  expect_error(ErrorCode::InvalidArgument, [] { ConnectionInfo::parse(std::string("a\0b", 3)); });
  expect_error(ErrorCode::InvalidArgument, [] { ConnectionInfo::parse("[\"SQLite\",\"JSON\",\"a\\u0000b\"]"); });
  expect_error(ErrorCode::InvalidArgument, [] { ipcm::absolute_route("LocalMemory", ""); });
}

BOOST_AUTO_TEST_CASE(a_route_that_is_not_utf8_can_be_connected_to_but_not_told_as_json) {
  const ConnectionInfo info = ConnectionInfo::parse("/tmp/\xE9t\xE9");
  BOOST_TEST(info.route == "/tmp/\xE9t\xE9");
  const std::string error = expect_error(ErrorCode::InvalidArgument, [&] { info.to_string(); });
  BOOST_TEST(contains(error, R"("/tmp/\xe9t\xe9")"));
}

BOOST_AUTO_TEST_SUITE_END()
