// SPDX-License-Identifier: Apache-2.0
// Overflow of counters, its capture and interrupts; clock cycles (IHI 0070 10.2.1, 10.5.2).
#include "core/msi_test.hpp"
#include "core/pmcg_test.hpp"

#include <utility>

using namespace support;
using testing::ElementsAre;
using testing::IsEmpty;

namespace pmcg_test::test_pmcg_overflow {
namespace {

constexpr uint64_t ones = ~uint64_t{0};
constexpr uint32_t TRANSACTION = 1, TLB_MISS = 2;

// Counter 0 of a group of TBU 0 counts transactions.
class PmcgOverflow : public PmcgTest {
  protected:
    PmcgOverflow()
    {
        g = add_tbu();
        count(g, 0, TRANSACTION);
    }
    // Nothing translates: the SMMU is not enabled.
    void transaction()
    {
        transaction_alone();
        smmu_run(dut.smmu());
    }
    // One that the host runs nothing after.
    void transaction_alone()
    {
        const smmu_txn txn = device_under_test::transaction(1, 0x1000, read_access);
        smmu_result result;
        smmu_translate(dut.smmu(), &txn, &result);
    }
    void overflow(unsigned group, unsigned n = 0)
    {
        set_counter(group, n, ones);
        transaction();
    }
    void enable_interrupt(unsigned group, uint64_t counters)
    {
        write64(group, INTENSET, counters);
        write32(group, IRQ_CTRL, 1);
    }
    void configure_message(uint64_t addr = doorbell, uint32_t data = 0xcafe, uint32_t attr = 0x3f)
    {
        write32(g, IRQ_CTRL, 0);
        write64(g, IRQ_CFG0, addr);
        write32(g, IRQ_CFG1, data);
        write32(g, IRQ_CFG2, attr);
        enable_interrupt(g, 1);
    }
    // The message of an overflow, as these registers have it.
    msi_write message(uint64_t addr, uint32_t data, uint32_t attr)
    {
        dut.mem.clear_msis();
        write64(g, PAGE1 + OVSCLR, 1);
        configure_message(addr, data, attr);
        overflow(g);
        return dut.mem.msis().size() == 1 ? dut.mem.msis()[0] : msi_write{};
    }
    uint64_t status() { return read64(g, PAGE1 + OVSSET); }

