// SPDX-License-Identifier: MIT
#include <ipcm/serializer.hpp>

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "unit/support/expect_error.hpp"

namespace {

using ipcm::ErrorCode;
using ipcm::find_serializer;
using ipcm::Json;
using ipcm::register_serializer;
using test::contains;
using test::expect_error;

class NamedSerializer : public ipcm::Serializer {
 public:
  explicit NamedSerializer(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  std::string encode(const Json& content) const override { return content.dump(); }
  Json decode(std::string_view bytes) const override { return find_serializer("JSON")->decode(bytes); }

 private:
  std::string name_;
};

std::shared_ptr<const ipcm::Serializer> named(const std::string& name) {
  return std::make_shared<const NamedSerializer>(name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(serializer_registry)

BOOST_AUTO_TEST_CASE(the_built_in_serializers_are_there_and_sorted) {
  const std::vector<std::string> names = ipcm::serializer_names();
  BOOST_TEST(std::is_sorted(names.begin(), names.end()));
  for (const std::string name : {"JSON", "CBOR", "MessagePack"}) {
    BOOST_TEST((std::find(names.begin(), names.end(), name) != names.end()));
    BOOST_TEST(find_serializer(name)->name() == name);
    BOOST_TEST((find_serializer(name) == find_serializer(name)));
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_refused_with_the_names_that_are_known) {
  for (const std::string& name : {std::string("YAML"), std::string(), std::string("json"), std::string("\xFF\n")}) {
    const std::string error = expect_error(ErrorCode::InvalidArgument, [&] { find_serializer(name); });
    for (const char* known : {"JSON", "CBOR", "MessagePack"}) BOOST_TEST(contains(error, known));
    BOOST_TEST(!contains(error, "\n"));
  }
}

BOOST_AUTO_TEST_CASE(a_registered_serializer_is_found_and_keeps_its_name_to_itself) {
  const auto mine = named("registry_test");
  register_serializer(mine);
  BOOST_TEST((find_serializer("registry_test") == mine));
  register_serializer(mine);  // again the same: nothing to refuse
  expect_error(ErrorCode::InvalidArgument, [] { register_serializer(named("registry_test")); });
  expect_error(ErrorCode::InvalidArgument, [] { register_serializer(named("JSON")); });
  BOOST_TEST((find_serializer("registry_test") == mine));
}

BOOST_AUTO_TEST_CASE(a_serializer_needs_a_name_that_a_route_can_keep) {
  expect_error(ErrorCode::InvalidArgument, [] { register_serializer(nullptr); });
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\nb"), std::string("\xFF")}) {
    expect_error(ErrorCode::InvalidArgument, [&] { register_serializer(named(name)); });
  }
}

BOOST_AUTO_TEST_CASE(check_decodes_where_a_serializer_has_nothing_cheaper) {
  const auto serializer = named("unregistered");
  BOOST_CHECK_NO_THROW(serializer->check("[1]"));
  expect_error(ErrorCode::InvalidMessage, [&] { serializer->check("[1"); });
}

BOOST_AUTO_TEST_CASE(threads_may_register_and_find_at_once) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 50; ++j) {
        const std::string name = "thread " + std::to_string(i) + " " + std::to_string(j);
        register_serializer(named(name));
        if (find_serializer(name)->name() != name) throw std::logic_error("not found");
        find_serializer("JSON");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(ipcm::serializer_names().size() >= 8U * 50U);
}

BOOST_AUTO_TEST_SUITE_END()
