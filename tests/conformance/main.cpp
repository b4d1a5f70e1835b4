// SPDX-License-Identifier: MIT
// Not BOOST_TEST_MODULE: the tree of suites is built from the list of protocols.
#define BOOST_TEST_NO_MAIN
#include "conformance.hpp"

int main(int argc, char* argv[]) {
  const auto build = [] {
    test::add_conformance_tests();
    return true;
  };
  return boost::unit_test::unit_test_main(build, argc, argv);
}
