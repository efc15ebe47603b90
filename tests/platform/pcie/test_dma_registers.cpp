// SPDX-License-Identifier: Apache-2.0
// Registers of the ring DMA engine, and how rings start, stop and signal.
#include <gmock/gmock.h>

#include "dma_bench.hpp"

namespace test_dma_registers {
namespace {

using testing::ElementsAre;

std::string mistake(unsigned rings, unsigned burst)
{
    const pcie_dma_config config = {rings, burst, 1};
    const pcie_dma_ops ops = {};
    char reason[80] = "";
    pcie_dma_destroy(pcie_dma_create(&config, &ops, reason, sizeof reason));
    return reason;
}

TEST(ring_dma, MistakesOfAConfigurationAreNamed)
{
    EXPECT_EQ(mistake(0, 64), "rings: 0 is not between 1 and 16");
    EXPECT_EQ(mistake(17, 64), "rings: 17 is not between 1 and 16");
    EXPECT_EQ(mistake(1, 32), "burst_bytes: 32 is not a power of two between 64 and 4096");
    EXPECT_EQ(mistake(1, 100), "burst_bytes: 100 is not a power of two between 64 and 4096");
    EXPECT_EQ(mistake(1, 8192), "burst_bytes: 8192 is not a power of two between 64 and 4096");
}

class ring_registers : public ring_bench {};

TEST_F(ring_registers, EngineTellsWhatItIs)
{
    EXPECT_EQ(read(DMA_ID), 0x314D4450u);
    EXPECT_EQ(read(DMA_CAPS), 0x0602u);
}

TEST_F(ring_registers, RingRegistersKeepTheirBits)
{
    write(page(1) + RING_BASE, ~0ull, 8);
    write(page(1) + RING_SIZE, 99);
    write(page(1) + RING_PASID, 0xffffffff);
    write(page(1) + RING_VECTOR, 0xffffffff);
    EXPECT_EQ(read(page(1) + RING_BASE, 8), 0xffffffffffffffc0u);
    EXPECT_EQ(read(page(1) + RING_SIZE), 16u);
    EXPECT_EQ(read(page(1) + RING_PASID), 0x800fffffu);
    EXPECT_EQ(read(page(1) + RING_VECTOR), 15u);
    EXPECT_EQ(read(page(0) + RING_BASE, 8), 0u) << "the other ring";
}

TEST_F(ring_registers, VectorIsTheRingsOwnAfterReset)
{
    EXPECT_EQ(read(page(0) + RING_VECTOR), 0u);
    EXPECT_EQ(read(page(1) + RING_VECTOR), 1u);
}

TEST_F(ring_registers, HalvesOf64BitRegisters)
{
    write(page(0) + RING_BASE + 4, 0x12);
    write(page(0) + RING_BASE, 0x3456789f);
    EXPECT_EQ(read(page(0) + RING_BASE, 8), 0x1234567880u);
    EXPECT_EQ(read(page(0) + RING_BASE + 4), 0x12u);
}

TEST_F(ring_registers, OtherSizesAreRefused)
{
    std::uint64_t value = 1;
    EXPECT_EQ(pcie_dma_frame.read(core.get(), DMA_ID, 2, &value), VP_SLVERR);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(pcie_dma_frame.read(core.get(), DMA_ID, 8, &value), VP_SLVERR);
    EXPECT_EQ(pcie_dma_frame.read(core.get(), page(0) + RING_SIZE, 8, &value), VP_SLVERR);
    EXPECT_EQ(pcie_dma_frame.write(core.get(), page(0) + RING_BASE + 2, 4, 0), VP_SLVERR);
}

TEST_F(ring_registers, ReservedOffsetsReadAsZero)
{
    write(0x14, 1);
    write(page(0) + 0x3C, 1);
    write(page(2), 1);
    EXPECT_EQ(read(0x14), 0u);
    EXPECT_EQ(read(page(0) + 0x3C), 0u);
    EXPECT_EQ(read(page(2)), 0u) << "there is no third ring";
}

TEST_F(ring_registers, EnabledRingKeepsItsSetup)
{
    enable();
    write(page(0) + RING_BASE, 0x4000, 8);
    write(page(0) + RING_SIZE, 5);
    write(page(0) + RING_PASID, 0x80000001);
    EXPECT_EQ(read(page(0) + RING_BASE, 8), ring_base);
    EXPECT_EQ(read(page(0) + RING_SIZE), 2u);
    EXPECT_EQ(read(page(0) + RING_PASID), 0u);
}

TEST_F(ring_registers, TailStartsAnEnabledRing)
{
    write(page(0) + RING_TAIL, 1);
    EXPECT_THAT(started, ElementsAre()) << "not enabled";
    enable();
    write(page(0) + RING_TAIL, 0);
    EXPECT_THAT(started, ElementsAre()) << "nothing to do";
    write(page(0) + RING_TAIL, 5);
    EXPECT_EQ(read(page(0) + RING_TAIL), 1u) << "of four descriptors";
    EXPECT_THAT(started, ElementsAre(0u));
}

TEST_F(ring_registers, EnablingBeginsAnew)
{
    put_descriptor(0, {OP_FILL, 0, 0x1000, 64});
    enable();
    write(page(0) + RING_TAIL, 1);
    pcie_dma_run(core.get(), 0);
    EXPECT_EQ(read(page(0) + RING_HEAD), 1u);
    EXPECT_EQ(read(page(0) + RING_BYTES, 8), 64u);

    write(page(0) + RING_CTRL, 1);
    EXPECT_EQ(read(page(0) + RING_HEAD), 1u) << "it was enabled already";
    write(page(0) + RING_CTRL, 0);
    EXPECT_EQ(read(page(0) + RING_HEAD), 1u);
    write(page(0) + RING_CTRL, 1);
    EXPECT_EQ(read(page(0) + RING_HEAD), 0u);
    EXPECT_EQ(read(page(0) + RING_TAIL), 0u);
    EXPECT_EQ(read(page(0) + RING_BYTES, 8), 0u);
}

TEST_F(ring_registers, InterruptStatusIsClearedByOne)
{
    run({OP_NOTHING | IRQ});
    EXPECT_EQ(read(INT_STATUS), 1u);
    write(INT_STATUS, 2);
    EXPECT_EQ(read(INT_STATUS), 1u);
    write(INT_STATUS, 1);
    EXPECT_EQ(read(INT_STATUS), 0u);
}

TEST_F(ring_registers, PinIsHighWhileAnEnabledInterruptWaits)
{
    run({OP_NOTHING | IRQ});
    EXPECT_FALSE(pins[PCIE_DMA_FUNCTION]);
    write(INT_ENABLE, 0xffffffff);
    EXPECT_EQ(read(INT_ENABLE), 3u) << "a bit for each ring";
    EXPECT_TRUE(pins[PCIE_DMA_FUNCTION]);
    write(INT_STATUS, 1);
    EXPECT_FALSE(pins[PCIE_DMA_FUNCTION]);
}

TEST_F(ring_registers, InterruptGoesToTheRingsVector)
{
    write(page(0) + RING_VECTOR, 9);
    run({OP_NOTHING | IRQ});
    EXPECT_THAT(raised, ElementsAre(9u));
}

TEST_F(ring_registers, ResetClearsEverything)
{
    run({OP_NOTHING | IRQ});
    write(INT_ENABLE, 1);
    pcie_dma_reset(core.get());
    EXPECT_FALSE(pins[PCIE_DMA_FUNCTION]);
    EXPECT_EQ(read(INT_STATUS), 0u);
    EXPECT_EQ(read(INT_ENABLE), 0u);
    EXPECT_EQ(read(page(0) + RING_CTRL), 0u);
    EXPECT_EQ(read(page(0) + RING_BASE, 8), 0u);
}

// --- rings ---

TEST_F(ring_registers, DescriptorsAreTakenInOrderAndWrap)
{
    for (unsigned i = 0; i < 4; i++)
        put_descriptor(i, {OP_FILL, 0, 0x1000, 1, 0x10 + i});
    enable();
    write(page(0) + RING_TAIL, 3);
    pcie_dma_run(core.get(), 0);
    EXPECT_EQ(memory[0x1000], 0x12);
    write(page(0) + RING_TAIL, 1);
    pcie_dma_run(core.get(), 0);
    EXPECT_EQ(memory[0x1000], 0x10);
    EXPECT_EQ(result(3).status, ST_DONE);
    EXPECT_EQ(read(page(0) + RING_HEAD), 1u);
    EXPECT_EQ(read(page(0) + RING_STATUS), 0u);
}

TEST_F(ring_registers, RingIsBusyWhileItWorks)
{
    meanwhile = [this](const access &) { EXPECT_EQ(read(page(0) + RING_STATUS), 1u); };
    run({OP_FILL, 0, 0x1000, 4});
    EXPECT_EQ(read(page(0) + RING_STATUS), 0u);
}

TEST_F(ring_registers, NoInterruptUnlessAskedFor)
{
    run({OP_NOTHING});
    EXPECT_THAT(raised, ElementsAre());
    EXPECT_EQ(read(INT_STATUS), 0u);
}

TEST_F(ring_registers, FailedDescriptorInterruptsAndTheRingGoesOn)
{
    put_descriptor(1, {OP_NOTHING});
    put_descriptor(0, {OP_FILL, 0, memory_size, 4});
    enable();
    write(page(0) + RING_TAIL, 2);
    pcie_dma_run(core.get(), 0);
    EXPECT_EQ(result(0).status, ST_DEST_FAILED);
    EXPECT_EQ(result(1).status, ST_DONE);
    EXPECT_THAT(raised, ElementsAre(0u));
}

TEST_F(ring_registers, UnreadableDescriptorHaltsTheRing)
{
    put_descriptor(0, {OP_NOTHING});
    put_descriptor(1, {OP_NOTHING});
    abort_at = ring_base + 64;
    enable();
    write(page(0) + RING_TAIL, 3);
    pcie_dma_run(core.get(), 0);
    EXPECT_EQ(read(page(0) + RING_STATUS), 2u);
    EXPECT_EQ(read(page(0) + RING_ERROR), 1u);
    EXPECT_EQ(read(page(0) + RING_FAULT_ADDR, 8), ring_base + 64);
    EXPECT_EQ(read(page(0) + RING_HEAD), 1u);
    EXPECT_THAT(raised, ElementsAre(0u));

    started.clear();
    write(page(0) + RING_TAIL, 2);
    EXPECT_THAT(started, ElementsAre()) << "halted until disabled";
    write(page(0) + RING_CTRL, 0);
    write(page(0) + RING_CTRL, 1);
    EXPECT_EQ(read(page(0) + RING_STATUS), 0u);
    EXPECT_EQ(read(page(0) + RING_ERROR), 0u);
}

TEST_F(ring_registers, OutcomeThatCannotBeWrittenHaltsTheRing)
{
    meanwhile = [this](const access &a) { abort_at = a.write ? ring_base + 60 : nowhere; };
    run({OP_NOTHING});
    EXPECT_EQ(read(page(0) + RING_ERROR), 2u);
    EXPECT_EQ(read(page(0) + RING_FAULT_ADDR, 8), ring_base);
    EXPECT_EQ(read(page(0) + RING_HEAD), 0u);
}

TEST_F(ring_registers, StatusIsWrittenLast)
{
    run({OP_NOTHING});
    ASSERT_EQ(accesses.size(), 3u);
    EXPECT_EQ(accesses[2].addr, ring_base + 40);
    EXPECT_EQ(accesses[2].size, 4u);
}

TEST_F(ring_registers, PasidOfTheRingIsUsedForItsDescriptorsAndData)
{
    write(page(0) + RING_PASID, 0x80000123);
    run({OP_FILL, 0, 0x1000, 4});
    ASSERT_EQ(accesses.size(), 4u);
    for (const access &a : accesses)
        EXPECT_EQ(a.pasid, 0x123u);
}

TEST_F(ring_registers, PasidOfADescriptorIsForItsData)
{
    run({OP_FILL | WITH_PASID, 0, 0x1000, 4, 0, 0x45});
    ASSERT_EQ(accesses.size(), 4u);
    for (const access &a : accesses)
        EXPECT_EQ(a.pasid, a.addr == 0x1000 ? 0x45 : VP_NO_SSID);
}

TEST_F(ring_registers, RingsAreStreamsOfTheirOwn)
{
    put_descriptor(0, {OP_NOTHING});
    enable(1);
    write(page(1) + RING_TAIL, 1);
    pcie_dma_run(core.get(), 1);
    EXPECT_THAT(started, ElementsAre(1u));
    ASSERT_FALSE(accesses.empty());
    EXPECT_EQ(accesses[0].stream, 1u);
}

TEST_F(ring_registers, DisabledRingLetsGoOfItsWork)
{
    meanwhile = [this](const access &a) {
        if (a.addr == 0x1040)
            write(page(0) + RING_CTRL, 0);
    };
    const outcome o = run({OP_FILL, 0, 0x1000, 0x1000});
    EXPECT_EQ(o.status, 0u) << "no outcome is written";
    EXPECT_EQ(accesses.size(), 3u);
    EXPECT_EQ(read(page(0) + RING_STATUS), 0u);
}

TEST_F(ring_registers, DisabledRingDoesNotHalt)
{
    meanwhile = [this](const access &a) {
        abort_at = a.addr;
        write(page(0) + RING_CTRL, 0);
    };
    run({OP_NOTHING});
    EXPECT_EQ(read(page(0) + RING_STATUS), 0u);
    EXPECT_THAT(raised, ElementsAre());
}

TEST_F(ring_registers, RingEnabledAgainWhileAnOutcomeIsWrittenBeginsAnew)
{
    meanwhile = [this](const access &a) {
        if (a.addr == ring_base + 40) {
            write(page(0) + RING_CTRL, 0);
            write(page(0) + RING_CTRL, 1);
        }
    };
    run({OP_NOTHING | IRQ});
    EXPECT_EQ(read(page(0) + RING_HEAD), 0u);
    EXPECT_THAT(raised, ElementsAre());
}

TEST_F(ring_registers, RingEnabledAgainMeanwhileIsNotTakenForTheOldOne)
{
    meanwhile = [this](const access &a) {
        if (a.addr == 0x1040) {
            write(page(0) + RING_CTRL, 0);
            write(page(0) + RING_CTRL, 1);
        }
    };
    run({OP_FILL, 0, 0x1000, 0x1000});
    EXPECT_EQ(accesses.size(), 3u);
    EXPECT_EQ(read(page(0) + RING_HEAD), 0u);
    EXPECT_EQ(read(page(0) + RING_BYTES, 8), 0u);
}

} // namespace
} // namespace test_dma_registers
