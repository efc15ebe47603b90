// SPDX-License-Identifier: Apache-2.0
// Message-signalled interrupts (IHI 0070 3.18, 4.7.3, 6.3.19, 6.3.21 to 6.3.23, 6.3.30 to 6.3.32).
#include "core/core_test.hpp"
#include "core/msi_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_msi {
namespace {

class Msi : public CoreTest {
  protected:
    Msi()
    {
        bring_up_options options;
        options.irq_ctrl = 0;
        dut.bring_up(options);
        configure(GERROR_IRQ_CFG0, gerror_at, 0x1111, 0x3f);
        configure(EVENTQ_IRQ_CFG0, eventq_at, 0x2222, 0x01);
        dut.write32(IRQ_CTRL, IRQ_GERROR | IRQ_EVENTQ);
        dut.irqs.clear();
        dut.mem.clear_msis();
    }

    void configure(uint32_t cfg0, uint64_t addr, uint32_t data, uint32_t attr)
    {
        dut.write64(cfg0, addr);
        dut.write32(cfg0 + 8, data);
        dut.write32(cfg0 + 12, attr);
    }

    // Raise both interrupts again, and whatever else there may be.
    void raise_both()
    {
        dut.pop_events();
        dut.acknowledge_gerror();
        dut.mem.clear_msis();
        raise_event();
        dut.submit(cmd_sync_msi(sync_at, 1)); // which aborts
    }

    // The same with these registers.
    void raise_both(uint64_t addr, uint32_t data, uint32_t attr)
    {
        dut.write32(IRQ_CTRL, 0);
        configure(EVENTQ_IRQ_CFG0, addr, data, attr);
        configure(GERROR_IRQ_CFG0, addr, ~data, attr);
        dut.write32(IRQ_CTRL, IRQ_GERROR | IRQ_EVENTQ);
        raise_both();
    }

    void raise_event() { dut.translate(1, 0); }
    uint32_t active() { return dut.read32(GERROR) ^ dut.read32(GERRORN); }
    void abort_at(uint64_t at) { dut.mem.abort_on({at, at + 3, SMMU_FETCH_MSI}); }

    static constexpr uint64_t gerror_at = 0x51000000;
    static constexpr uint64_t eventq_at = 0x52000004;
    static constexpr uint64_t sync_at = 0x53000008;
};

TEST_F(Msi, EventQueueBecomesNonEmpty)
{
    raise_event();
    raise_event();
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].addr, eventq_at);
    EXPECT_EQ(dut.mem.msis()[0].data, 0x2222u);
    EXPECT_EQ(dut.irqs, std::vector<smmu_irq>{SMMU_IRQ_EVTQ}) << "the wire pulses as well";
}

TEST_F(Msi, MessageComesAfterTheRecordIsVisible)
{
    uint32_t prod = 0;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_MSI)
            prod = dut.read32(EVENTQ_PROD);
    };
    raise_event();
    EXPECT_EQ(prod, 1u);
}

TEST_F(Msi, GlobalError)
{
    dut.submit(raw_command(0));
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].addr, gerror_at);
    EXPECT_EQ(dut.mem.msis()[0].data, 0x1111u);
    EXPECT_EQ(dut.mem.msis()[0].attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_EQ(dut.mem.msis()[0].attr.sh, SMMU_SH_INNER);
}

TEST_F(Msi, DeviceMessagesAreOuterShareable)
{
    raise_event();
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].attr.mair, SMMU_MAIR_DEVICE_nGnRE);
    EXPECT_EQ(dut.mem.msis()[0].attr.sh, SMMU_SH_OUTER);
}

TEST_F(Msi, HaveTheMemoryTypeOfTheirRegisters)
{
    abort_at(sync_at);
    for (const message_type &t : message_types) {
        raise_both(eventq_at, 1, t.sh << 4 | t.memattr);
        ASSERT_EQ(dut.mem.msis().size(), 2u);
        for (const msi_write &msi : dut.mem.msis()) {
            EXPECT_EQ(msi.attr.mair, t.mair) << t.memattr << " at " << msi.addr;
            EXPECT_EQ(msi.attr.sh, t.shareability) << t.memattr << " at " << msi.addr;
        }
    }
}

TEST_F(Msi, GoToEachAddress)
{
    abort_at(sync_at);
    for (const uint64_t addr : each_bit(2, 47)) {
        raise_both(addr, 1, 0);
        ASSERT_EQ(dut.mem.msis().size(), 2u);
        EXPECT_EQ(dut.mem.msis()[0].addr, addr);
        EXPECT_EQ(dut.mem.msis()[1].addr, addr);
    }
}

