// SPDX-License-Identifier: Apache-2.0
// The ring DMA engine with a port beside the function: which way accesses take, and who is
// interrupted.
#include <numeric>
#include <vector>

#include <gmock/gmock.h>

#include "dma_bench.hpp"

namespace test_dma_paths {
namespace {

using testing::ElementsAre;

class ring_paths : public ring_bench {
  protected:
    ring_paths()
    {
        pcie_dma_add_port(core.get());
        std::iota(memory.begin() + 0x1000, memory.begin() + 0x2000, 1);
    }

    // Whether each access went by the port.
    std::vector<bool> by_port() const
    {
        std::vector<bool> list;
        for (const access &a : accesses)
            list.push_back(a.port);
        return list;
    }
};

class ring_without_port : public ring_bench {};

TEST_F(ring_without_port, CapabilitiesAndRegistersSayThatThereIsNone)
{
    write(PORT_INT_ENABLE, 1);
    write(page(0) + RING_PATH, 1);
    EXPECT_EQ(read(DMA_CAPS), 0x0602u);
    EXPECT_EQ(read(PORT_INT_ENABLE), 0u);
    EXPECT_EQ(read(page(0) + RING_PATH), 0u);
}

TEST_F(ring_without_port, DescriptorsThatNameItAreMalformed)
{
    for (const std::uint32_t side : {FROM_PORT, TO_PORT}) {
        accesses.clear();
        EXPECT_EQ(run({OP_COPY | side, 0x1000, 0x3000, 64}).status, ST_MALFORMED);
        EXPECT_EQ(accesses.size(), 3u) << "the descriptor and its outcome";
        write(page(0) + RING_CTRL, 0);
    }
}

TEST_F(ring_paths, CapabilitiesShowThePort)
{
    EXPECT_EQ(read(DMA_CAPS), 0x10602u);
    pcie_dma_reset(core.get());
    EXPECT_EQ(read(DMA_CAPS), 0x10602u);
}

TEST_F(ring_paths, AllGoesByTheFunctionUnlessAskedOtherwise)
{
    EXPECT_EQ(run({OP_COPY, 0x1000, 0x3000, 64}).status, ST_DONE);
    EXPECT_THAT(by_port(), ElementsAre(false, false, false, false, false));
}

TEST_F(ring_paths, SourceAndDestinationChooseTheirWays)
{
    EXPECT_EQ(run({OP_COPY | FROM_PORT, 0x1000, 0x3000, 64}).status, ST_DONE);
    EXPECT_THAT(by_port(), ElementsAre(false, true, false, false, false));
    write(page(0) + RING_CTRL, 0);

    accesses.clear();
    EXPECT_EQ(run({OP_COPY | TO_PORT, 0x1000, 0x3000, 64}).status, ST_DONE);
    EXPECT_THAT(by_port(), ElementsAre(false, false, true, false, false));
    EXPECT_EQ(std::memcmp(&memory[0x1000], &memory[0x3000], 64), 0);
}

TEST_F(ring_paths, ComparisonReadsItsDestinationByTheWayOfThat)
{
    run({OP_COMPARE | TO_PORT, 0x1000, 0x3000, 64});
    EXPECT_THAT(by_port(), ElementsAre(false, false, true, false, false));
}

TEST_F(ring_paths, ScatterReadsByTheWayOfTheSource)
{
    run({OP_SCATTER | FROM_PORT, 0x1000, 0x1000, 128});
    EXPECT_THAT(by_port(), ElementsAre(false, true, true, false, false));
}

TEST_F(ring_paths, RingChoosesTheWayOfItsDescriptors)
{
    write(page(0) + RING_PATH, 0xffffffff);
    EXPECT_EQ(read(page(0) + RING_PATH), 1u);
    EXPECT_EQ(run({OP_COPY, 0x1000, 0x3000, 64}).status, ST_DONE);
    EXPECT_THAT(by_port(), ElementsAre(true, false, false, true, true));
}

TEST_F(ring_paths, EnabledRingKeepsItsWay)
{
    enable();
    write(page(0) + RING_PATH, 1);
    EXPECT_EQ(read(page(0) + RING_PATH), 0u);
}

TEST_F(ring_paths, PasidsAreTheFunctionsAlone)
{
    write(page(0) + RING_PASID, 0x80000123);
    write(page(0) + RING_PATH, 1);
    run({OP_COPY | TO_PORT, 0x1000, 0x3000, 64});
    ASSERT_EQ(accesses.size(), 5u);
    for (const access &a : accesses)
        EXPECT_EQ(a.pasid, a.port ? VP_NO_SSID : 0x123);
    write(page(0) + RING_CTRL, 0);

    accesses.clear();
    run({OP_COPY | FROM_PORT | WITH_PASID, 0x1000, 0x3000, 64, 0, 0x45});
    ASSERT_EQ(accesses.size(), 5u);
    for (const access &a : accesses)
        EXPECT_EQ(a.pasid, a.port ? VP_NO_SSID : 0x45);
}

TEST_F(ring_paths, UntranslatedIsAMatterOfTheFunction)
{
    run({OP_COPY | UNTRANSLATED | FROM_PORT, 0x1000, 0x3000, 64});
    ASSERT_EQ(accesses.size(), 5u);
    EXPECT_FALSE(accesses[1].untranslated) << "by the port";
    EXPECT_TRUE(accesses[2].untranslated);
}

TEST_F(ring_paths, FailuresTellTheSide)
{
    abort_at = 0x1000;
    EXPECT_EQ(run({OP_COPY | FROM_PORT, 0x1000, 0x3000, 64}).status, ST_SOURCE_FAILED);
    write(page(0) + RING_CTRL, 0);
    abort_at = 0x3000;
    EXPECT_EQ(run({OP_COPY | TO_PORT, 0x1000, 0x3000, 64}).status, ST_DEST_FAILED);
}

TEST_F(ring_paths, EachInterfaceHasItsInterruptEnable)
{
    run({OP_NOTHING | IRQ});
    write(PORT_INT_ENABLE, 0xffffffff);
    EXPECT_EQ(read(PORT_INT_ENABLE), 3u) << "a bit for each ring";
    EXPECT_EQ(read(INT_ENABLE), 0u);
    EXPECT_TRUE(pins[PCIE_DMA_PORT]);
    EXPECT_FALSE(pins[PCIE_DMA_FUNCTION]);

    write(INT_ENABLE, 1);
    EXPECT_TRUE(pins[PCIE_DMA_FUNCTION]);
    write(INT_STATUS, 1);
    EXPECT_FALSE(pins[PCIE_DMA_PORT]) << "one status for both";
    EXPECT_FALSE(pins[PCIE_DMA_FUNCTION]);
}

TEST_F(ring_paths, ResetIsThatOfBothInterfaces)
{
    write(page(0) + RING_PATH, 1);
    run({OP_NOTHING | IRQ});
    write(PORT_INT_ENABLE, 1);
    pcie_dma_reset(core.get());
    EXPECT_FALSE(pins[PCIE_DMA_PORT]);
    EXPECT_EQ(read(PORT_INT_ENABLE), 0u);
    EXPECT_EQ(read(page(0) + RING_PATH), 0u);
    EXPECT_EQ(read(page(0) + RING_CTRL), 0u);
}

} // namespace
} // namespace test_dma_paths
