// SPDX-License-Identifier: Apache-2.0
// Changes of block size without break-before-make: levels 0 to 2, nT, TLB conflicts (IHI 0070
// 3.21.1.1 to 3.21.1.3, 7.3.17; DDI 0487 D8.17.1, D8.17.2).
#include "core/nested_test.hpp"
#include "support/random.hpp"

using namespace support;

namespace test_block_size {
namespace {

constexpr uint64_t MiB = 1024 * 1024, nt = uint64_t{1} << 16;
constexpr uint64_t block = 0x4000'0000, page = 0x1000;

// The TLB of the TCU alone: what is in front of it, or a table that is cached, is gone by
// unchanged.
smmu_config level(uint8_t bbml, bool conflicts = false)
{
    smmu_config cfg = smmu_config_default();
    cfg.bbml = bbml;
    cfg.tlb_conflicts = conflicts;
    cfg.tlb = {256, 16};
    cfg.utlb = cfg.walk_s1 = cfg.walk_s2 = {0, 0};
    return cfg;
}

// 2 MiB at `block` that are mapped as one, or by pages; each way has memory of its own.
class BlockSize : public StreamTest {
  protected:
    explicit BlockSize(const smmu_config &cfg) : StreamTest(cfg)
    {
        stream.low.map(block, 0, 3); // a table
        table = stream.low.descriptor(block, 2);
        for (uint64_t at = block; at < block + 2 * MiB; at += page)
            stream.low.map(at, of_pages + (at - block), 3);
    }

    void use_pages() { stream.low.set_descriptor(block, 2, table); }
    void use_block(uint64_t bits = 0)
    {
        leaf_attributes device;
        device.attr_index = 2;
        stream.low.set_descriptor(block, 2, leaf_descriptor(of_block, 2, device) | bits);
    }

    smmu_result access(uint64_t offset) { return dut.translate(sid, block + offset); }

    size_t walks(uint64_t offset)
    {
        dut.mem.clear_log();
        EXPECT_EQ(access(offset).outcome, SMMU_FORWARD);
        return dut.mem.count(SMMU_FETCH_TTD);
    }

