// SPDX-License-Identifier: Apache-2.0
// Hardware update of the Access flag and of the dirty state (IHI 0070 3.13).
#include "core/nested_test.hpp"

using namespace support;

namespace test_httu {
namespace {

constexpr uint64_t AF = uint64_t{1} << 10;
constexpr uint64_t AP_2 = uint64_t{1} << 7;
constexpr uint64_t S2AP_1 = uint64_t{1} << 7;

class Httu : public NestedTest {
  protected:
    explicit Httu(const smmu_config &cfg = smmu_config_default()) : NestedTest(cfg)
    {
        entry.s2ha = entry.s2hd = 1;
        stage1.stream().s2ha = stage1.stream().s2hd = 1;
        stage1.context().ha = stage1.context().hd = 1;
        old_page.af = 0;
        clean_page.ap = AP_ALL_RO;
        clean_page.dbm = 1;
        old_s2.af = 0;
        clean_s2.s2ap = 0b01;
        clean_s2.dbm = 1;
        publish();
    }

    uint64_t s1() { return stage1.low.descriptor(va, 3); }
    size_t updates() { return dut.mem.count(SMMU_FETCH_TTD_UPDATE); }

    leaf_attributes old_page, clean_page;
    stage2_attributes old_s2, clean_s2;
};

TEST_F(Httu, AccessSetsTheAccessFlag)
{
    stage1.low.map(va, ipa, 3, old_page);
    third.table.map(ipa, pa, 3, old_s2);
    const uint64_t before1 = s1(), before2 = third.table.descriptor(ipa, 3);
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(s1(), before1 | AF);
    EXPECT_EQ(third.table.descriptor(ipa, 3), before2 | AF);
    EXPECT_EQ(updates(), 2u);
}

TEST_F(Httu, WithoutHaTheAccessFaults)
{
    stage1.context().ha = 0; // HD alone has no effect
    publish();
    stage1.low.map(va, ipa, 3, old_page);
    expect_abort(dut.translate(nested, va), F_ACCESS);
    EXPECT_EQ(updates(), 0u);
}

TEST_F(Httu, HaMakesAffdIgnored)
{
    stage1.context().affd = 1;
    publish();
    stage1.low.map(va, ipa, 3, old_page);
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_NE(s1() & AF, 0u);
}

TEST_F(Httu, WriteMakesCleanPagesDirty)
{
    stage1.low.map(va, ipa, 3, clean_page);
    third.table.map(ipa, pa, 3, clean_s2);
    const uint64_t before1 = s1(), before2 = third.table.descriptor(ipa, 3);
    const smmu_result result = dut.translate(nested, va, write_access);
    expect_forward(result, pa);
    EXPECT_NE(result.perm & SMMU_PERM_W, 0u);
    EXPECT_EQ(s1(), before1 & ~AP_2);
    EXPECT_EQ(third.table.descriptor(ipa, 3), before2 | S2AP_1);
}

TEST_F(Httu, ReadLeavesPagesCleanAndASecondWriteFindsThem)
{
    stage1.low.map(va, ipa, 3, clean_page);
    const smmu_result read = dut.translate(nested, va);
    expect_forward(read, pa);
    EXPECT_EQ(read.perm & SMMU_PERM_W, 0u) << "a window must not let writes pass by";
    EXPECT_EQ(updates(), 0u);
    expect_forward(dut.translate(nested, va, write_access), pa);
    EXPECT_EQ(s1() & AP_2, 0u);
    dut.mem.clear_log();
    expect_forward(dut.translate(nested, va, write_access), pa);
    EXPECT_EQ(updates(), 0u);
}

TEST_F(Httu, BothUpdatesOfOneAccess)
{
    leaf_attributes a = clean_page;
    a.af = 0;
    stage1.low.map(va, ipa, 3, a);
    expect_forward(dut.translate(nested, va, write_access), pa);
    EXPECT_EQ(s1() & (AF | AP_2), AF);
}

TEST_F(Httu, WithoutDbmOrHdTheWriteFaults)
{
    leaf_attributes a = clean_page;
    a.dbm = 0;
    stage1.low.map(va, ipa, 3, a);
    expect_abort(dut.translate(nested, va, write_access), F_PERMISSION);
    stage1.context().hd = 0;
    publish();
    stage1.low.map(va, ipa, 3, clean_page);
    expect_abort(dut.translate(nested, va, write_access), F_PERMISSION);
    EXPECT_NE(s1() & AP_2, 0u);
}

TEST_F(Httu, ApTableKeepsPagesReadOnly)
{
    stage1.low.map(va, ipa, 3, clean_page);
    stage1.low.set_descriptor(va, 2, stage1.low.descriptor(va, 2) | uint64_t{0b10} << 61);
    expect_abort(dut.translate(nested, va, write_access), F_PERMISSION);
    EXPECT_NE(s1() & AP_2, 0u);
}

TEST_F(Httu, PrivilegedPageIsNotMadeDirtyByUnprivilegedWrites)
{
    leaf_attributes a = clean_page;
    a.ap = AP_PRIV_RO;
    stage1.low.map(va, ipa, 3, a);
    expect_abort(dut.translate(nested, va, write_access), F_PERMISSION);
    EXPECT_NE(s1() & AP_2, 0u);
    expect_forward(dut.translate(nested, va, priv_write), pa);
    EXPECT_EQ(s1() & AP_2, 0u);
}

TEST_F(Httu, CleanPagesCountAsWritableForExecution)
{
    // 3.13.8: with WXN a page that hardware can make writable is not executable.
    stage1.low.map(va, ipa, 3, clean_page);
    // What EL0 can write is never executable at EL1.
    expect_abort(dut.translate(nested, va, priv_instr), F_PERMISSION);
    stage1.context().wxn = 1;
    publish();
    expect_abort(dut.translate(nested, va, instr_access), F_PERMISSION);
    stage1.context().hd = 0;
    publish();
    expect_forward(dut.translate(nested, va, instr_access), pa);
    expect_forward(dut.translate(nested, va, priv_instr), pa);
}

TEST_F(Httu, UpdateOfStage1IsAWriteAtStage2)
{
    // 3.13.5; the fault has CLASS TT and TTRnW 0 although the client reads.
    stage1.low.map(va, ipa, 3, old_page);
    const uint64_t at = stage1.low.descriptor_address(va, 3);
    stage2_attributes read_only;
    read_only.s2ap = 0b01;
    third.map_structures(read_only);
    expect_abort(dut.translate(nested, va), F_PERMISSION);
    EXPECT_EQ(only_event(), stage2_fault(F_PERMISSION, nested, va, CLASS_TT, at & ~ones(12)));
    EXPECT_EQ(s1() & AF, 0u);
}

TEST_F(Httu, ProbeMeetsTheSameFault)
{
    stage1.low.map(va, ipa, 3, old_page);
    stage2_attributes read_only;
    read_only.s2ap = 0b01;
    third.map_structures(read_only);
    expect_abort(dut.probe(nested, va), F_PERMISSION);
}

TEST_F(Httu, UpdateOfStage1MakesItsStage2PageDirty)
{
    stage1.low.map(va, ipa, 3, old_page);
    const uint64_t at = stage1.low.descriptor_address(va, 3);
    third.map_structures(clean_s2);
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_NE(third.table.descriptor(at, 2) & S2AP_1, 0u);
}

TEST_F(Httu, CdFetchSetsAfButNeverDirty)
{
    stage2_attributes both = clean_s2;
    both.af = 0;
    third.map_structures(both);
    expect_forward(dut.translate(nested, va), pa);
    const uint64_t d = third.table.descriptor(stage1.cd_address(), 2);
    EXPECT_NE(d & AF, 0u);
    EXPECT_EQ(d & S2AP_1, 0u);
}

TEST_F(Httu, BigEndianDescriptorsAreUpdatedInPlace)
{
    stage2 big(dut, 9, {40, granule::k4, std::nullopt, true});
    ste s;
    s.config = STE_S2_TRANS;
    big.apply(s);
    s.s2ha = 1;
    dut.set_ste(9, s);
    big.table.map(ipa, pa, 3, old_s2);
    expect_forward(dut.translate(9, ipa), pa);
    EXPECT_NE(big.table.descriptor(ipa, 3) & AF, 0u);
}

TEST_F(Httu, LostRaceWalksAgain)
{
    // While the SMMU is about to set AF, software points the descriptor elsewhere.
    for (const bool dirty : {true, false}) {
        entry.s2hd = dirty;
        second.table.map(ipa, pa, 3, old_s2);
        publish();
        dut.mem.before = [this](const smmu_mem_req &req) {
            if (req.fetch != SMMU_FETCH_TTD_UPDATE)
                return;
            dut.mem.before = nullptr;
            second.table.map(ipa, pa + 0x1000, 3, old_s2);
        };
        expect_forward(dut.translate(alone, ipa), pa + 0x1000);
        EXPECT_NE(second.table.descriptor(ipa, 3) & AF, 0u);
        EXPECT_EQ(updates(), 2u);
    }
}

TEST_F(Httu, LostRaceMayEndInAFault)
{
    second.table.map(ipa, pa, 3, clean_s2);
    dut.mem.before = [this](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_TTD_UPDATE)
            return;
        dut.mem.before = nullptr;
        second.table.unmap(ipa);
    };
    expect_abort(dut.translate(alone, ipa, write_access), F_TRANSLATION);
    EXPECT_EQ(second.table.descriptor(ipa, 3), 0u);
}

TEST_F(Httu, AbortedUpdateIsAWalkAbort)
{
    second.table.map(ipa, pa, 3, old_s2);
    const uint64_t at = second.table.descriptor_address(ipa, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD_UPDATE});
    expect_abort(dut.translate(alone, ipa), F_WALK_EABT);
    EXPECT_EQ(only_event(), stage2_fault(F_WALK_EABT, alone, ipa, CLASS_IN, at));
}

