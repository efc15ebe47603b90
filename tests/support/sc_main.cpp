// SPDX-License-Identifier: Apache-2.0
// Runs the tests inside of SystemC, which elaborates and simulates once per process: all of them on
// the bench they share, or each in a process of its own.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <systemc>
#include <unistd.h>

#include "support/shared_bench.hpp"

namespace {

bool selects_one_test(const std::string &filter)
{
    return filter.find_first_of("*?:-") == std::string::npos;
}

// Runs the `index`-th of `total` tests in a child: a shard of one. Returns whether it passed.
bool run_in_child(int index, int total)
{
    const pid_t child = fork();
    if (child == 0) {
        setenv("GTEST_TOTAL_SHARDS", std::to_string(total).c_str(), 1);
        setenv("GTEST_SHARD_INDEX", std::to_string(index).c_str(), 1);
        std::exit(RUN_ALL_TESTS());
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

} // namespace

int sc_main(int, char **)
{
    if (support::a_bench_is_shared || GTEST_FLAG_GET(list_tests) ||
        selects_one_test(GTEST_FLAG_GET(filter)))
        return RUN_ALL_TESTS();
    const int total = testing::UnitTest::GetInstance()->total_test_count();
    int failed = 0;
    for (int i = 0; i < total; i++)
        failed += !run_in_child(i, total);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    GTEST_FLAG_SET(recreate_environments_when_repeating, false); // elaborated once
    testing::InitGoogleTest(&argc, argv);
    return sc_core::sc_elab_and_sim(argc, argv);
}