    static constexpr uint64_t doorbell = 0x51000004;
    unsigned g;
};

TEST_F(PmcgOverflow, WrapsAndIsRemembered)
{
    set_counter(g, 0, ones - 1);
    transaction();
    EXPECT_EQ(counter(g, 0), ones);
    EXPECT_EQ(status(), 0u);
    transaction();
    EXPECT_EQ(counter(g, 0), 0u);
    EXPECT_EQ(status(), 1u);
    transaction();
    EXPECT_EQ(counter(g, 0), 1u) << "it counts on";
    write64(g, PAGE1 + OVSCLR, 1);
    EXPECT_EQ(status(), 0u);
}

TEST_F(PmcgOverflow, ComesAtTheSizeOfTheCounter)
{
    for (const uint8_t bits : {32, 36, 48}) {
        const unsigned small = add([&](smmu_pmcg_config &cfg) {
            cfg.tbus = 1;
            cfg.counter_bits = bits;
        });
        count(small, 0, TRANSACTION);
        write(small, PAGE1 + EVCNTR, bits == 32 ? 4 : 8, (uint64_t{1} << bits) - 1);
        transaction();
        EXPECT_EQ(read(small, PAGE1 + EVCNTR, bits == 32 ? 4 : 8), 0u) << int{bits};
        EXPECT_EQ(read64(small, PAGE1 + OVSSET), 1u) << int{bits};
    }
}

TEST_F(PmcgOverflow, InterruptsIfTheCounterAndTheGroupSaySo)
{
    overflow(g);
    EXPECT_THAT(dut.interrupts, IsEmpty());
    write64(g, INTENSET, 1);
    overflow(g);
    EXPECT_THAT(dut.interrupts, IsEmpty()) << "IRQEN is 0";
    write32(g, IRQ_CTRL, 1);
    EXPECT_THAT(dut.interrupts, IsEmpty()) << "it is an edge";
    overflow(g);
    EXPECT_THAT(dut.interrupts, ElementsAre(g)) << "whatever OVS was before";
    write64(g, INTENCLR, 1);
    write64(g, INTENSET, 2);
    overflow(g);
    EXPECT_THAT(dut.interrupts, ElementsAre(g)) << "INTEN is of another counter";
}

TEST_F(PmcgOverflow, IsToldByTheNumberOfTheGroup)
{
    const unsigned other = add_tbu();
    count(other, 3, TRANSACTION);
    enable_interrupt(other, 8);
    set_counter(other, 3, ones);
    transaction();
    EXPECT_THAT(dut.interrupts, ElementsAre(other));
    EXPECT_EQ(read64(other, PAGE1 + OVSSET), 8u);
    EXPECT_EQ(status(), 0u);
}

TEST_F(PmcgOverflow, StatusOfOthersStays)
{
    write64(g, PAGE1 + OVSSET, 4);
    overflow(g);
    EXPECT_EQ(status(), 5u);
}

TEST_F(PmcgOverflow, RingsTheDoorbell)
{
    enable_interrupt(g, 1);
    set_counter(g, 0, ones);
    dut.translate(1, 0x1000); // a host that runs the SMMU when it asks for that
    EXPECT_THAT(dut.interrupts, ElementsAre(g));
}

TEST_F(PmcgOverflow, OfSeveralCountersIsOneInterrupt)
{
    count(g, 1, TRANSACTION);
    enable_interrupt(g, 3);
    set_counter(g, 0, ones);
    set_counter(g, 1, ones);
    transaction();
    EXPECT_EQ(status(), 3u);
    EXPECT_EQ(dut.interrupts.size(), 1u);
}

TEST_F(PmcgOverflow, SoftwareThatSetsTheStatusInterruptsNobody)
{
    enable_interrupt(g, 1);
    write64(g, PAGE1 + OVSSET, 1);
    EXPECT_EQ(status(), 1u);
    EXPECT_THAT(dut.interrupts, IsEmpty()); // docs/choices.md
}

TEST_F(PmcgOverflow, SendsTheMessageThatIsConfigured)
{
    configure_message();
    overflow(g);
    ASSERT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(dut.mem.msis()[0].addr, doorbell);
    EXPECT_EQ(dut.mem.msis()[0].data, 0xcafeu);
    EXPECT_EQ(dut.mem.msis()[0].attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_EQ(dut.mem.msis()[0].attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(dut.mem.log().back().req.pas, SMMU_PAS_NS);
    EXPECT_EQ(dut.mem.log().back().req.id, g + 1) << "as smmu/ops.h says";
    EXPECT_THAT(dut.interrupts, ElementsAre(g)) << "the wire pulses as well";
    transaction();
    EXPECT_EQ(dut.mem.msis().size(), 1u);
}

TEST_F(PmcgOverflow, MessageHasTheMemoryTypeOfItsRegister)
{
    for (const message_type &t : message_types) {
        const msi_write msi = message(doorbell, 1, t.sh << 4 | t.memattr);
        EXPECT_EQ(msi.addr, doorbell);
        EXPECT_EQ(msi.attr.mair, t.mair) << t.memattr;
        EXPECT_EQ(msi.attr.sh, t.shareability) << t.memattr;
    }
}

TEST_F(PmcgOverflow, MessageGoesToEachAddressWithEachBitOfData)
{
    for (const uint64_t addr : each_bit(2, 47))
        EXPECT_EQ(message(addr, 1, 0).addr, addr);
    for (const uint64_t data : each_bit(0, 31))
        EXPECT_EQ(message(doorbell, static_cast<uint32_t>(data), 0).data, data);
}

TEST_F(PmcgOverflow, SendsNoneToAddressZero)
{
    configure_message(0);
    overflow(g);
    EXPECT_THAT(dut.mem.msis(), IsEmpty());
    EXPECT_THAT(dut.interrupts, ElementsAre(g));
}

TEST_F(PmcgOverflow, IsVisibleBeforeItsMessage)
{
    uint64_t value = 1, overflown = 0, captured = 1;
    configure_message();
    write32(g, EVTYPER, OVFCAP | SID_SPAN | TRANSACTION);
    write64(g, PAGE1 + EVCNTR + 8, 77);
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_MSI)
            return;
        value = counter(g, 0);
        overflown = status();
        captured = read64(g, PAGE1 + SVR + 8);
    };
    overflow(g);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(overflown, 1u);
    EXPECT_EQ(captured, 77u);
}

TEST_F(PmcgOverflow, DisableIsAcknowledgedWhenTheMessageHasArrived)
{
    configure_message();
    uint32_t during = 2;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_MSI)
            return;
        write32(g, IRQ_CTRL, 0); // smmu_run() returns at once
        during = read32(g, IRQ_CTRLACK);
    };
    overflow(g);
    EXPECT_EQ(during, 1u);
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 0u);
    dut.mem.before = {};
    overflow(g);
    EXPECT_EQ(dut.mem.msis().size(), 1u) << "no new ones";
}

