// SPDX-License-Identifier: Apache-2.0
// Runs of descriptors with the Contiguous bit, each cached as one translation (DDI 0487 D8.7.1,
// D8.5.5; IHI 0070 3.21.1, 4.4).
#include "core/nested_test.hpp"
#include "smmu/dvm.h"

using namespace support;

namespace test_contiguous {
namespace {

constexpr uint64_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

smmu_config with_runs()
{
    smmu_config cfg = smmu_config_default();
    cfg.contiguous = true;
    cfg.utlb.sets = 0;
    return cfg;
}

leaf_attributes member()
{
    leaf_attributes a;
    a.contiguous = 1;
    return a;
}

// Descriptors `first` to `last` of the run of `count` of that level that holds `va`, whose output
// begins at `pa`.
void map_members(translation_table &table, uint64_t va, uint64_t pa, int level, unsigned first,
                 unsigned last, const leaf_attributes &how = member())
{
    const uint64_t size = uint64_t{1} << table.shift(level);
    for (unsigned i = first; i <= last; ++i)
        table.map(va + i * size, pa + i * size, level, how);
}

// The same of stage 2.
void map_members2(translation_table &table, uint64_t ipa, uint64_t pa, int level, unsigned count)
{
    const uint64_t size = uint64_t{1} << table.shift(level);
    stage2_attributes how;
    how.contiguous = 1;
    for (unsigned i = 0; i < count; ++i)
        table.map(ipa + i * size, pa + i * size, level, how);
}

// Table D8-104, and which levels have no runs.
struct size_row {
    granule size;
    int level;
    uint64_t run; // 0: none
};

constexpr size_row size_rows[] = {
    {granule::k4, 1, 16 * GiB}, {granule::k4, 2, 32 * MiB}, {granule::k4, 3, 64 * KiB},
    {granule::k16, 2, GiB},     {granule::k16, 3, 2 * MiB}, {granule::k64, 2, 16 * GiB},
    {granule::k64, 3, 2 * MiB},
};

class Contiguous : public StreamTest {
  protected:
    explicit Contiguous(const smmu_config &cfg = with_runs()) : StreamTest(cfg) {}

    uint64_t bytes_at(uint32_t sid, uint64_t at)
    {
        const smmu_result r = dut.translate(sid, at);
        EXPECT_EQ(r.outcome, SMMU_FORWARD) << smmu_event_name(r.event);
        return uint64_t{1} << r.span_log2;
    }

    // Whether an access is walked for.
    bool misses(uint64_t at, const client_access &how = read_access)
    {
        const uint64_t before = stats().tlb_misses;
        EXPECT_EQ(dut.translate(sid, at, how).outcome, SMMU_FORWARD);
        return stats().tlb_misses != before;
    }

