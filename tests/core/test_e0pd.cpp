// SPDX-License-Identifier: Apache-2.0
// Halves of the address map that are closed to unprivileged accesses (IHI 0070 5.4, E0PD0 and
// E0PD1; DDI 0487 D8.2.4.1).
#include "core/core_test.hpp"

using namespace support;

namespace test_e0pd {
namespace {

constexpr uint64_t low = 0x4000, high = 0xffff'ffff'ffff'4000, pa = 0x9000;

smmu_config with_e0pd()
{
    smmu_config cfg = smmu_config_default();
    cfg.e0pd = true;
    return cfg;
}

class E0pd : public StreamTest {
  protected:
    explicit E0pd(const smmu_config &cfg = with_e0pd()) : StreamTest(cfg)
    {
        stream.low.map(low, pa);
        stream.high.map(high, pa);
        close(true, false);
    }

    void close(bool lower, bool upper)
    {
        stream.context().e0pd0 = lower;
        stream.context().e0pd1 = upper;
        republish();
        dut.pop_events();
    }

    void expect_closed(uint64_t at, const client_access &how)
    {
        expect_abort(dut.translate(sid, at, how), F_TRANSLATION);
        const auto events = dut.pop_events();
        ASSERT_EQ(events.size(), 1u);
        event e;
        e.type = F_TRANSLATION;
        e.sid = sid;
        e.rnw = !how.write;
        e.ind = how.instr;
        e.cls = CLASS_IN;
        e.input_addr = at;
        EXPECT_EQ(events[0], e);
    }
};

TEST_F(E0pd, IsToldByIdr3)
{
    EXPECT_EQ(dut.read32(reg::IDR3) >> 13 & 1, 1u);
}

TEST_F(E0pd, ClosesTheHalfToUnprivilegedAccessesOfEachKind)
{
    for (const client_access &how : {read_access, write_access, instr_access})
        expect_closed(low, how);
}

TEST_F(E0pd, LeavesPrivilegedAccessesAlone)
{
    expect_forward(dut.translate(sid, low, priv_read), pa);
    expect_forward(dut.translate(sid, low, priv_write), pa);
}

TEST_F(E0pd, HasABitForEachHalf)
{
    expect_forward(dut.translate(sid, high), pa);
    close(false, true);
    expect_forward(dut.translate(sid, low), pa);
    expect_closed(high, read_access);
    expect_forward(dut.translate(sid, high, priv_read), pa);
}

TEST_F(E0pd, CostsNoWalk)
{
    dut.translate(sid, low + 0x1000, priv_read); // the CD is cached
    dut.mem.clear_log();
    dut.translate(sid, low);
    for (const mem_access &access : dut.mem.log())
        EXPECT_NE(access.req.fetch, SMMU_FETCH_TTD);
}

// What privileged accesses have brought into the TLB is no way around it.
TEST_F(E0pd, HoldsForWhatIsCached)
{
    expect_forward(dut.translate(sid, low, priv_read), pa);
    const uint64_t hits = stats().tlb_hits;
    expect_closed(low, read_access);
    EXPECT_EQ(stats().tlb_hits, hits + 1);
    expect_forward(dut.translate(sid, low, priv_read), pa);
}

TEST_F(E0pd, ComesBeforePermissionsOfTheDescriptor)
{
    leaf_attributes privileged;
    privileged.ap = AP_PRIV_RW;
    stream.low.map(low, pa, 3, privileged);
    dut.translate(sid, low, priv_read);
    expect_closed(low, read_access);
    close(false, false);
    expect_abort(dut.translate(sid, low), F_PERMISSION);
}

TEST_F(E0pd, ComesBeforeTheAccessFlag)
{
    leaf_attributes unseen;
    unseen.af = 0;
    stream.low.map(low, pa, 3, unseen);
    stream.context().ha = 1;
    close(true, false);
    const uint64_t before = stream.low.descriptor(low, 3);
    expect_closed(low, read_access);
    EXPECT_EQ(stream.low.descriptor(low, 3), before);
}

// A descriptor that is clean for a write leads to a walk from the TLB too.
TEST_F(E0pd, HoldsForWritesToCleanPages)
{
    leaf_attributes clean;
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    stream.low.map(low, pa, 3, clean);
    stream.context().ha = stream.context().hd = 1;
    close(true, false);
    const uint64_t before = stream.low.descriptor(low, 3);
    expect_forward(dut.translate(sid, low, priv_read), pa);
    expect_closed(low, write_access);
    EXPECT_EQ(stream.low.descriptor(low, 3), before);
}

TEST_F(E0pd, GoesByThePrivilegeThatTheSteGives)
{
    stream.stream().privcfg = 3;
    republish();
    expect_forward(dut.translate(sid, low), pa);
    stream.stream().privcfg = 2;
    republish();
    expect_abort(dut.translate(sid, low, priv_read), F_TRANSLATION);
}

TEST_F(E0pd, GoesByBit55WithTbi)
{
    stream.context().tbi0 = stream.context().tbi1 = 1;
    close(true, false);
    expect_abort(dut.translate(sid, low | uint64_t{0xff} << 56), F_TRANSLATION);
    expect_forward(dut.translate(sid, high & ~(uint64_t{0xff} << 56)), pa);
}

TEST_F(E0pd, StallsLikeOtherTranslationFaults)
{
    stream.context().s = 1;
    close(true, false);
    smmu_stall room{};
    EXPECT_EQ(dut.translate(room, sid, low).outcome, SMMU_STALLED);
    const auto events = dut.pop_events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].type, unsigned{F_TRANSLATION});
    EXPECT_TRUE(events[0].stall);
}