TEST_F(Httu, ProbeUpdatesNothing)
{
    leaf_attributes a = clean_page;
    a.af = 0;
    stage1.low.map(va, ipa, 3, a);
    third.table.map(ipa, pa, 3, old_s2);
    const uint64_t before = s1();
    expect_forward(dut.probe(nested, va, write_access), pa);
    EXPECT_EQ(s1(), before);
    EXPECT_EQ(updates(), 0u);
    for (const auto &access : dut.mem.log())
        EXPECT_FALSE(access.write);
}

TEST_F(Httu, PrefetchUpdatesNothing)
{
    stage1.low.map(va, ipa, 3, old_page);
    const uint64_t before = s1();
    command cmd = raw_command(CMD_PREFETCH_ADDR).set(32, 32, nested);
    cmd.word[1] |= va;
    dut.submit(cmd);
    EXPECT_EQ(s1(), before);
}

// --- Access flags of tables (3.13.6; DDI 0487 D8.5.1.3)
// -------------------------------------------

class TableFlags : public Httu {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.httu = SMMU_HTTU_TABLES;
        return cfg;
    }
    TableFlags() : Httu(config())
    {
        stage1.context().haft = 1;
        entry.s2haft = stage1.stream().s2haft = 1;
        publish();
    }

    // How many tables on the way to a page have the flag.
    static unsigned flags(translation_table &table, uint64_t at)
    {
        unsigned count = 0;
        for (int level = table.start_level(); level < 3; ++level)
            count += (table.descriptor(at, level) & AF) != 0;
        return count;
    }
};

