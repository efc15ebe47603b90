// SPDX-License-Identifier: Apache-2.0
// Destructive reads, prefetch hints, cache maintenance and atomics (IHI 0070 3.22, 16.7.2, 16.7.6,
// 3.13.8): what they need, what they become, and which are unsupported (7.3.2).
#include "core/nested_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_operations {
namespace {

constexpr uint8_t none = SMMU_OP_COUNT; // completes without effect

bool writes(smmu_op op)
{
    return op == SMMU_OP_WRITE_PREFETCH || op == SMMU_OP_ATOMIC;
}

smmu_config without(std::initializer_list<smmu_op> ops)
{
    smmu_config cfg = smmu_config_default();
    for (smmu_op op : ops)
        cfg.operations = static_cast<uint16_t>(cfg.operations & ~(1u << op));
    return cfg;
}

smmu_result issue(device_under_test &dut, uint32_t sid, uint64_t addr, smmu_op op,
                  smmu_memattr attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER})
{
    smmu_txn txn =
        device_under_test::transaction(sid, addr, writes(op) ? write_access : read_access);
    txn.op = static_cast<uint8_t>(op);
    txn.attr = attr;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    return result;
}

// What goes on of `op`.
uint8_t becomes(const smmu_result &result)
{
    if (result.outcome == SMMU_FORWARD)
        return result.op;
    EXPECT_EQ(result.outcome, SMMU_RAZWI);
    EXPECT_EQ(result.event, 0);
    return none;
}

class Operations : public StreamTest {
  protected:
    explicit Operations(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.stream().dre = stream.stream().dcp = 1;
        republish();
        stream.low.map(va, pa);
        read_only.ap = AP_ALL_RO;
        priv_only.ap = AP_PRIV_RW;
        priv_only.uxn = 1;
    }
    uint8_t done(smmu_op op) { return becomes(issue(dut, sid, va, op)); }
    event only_event()
    {
        const auto events = dut.pop_events();
        EXPECT_EQ(events.size(), 1u);
        return events.empty() ? event{} : events[0];
    }

    static constexpr uint64_t va = 0x1234'5000, pa = 0x7000'0000;
    leaf_attributes read_only, priv_only;
};

TEST_F(Operations, PassWithTheEnablesAndTheRights)
{
    for (int op = 0; op < SMMU_OP_COUNT; op++)
        EXPECT_EQ(done(static_cast<smmu_op>(op)), op);
}

TEST_F(Operations, WithoutDreAndDcpTheyAreDowngraded)
{
    stream.stream().dre = stream.stream().dcp = 0;
    republish();
    EXPECT_EQ(done(SMMU_OP_READ_CLEAN_INVALIDATE), SMMU_OP_READ_CLEAN_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_READ_DESTRUCTIVE), SMMU_OP_READ_CLEAN_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_WRITE_PREFETCH), SMMU_OP_ORDINARY);
    EXPECT_EQ(done(SMMU_OP_PREFETCH), none);
    EXPECT_EQ(done(SMMU_OP_CLEAN), SMMU_OP_CLEAN);
    EXPECT_EQ(done(SMMU_OP_INVALIDATE), SMMU_OP_CLEAN_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_DESTRUCTIVE_HINT), none);
}

TEST_F(Operations, DreAndDcpAreApart)
{
    stream.stream().dre = 0;
    republish();
    EXPECT_EQ(done(SMMU_OP_PREFETCH), SMMU_OP_PREFETCH);
    EXPECT_EQ(done(SMMU_OP_INVALIDATE), SMMU_OP_CLEAN_INVALIDATE);
    stream.stream().dre = 1;
    stream.stream().dcp = 0;
    republish();
    EXPECT_EQ(done(SMMU_OP_PREFETCH), none);
    EXPECT_EQ(done(SMMU_OP_INVALIDATE), SMMU_OP_INVALIDATE);
}

TEST_F(Operations, WithoutTheRightToWriteNothingIsDestroyed)
{
    stream.low.map(va, pa, 3, read_only);
    EXPECT_EQ(done(SMMU_OP_READ_DESTRUCTIVE), SMMU_OP_READ_CLEAN_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_INVALIDATE), SMMU_OP_CLEAN_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_DESTRUCTIVE_HINT), none);
    EXPECT_EQ(done(SMMU_OP_PREFETCH), SMMU_OP_PREFETCH) << "any right will do";
}

TEST_F(Operations, FaultsAreRecordedAsReads)
{
    stream.low.map(va, pa, 3, priv_only);
    for (smmu_op op :
         {SMMU_OP_READ_CLEAN_INVALIDATE, SMMU_OP_READ_DESTRUCTIVE, SMMU_OP_CLEAN,
          SMMU_OP_CLEAN_INVALIDATE, SMMU_OP_CLEAN_TO_PERSISTENCE, SMMU_OP_INVALIDATE}) {
        expect_abort(issue(dut, sid, va, op), F_PERMISSION);
        EXPECT_TRUE(only_event().rnw) << op;
    }
}