    static constexpr uint64_t va = 0x1234'5671'0000, pa = 0x7654'3218'0000;
};

TEST_F(Contiguous, RunsAreAsLargeAsTheTableSays)
{
    for (const size_row &row : size_rows) {
        translation_table table(dut.mem, dut.frames, 48, row.size);
        stream.context().ttb0 = table.base();
        stream.context().tg0 = row.size == granule::k4    ? TG0_4K
                               : row.size == granule::k16 ? TG0_16K
                                                          : TG0_64K;
        republish();
        const uint64_t at = 0x1000'0000'0000, out = 0x2000'0000'0000;
        const uint64_t size = uint64_t{1} << table.shift(row.level);
        const auto count = static_cast<unsigned>(row.run / size);
        map_members(table, at, out, row.level, count - 2, count - 2);
        EXPECT_EQ(bytes_at(sid, at + (count - 2) * size), row.run);
        expect_forward(dut.translate(sid, at + 0x123), out + 0x123);
        expect_forward(dut.translate(sid, at + row.run - 1), out + row.run - 1);
        expect_abort(dut.translate(sid, at + row.run), F_TRANSLATION);
        expect_abort(dut.translate(sid, at - 1), F_TRANSLATION);
    }
}

TEST_F(Contiguous, TheSameOfStage2)
{
    static const unsigned tg[] = {TG0_4K, TG0_16K, TG0_64K};
    for (const size_row &row : size_rows) {
        stage2 second(dut, 6, {44, row.size});
        ste entry;
        entry.config = STE_S2_TRANS;
        second.apply(entry);
        EXPECT_EQ(entry.s2tg, tg[(static_cast<unsigned>(row.size) - 12) / 2]);
        dut.set_ste(6, entry);
        dut.invalidate_all();
        const uint64_t at = 0x0400'0000'0000, out = 0x2000'0000'0000;
        const uint64_t size = uint64_t{1} << second.table.shift(row.level);
        map_members2(second.table, at, out, row.level, 1);
        EXPECT_EQ(bytes_at(6, at), row.run);
        expect_forward(dut.translate(6, at + row.run - size + 5), out + row.run - size + 5);
        expect_abort(dut.translate(6, at + row.run), F_TRANSLATION);
    }
}

TEST_F(Contiguous, SixteenPagesAreOneMiss)
{
    map_members(stream.low, va, pa, 3, 0, 15);
    for (unsigned i = 0; i < 16; ++i)
        expect_forward(dut.translate(sid, va + (i * 7 % 16) * 4 * KiB),
                       pa + (i * 7 % 16) * 4 * KiB);
    EXPECT_EQ(stats().tlb_misses, 1u);
    EXPECT_EQ(stats().tlb_hits, 15u);
    EXPECT_EQ(stats().tlb_fills, 1u);
}

TEST_F(Contiguous, ADescriptorWithoutTheBitIsAPage)
{
    map_members(stream.low, va, pa, 3, 0, 15, leaf_attributes{});
    EXPECT_EQ(bytes_at(sid, va), 4 * KiB);
}

// D8.7.1: an OA range that is contiguous and aligned. What is not is no more than its own page's.
TEST_F(Contiguous, ADescriptorInTheWrongPlaceIsAPage)
{
    map_members(stream.low, va, pa + 4 * KiB, 3, 0, 15);
    EXPECT_EQ(bytes_at(sid, va), 4 * KiB);
    expect_forward(dut.translate(sid, va + 3 * 4 * KiB), pa + 4 * 4 * KiB);
}

// D8.7.1.2, R_XFDVL.
TEST_F(Contiguous, ARunBeyondTheOutputSizeIsNotOne)
{
    stream.context().ips = 0; // 32 bits
    republish();
    map_members(stream.low, 0, 0, 1, 0, 4);
    EXPECT_EQ(bytes_at(sid, 0), GiB);
    expect_forward(dut.translate(sid, 3 * GiB), 3 * GiB);
    expect_abort(dut.translate(sid, 4 * GiB), F_ADDR_SIZE);
}

// D8.7.1.3: it may be a Translation fault or not; here the size of the input counts.
TEST_F(Contiguous, ARunBeyondTheInputSizeIsNotOne)
{
    translation_table table(dut.mem, dut.frames, 24);
    stream.context().ttb0 = table.base();
    stream.context().t0sz = 40;
    republish();
    map_members(table, 0, 0x0800'0000, 2, 0, 7);
    EXPECT_EQ(bytes_at(sid, 0), 2 * MiB);
    expect_abort(dut.translate(sid, 16 * MiB), F_TRANSLATION);
}

// I_PGVGZ: others may be invalid.
TEST_F(Contiguous, TheUpperHalfHasRunsToo)
{
    const uint64_t high = va | 0xffff'0000'0000'0000;
    map_members(stream.high, high, pa, 3, 5, 5);
    EXPECT_EQ(bytes_at(sid, high + 5 * 4 * KiB), 64 * KiB);
    expect_forward(dut.translate(sid, high + 0xf123), pa + 0xf123);
}

TEST_F(Contiguous, RunsOfVmsa32)
{
    translation_table table(dut.mem, dut.frames, 32);
    stream.context().aa64 = 0;
    stream.context().ttb0 = table.base();
    stream.context().t0sz = stream.context().t1sz = 0;
    republish();
    map_members(table, 0x8765'0000, 0x00ab'cdef'0000, 3, 2, 2);
    EXPECT_EQ(bytes_at(sid, 0x8765'2000), 64 * KiB);
    expect_forward(dut.translate(sid, 0x8765'f123), 0x00ab'cdef'f123);
}

// 3.4: outputs of 40 bits are truncated to OAS, each that of its own descriptor.
class WithSmallOutput : public Contiguous {
  protected:
    static smmu_config small()
    {
        smmu_config cfg = with_runs();
        cfg.oas_bits = 32;
        return cfg;
    }
    WithSmallOutput() : Contiguous(small()) {}
};

TEST_F(WithSmallOutput, ARunBeyondIsNotOne)
{
    stage2 second(dut, 6, {40, granule::k4, 1});
    ste entry;
    entry.config = STE_S2_TRANS;
    second.apply(entry);
    entry.s2aa64 = 0;
    entry.s2t0sz = 8; // -8: 40 bits
    entry.s2sl0 = 1;
    dut.set_ste(6, entry);
    dut.invalidate_all();
    map_members2(second.table, 0, 0, 1, 8);
    expect_forward(dut.translate(6, 0x1234), 0x1234);
    expect_forward(dut.translate(6, 5 * GiB), GiB);
}

// D8.7.1: the Contiguous bit of such blocks is RES0.
class WithLargeBlocks : public Contiguous {
  protected:
    static smmu_config large()
    {
        smmu_config cfg = with_runs();
        cfg.oas_bits = 52;
        cfg.vax52 = cfg.ds = true;
        return cfg;
    }
    WithLargeBlocks() : Contiguous(large()) {}
};

TEST_F(WithLargeBlocks, TheLargestHaveNoRuns)
{
    const struct {
        granule size;
        unsigned tg;
        int level;
    } rows[] = {{granule::k4, TG0_4K, 0}, {granule::k16, TG0_16K, 1}, {granule::k64, TG0_64K, 1}};
    for (const auto &row : rows) {
        translation_table table(dut.mem, dut.frames, {52, row.size, std::nullopt, false, true});
        stream.context().ttb0 = table.base();
        stream.context().tg0 = row.tg;
        stream.context().t0sz = 12;
        stream.context().ds = 1;
        stream.context().ips = 6;
        republish();
        map_members(table, 0, 0, row.level, 0, 1);
        EXPECT_EQ(bytes_at(sid, 0), uint64_t{1} << table.shift(row.level));
    }
}

// 5.4, PnCH: RES0 without translation hardening.
TEST_F(Contiguous, PnchIsNoFieldWithoutHardening)
{
    stream.context().pnch = 1;
    republish();
    map_members(stream.low, va, pa, 3, 0, 15);
    EXPECT_EQ(bytes_at(sid, va), 64 * KiB);
}

// 5.4, PnCH: bit 52 is Protected.
class WithProtection : public Contiguous {
  protected:
    static smmu_config hardening()
    {
        smmu_config cfg = with_runs();
        cfg.the = cfg.s2pi = true;
        return cfg;
    }
    WithProtection() : Contiguous(hardening()) {}
};

TEST_F(WithProtection, PnchTakesThePlaceOfTheBit)
{
    map_members(stream.low, va, pa, 3, 0, 15);
    EXPECT_EQ(bytes_at(sid, va), 64 * KiB);
    stream.context().pnch = 1;
    republish();
    EXPECT_EQ(bytes_at(sid, va), 4 * KiB);
}

// 5.4: PnCH is RES0 of VMSAv8-32.
TEST_F(WithProtection, PnchIsNotOfVmsa32)
{
    translation_table table(dut.mem, dut.frames, 32);
    stream.context().aa64 = 0;
    stream.context().pnch = 1;
    stream.context().ttb0 = table.base();
    stream.context().t0sz = stream.context().t1sz = 0;
    republish();
    map_members(table, 0x8765'0000, pa & ones(36), 3, 0, 15);
    EXPECT_EQ(bytes_at(sid, 0x8765'0000), 64 * KiB);
}

class WithoutRuns : public Contiguous {
  protected:
    static smmu_config without()
    {
        smmu_config cfg = with_runs();
        cfg.contiguous = false;
        return cfg;
    }
    WithoutRuns() : Contiguous(without()) {}
};

TEST_F(WithoutRuns, EachPageIsCachedForItself)
{
    map_members(stream.low, va, pa, 3, 0, 15);
    for (unsigned i = 0; i < 16; ++i)
        EXPECT_TRUE(misses(va + i * 4 * KiB));
}

// --- flags that hardware sets (D8.5.5) ----------------------------------------------------------

// R_XDPXQ, R_GPHKF.
TEST_F(Contiguous, TheAccessFlagIsSetInOneMember)
{
    stream.context().ha = 1;
    republish();
    leaf_attributes untouched = member();
    untouched.af = 0;
    map_members(stream.low, va, pa, 3, 0, 15, untouched);
    expect_forward(dut.translate(sid, va + 3 * 4 * KiB), pa + 3 * 4 * KiB);
    expect_forward(dut.translate(sid, va + 4 * 4 * KiB), pa + 4 * 4 * KiB);
    for (unsigned i = 0; i < 16; ++i)
        EXPECT_EQ(stream.low.descriptor(va + i * 4 * KiB, 3) >> 10 & 1, i == 3) << i;
}

// R_JKCXG.
TEST_F(Contiguous, OneMemberBecomesDirtyForAll)
{
    stream.context().ha = stream.context().hd = 1;
    republish();
    leaf_attributes clean = member();
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    map_members(stream.low, va, pa, 3, 0, 15, clean);
    EXPECT_TRUE(misses(va));
    EXPECT_TRUE(misses(va + 2 * 4 * KiB, write_access));
    EXPECT_FALSE(misses(va + 7 * 4 * KiB, write_access));
    EXPECT_FALSE(misses(va));
    for (unsigned i = 0; i < 16; ++i)
        EXPECT_EQ(stream.low.descriptor(va + i * 4 * KiB, 3) >> 7 & 1, i != 2) << i;
}

// --- changes of size (IHI 0070 3.21.1) ----------------------------------------------------------

class WithLevel1 : public Contiguous {
  protected:
    static smmu_config level1()
    {
        smmu_config cfg = with_runs();
        cfg.bbml = 1;
        return cfg;
    }
    WithLevel1() : Contiguous(level1()) {}

    static constexpr uint64_t nt = uint64_t{1} << 16;
};

TEST_F(WithLevel1, ABlockInChangeIsNoMember)
{
    const uint64_t at = 0x1234'5400'0000, out = 0x7654'3200'0000;
    map_members(stream.low, at, out, 2, 0, 15);
    stream.low.set_descriptor(at, 2, stream.low.descriptor(at, 2) | nt);
    EXPECT_EQ(bytes_at(sid, at + 0x5000), 4 * KiB);
    expect_forward(dut.translate(sid, at + 0x5123), out + 0x5123);
    EXPECT_EQ(bytes_at(sid, at + 2 * MiB), 32 * MiB);
}

// What is cached of it is invalidated by its own addresses.
TEST_F(WithLevel1, ABlockInChangeGoesAlone)
{
    const uint64_t at = 0x1234'5400'0000, out = 0x7654'3200'0000;
    map_members(stream.low, at, out, 2, 0, 15);
    stream.low.set_descriptor(at, 2, stream.low.descriptor(at, 2) | nt);
    EXPECT_TRUE(misses(at));
    dut.submit(tlbi_nh_va(at + 2 * MiB, 1, true));
    EXPECT_FALSE(misses(at));
    dut.submit(tlbi_nh_va(at + MiB, 1, true));
    EXPECT_TRUE(misses(at));
}

// Bit 16 of a page is one of its address.
TEST_F(WithLevel1, APageIsAMemberWhateverItsAddress)
{
    const uint64_t at = va + 64 * KiB;
    map_members(stream.low, at, pa + 64 * KiB, 3, 0, 15);
    EXPECT_EQ(bytes_at(sid, at), 64 * KiB);
}

// 3.21.1.2: a change of the Contiguous bit alone does not lead to a conflict.
TEST_F(WithLevel1, AChangeOfTheBitAloneIsNoConflict)
{
    map_members(stream.low, va, pa, 3, 0, 15, leaf_attributes{});
    EXPECT_TRUE(misses(va));
    map_members(stream.low, va, pa, 3, 0, 15);
    EXPECT_TRUE(misses(va + 4 * KiB));
    for (unsigned i = 0; i < 16; ++i)
        expect_forward(dut.translate(sid, va + i * 4 * KiB), pa + i * 4 * KiB);
}

// --- invalidation (4.4) -------------------------------------------------------------------------

// NUM, SCALE, TTL and TG of CMD_TLBI_NH_VAA (4.4.1.1).
image<2> vaa(uint64_t address, unsigned tg, unsigned num, unsigned scale, unsigned ttl)
{
    return image<2>{{0x13 | uint64_t{num} << 12 | uint64_t{scale} << 20,
                     address | uint64_t{tg} << 10 | uint64_t{ttl} << 8 | 1}};
}

struct invalidation_row {
    const char *name;
    bool goes;
    image<2> by;
};

constexpr uint64_t run_va = 0x1234'5671'0000, run_pa = 0x7654'3218'0000;

// Of a run of 16 pages that was walked for by its sixth.
const invalidation_row invalidation_rows[] = {
    {"FirstPage", true, tlbi_nh_va(run_va, 1)},
    {"LastPage", true, tlbi_nh_va(run_va + 0xf000, 1, true)},
    {"LastPageOfAllAsids", true, tlbi_nh_vaa(run_va + 0xf000, true)},
    {"PageBefore", false, tlbi_nh_va(run_va - 0x1000, 1)},
    {"PageAfter", false, tlbi_nh_va(run_va + 0x10000, 1)},
    {"AnotherAsid", false, tlbi_nh_va(run_va, 2)},
    {"Asid", true, tlbi_nh_asid(1)},
    {"Vmid", true, tlbi_nh_all(0)},
    {"RangeThatEndsWithItsFirst", true, vaa(run_va - 0x3000, 1, 3, 0, 0)},
    {"RangeThatEndsBefore", false, vaa(run_va - 0x4000, 1, 3, 0, 0)},
    {"RangeThatBeginsWithItsLast", true, vaa(run_va + 0xf000, 1, 3, 0, 0)},
    {"LargeRange", true, vaa(run_va - 0x100'0000, 1, 31, 10, 0)},
    {"LevelOfPages", true, vaa(run_va + 0xf000, 1, 0, 0, 3)},
    {"LevelOfBlocks", false, vaa(run_va + 0xf000, 1, 0, 0, 2)},
    {"AnotherGranule", false, vaa(run_va + 0xf000, 2, 1, 0, 0)},
    {"RangeOfPages", true, vaa(run_va + 0xe000, 1, 1, 0, 3)},
};

void PrintTo(const invalidation_row &row, std::ostream *out)
{
    *out << row.name;
}

class Cached : public Contiguous, public testing::WithParamInterface<invalidation_row> {
  protected:
    explicit Cached(const smmu_config &cfg = with_runs()) : Contiguous(cfg)
    {
        map_members(stream.low, run_va, run_pa, 3, 0, 15);
        expect_forward(dut.translate(sid, run_va + 0x5000), run_pa + 0x5000);
        map_members(stream.low, run_va, 0x1000'0000'0000, 3, 0, 15);
    }

    // What all pages say that are found, or walked for.
    void expect_whole(bool gone)
    {
        const uint64_t out = gone ? 0x1000'0000'0000 : run_pa;
        for (unsigned i = 0; i < 16; ++i)
            expect_forward(dut.translate(sid, run_va + i * 0x1000), out + i * 0x1000);
    }
};

using RunInTlb = Cached;
TEST_P(RunInTlb, GoesAsAWhole)
{
    dut.submit(GetParam().by);
    expect_whole(GetParam().goes);
}
INSTANTIATE_TEST_SUITE_P(By, RunInTlb, testing::ValuesIn(invalidation_rows),
                         [](const auto &info) { return info.param.name; });

class RunInTbuTlb : public Cached {
  protected:
    static smmu_config in_the_tbu()
    {
        smmu_config cfg = with_runs();
        cfg.tbu_tlb = {16, 4};
        return cfg;
    }
    RunInTbuTlb() : Cached(in_the_tbu()) {}
};
TEST_P(RunInTbuTlb, GoesAsAWhole)
{
    dut.submit(GetParam().by);
    expect_whole(GetParam().goes);
    EXPECT_EQ(stats().tbu_tlb_hits, GetParam().goes ? 15u : 16u);
}
INSTANTIATE_TEST_SUITE_P(By, RunInTbuTlb, testing::ValuesIn(invalidation_rows),
                         [](const auto &info) { return info.param.name; });

TEST_F(Contiguous, ARunOfAllAsidsGoesByAddress)
{
    leaf_attributes global = member();
    global.ng = 0;
    map_members(stream.low, va, pa, 3, 0, 15, global);
    EXPECT_TRUE(misses(va));
    dut.submit(tlbi_nh_asid(1));
    EXPECT_FALSE(misses(va + 0x2000));
    dut.submit(tlbi_nh_va(va + 0xf000, 9));
    EXPECT_TRUE(misses(va));
}

TEST_F(Contiguous, ARunGoesByWhatCpusBroadcast)
{
    smmu_config cfg = with_runs();
    cfg.btm = true;
    device_under_test other(cfg);
    stage1_stream s(other, sid);
    bring_up_options options;
    options.cr2 = 0; // PTM is 0
    other.bring_up(options);
    s.publish();
    map_members(s.low, va, pa, 3, 0, 15);
    expect_forward(other.translate(sid, va), pa);
    map_members(s.low, va, 0x1000'0000'0000, 3, 0, 15);
    smmu_dvm dvm{};
    dvm.op = SMMU_DVM_VAA;
    dvm.addr = va + 0xf000;
    smmu_broadcast_tlbi(other.smmu(), &dvm);
    expect_forward(other.translate(sid, va), 0x1000'0000'0000);
}

// --- both stages --------------------------------------------------------------------------------

class NestedRuns : public NestedTest {
  protected:
    NestedRuns() : NestedTest(with_runs())
    {
        map_members(stage1.low, at, middle, 3, 0, 15);
        dut.invalidate_all();
    }

    void translate_all(uint64_t out)
    {
        for (unsigned i = 0; i < 16; ++i)
            expect_forward(dut.translate(nested, at + i * 0x1000), out + i * 0x1000);
    }
    uint64_t misses_of_all(uint64_t out)
    {
        const uint64_t before = stats().tlb_misses;
        translate_all(out);
        return stats().tlb_misses - before;
    }

    static constexpr uint64_t at = 0x5678'9ab0'0000, middle = 0x12'0120'0000;
    static constexpr uint64_t out = 0x4321'0fe0'0000;
};

TEST_F(NestedRuns, OfBothStagesAreOne)
{
    map_members2(third.table, middle, out, 3, 16);
    EXPECT_EQ(misses_of_all(out), 1u);
}

TEST_F(NestedRuns, InABlockOfStage2AreOne)
{
    third.table.map(middle & ~(2 * MiB - 1), out & ~(2 * MiB - 1), 2, stage2_attributes{});
    EXPECT_EQ(misses_of_all((out & ~(2 * MiB - 1)) + (middle & (2 * MiB - 1))), 1u);
}

// The smaller of both is cached, and all of it goes with any address of the run.
TEST_F(NestedRuns, InPagesOfStage2ArePieces)
{
    for (unsigned i = 0; i < 16; ++i)
        third.table.map(middle + i * 0x1000, out + i * 0x1000, 3, stage2_attributes{});
    EXPECT_EQ(misses_of_all(out), 16u);
    EXPECT_EQ(misses_of_all(out), 0u);
    dut.submit(tlbi_nh_va(at + 0xf000, 7, true, 7));
    EXPECT_EQ(misses_of_all(out), 16u);
}

TEST_F(NestedRuns, OfStage2GoByAnyOfTheirAddresses)
{
    map_members2(second.table, middle, out, 3, 16);
    expect_forward(dut.translate(alone, middle), out);
    map_members2(second.table, middle, out + 64 * KiB, 3, 16);
    dut.submit(tlbi_s2_ipa(middle - 0x1000, 6, true));
    dut.submit(tlbi_s2_ipa(middle + 0xf000, 7, true));
    expect_forward(dut.translate(alone, middle), out);
    dut.submit(tlbi_s2_ipa(middle + 0xf000, 6, true));
    expect_forward(dut.translate(alone, middle), out + 64 * KiB);
}

// --- what sees the size -------------------------------------------------------------------------

// 3.24, and 3.9.1: up to the effective size of the translation.
TEST_F(Contiguous, AnAtsTranslationIsAsLarge)
{
    map_members(stream.low, va, pa, 3, 0, 15);
    stream.stream().eats = 1;
    republish();
    dut.update_cr0(dut.read32(reg::CR0) | reg::CR0_ATSCHK);
    smmu_ats_request request{};
    request.sid = sid;
    request.stus = 1;
    request.addr = va + 0x3000;
    const smmu_ats_completion completion = dut.ats_translate(request);
    EXPECT_EQ(completion.span_log2, 16);
    EXPECT_EQ(completion.addr & ~uint64_t{0xffff}, pa);
}

} // namespace
} // namespace test_contiguous
