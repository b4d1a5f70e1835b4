// SPDX-License-Identifier: MIT
// The rules themselves: each finds what is seeded here, and is silent about what is right.
#include "tidy/rules.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

namespace {

using tidy::File;
using tidy::Problems;
using tidy::Tree;

// A small tree that keeps every rule.
Tree sound() {
  const std::string licence = "// SPDX-License-Identifier: MIT\n";
  return {
      {"CMakeLists.txt", "# SPDX-License-Identifier: MIT\n"},
      {"docs/guarantees.md", "Nothing is lost: `tests/kept_test.cpp`: `a_message_is_kept`.\n"},
      {"examples/hello.cpp", licence + "#include <ipcm/ipcm.hpp>\n#include \"shared.hpp\"\n"},
      {"examples/shared.hpp", licence},
      {"include/ipcm/client.hpp", licence + "#include <ipcm/error.hpp>\n"},
      {"include/ipcm/error.hpp", licence},
      {"include/ipcm/ipcm.hpp", licence + "#include <ipcm/client.hpp>\n"},
      {"scripts/test", "#!/bin/sh\n# SPDX-License-Identifier: MIT\n"},
      {"src/cli/main.cpp", licence + "#include <ipcm/ipcm.hpp>\n#include <CLI/CLI.hpp>\n"},
      {"src/client/policy.cpp", licence + "#include \"storage/store.hpp\"\n#include <ipcm/client.hpp>\n"},
      {"src/client/protocols.cpp", licence + "#include \"client/sqlite_protocol.hpp\"\n"},
      {"src/client/sqlite_protocol.cpp", licence + "#include \"storage/sqlite/store.hpp\"\n"},
      {"src/client/sqlite_protocol.hpp", licence + "#include <nlohmann/json.hpp>\n"},
      {"src/core/error.cpp", licence + "#include <ipcm/error.hpp>\n"},
      {"src/platform/file.cpp", licence + "#include \"platform/file.hpp\"\n#include <unistd.h>\n"},
      {"src/platform/file.hpp", licence + "#include <sys/types.h>\n"},
      {"src/storage/sqlite/store.cpp",
       licence + "#include \"storage/sqlite/store.hpp\"\n#include <SQLiteCpp/Database.h>\n"},
      {"src/storage/sqlite/store.hpp", licence + "#include \"storage/store.hpp\"\n#include \"platform/file.hpp\"\n"},
      {"src/storage/store.hpp", licence + "#include <ipcm/error.hpp>\n"},
      {"tests/kept_test.cpp", licence + "BOOST_AUTO_TEST_CASE(a_message_is_kept) {\n"},
  };
}

std::set<std::string> sources(const Tree& tree) {
  std::set<std::string> paths;
  for (const File& file : tree) {
    if (file.ends_with(".cpp")) paths.insert(file.path);
  }
  return paths;
}

// The sound tree with a line more in one file, which is new where there was none.
Tree with(const std::string& path, const std::string& line) {
  Tree tree = sound();
  const auto place = std::ranges::lower_bound(tree, path, {}, &File::path);
  if (place != tree.end() && place->path == path) {
    place->text += line + "\n";
  } else {
    tree.insert(place, {path, "// SPDX-License-Identifier: MIT\n" + line + "\n"});
  }
  return tree;
}

// That there is one problem, and that it names the file.
void expect_one(const Problems& problems, const std::string& path) {
  BOOST_TEST_CONTEXT("about " << path) {
    BOOST_TEST_REQUIRE(problems.size() == 1U);
    BOOST_TEST(problems[0].starts_with(path), problems[0]);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(a_sound_tree_has_no_problems) {
  const Tree tree = sound();
  BOOST_TEST(tidy::includes_upward(tree) == Problems());
  BOOST_TEST(tidy::foreign_includes(tree) == Problems());
  BOOST_TEST(tidy::concrete_kinds(tree) == Problems());
  BOOST_TEST(tidy::missing_licences(tree) == Problems());
  BOOST_TEST(tidy::oversized(tree) == Problems());
  BOOST_TEST(tidy::loose_ends(tree) == Problems());
  BOOST_TEST(tidy::missing_proofs(tree) == Problems());
  BOOST_TEST(tidy::left_out(tree, sources(tree)) == Problems());
}

BOOST_AUTO_TEST_CASE(an_include_that_goes_upward_is_found) {
  const std::string core = "src/core/error.cpp";
  expect_one(tidy::includes_upward(with(core, "#include \"platform/file.hpp\"")), core);
  expect_one(tidy::includes_upward(with(core, "  #  include \"storage/store.hpp\"  // why not")), core);
  const std::string storage = "src/storage/store.hpp";
  expect_one(tidy::includes_upward(with(storage, "#include \"client/endpoint.hpp\"")), storage);
  expect_one(tidy::includes_upward(with(storage, "#include <ipcm/client.hpp>")), storage);
}

BOOST_AUTO_TEST_CASE(an_include_that_is_no_path_below_src_is_found) {
  const std::string path = "src/platform/file.cpp";
  expect_one(tidy::includes_upward(with(path, "#include \"file.hpp\"")), path);
  expect_one(tidy::includes_upward(with(path, "#include \"../core/error.hpp\"")), path);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_no_layer_is_found) {
  const std::string path = "src/utilities/strings.cpp";
  expect_one(tidy::includes_upward(with(path, "#include <string>")), path);
}

BOOST_AUTO_TEST_CASE(a_command_or_an_example_that_looks_inside_the_library_is_found) {
  for (const std::string path : {"src/cli/main.cpp", "examples/hello.cpp", "benchmarks/send.cpp"}) {
    expect_one(tidy::includes_upward(with(path, "#include \"platform/file.hpp\"")), path);
  }
}

BOOST_AUTO_TEST_CASE(a_public_header_that_needs_an_inner_one_is_found) {
  const std::string path = "include/ipcm/error.hpp";
  expect_one(tidy::includes_upward(with(path, "#include \"ipcm/client.hpp\"")), path);
  expect_one(tidy::includes_upward(with(path, "#include \"platform/file.hpp\"")), path);
}

BOOST_AUTO_TEST_CASE(a_foreign_library_outside_of_its_home_is_found) {
  for (const std::string header : {"SQLiteCpp/Database.h", "sqlite3.h", "CLI/CLI.hpp", "boost/asio.hpp"}) {
    for (const std::string path : {"src/client/policy.cpp", "include/ipcm/error.hpp", "src/platform/file.hpp"}) {
      expect_one(tidy::foreign_includes(with(path, "#include <" + header + ">")), path);
    }
  }
  const std::string store = "src/storage/store.hpp";
  expect_one(tidy::foreign_includes(with(store, "#include <nlohmann/json.hpp>")), store);
}

BOOST_AUTO_TEST_CASE(a_system_header_outside_of_the_platform_layer_is_found) {
  const std::string path = "src/client/policy.cpp";
  expect_one(tidy::foreign_includes(with(path, "#include <sys/socket.h>")), path);
  expect_one(tidy::foreign_includes(with(path, "#include <unistd.h>")), path);
}

BOOST_AUTO_TEST_CASE(a_concrete_kind_that_others_know_is_found) {
  const std::string policy = "src/client/policy.cpp";
  expect_one(tidy::concrete_kinds(with(policy, "#include \"storage/sqlite/store.hpp\"")), policy);
  expect_one(tidy::concrete_kinds(with(policy, "#include \"notify/datagram.hpp\"")), policy);
  expect_one(tidy::concrete_kinds(with(policy, "#include \"client/sqlite_protocol.hpp\"")), policy);
  const std::string list = "src/client/protocols.cpp";
  expect_one(tidy::concrete_kinds(with(list, "#include \"storage/sqlite/store.hpp\"")), list);
  const std::string sibling = "src/storage/memory/store.cpp";
  expect_one(tidy::concrete_kinds(with(sibling, "#include \"storage/sqlite/store.hpp\"")), sibling);
}

BOOST_AUTO_TEST_CASE(a_missing_licence_is_found) {
  for (const std::string path : {"src/core/names.cpp", "schema/a.sql", "cmake/a.cmake", "src/zz/CMakeLists.txt"}) {
    Tree tree = sound();
    tree.push_back({path, "int a;\n// SPDX-License-Identifier: MIT\n"});
    expect_one(tidy::missing_licences(tree), path);
  }
  expect_one(tidy::missing_licences({{"scripts/demo", "#!/bin/sh\nset -e\n"}}), "scripts/demo");
  expect_one(tidy::missing_licences({{"src/core/empty.cpp", ""}}), "src/core/empty.cpp");
}

BOOST_AUTO_TEST_CASE(a_long_file_and_a_wide_line_are_found) {
  const std::string path = "src/core/error.cpp";
  BOOST_TEST(tidy::oversized(with(path, std::string(597, '\n'))) == Problems());
  expect_one(tidy::oversized(with(path, std::string(598, '\n'))), path);
  BOOST_TEST(tidy::oversized(with(path, std::string(120, 'x'))) == Problems());
  expect_one(tidy::oversized(with(path, std::string(121, 'x'))), path + ":3");
}

BOOST_AUTO_TEST_CASE(a_line_is_as_wide_as_its_letters_not_its_bytes) {
  std::string letters;
  for (int i = 0; i < 120; ++i) letters += "\u00e4";
  BOOST_TEST(tidy::oversized(with("src/core/error.cpp", letters)) == Problems());
}

BOOST_AUTO_TEST_CASE(a_word_that_promises_later_work_is_found) {
  const std::string path = "src/core/error.cpp";
  expect_one(tidy::loose_ends(with(path,
                                   "// TO"
                                   "DO: all")),
             path + ":3");
  expect_one(tidy::loose_ends(with(path,
                                   "// FIX"
                                   "ME")),
             path + ":3");
  expect_one(tidy::loose_ends(with("scripts/test",
                                   "# a HA"
                                   "CK")),
             "scripts/test:3");
  BOOST_TEST(tidy::loose_ends(with(path,
                                   "mkdtemp(\"XX"
                                   "XXXX\")")) == Problems());
}

BOOST_AUTO_TEST_CASE(a_source_that_is_left_out_of_the_build_is_found) {
  const Tree tree = with("src/core/forgotten.cpp", "");
  expect_one(tidy::left_out(tree, sources(sound())), "src/core/forgotten.cpp");
}

BOOST_AUTO_TEST_CASE(a_header_that_nothing_includes_is_found) {
  const Tree tree = with("src/core/forgotten.hpp", "");
  expect_one(tidy::left_out(tree, sources(tree)), "src/core/forgotten.hpp");
}

BOOST_AUTO_TEST_CASE(a_guarantee_without_its_test_is_found) {
  const std::string path = "docs/guarantees.md";
  expect_one(tidy::missing_proofs(with(path, "- `tests/kept_test.cpp`: `a_message_is_lost`")), path);
  expect_one(tidy::missing_proofs(with(path, "- `tests/kept_test.cpp`: `a_message_is`")), path);
  expect_one(tidy::missing_proofs(with(path, "- `tests/lost_test.cpp`")), path);
}

BOOST_AUTO_TEST_SUITE_END()
