// SPDX-License-Identifier: Apache-2.0
// Runs the tests inside of SystemC: modules have to be elaborated before any test starts.
#include <cstdlib>

#include <gtest/gtest.h>
#include <systemc>

#include "bench.hpp"

int sc_main(int argc, char *argv[])
{
    testing::InitGoogleTest(&argc, argv);
    bench::make();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    return RUN_ALL_TESTS();
}

int main(int argc, char *argv[])
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