TEST_F(Msi, CarryEachBitOfTheirData)
{
    abort_at(sync_at);
    for (const uint64_t data : each_bit(0, 31)) {
        raise_both(eventq_at, static_cast<uint32_t>(data), 0);
        ASSERT_EQ(dut.mem.msis().size(), 2u);
        EXPECT_EQ(dut.mem.msis()[0].data, data);
        EXPECT_EQ(dut.mem.msis()[1].data, ~data & 0xffff'ffff);
    }
}

TEST_F(Msi, SyncSendsWhatTheCommandSays)
{
    dut.submit(cmd_sync_msi(sync_at, 0xcafe0001, 0b0101, 0));
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].addr, sync_at);
    EXPECT_EQ(dut.mem.msis()[0].data, 0xcafe0001u);
    EXPECT_EQ(dut.mem.msis()[0].attr.mair, SMMU_MAIR_NORMAL_NC);
    EXPECT_EQ(dut.irqs, std::vector<smmu_irq>{SMMU_IRQ_CMD_SYNC});
}

TEST_F(Msi, SyncIsConsumedBeforeItsMessage)
{
    uint32_t cons = 0;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_MSI)
            cons = dut.read32(CMDQ_CONS);
    };
    dut.submit(cmd_sync_msi(sync_at, 1));
    EXPECT_EQ(cons, dut.read32(CMDQ_PROD));
}

TEST_F(Msi, AddressZeroSendsNothing)
{
    dut.write32(IRQ_CTRL, 0);
    configure(EVENTQ_IRQ_CFG0, 0, 0x2222, 0);
    dut.write32(IRQ_CTRL, IRQ_GERROR | IRQ_EVENTQ);
    raise_event();
    dut.submit(cmd_sync_msi(0, 1));
    EXPECT_THAT(dut.mem.msis(), IsEmpty());
    EXPECT_EQ(dut.irqs, (std::vector<smmu_irq>{SMMU_IRQ_EVTQ, SMMU_IRQ_CMD_SYNC}));
}

TEST_F(Msi, DisabledSourcesSendNothing)
{
    dut.write32(IRQ_CTRL, 0);
    raise_event();
    dut.submit(raw_command(0));
    EXPECT_THAT(dut.mem.msis(), IsEmpty());
    EXPECT_THAT(dut.irqs, IsEmpty());
}

TEST_F(Msi, SyncAddressBeyondTheOasIsTruncated)
{
    // 3.4.3, and 4.7.3: the check for zero comes first.
    dut.submit(cmd_sync_msi(uint64_t{1} << 50 | sync_at, 7));
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].addr, sync_at);
    dut.submit(cmd_sync_msi(uint64_t{1} << 50, 7));
    ASSERT_EQ(dut.mem.msis().size(), 2u);
    EXPECT_EQ(dut.mem.msis()[1].addr, 0u);
}

// 6.3.19: aborts

TEST_F(Msi, AbortOfTheEventQueueMessage)
{
    abort_at(eventq_at);
    raise_event();
    EXPECT_EQ(active(), GERROR_MSI_EVENTQ_ABT);
    ASSERT_EQ(dut.mem.msis().size(), 1u) << "the global error is signalled";
    EXPECT_EQ(dut.mem.msis()[0].addr, gerror_at);
}

TEST_F(Msi, AbortOfTheSyncMessage)
{
    abort_at(sync_at);
    dut.submit(cmd_sync_msi(sync_at, 1));
    EXPECT_EQ(active(), GERROR_MSI_CMDQ_ABT);
    EXPECT_EQ(dut.read32(CMDQ_CONS), dut.read32(CMDQ_PROD)) << "the command was consumed";
    EXPECT_EQ(dut.irqs, (std::vector<smmu_irq>{SMMU_IRQ_CMD_SYNC, SMMU_IRQ_GERROR}));
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.read32(CMDQ_CONS), dut.read32(CMDQ_PROD)) << "the queue goes on";
}

TEST_F(Msi, AbortOfTheGlobalErrorMessageIsNotSignalled)
{
    abort_at(gerror_at);
    dut.submit(raw_command(0));
    EXPECT_EQ(active(), GERROR_CMDQ | GERROR_MSI_GERROR_ABT);
    EXPECT_EQ(dut.irqs, std::vector<smmu_irq>{SMMU_IRQ_GERROR}) << "once, for CMDQ_ERR";
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_MSI), 1u);
}

TEST_F(Msi, ActiveAbortsAreNotToggledBack)
{
    abort_at(sync_at);
    dut.submit(cmd_sync_msi(sync_at, 1));
    dut.submit(cmd_sync_msi(sync_at, 1));
    EXPECT_EQ(active(), GERROR_MSI_CMDQ_ABT);
    dut.acknowledge_gerror();
    EXPECT_EQ(active(), 0u);
    dut.submit(cmd_sync_msi(sync_at, 1));
    EXPECT_EQ(active(), GERROR_MSI_CMDQ_ABT);
}

} // namespace
} // namespace test_msi
