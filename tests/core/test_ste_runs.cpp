// SPDX-License-Identifier: Apache-2.0
// STEs that are cached for all streams of the run that their CONT says (IHI 0070 5.2, 3.20.2, 4.3).
#include "core/core_test.hpp"

using namespace support;

namespace test_ste_runs {
namespace {

using Sids = std::vector<uint32_t>;

smmu_config with_cont()
{
    smmu_config cfg = smmu_config_default();
    cfg.ste_cont = true;
    return cfg;
}

ste member(unsigned cont)
{
    ste e;
    e.cont = cont;
    return e;
}

ste invalid()
{
    ste e;
    e.v = 0;
    return e;
}

class SteRuns : public CoreTest {
  protected:
    explicit SteRuns(const smmu_config &cfg = with_cont()) : CoreTest(cfg) {}

    void bring_up(const stream_table_shape &shape = {8, 0})
    {
        bring_up_options options;
        options.strtab = shape;
        dut.bring_up(options);
    }
    void set_stes(uint32_t first, uint32_t last, const ste &entry)
    {
        for (uint32_t sid = first; sid <= last; ++sid)
            dut.set_ste(sid, entry);
    }
    // Streams 8 to 15 are alike; `sid` among them is known.
    void know(uint32_t sid)
    {
        bring_up();
        set_stes(0, 31, ste{});
        set_stes(8, 15, member(3));
        dut.submit(cfgi_all());
        expect_forward(dut.translate(sid, 0x2000), 0x2000);
        set_stes(0, 31, invalid());
        dut.mem.clear_log();
    }
    Sids known()
    {
        Sids sids;
        for (uint32_t sid = 0; sid < 32; ++sid)
            if (dut.translate(sid, 0x1000).outcome == SMMU_FORWARD)
                sids.push_back(sid);
        return sids;
    }
};

const Sids run = {8, 9, 10, 11, 12, 13, 14, 15};

TEST_F(SteRuns, OneServesAllOfItsRun)
{
    know(13);
    EXPECT_EQ(known(), run);
    EXPECT_EQ(stats().config_misses, 1u + 24);
}

// A run of 2^CONT streams, with CONT [80:77].
TEST_F(SteRuns, EachContIsThatManyStreams)
{
    for (unsigned cont = 0; cont <= 15; ++cont) {
        dut.update_cr0(0);
        dut.mem.clear();
        dut.frames = frame_allocator(device_under_test::frames_base);
        bring_up({16, 0});
        dut.submit(cfgi_all());
        const uint32_t size = 1u << cont, first = cont == 15 ? 0x8000 : 2 * size;
        dut.set_ste(first + size / 2, member(cont));
        expect_forward(dut.translate(first + size / 2, 0x1000), 0x1000);
        expect_forward(dut.translate(first, 0x1000), 0x1000);
        expect_forward(dut.translate(first + size - 1, 0x1000), 0x1000);
        expect_abort(dut.translate(first - 1, 0x1000), C_BAD_STE);
        if (first + size < 0x10000) {
            expect_abort(dut.translate(first + size, 0x1000), C_BAD_STE);
        }
    }
}

TEST_F(SteRuns, GoWithAnyOfTheirStreams)
{
    for (const uint32_t sid : run) {
        know(11);
        dut.submit(cfgi_ste(sid));
        EXPECT_EQ(known(), Sids{}) << sid;
        dut.update_cr0(0);
    }
}

TEST_F(SteRuns, StayWithAnyOther)
{
    know(11);
    dut.submit(cfgi_ste(7));
    dut.submit(cfgi_ste(16));
    dut.submit(cfgi_ste_range(4, 1));
    dut.submit(cfgi_ste_range(16, 3));
    dut.submit(cfgi_cd_all(11));
    EXPECT_EQ(known(), run);
}

TEST_F(SteRuns, GoWithAnyRangeThatHasOneOfThem)
{
    for (const auto &[sid, range] : {std::pair(14u, 0u), std::pair(8u, 0u), std::pair(8u, 2u),
                                     std::pair(0u, 3u), std::pair(0u, 30u)}) {
        know(11);
        dut.submit(cfgi_ste_range(sid, range));
        EXPECT_EQ(known(), Sids{}) << sid << ", " << range;
        dut.update_cr0(0);
    }
}

TEST_F(SteRuns, GoWithAll)
{
    know(11);
    dut.submit(cfgi_all());
    EXPECT_EQ(known(), Sids{});
}

// 5.2.2: what is not valid says nothing of its neighbours.
TEST_F(SteRuns, AnSteThatIsNotValidHasNone)
{
    bring_up();
    set_stes(8, 15, ste{});
    ste bad = member(3);
    bad.v = 0;
    dut.set_ste(9, bad);
    expect_abort(dut.translate(9, 0x1000), C_BAD_STE);
    expect_forward(dut.translate(8, 0x1000), 0x1000);
    expect_abort(dut.translate(9, 0x1000), C_BAD_STE);
}

// 5.2: that of its own, or of a neighbour.
TEST_F(SteRuns, OneThatIsCachedForItselfCountsMore)
{
    bring_up();
    set_stes(8, 15, member(3));
    ste abort;
    abort.config = STE_ABORT;
    dut.set_ste(9, abort);
    EXPECT_EQ(dut.translate(9, 0x1000).outcome, SMMU_ABORT);
    expect_forward(dut.translate(10, 0x1000), 0x1000);
    EXPECT_EQ(dut.translate(9, 0x1000).outcome, SMMU_ABORT);
    dut.submit(cfgi_ste(9)); // takes both
    EXPECT_EQ(dut.translate(9, 0x1000).outcome, SMMU_ABORT);
}

// 5.2: capped by the size of the table, which is another later.
TEST_F(SteRuns, EndWithTheTable)
{
    bring_up({3, 0});
    set_stes(0, 7, member(15));
    expect_forward(dut.translate(2, 0x1000), 0x1000);
    expect_abort(dut.translate(8, 0x1000), C_BAD_STREAMID);
    dut.update_cr0(0);
    dut.write32(reg::STRTAB_BASE_CFG, 4); // LOG2SIZE
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    expect_forward(dut.translate(7, 0x1000), 0x1000);
    expect_abort(dut.translate(8, 0x1000), C_BAD_STE);
}

// 5.2: of what a run beyond Span permits, C_BAD_STREAMID.
TEST_F(SteRuns, EndWithTheLevel2Table)
{
    bring_up({8, 6});
    dut.set_ste(0, member(6));
    const uint64_t at = dut.l1std_address(0);
    dut.mem.store64(at, (dut.mem.load64(at) & ~ones(5)) | 4); // Span: 8 STEs
    expect_forward(dut.translate(0, 0x1000), 0x1000);
    expect_forward(dut.translate(7, 0x1000), 0x1000);
    expect_abort(dut.translate(8, 0x1000), C_BAD_STREAMID);
}

// Their CDs are each stream's: CMD_CFGI_CD names one.
TEST_F(SteRuns, HaveTranslationsOfOneAddressSpace)
{
    bring_up();
    stage1_stream stream(dut, 8);
    stream.low.map(0x4000, 0x8000);
    stream.stream().cont = 3;
    stream.publish();
    set_stes(8, 15, stream.stream());
    expect_forward(dut.translate(12, 0x4000), 0x8000);
    for (const uint32_t sid : run)
        expect_forward(dut.translate(sid, 0x4000), 0x8000);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 1u);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_CD), 8u);
    EXPECT_EQ(stats().tlb_misses, 1u);
}

