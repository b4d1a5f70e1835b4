// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE tidy
#include <boost/test/unit_test.hpp>