TEST_F(TableFlags, AreSetByAWalk)
{
    const uint64_t leaf = second.table.descriptor(ipa, 3);
    EXPECT_EQ(flags(second.table, ipa), 0u);
    expect_forward(dut.translate(alone, ipa), pa);
    EXPECT_EQ(flags(second.table, ipa), 3u - static_cast<unsigned>(second.table.start_level()));
    EXPECT_EQ(second.table.descriptor(ipa, 3), leaf);
    dut.mem.clear_log();
    dut.invalidate_all();
    expect_forward(dut.translate(alone, ipa), pa);
    EXPECT_EQ(updates(), 0u) << "they are set once";
}

TEST_F(TableFlags, AreSetInBothStages)
{
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(flags(stage1.low, va), 3u);
    EXPECT_NE(flags(third.table, ipa), 0u);
    EXPECT_NE(flags(third.table, stage1.cd_address()), 0u);
}

TEST_F(TableFlags, AreSetWherePagesAreNotMadeDirty)
{
    stage1.context().hd = stage1.stream().s2hd = 0;
    publish();
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(flags(stage1.low, va), 3u);
    EXPECT_NE(flags(third.table, ipa), 0u);
}

TEST_F(TableFlags, NeedTheirSwitches)
{
    stage1.context().haft = entry.s2haft = stage1.stream().s2haft = 0;
    publish();
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(updates(), 0u);
    EXPECT_EQ(flags(stage1.low, va), 0u);
    stage1.context().haft = 1;
    publish();
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(flags(stage1.low, va), 3u);
    EXPECT_EQ(flags(third.table, ipa), 0u);
}