TEST_F(PmcgOverflow, DuringAMessageIsFollowedByAnother)
{
    configure_message();
    bool again = true;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_MSI || !std::exchange(again, false))
            return;
        ASSERT_EQ(smmu_pmcg_write(dut.smmu(), g, PAGE1 + EVCNTR, 8, ones), SMMU_REG_OK);
        transaction_alone();
    };
    overflow(g);
    EXPECT_EQ(dut.mem.msis().size(), 2u);
}

TEST_F(PmcgOverflow, MessageThatIsDueComesBeforeTheDisable)
{
    configure_message();
    set_counter(g, 0, ones);
    transaction_alone();
    EXPECT_THAT(dut.mem.msis(), IsEmpty()) << "doorbells only";
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), g, IRQ_CTRL, 4, 0), SMMU_REG_OK);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.mem.msis().size(), 1u);
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 0u);
}

TEST_F(PmcgOverflow, AbortOfTheMessageIsShownUntilTheNextEnable)
{
    configure_message();
    dut.mem.abort_on({doorbell, doorbell + 3, SMMU_FETCH_MSI});
    EXPECT_EQ(read32(g, IRQ_STATUS), 0u);
    overflow(g);
    EXPECT_EQ(read32(g, IRQ_STATUS), 1u);
    EXPECT_EQ(dut.read32(reg::GERROR) ^ dut.read32(reg::GERRORN), 0u) << "no error of the SMMU's";
    write32(g, IRQ_CTRL, 0);
    EXPECT_EQ(read32(g, IRQ_STATUS), 1u) << "10.5.2.24: not by a disable";
    write32(g, IRQ_CTRL, 1);
    EXPECT_EQ(read32(g, IRQ_STATUS), 0u);
}

TEST_F(PmcgOverflow, ResetForgetsWhatIsDue)
{
    configure_message();
    set_counter(g, 0, ones);
    transaction_alone();
    smmu_reset(dut.smmu());
    smmu_run(dut.smmu());
    EXPECT_THAT(dut.mem.msis(), IsEmpty());
    EXPECT_THAT(dut.interrupts, IsEmpty());
}

TEST_F(PmcgOverflow, AbortThatComesAfterAResetIsForgotten)
{
    configure_message();
    dut.mem.abort_on({doorbell, doorbell + 3, SMMU_FETCH_MSI});
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_MSI)
            smmu_reset(dut.smmu());
    };
    overflow(g);
    EXPECT_EQ(read32(g, IRQ_STATUS), 0u);
}

// --- capture ---

TEST_F(PmcgOverflow, CapturesIfTheCounterSaysSo)
{
    count(g, 1, TLB_MISS);
    set_counter(g, 1, 40);
    set_counter(g, 5, 50); // does not count
    overflow(g);
    EXPECT_EQ(read64(g, PAGE1 + SVR + 8), 0u) << "OVFCAP is 0";
    write32(g, EVTYPER, OVFCAP | SID_SPAN | TRANSACTION);
    dut.invalidate_all();
    dut.translate(1, 0x2000); // another page: the TCU is asked
    set_counter(g, 1, 40);
    set_counter(g, 0, ones);
    dut.translate(1, 0x3000);
    EXPECT_EQ(read64(g, PAGE1 + SVR), 0u) << "the value after the overflow";
    EXPECT_EQ(read64(g, PAGE1 + SVR + 8), 40u);
    EXPECT_EQ(read64(g, PAGE1 + SVR + 40), 50u);
    EXPECT_EQ(counter(g, 1), 41u) << "the miss came after the arrival";
    write64(g, PAGE1 + SVR + 8, 1);
    EXPECT_EQ(read64(g, PAGE1 + SVR + 8), 40u) << "read-only";
}

TEST_F(PmcgOverflow, CaptureHasWhatTheSameEventLeavesInOthers)
{
    count(g, 1, TRANSACTION);
    write32(g, EVTYPER, OVFCAP | SID_SPAN | TRANSACTION);
    set_counter(g, 0, ones);
    set_counter(g, 1, 10);
    transaction();
    EXPECT_EQ(read64(g, PAGE1 + SVR + 8), 11u);
}