TEST_F(SteRuns, OfSeveralSizesAreCached)
{
    bring_up();
    set_stes(8, 15, member(3));
    set_stes(16, 19, member(2));
    expect_forward(dut.translate(9, 0x1000), 0x1000);
    expect_forward(dut.translate(17, 0x1000), 0x1000);
    set_stes(8, 19, invalid());
    for (uint32_t sid = 8; sid < 20; ++sid)
        expect_forward(dut.translate(sid, 0x3000), 0x3000);
}

TEST_F(SteRuns, AreKnownToProbes)
{
    know(13);
    const smmu_txn txn = device_under_test::transaction(9, 0x1000, read_access);
    smmu_result result{};
    smmu_probe(dut.smmu(), &txn, &result);
    expect_forward(result, 0x1000);
}

// Least recently used is what no stream of the run has asked for.
class SteRunsOfOneSet : public SteRuns {
  protected:
    static smmu_config one_set()
    {
        smmu_config cfg = with_cont();
        cfg.config_cache = {1, 2};
        return cfg;
    }
    SteRunsOfOneSet() : SteRuns(one_set()) {}
};

TEST_F(SteRunsOfOneSet, AreUsedByAnyOfTheirStreams)
{
    bring_up();
    set_stes(0, 31, ste{});
    set_stes(8, 15, member(3));
    for (const uint32_t sid : {13u, 20u, 9u, 21u})
        expect_forward(dut.translate(sid, 0x1000), 0x1000);
    set_stes(0, 31, invalid());
    expect_forward(dut.translate(10, 0x1000), 0x1000);
    expect_abort(dut.translate(20, 0x2000), C_BAD_STE);
}

class WithoutCont : public SteRuns {
  protected:
    WithoutCont() : SteRuns(smmu_config_default()) {}
};

TEST_F(WithoutCont, AnSteIsOfItsOwnStream)
{
    know(13);
    EXPECT_EQ(known(), Sids{13});
}

} // namespace
} // namespace test_ste_runs