// 5.4, HAFT; 5.2, S2HAFT.
TEST_F(TableFlags, AreIllegalWithoutThoseOfPages)
{
    stage1.context().ha = stage1.context().hd = 0;
    publish();
    expect_abort(dut.translate(nested, va), C_BAD_CD);
    entry.s2ha = entry.s2hd = 0;
    publish();
    expect_abort(dut.translate(alone, ipa), C_BAD_STE);
}

// A write to a stage 1 table is one that stage 2 has to permit (I_VPNMG).
TEST_F(TableFlags, OfStage1NeedStage2ToPermitWrites)
{
    stage2_attributes read_only;
    read_only.s2ap = 0b01;
    third.map_structures(read_only);
    expect_abort(dut.translate(nested, va), F_PERMISSION);
    EXPECT_EQ(flags(stage1.low, va), 0u);
}

TEST_F(TableFlags, AreSetAlthoughTheLeafFaults)
{
    second.table.unmap(ipa);
    expect_abort(dut.translate(alone, ipa), F_TRANSLATION);
    EXPECT_EQ(flags(second.table, ipa), 3u - static_cast<unsigned>(second.table.start_level()));
}

// Somebody else changes the descriptor between the read and the update: it is read again.
TEST_F(TableFlags, AreSetInWhatIsThereNow)
{
    const uint64_t at = second.table.descriptor_address(ipa, 2);
    const uint64_t moved = dut.frames.allocate(4096, 4096);
    dut.mem.store64(moved + (ipa >> 12 & 511) * 8, second.table.descriptor(ipa, 3) + 0x1000);
    bool once = true;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_TTD_UPDATE && req.addr == at && once) {
            once = false;
            dut.mem.store64(at, table_descriptor(moved));
        }
    };
    expect_forward(dut.translate(alone, ipa), pa + 0x1000);
    EXPECT_EQ(dut.mem.load64(at), table_descriptor(moved) | AF);
}

TEST_F(TableFlags, AreSetByTranslationRequests)
{
    entry.eats = 1;
    publish();
    smmu_ats_request request{};
    request.sid = alone;
    request.addr = ipa;
    request.stus = 1;
    EXPECT_TRUE(dut.ats_translate(request).r);
    EXPECT_EQ(flags(second.table, ipa), 3u - static_cast<unsigned>(second.table.start_level()));
}

} // namespace
} // namespace test_httu