TEST_F(PmcgOverflow, SoftwareCaptures)
{
    set_counter(g, 0, 123);
    set_counter(g, 7, 456);
    write32(g, PAGE1 + CAPR, 0);
    EXPECT_EQ(read64(g, PAGE1 + SVR), 0u);
    write32(g, PAGE1 + CAPR, 1);
    set_counter(g, 0, 0);
    EXPECT_EQ(read64(g, PAGE1 + SVR), 123u);
    EXPECT_EQ(read64(g, PAGE1 + SVR + 56), 456u);
}

// 10.5.2.3
TEST_F(PmcgOverflow, ShadowsHave64Bits)
{
    for (unsigned bit = 0; bit < 64; ++bit) {
        set_counter(g, 0, uint64_t{1} << bit);
        write32(g, PAGE1 + CAPR, 1);
        EXPECT_EQ(read64(g, PAGE1 + SVR), uint64_t{1} << bit);
    }
}

// --- clock cycles: event 0, which no filter concerns ---

class PmcgClock : public PmcgOverflow {
  protected:
    PmcgClock() { count(g, 1, 0, 0, 99); }
};

TEST_F(PmcgClock, CyclesCountWhileTheCounterRuns)
{
    dut.cycles += 100;
    EXPECT_EQ(counter(g, 1), 100u);
    write32(g, CR, 0);
    dut.cycles += 10;
    write32(g, CR, 1);
    dut.cycles += 5;
    EXPECT_EQ(counter(g, 1), 105u);
    write64(g, CNTENCLR, 2);
    dut.cycles += 3;
    EXPECT_EQ(counter(g, 1), 105u);
    write64(g, CNTENSET, 2);
    dut.cycles += 4;
    set_counter(g, 1, 0);
    dut.cycles += 6;
    EXPECT_EQ(counter(g, 1), 6u);
    dut.cycles -= 2; // initiators run ahead of each other
    EXPECT_EQ(counter(g, 1), 6u);
}

TEST_F(PmcgClock, TheNextOverflowIsKnown)
{
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 0u) << "2^64 cycles are never";
    set_counter(g, 1, ones - 99);
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 100u);
    dut.cycles += 40;
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 60u);
    dut.cycles -= 7; // another initiator, which is not so far
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 67u);
    dut.cycles += 7;
    const unsigned other = add_tcu();
    count(other, 4, 0);
    set_counter(other, 4, ones - 9);
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 10u);
    write32(other, CR, 0);
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 60u);
    write32(g, CR, 0);
    EXPECT_EQ(smmu_pmcg_clock(dut.smmu()), 0u);
}

TEST_F(PmcgClock, CyclesOverflow)
{
    write32(g, EVTYPER + 4, OVFCAP);
    enable_interrupt(g, 2);
    set_counter(g, 0, 12);
    set_counter(g, 1, ones - 99);
    dut.cycles += 99;
    smmu_pmcg_clock(dut.smmu());
    EXPECT_EQ(status(), 0u);
    dut.cycles += 1;
    smmu_pmcg_clock(dut.smmu());
    smmu_run(dut.smmu());
    EXPECT_EQ(status(), 2u);
    EXPECT_EQ(counter(g, 1), 0u);
    EXPECT_EQ(read64(g, PAGE1 + SVR), 12u);
    EXPECT_THAT(dut.interrupts, ElementsAre(g));
}

TEST_F(PmcgClock, CapturesHaveTheCyclesOfNow)
{
    dut.cycles += 30;
    write32(g, PAGE1 + CAPR, 1);
    EXPECT_EQ(read64(g, PAGE1 + SVR + 8), 30u);
    write32(g, EVTYPER, OVFCAP | SID_SPAN | TRANSACTION);
    set_counter(g, 0, ones);
    dut.cycles += 7;
    dut.translate(1, 0x1000);
    EXPECT_EQ(read64(g, PAGE1 + SVR + 8), 37u);
}

TEST_F(PmcgClock, SeveralWrapsAreOneOverflow)
{
    const unsigned small = add([](smmu_pmcg_config &cfg) { cfg.counter_bits = 32; });
    count(small, 0, 0);
    dut.cycles += (uint64_t{3} << 32) + 17;
    EXPECT_EQ(read32(small, PAGE1 + EVCNTR), 17u);
    EXPECT_EQ(read64(small, PAGE1 + OVSSET), 1u);
}

} // namespace
} // namespace pmcg_test::test_pmcg_overflow