    static constexpr uint64_t of_pages = 0x1'0000'0000, of_block = 0x2'0000'0000;
    uint64_t table = 0;
};

class WithoutConflicts : public BlockSize, public testing::WithParamInterface<uint8_t> {
  protected:
    WithoutConflicts() : BlockSize(level(GetParam())) {}
};

INSTANTIATE_TEST_SUITE_P(Levels, WithoutConflicts, testing::Values(0, 1, 2));

TEST_P(WithoutConflicts, OldPagesStayUntilTheyAreInvalidated)
{
    use_pages();
    expect_forward(access(0x3000), of_pages + 0x3000);
    use_block();
    expect_forward(access(0x8000), of_block + 0x8000);
    expect_forward(access(0x3000), of_pages + 0x3000);
    dut.submit(tlbi_nh_va(block + 0x3000, 1));
    expect_forward(access(0x3000), of_block + 0x3000);
}

TEST_P(WithoutConflicts, OldBlockStaysUntilItIsInvalidated)
{
    use_block();
    expect_forward(access(0x3000), of_block + 0x3000);
    use_pages();
    expect_forward(access(0x8000), of_block + 0x8000);
    dut.submit(tlbi_nh_va(block + 0x5000, 1));
    expect_forward(access(0x8000), of_pages + 0x8000);
    expect_forward(access(0x3000), of_pages + 0x3000);
}

// Translations that a write must not go by are no conflict for that.
TEST_P(WithoutConflicts, CleanPagesAreReadAsBefore)
{
    leaf_attributes clean;
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    stream.context().ha = stream.context().hd = 1;
    republish();
    use_pages();
    stream.low.map(block + 0x3000, of_pages + 0x3000, 3, clean);
    access(0x3000);
    use_block();
    access(0x8000);
    expect_forward(access(0x3000), of_pages + 0x3000);
}

// 3.21.1.3: one of the matching entries, and nothing that is of both.
TEST_P(WithoutConflicts, NothingIsEverMixed)
{
    random_source rng(0xb10c'0001);
    use_pages();
    for (unsigned i = 0; i < 20000; i++) {
        if (rng.one_in(16))
            rng.coin() ? use_block(rng.coin() ? nt : 0) : use_pages();
        if (rng.one_in(24))
            dut.submit(tlbi_nh_va(block + rng.below(512) * page, 1, rng.coin()));
        const uint64_t offset = rng.bits(21);
        const smmu_result r = access(offset);
        ASSERT_EQ(r.outcome, SMMU_FORWARD) << smmu_event_name(r.event);
        const bool is_block = r.attr.mair == SMMU_MAIR_DEVICE_nGnRE;
        ASSERT_EQ(r.addr, (is_block ? of_block : of_pages) + offset);
    }
}

// --- nT -----------------------------------------------------------------------------------------

class Level0 : public BlockSize {
  protected:
    Level0() : BlockSize(level(0, true)) {}
};

class Level1 : public BlockSize {
  protected:
    Level1() : BlockSize(level(1, true)) {}
};

class Level2 : public BlockSize {
  protected:
    Level2() : BlockSize(level(2)) {}
};

TEST_F(Level0, NtIsNoBitOfItsOwn)
{
    use_block(nt);
    EXPECT_EQ(access(0x3000).span_log2, 21);
    EXPECT_EQ(walks(0x8000), 0u);
}

TEST_F(Level2, NtIsIgnored)
{
    use_block(nt);
    EXPECT_EQ(access(0x3000).span_log2, 21);
    EXPECT_EQ(walks(0x8000), 0u);
}

TEST_F(Level1, NtIsNoFaultAndCachesPages)
{
    use_block(nt);
    const smmu_result r = access(0x3456);
    expect_forward(r, of_block + 0x3456);
    EXPECT_EQ(r.span_log2, 12);
    EXPECT_EQ(walks(0x3000), 0u);
    EXPECT_NE(walks(0x8000), 0u);
    EXPECT_EQ(walks(0x8000), 0u);
    use_block();
    EXPECT_EQ(access(0x9000).span_log2, 21) << "without it";
}

TEST_F(Level1, ABlockWithNtGoesAsAWhole)
{
    use_block(nt);
    for (uint64_t offset : {0x0, 0x8000, 0x1f'f000})
        access(offset);
    dut.submit(tlbi_nh_va(block + 0x4000, 1, true));
    for (uint64_t offset : {0x0, 0x8000, 0x1f'f000})
        EXPECT_NE(walks(offset), 0u) << offset;
}

TEST_F(Level1, NtCountsForBlocksAlone)
{
    use_pages();
    stream.low.map(block + 0x1'0000, nt | 0x3'0000'0000, 3); // an address bit of a page
    expect_forward(access(0x1'0000), nt | 0x3'0000'0000);
}

// Pages become a block and again pages as 3.21.1.2 says, and accesses go on all the time.
TEST_F(Level1, WithNtNothingConflicts)
{
    random_source rng(0xb10c'0002);
    const auto touch = [&] {
        for (unsigned i = 0; i < 200; i++)
            ASSERT_EQ(access(rng.bits(21)).outcome, SMMU_FORWARD);
    };
    const auto invalidate = [&] {
        dut.submit(with_range(tlbi_nh_va(block, 1), {1, 31, 4, 0}));
        dut.submit(cmd_sync());
    };
    use_pages();
    for (unsigned i = 0; i < 10; i++) {
        touch();
        use_block(nt);
        touch();
        invalidate();
        use_block();
        touch();
        invalidate();
        use_block(nt);
        touch();
        invalidate();
        use_pages();
        touch();
        invalidate();
    }
    EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
}

TEST_F(Level1, TheContiguousBitDoesNotConflict)
{
    leaf_attributes contiguous;
    contiguous.contiguous = 1;
    use_pages();
    access(0x3000);
    for (uint64_t at = 0; at < 16 * page; at += page)
        stream.low.map(block + at, of_pages + at, 3, contiguous);
    access(0x4000);
    expect_forward(access(0x3000), of_pages + 0x3000);
}

// --- conflicts ----------------------------------------------------------------------------------

class Conflicts : public Level1 {
  protected:
    // A page and the block around it are cached.
    void overlap()
    {
        use_pages();
        access(0x3000);
        use_block();
        access(0x8000);
        dut.pop_events();
    }
};

TEST_F(Conflicts, AreFaultsOfWhatSeveralTranslationsMatch)
{
    overlap();
    expect_abort(access(0x3123), F_TLB_CONFLICT);
    const auto events = dut.pop_events();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].type, F_TLB_CONFLICT);
    EXPECT_EQ(events[0].input_addr, block + 0x3123);
    EXPECT_FALSE(events[0].s2);
    expect_forward(access(0x8000), of_block + 0x8000);
    expect_forward(access(0x4000), of_block + 0x4000);
}

TEST_F(Conflicts, LastUntilAnInvalidation)
{
    overlap();
    for (unsigned i = 0; i < 3; i++)
        expect_abort(access(0x3000), F_TLB_CONFLICT);
    dut.submit(tlbi_nh_va(block + 0x3000, 1)); // takes both
    expect_forward(access(0x3000), of_block + 0x3000);
    overlap();
    dut.submit(tlbi_nh_all());
    expect_forward(access(0x3000), of_block + 0x3000);
}

TEST_F(Conflicts, LeaveNoTraceOfAProbe)
{
    overlap();
    const smmu_result r = dut.probe(sid, block + 0x3000);
    expect_abort(r, F_TLB_CONFLICT);
    EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
}

TEST_F(Conflicts, EndWritesToo)
{
    overlap();
    expect_abort(dut.translate(sid, block + 0x3000, write_access), F_TLB_CONFLICT);
}

TEST_F(Conflicts, ArePrefetchesWithoutEffect)
{
    overlap();
    smmu_txn txn = device_under_test::transaction(sid, block + 0x3000, read_access);
    txn.op = SMMU_OP_PREFETCH;
    smmu_result r{};
    smmu_translate(dut.smmu(), &txn, &r);
    EXPECT_EQ(r.outcome, SMMU_RAZWI);
    EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
}

TEST_F(Conflicts, OfGlobalAndOtherTranslations)
{
    leaf_attributes global;
    global.ng = 0;
    use_pages();
    access(0x3000);
    stage1_stream other(dut, 6, 2);
    other.low.map(block + 0x3000, 0x5000, 3, global);
    other.publish();
    dut.translate(6, block + 0x3000);
    expect_abort(access(0x3000), F_TLB_CONFLICT);
}

TEST_F(Conflicts, AnswerATranslationRequestWithCompleterAbort)
{
    stream.stream().eats = 1;
    republish();
    overlap();
    smmu_ats_request request{};
    request.sid = sid;
    request.addr = block + 0x3000;
    EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_CA);
    EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
}

class ConflictsBehindAMicroTlb : public BlockSize {
  protected:
    ConflictsBehindAMicroTlb() : BlockSize(config()) {}

    static smmu_config config()
    {
        smmu_config cfg = level(1, true);
        cfg.utlb = {64, 4};
        return cfg;
    }
};

TEST_F(ConflictsBehindAMicroTlb, AreNotSeen)
{
    use_pages();
    access(0x3000);
    use_block();
    access(0x8000);
    expect_forward(access(0x3000), of_pages + 0x3000);
}

// Blocks of stage 2 are 2 MiB at IPA 2 GiB.
class Stage2Conflicts : public NestedTest {
  protected:
    explicit Stage2Conflicts(const smmu_config &cfg = level(0, true)) : NestedTest(cfg) {}

    static constexpr uint64_t s2_block = 0x8000'0000;

    void overlap(support::stage2 &s, uint32_t through, uint64_t low, uint64_t high)
    {
        s.table.map(s2_block + 0x3000, 0x1'0000'3000, 3, stage2_attributes{});
        dut.translate(through, low);
        s.table.map(s2_block, 0x2'0000'0000, 2, stage2_attributes{});
        dut.translate(through, high);
        dut.pop_events();
    }
};

TEST_F(Stage2Conflicts, HaveTheIpa)
{
    overlap(second, alone, s2_block + 0x3000, s2_block + 0x8000);
    expect_abort(dut.translate(alone, s2_block + 0x3000), F_TLB_CONFLICT);
    const event e = only_event();
    EXPECT_TRUE(e.s2);
    EXPECT_EQ(e.addr, s2_block + 0x3000);
    EXPECT_EQ(e.input_addr, s2_block + 0x3000);
}

TEST_F(Stage2Conflicts, EndWalksOfStage1)
{
    stage1.low.map(0x10'0000, s2_block + 0x3000);
    stage1.low.map(0x20'0000, s2_block + 0x8000);
    stage1.low.map(0x30'0000, s2_block + 0x3000);
    overlap(third, nested, 0x10'0000, 0x20'0000);
    expect_abort(dut.translate(nested, 0x30'0000), F_TLB_CONFLICT);
    const event e = only_event();
    EXPECT_TRUE(e.s2);
    EXPECT_EQ(e.addr, s2_block + 0x3000);
    EXPECT_EQ(e.input_addr, 0x30'0000u);
    dut.write64(0x108, nested);
    dut.write64(0x110, 0x30'0000 | 3u << 10 | 1u << 8); // both stages, a read
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118), 0x20u << 4 | 1u) << "F_TLB_CONFLICT, of no stage";
}

// nT of stage 2 is as that of stage 1.
class Stage2Level1 : public Stage2Conflicts {
  protected:
    Stage2Level1() : Stage2Conflicts(level(1)) {}
};

TEST_F(Stage2Level1, NtCachesPages)
{
    const stage2_attributes plain;
    second.table.set_descriptor(s2_block, 2, leaf_descriptor(0x2'0000'0000, 2, plain) | nt);
    const smmu_result r = dut.translate(alone, s2_block + 0x3456);
    expect_forward(r, 0x2'0000'3456);
    EXPECT_EQ(r.span_log2, 12);
    dut.translate(alone, s2_block + 0x9000);
    dut.submit(tlbi_s2_ipa(s2_block + 0x4000, 6, true));
    dut.mem.clear_log();
    expect_forward(dut.translate(alone, s2_block + 0x9000), 0x2'0000'9000);
    EXPECT_NE(dut.mem.count(SMMU_FETCH_TTD), 0u);
}

TEST_F(Stage2Level1, FaultsOfAPieceHaveTheirOwnIpa)
{
    stage2_attributes read_only;
    read_only.s2ap = 1;
    second.table.set_descriptor(s2_block, 2, leaf_descriptor(0x2'0000'0000, 2, read_only) | nt);
    dut.translate(alone, s2_block + 0x7123);
    expect_abort(dut.translate(alone, s2_block + 0x7123, write_access), F_PERMISSION);
    EXPECT_EQ(only_event().addr, s2_block + 0x7000);
}

} // namespace
} // namespace test_block_size
