// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE storm
#include <boost/test/unit_test.hpp>
