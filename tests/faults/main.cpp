// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE faults
#include <boost/test/unit_test.hpp>
