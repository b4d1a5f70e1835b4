// SPDX-License-Identifier: MIT
// The rules, kept by this repository.
#include <filesystem>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/temporary_folder.hpp"
#include "tidy/rules.hpp"

namespace {

const std::filesystem::path kTop = std::filesystem::canonical(IPCM_TEST_SOURCE_DIR);

const tidy::Tree& repository() {
  static const tidy::Tree tree = tidy::read_tree(kTop);
  return tree;
}

std::string path_in_tree(const std::filesystem::path& file) {
  return std::filesystem::weakly_canonical(file).lexically_relative(kTop).string();
}

// What the build that this test is part of compiles, by its own account: one by one, or several as one, by a file that
// includes them.
std::set<std::string> compiled_sources() {
  std::set<std::string> paths;
  for (const auto& command : nlohmann::json::parse(test::read_file(IPCM_TIDY_COMPILE_COMMANDS))) {
    const std::string file = command.at("file");
    paths.insert(path_in_tree(file));
    if (!file.ends_with("_cxx.cxx")) continue;
    for (const tidy::Include& include : tidy::includes_of({file, test::read_file(file)})) {
      paths.insert(path_in_tree(include.target));
    }
  }
  return paths;
}

void expect_none(const tidy::Problems& problems) {
  for (const std::string& problem : problems) BOOST_ERROR(problem);
  BOOST_TEST(problems.empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(this_repository)

BOOST_AUTO_TEST_CASE(the_tree_was_read) {
  BOOST_TEST(repository().size() > 50U);
  BOOST_TEST(compiled_sources().contains("tests/tidy/repository_test.cpp"));
}

BOOST_AUTO_TEST_CASE(includes_go_downward) {
  expect_none(tidy::includes_upward(repository()));
}

BOOST_AUTO_TEST_CASE(foreign_libraries_and_the_system_stay_where_they_are_wrapped) {
  expect_none(tidy::foreign_includes(repository()));
}

BOOST_AUTO_TEST_CASE(the_composition_root_alone_knows_the_kinds_of_stores_and_notifiers) {
  expect_none(tidy::concrete_kinds(repository()));
}

BOOST_AUTO_TEST_CASE(every_source_begins_with_its_licence) {
  expect_none(tidy::missing_licences(repository()));
}

BOOST_AUTO_TEST_CASE(files_and_lines_are_short_enough_to_be_read) {
  expect_none(tidy::oversized(repository()));
}

BOOST_AUTO_TEST_CASE(nothing_is_left_for_later) {
  expect_none(tidy::loose_ends(repository()));
}

BOOST_AUTO_TEST_CASE(every_test_that_the_guarantees_name_exists) {
  expect_none(tidy::missing_proofs(repository()));
}

BOOST_AUTO_TEST_CASE(nothing_is_left_out_of_the_build) {
  expect_none(tidy::left_out(repository(), compiled_sources()));
}

BOOST_AUTO_TEST_SUITE_END()
