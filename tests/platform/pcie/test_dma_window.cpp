// SPDX-License-Identifier: Apache-2.0
// Descriptors whose bursts are read ahead: their outcome is that of one burst at a time.
#include <gtest/gtest.h>

#include <random>

#include "dma_bench.hpp"

namespace test_dma_window {
namespace {

constexpr unsigned window = 8;
constexpr unsigned burst = 64;

class engine : public ring_bench {
  public:
    explicit engine(unsigned size) : ring_bench(2, burst, size) {}
    void TestBody() override {}

    using ring_bench::abort_at;
    using ring_bench::accesses;
    using ring_bench::descriptor;
    using ring_bench::meanwhile;
    using ring_bench::memory;
    using ring_bench::most;
    using ring_bench::nowhere;
    using ring_bench::outcome;
    using ring_bench::result;
    using ring_bench::under_way;
    using ring_bench::write;

    // On a ring that was disabled.
    outcome run(const descriptor &d)
    {
        write(page(0), 0);
        return ring_bench::run(d);
    }
    static std::uint64_t ring(unsigned number) { return page(number); }
};

class dma_window : public ::testing::Test {
  protected:
    std::uint32_t below(std::uint32_t limit)
    {
        return static_cast<std::uint32_t>(random() % limit);
    }

    engine ahead{window};
    std::mt19937 random{20261129};
};

TEST_F(dma_window, AsManyReadsAreUnderWayAsTheWindowAllows)
{
    EXPECT_EQ(ahead.run({OP_CRC, 0x1000, 0, 32 * burst}).status, ST_DONE);
    EXPECT_EQ(ahead.most, window);
    ahead.most = 0;
    EXPECT_EQ(ahead.run({OP_COMPARE, 0x1000, 0x1000, 32 * burst}).status, ST_DONE);
    EXPECT_EQ(ahead.most, 0u) << "the two sides overlap";
    EXPECT_EQ(ahead.run({OP_COMPARE, 0x1000, 0x2000, 4 * burst}).status, ST_DONE);
    EXPECT_EQ(ahead.most, 8u) << "two of each burst";
}

TEST_F(dma_window, OverlappingCopiesGoBurstByBurst)
{
    for (const unsigned distance : {1u, burst, 8 * burst - 1}) {
        ahead.most = 0;
        ahead.run({OP_COPY, 0x2000, 0x2000 + distance, 8 * burst});
        ahead.run({OP_COPY, 0x2000, 0x2000 - distance, 8 * burst});
        EXPECT_EQ(ahead.most, 0u) << "no read is begun ahead";
    }
    ahead.run({OP_COPY, 0x2000, 0x2000 + 8 * burst, 8 * burst});
    EXPECT_EQ(ahead.most, window);
}

// Whatever fails, and wherever.
TEST_F(dma_window, OutcomeIsThatOfOneBurstAtATime)
{
    engine single(1);
    for (auto &byte : single.memory)
        byte = static_cast<std::uint8_t>(random());
    for (unsigned round = 0; round < 4000; round++) {
        const engine::descriptor d = {below(8), 0x1000 + below(0x3000), 0x1000 + below(0x3000),
                                      below(24 * burst), random() % 4};
        single.abort_at = below(2) ? engine::nowhere : 0x1000 + below(0x4000);
        ahead.abort_at = single.abort_at;
        ahead.memory = single.memory;
        const auto wanted = single.run(d);
        const auto got = ahead.run(d);
        ASSERT_EQ(got.status, wanted.status) << round;
        ASSERT_EQ(got.crc, wanted.crc) << round;
        ASSERT_EQ(got.bytes, wanted.bytes) << round;
        ASSERT_EQ(got.fault, wanted.fault) << round;
        ASSERT_EQ(ahead.memory, single.memory) << round;
        ASSERT_TRUE(ahead.under_way.empty()) << round;
    }
}

TEST_F(dma_window, ARingThatIsDisabledWaitsForItsReadsAndWritesNothingBack)
{
    for (unsigned after = 2; after < 40; after++) {
        unsigned left = after;
        ahead.meanwhile = [&](const auto &) {
            if (--left == 0)
                ahead.write(engine::ring(0), 0);
        };
        EXPECT_EQ(ahead.run({OP_COPY, 0x1000, 0x3000, 32 * burst}).status, 0u) << after;
        EXPECT_TRUE(ahead.under_way.empty()) << after;
    }
}

} // namespace
} // namespace test_dma_window