TEST_F(E0pd, HintsEndWithoutAnEvent) // 3.22.2
{
    smmu_txn txn = device_under_test::transaction(sid, low, read_access);
    txn.op = SMMU_OP_PREFETCH;
    smmu_result result{};
    dut.translate(sid, low, priv_read);
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.outcome, SMMU_RAZWI);
    EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
}

TEST_F(E0pd, DeniesAtsRequestsThatAreNotPrivileged) // 3.9.1.2: as F_TRANSLATION
{
    stream.stream().eats = 1;
    republish();
    smmu_ats_request request{};
    request.sid = sid;
    request.addr = low;
    for (bool cached : {false, true}) {
        if (cached)
            dut.translate(sid, low, priv_read);
        const smmu_ats_completion c = dut.ats_translate(request);
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
        EXPECT_FALSE(c.r || c.w || c.exe) << cached;
    }
    EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
    request.addr = high;
    EXPECT_TRUE(dut.ats_translate(request).r);
}

TEST_F(E0pd, HoldsForAddressTranslationOperations) // 9.1
{
    constexpr uint64_t s1 = 1u << 10, rnw = 1u << 8, pnu = 1u << 9;
    dut.write64(0x108, sid);
    dut.write64(0x110, low | s1 | rnw);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118), 0x10u << 4 | 1u);
    dut.write64(0x110, low | s1 | rnw | pnu);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118) & 1, 0u);
}

// 5.4: RES0 in VMSAv8-32 and in the EL2 regime, which has no unprivileged accesses.

TEST_F(E0pd, IsNothingInVmsav8_32)
{
    stage1_stream small(dut, 7, 2, 32);
    small.context().aa64 = 0;
    small.context().t0sz = small.context().t1sz = 0;
    small.context().e0pd0 = small.context().e0pd1 = 1;
    small.low.map(low, pa);
    small.publish();
    expect_forward(dut.translate(7, low), pa);
}

TEST_F(E0pd, IsNothingInTheEl2Regime)
{
    stream.stream().strw = 2;
    republish();
    expect_forward(dut.translate(sid, low), pa);
}

TEST(E0pdOfEl2Host, ClosesTheHalf)
{
    device_under_test dut(with_e0pd());
    bring_up_options options;
    options.cr2 |= reg::CR2_E2H;
    dut.bring_up(options);
    stage1_stream stream(dut, 1);
    stream.stream().strw = 2;
    stream.context().e0pd0 = 1;
    stream.low.map(low, pa);
    stream.publish();
    expect_abort(dut.translate(1, low), F_TRANSLATION);
    expect_forward(dut.translate(1, low, priv_read), pa);
}

} // namespace
} // namespace test_e0pd