TEST_F(Operations, FaultsOfWritesWithPrefetchAreRecordedAsWrites)
{
    stream.low.map(va, pa, 3, read_only);
    expect_abort(issue(dut, sid, va, SMMU_OP_WRITE_PREFETCH), F_PERMISSION);
    EXPECT_FALSE(only_event().rnw);
}

TEST_F(Operations, HintsNeverFault)
{
    stream.low.map(va, pa, 3, priv_only);
    for (smmu_op op : {SMMU_OP_PREFETCH, SMMU_OP_DESTRUCTIVE_HINT}) {
        EXPECT_EQ(done(op), none) << "F_PERMISSION";
        EXPECT_EQ(becomes(issue(dut, sid, 0x9000, op)), none) << "F_TRANSLATION";
        EXPECT_EQ(becomes(issue(dut, 0xfff, va, op)), none) << "C_BAD_STREAMID";
    }
    EXPECT_TRUE(dut.pop_events().empty());
}

TEST_F(Operations, HintsDoNotStall)
{
    stream.context().s = 1;
    republish();
    smmu_stall room{};
    smmu_txn txn = device_under_test::transaction(sid, 0x9000, read_access);
    txn.op = SMMU_OP_PREFETCH;
    txn.stall = &room;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(becomes(result), none);
}

TEST_F(Operations, HintsAreNotAbortedByConfiguration)
{
    ste abort;
    abort.config = STE_ABORT;
    dut.set_ste(6, abort);
    EXPECT_EQ(becomes(issue(dut, 6, va, SMMU_OP_PREFETCH)), none);
    dut.update_cr0(0);
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | reg::GBPA_ABORT);
    EXPECT_EQ(becomes(issue(dut, sid, va, SMMU_OP_DESTRUCTIVE_HINT)), none);
    EXPECT_EQ(issue(dut, sid, va, SMMU_OP_CLEAN).outcome, SMMU_ABORT);
}

TEST_F(Operations, MicroTlbsKeepThemApart)
{
    EXPECT_EQ(done(SMMU_OP_ORDINARY), SMMU_OP_ORDINARY);
    EXPECT_EQ(done(SMMU_OP_INVALIDATE), SMMU_OP_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_ORDINARY), SMMU_OP_ORDINARY);
    EXPECT_EQ(stats().utlb_hits, 1u);
}

// Bypass (3.22): STE.DRE and DCP do not count.

TEST_F(Operations, PassWhereNothingTranslates)
{
    dut.set_ste(6, ste{});
    for (int op = 0; op < SMMU_OP_COUNT; op++)
        EXPECT_EQ(becomes(issue(dut, 6, va, static_cast<smmu_op>(op))), op);
    dut.update_cr0(0);
    dut.write32(reg::GBPA, reg::GBPA_UPDATE | 1u << 12); // SHCFG: use incoming
    for (int op = 0; op < SMMU_OP_COUNT; op++)
        EXPECT_EQ(becomes(issue(dut, 6, va, static_cast<smmu_op>(op))), op);
}

// Memory types (3.22.3, 16.7.2.3)

TEST_F(Operations, SomeNeedShareableMemory)
{
    constexpr smmu_memattr non = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON};
    constexpr smmu_memattr device = {SMMU_MAIR_DEVICE_nGnRE, SMMU_SH_OUTER};
    dut.set_ste(6, ste{});
    const struct {
        smmu_op op;
        uint8_t in_non, in_device;
    } rows[] = {
        {SMMU_OP_READ_CLEAN_INVALIDATE, SMMU_OP_ORDINARY, SMMU_OP_ORDINARY},
        {SMMU_OP_READ_DESTRUCTIVE, SMMU_OP_ORDINARY, SMMU_OP_ORDINARY},
        {SMMU_OP_WRITE_PREFETCH, SMMU_OP_ORDINARY, SMMU_OP_ORDINARY},
        {SMMU_OP_PREFETCH, SMMU_OP_PREFETCH, none},
        {SMMU_OP_INVALIDATE, SMMU_OP_INVALIDATE, SMMU_OP_INVALIDATE},
    };
    for (const auto &row : rows) {
        EXPECT_EQ(becomes(issue(dut, 6, va, row.op, non)), row.in_non) << row.op;
        EXPECT_EQ(becomes(issue(dut, 6, va, row.op, device)), row.in_device) << row.op;
    }
}

