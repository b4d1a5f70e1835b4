// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE fault_points
#include <boost/test/unit_test.hpp>