TEST_F(Operations, CacheMaintenanceHasNoMemoryType)
{
    constexpr smmu_memattr device = {SMMU_MAIR_DEVICE_nGnRE, SMMU_SH_INNER};
    dut.set_ste(6, ste{});
    EXPECT_EQ(issue(dut, 6, va, SMMU_OP_CLEAN, device).attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(issue(dut, 6, va, SMMU_OP_ORDINARY, device).attr.sh, SMMU_SH_OUTER);
}

// What the interconnect does not have (3.22, 16.7.2)

class FewOperations : public Operations {
  protected:
    FewOperations()
        : Operations(without({SMMU_OP_READ_CLEAN_INVALIDATE, SMMU_OP_READ_DESTRUCTIVE,
                              SMMU_OP_WRITE_PREFETCH, SMMU_OP_PREFETCH, SMMU_OP_CLEAN,
                              SMMU_OP_INVALIDATE, SMMU_OP_DESTRUCTIVE_HINT, SMMU_OP_ATOMIC}))
    {
    }
};

TEST_F(FewOperations, AreMadeWhatThereIs)
{
    EXPECT_EQ(done(SMMU_OP_READ_DESTRUCTIVE), SMMU_OP_ORDINARY);
    EXPECT_EQ(done(SMMU_OP_READ_CLEAN_INVALIDATE), SMMU_OP_ORDINARY);
    EXPECT_EQ(done(SMMU_OP_WRITE_PREFETCH), SMMU_OP_ORDINARY);
    EXPECT_EQ(done(SMMU_OP_PREFETCH), none);
    EXPECT_EQ(done(SMMU_OP_INVALIDATE), SMMU_OP_CLEAN_INVALIDATE);
    EXPECT_EQ(done(SMMU_OP_DESTRUCTIVE_HINT), none);
}

TEST_F(FewOperations, MaintenanceIsTerminatedWithoutRecord)
{
    expect_abort(issue(dut, sid, va, SMMU_OP_CLEAN), 0);
    EXPECT_TRUE(dut.pop_events().empty());
}

TEST_F(FewOperations, AtomicsAreUnsupported)
{
    expect_abort(issue(dut, sid, va + 8, SMMU_OP_ATOMIC), F_UUT);
    event want;
    want.type = F_UUT;
    want.sid = sid;
    want.input_addr = va + 8;
    EXPECT_EQ(only_event(), want);
}

TEST_F(FewOperations, UnsupportedHasTheIncomingAttributes)
{
    stream.stream().privcfg = 0b10; // unprivileged
    republish();
    smmu_txn txn = device_under_test::transaction(sid, va, priv_write);
    txn.op = SMMU_OP_ATOMIC;
    txn.ssv = true;
    txn.ssid = 3;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    const event e = only_event();
    EXPECT_TRUE(e.pnu);
    EXPECT_TRUE(e.ssv);
    EXPECT_EQ(e.ssid, 3u);
}

// 3.9.1.3
TEST_F(FewOperations, UnsupportedIsNotRecordedForTranslatedTraffic)
{
    smmu_txn txn = device_under_test::transaction(sid, va, translated_write);
    txn.op = SMMU_OP_ATOMIC;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    expect_abort(result, F_UUT);
    EXPECT_TRUE(dut.pop_events().empty());
}

TEST_F(FewOperations, UnsupportedComesBeforeConfiguration)
{
    expect_abort(issue(dut, 0xfff, va, SMMU_OP_ATOMIC), F_UUT);
    dut.pop_events();
    dut.update_cr0(reg::CR0_EVENTQEN);
    expect_abort(issue(dut, sid, va, SMMU_OP_ATOMIC), F_UUT);
    EXPECT_EQ(only_event().type, F_UUT) << "recorded with SMMUEN == 0 too";
}

TEST_F(FewOperations, UnsupportedAtomicsAreNotAnsweredByAMicroTlb)
{
    expect_forward(dut.translate(sid, va, write_access), pa);
    expect_abort(issue(dut, sid, va, SMMU_OP_ATOMIC), F_UUT);
}

// Instruction and Data (Table 13.4)

bool always_data(smmu_op op)
{
    return writes(op) || op == SMMU_OP_PREFETCH;
}

TEST_F(Operations, InstcfgMakesInstructionsOfReadsAndMaintenance)
{
    stream.stream().instcfg = 3;
    republish();
    leaf_attributes execute_only;
    execute_only.ap = AP_PRIV_RO;
    execute_only.pxn = 1;
    stream.low.map(va + 0x1000, pa, 3, execute_only);
    for (int i = 0; i < SMMU_OP_COUNT; i++) {
        const auto op = static_cast<smmu_op>(i);
        EXPECT_EQ(issue(dut, sid, va, op).instr, !always_data(op)) << op;
        if (op == SMMU_OP_DESTRUCTIVE_HINT) // without the right to write nothing happens
            EXPECT_EQ(becomes(issue(dut, sid, va + 0x1000, op)), none);
        else if (writes(op))
            expect_abort(issue(dut, sid, va + 0x1000, op), F_PERMISSION);
        else
            expect_forward(issue(dut, sid, va + 0x1000, op), pa);
    }
}

TEST_F(Operations, InstcfgOfGbpaKnowsTheSame)
{
    dut.update_cr0(CR0_CMDQEN);
    const uint32_t instruction = 3u << 18;
    dut.write32(reg::GBPA, GBPA_UPDATE | instruction | 1u << 12);
    for (int i = 0; i < SMMU_OP_COUNT; i++) {
        const auto op = static_cast<smmu_op>(i);
        EXPECT_EQ(issue(dut, sid, va, op).instr, !always_data(op)) << op;
    }
}

TEST_F(Operations, PrefetchOfAFetchIsData)
{
    smmu_txn txn = device_under_test::transaction(sid, va, instr_access);
    txn.op = SMMU_OP_PREFETCH;
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_FALSE(result.instr);
}

// Atomics (13.1.1, 16.7.6)

class BothStages : public NestedTest {
  protected:
    BothStages()
    {
        stage1.stream().dre = stage1.stream().dcp = 1;
        publish();
    }
    void stage2_right(unsigned s2ap)
    {
        stage2_attributes a;
        a.s2ap = s2ap;
        third.table.map(ipa, pa, 3, a);
        dut.submit(tlbi_nsnh_all());
    }
};

TEST_F(BothStages, AtomicsNeedBothRights)
{
    stage2_right(0b01);
    expect_abort(issue(dut, nested, va, SMMU_OP_ATOMIC), F_PERMISSION);
    EXPECT_FALSE(only_event().rnw) << "the right to write is checked first";
    stage2_right(0b10);
    expect_abort(issue(dut, nested, va, SMMU_OP_ATOMIC), F_PERMISSION);
    EXPECT_TRUE(only_event().rnw) << "only the right to read is missing";
    expect_forward(dut.translate(nested, va, write_access), pa);
    expect_abort(issue(dut, nested, va, SMMU_OP_ATOMIC), F_PERMISSION);
    EXPECT_TRUE(only_event().rnw) << "the same from the TLB";
    stage2_right(0b11);
    expect_forward(issue(dut, nested, va, SMMU_OP_ATOMIC), pa);
}

TEST_F(BothStages, PrefetchNeedsSomeRightAtEachStage)
{
    stage2_attributes a;
    a.s2ap = 0;
    a.xn = 0b10; // no one may execute
    third.table.map(ipa, pa, 3, a);
    dut.submit(tlbi_nsnh_all());
    EXPECT_EQ(becomes(issue(dut, nested, va, SMMU_OP_PREFETCH)), none);
    stage2_right(0b10);
    EXPECT_EQ(becomes(issue(dut, nested, va, SMMU_OP_PREFETCH)), SMMU_OP_PREFETCH);
}

// Dirty state (3.13.8)

class CleanPages : public NestedTest {
  protected:
    CleanPages()
    {
        auto &entry1 = stage1.stream();
        entry1.dre = entry1.dcp = entry1.s2ha = entry1.s2hd = 1;
        stage1.context().ha = stage1.context().hd = 1;
        leaf_attributes clean;
        clean.ap = AP_ALL_RO;
        clean.dbm = 1;
        clean.af = 0;
        stage1.low.map(va, ipa, 3, clean);
        publish();
    }
    bool dirty() { return (stage1.low.descriptor(va, 3) & 1u << 7) == 0; }
    bool accessed() { return (stage1.low.descriptor(va, 3) & 1u << 10) != 0; }
};

TEST_F(CleanPages, StayCleanUnderWhatIsDestructive)
{
    EXPECT_EQ(becomes(issue(dut, nested, va, SMMU_OP_READ_DESTRUCTIVE)),
              SMMU_OP_READ_CLEAN_INVALIDATE);
    EXPECT_EQ(becomes(issue(dut, nested, va, SMMU_OP_INVALIDATE)), SMMU_OP_CLEAN_INVALIDATE);
    EXPECT_EQ(becomes(issue(dut, nested, va, SMMU_OP_DESTRUCTIVE_HINT)), none);
    EXPECT_EQ(becomes(issue(dut, nested, va, SMMU_OP_PREFETCH)), SMMU_OP_PREFETCH);
    EXPECT_FALSE(dirty());
    EXPECT_TRUE(accessed());
}

TEST_F(CleanPages, BecomeDirtyByWritesWithPrefetch)
{
    expect_forward(issue(dut, nested, va, SMMU_OP_WRITE_PREFETCH), pa);
    EXPECT_TRUE(dirty());
}

TEST_F(CleanPages, BecomeDirtyByAtomics)
{
    expect_forward(issue(dut, nested, va, SMMU_OP_ATOMIC), pa);
    EXPECT_TRUE(dirty());
}

} // namespace
} // namespace test_operations
