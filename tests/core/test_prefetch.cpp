// SPDX-License-Identifier: Apache-2.0
// Prefetches: by bits [121:120] of an STE, which IHI 0070 5.2 leaves to the implementation and the
// MMU-600 TRM (100310, TCU prefetch) defines, and by commands (IHI 0070 4.2).
#include <deque>

#include "core/core_test.hpp"
#include "support/stage2.hpp"

using namespace support;
using testing::IsEmpty;

namespace test_prefetch {
namespace {

constexpr unsigned OFF = 0b00'0000, RESERVED = 0b01'0000, FORWARDS = 0b10'0000,
                   BACKWARDS = 0b11'0000; // of STE bits [127:116]

// Keeps what is to be prefetched until the test says so. `busy` slots are not to spare.
class prefetching_dut : public device_under_test {
  public:
    explicit prefetching_dut(const smmu_config &cfg)
        : device_under_test(cfg, true, [](smmu_ops &ops) {
              ops.prefetch = [](void *user, const smmu_prefetch_request *what) {
                  self(user).due.push_back(*what);
              };
              ops.units = 1u << SMMU_UNIT_TABLE_WALK | 1u << SMMU_UNIT_CONTEXT_WALK;
              ops.use = [](void *, const smmu_use *) {};
              ops.release = [](void *, const smmu_use *) {};
              ops.spare = [](void *user, smmu_unit unit, bool held) {
                  return self(user).may_have(unit, held);
              };
          })
    {
    }

    std::deque<smmu_prefetch_request> due;
    std::function<bool(smmu_unit unit, bool held)> spare; // all are, without it

    // Makes those that are due; returns how many those were.
    size_t make()
    {
        const std::deque<smmu_prefetch_request> all = std::exchange(due, {});
        for (const smmu_prefetch_request &each : all)
            smmu_prefetch(smmu(), &each);
        return all.size();
    }

  private:
    bool may_have(smmu_unit unit, bool held) const { return !spare || spare(unit, held); }
    static prefetching_dut &self(void *user)
    {
        return *static_cast<prefetching_dut *>(static_cast<device_under_test *>(user));
    }
};

smmu_config with_prefetches()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.prefetch = true;
    cfg.prefetch_commands = true;
    cfg.httu = SMMU_HTTU_DIRTY;
    return cfg;
}

class Prefetch : public testing::Test {
  protected:
    explicit Prefetch(const smmu_config &cfg = with_prefetches()) : dut(cfg), stream(dut, sid)
    {
        dut.bring_up();
        for (uint64_t page = 0; page < 4; page++)
            stream.low.map(va + page * 0x1000, pa + page * 0x1000);
        publish(FORWARDS);
    }

    void TearDown() override
    {
        EXPECT_THAT(dut.contract_breaches, IsEmpty());
        EXPECT_THAT(dut.pop_raw_events(), IsEmpty());
        EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD_UPDATE), 0u);
    }

    void publish(unsigned impdef)
    {
        stream.stream().impdef = impdef;
        stream.publish();
        dut.invalidate_all();
        dut.due.clear();
    }

    const smmu_stats &stats() { return *smmu_get_stats(dut.smmu()); }
    size_t reads() { return dut.mem.count(SMMU_FETCH_TTD); }

    // Whether the translation of `addr` is in the TLB, as a transaction finds.
    bool cached(uint64_t addr, uint64_t output, const client_access &how = read_access)
    {
        const size_t before = reads();
        expect_forward(dut.translate(sid, addr, how), output);
        return reads() == before;
    }

    void prefetch_pages(uint64_t addr, unsigned size, uint32_t of = sid)
    {
        // SSV 0, StreamID [63:32]; Size [68:64], Address [127:76]: Linux, Xen
        dut.submit(image<2>{{uint64_t{of} << 32 | 0x02, addr | size}});
    }

    static constexpr uint32_t sid = 5;
    static constexpr uint64_t va = 0x1234'5000, pa = 0x7000'0000;
    prefetching_dut dut;
    stage1_stream stream;
};

TEST_F(Prefetch, NextPageFollowsAWalk)
{
    dut.translate(sid, va);
    EXPECT_EQ(dut.make(), 1u);
    EXPECT_EQ(stats().prefetches, 1u);
    EXPECT_EQ(stats().prefetches_used, 0u);
    EXPECT_TRUE(cached(va + 0x1000, pa + 0x1000));
    EXPECT_EQ(stats().prefetches_used, 1u);
    EXPECT_TRUE(cached(va + 0x1000, pa + 0x1000));
    EXPECT_EQ(stats().prefetches_used, 1u) << "once";
    EXPECT_FALSE(cached(va + 0x2000, pa + 0x2000));
}

TEST_F(Prefetch, PageBeforeFollowsAWalkBackwards)
{
    publish(BACKWARDS);
    dut.translate(sid, va + 0x2000);
    dut.make();
    EXPECT_TRUE(cached(va + 0x1000, pa + 0x1000));
    EXPECT_FALSE(cached(va + 0x3000, pa + 0x3000));
}

TEST_F(Prefetch, StreamsThatDoNotAskForItHaveNone)
{
    for (unsigned bits : {OFF, RESERVED}) {
        publish(bits);
        dut.translate(sid, va);
        EXPECT_EQ(dut.make(), 0u) << bits;
    }
}

TEST_F(Prefetch, HitIsFollowedByNone)
{
    dut.translate(sid, va);
    dut.make();
    dut.translate(sid, va);
    dut.translate(sid, va + 0x1000);
    EXPECT_EQ(dut.make(), 0u);
}

TEST_F(Prefetch, PrefetchIsFollowedByNone)
{
    dut.translate(sid, va);
    EXPECT_EQ(dut.make(), 1u);
    EXPECT_EQ(dut.make(), 0u);
}

TEST_F(Prefetch, FaultIsFollowedByNone)
{
    dut.translate(sid, 0x777000);
    EXPECT_EQ(dut.make(), 0u);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(Prefetch, ProbesAndRequestsOfRootComplexesAreFollowedByNone)
{
    stream.stream().eats = 1;
    publish(FORWARDS);
    dut.probe(sid, va);
    smmu_ats_request request{};
    request.sid = sid;
    request.addr = va;
    request.stus = 1;
    dut.ats_translate(request);
    EXPECT_EQ(dut.make(), 0u);
}

// Split-stage: the address of the transaction is one of stage 2.
TEST_F(Prefetch, TranslatedTransactionIsFollowedByNone)
{
    stage2 second(dut, 7);
    second.map_structures();
    second.table.map(0x9000'0000, pa, 3, stage2_attributes{});
    stream.stream().config = STE_NESTED;
    stream.stream().eats = 2;
    second.apply(stream.stream());
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN | reg::CR0_ATSCHK);
    publish(FORWARDS);
    expect_forward(dut.translate(sid, 0x9000'0000, translated_read), pa);
    EXPECT_EQ(dut.make(), 0u);
}

TEST_F(Prefetch, BlockIsFollowedByWhatIsBehindIt)
{
    stream.low.map(0x4020'0000, 0x8020'0000, 2);
    stream.low.map(0x4040'0000, 0x8040'0000, 2);
    stream.low.map(0x401f'f000, 0x9000'0000);
    dut.translate(sid, 0x4020'3000);
    dut.make();
    EXPECT_TRUE(cached(0x4051'2000, 0x8051'2000));
    publish(BACKWARDS);
    dut.translate(sid, 0x4020'3000);
    dut.make();
    EXPECT_TRUE(cached(0x401f'f000, 0x9000'0000));
}

TEST_F(Prefetch, AddressSpaceHasEnds)
{
    stream.high.map(0xffff'ffff'ffff'f000, pa);
    stream.low.map(0, pa);
    dut.translate(sid, 0xffff'ffff'ffff'f000);
    EXPECT_EQ(dut.make(), 0u);
    publish(BACKWARDS);
    dut.translate(sid, 0);
    EXPECT_EQ(dut.make(), 0u);
}

TEST_F(Prefetch, OfNothingIsSilent)
{
    dut.translate(sid, va + 0x3000);
    EXPECT_EQ(dut.make(), 1u); // no event: TearDown()
    EXPECT_EQ(stats().events, 0u);
}

TEST_F(Prefetch, IsForThePrivilegeOfTheTransaction)
{
    leaf_attributes privileged;
    privileged.ap = AP_PRIV_RO;
    privileged.uxn = 1;
    stream.low.map(va + 0x1000, pa, 3, privileged);
    dut.translate(sid, va, priv_read);
    ASSERT_EQ(dut.due.size(), 1u);
    EXPECT_TRUE(dut.due[0].priv);
    dut.make();
    EXPECT_TRUE(cached(va + 0x1000, pa, priv_read));
}

// The Access flag is set by a transaction alone.
TEST_F(Prefetch, UpdatesNoDescriptor)
{
    leaf_attributes old;
    old.af = 0;
    stream.context().ha = stream.context().hd = 1;
    stream.low.map(va + 0x1000, pa, 3, old);
    publish(FORWARDS);
    dut.translate(sid, va);
    const uint64_t before = stream.low.descriptor(va + 0x1000, 3);
    const uint64_t fills = stats().tlb_fills;
    EXPECT_EQ(dut.make(), 1u);
    EXPECT_EQ(stream.low.descriptor(va + 0x1000, 3), before);
    EXPECT_EQ(stats().tlb_fills, fills);
}

// A page that is made dirty by a write is none by being prefetched.
TEST_F(Prefetch, LeavesCleanPagesClean)
{
    leaf_attributes clean;
    clean.ap = AP_ALL_RO;
    clean.dbm = 1;
    stream.context().ha = stream.context().hd = 1;
    stream.low.map(va + 0x1000, pa, 3, clean);
    publish(FORWARDS);
    dut.translate(sid, va, write_access);
    const uint64_t before = stream.low.descriptor(va + 0x1000, 3);
    dut.make();
    EXPECT_EQ(stream.low.descriptor(va + 0x1000, 3), before);
    EXPECT_TRUE(cached(va + 0x1000, pa));
}

// Software changes the page and invalidates it while the prefetch reads the old descriptor.
TEST_F(Prefetch, LeavesNothingThatAnInvalidationHasToRemove)
{
    dut.translate(sid, va);
    const uint64_t leaf = stream.low.descriptor_address(va + 0x1000, 3);
    bool once = true;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.addr == leaf && std::exchange(once, false))
            dut.submit(tlbi_nh_va(va + 0x1000, 1));
    };
    EXPECT_EQ(dut.make(), 1u);
    EXPECT_FALSE(once);
    EXPECT_FALSE(cached(va + 0x1000, pa + 0x1000));
}

TEST_F(Prefetch, TakesNoSlotThatIsNotToSpare)
{
    for (smmu_unit unit : {SMMU_UNIT_TABLE_WALK, SMMU_UNIT_CONTEXT_WALK}) {
        publish(FORWARDS);
        dut.translate(sid, va);
        if (unit == SMMU_UNIT_CONTEXT_WALK)
            dut.submit(cfgi_all());
        const uint64_t before = stats().prefetches_yielded;
        const size_t log = dut.mem.log().size();
        dut.spare = [unit](smmu_unit of, bool held) { return held || of != unit; };
        EXPECT_EQ(dut.make(), 1u);
        EXPECT_EQ(dut.mem.log().size(), log);
        EXPECT_EQ(stats().prefetches_yielded, before + 1);
        dut.spare = {};
    }
}

TEST_F(Prefetch, GivesWayBetweenItsAccesses)
{
    dut.translate(sid, va);
    dut.submit(tlbi_nh_all()); // four descriptors, then
    unsigned asked = 0;
    dut.spare = [&](smmu_unit, bool held) { return !held || ++asked <= 2; };
    const size_t before = reads();
    dut.make();
    EXPECT_EQ(reads() - before, 2u);
    EXPECT_EQ(stats().prefetches_yielded, 1u);
    EXPECT_FALSE(cached(va + 0x1000, pa + 0x1000));
}

TEST_F(Prefetch, IsNotMadeWhileTheSmmuIsOff)
{
    dut.translate(sid, va);
    dut.update_cr0(reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    const size_t before = dut.mem.log().size();
    dut.make();
    EXPECT_EQ(dut.mem.log().size(), before);
    EXPECT_EQ(stats().prefetches, 0u);
}

TEST_F(Prefetch, LookUpsDoNotCount)
{
    dut.translate(sid, va);
    const smmu_stats before = stats();
    dut.make();
    EXPECT_EQ(stats().tlb_misses, before.tlb_misses);
    EXPECT_EQ(stats().config_hits, before.config_hits);
    EXPECT_EQ(stats().walk_hits, before.walk_hits);
    EXPECT_EQ(stats().ttd_fetches, before.ttd_fetches + 1) << "but reads do";
    EXPECT_EQ(stats().tlb_fills, before.tlb_fills + 1);
}

// Stage 2 of the page, and of what is behind it.
TEST_F(Prefetch, FillsBothStages)
{
    stage2 second(dut, 7);
    second.map_structures();
    second.table.map(0x9000'0000, pa, 3, stage2_attributes{});
    second.table.map(0x9000'1000, pa + 0x1000, 3, stage2_attributes{});
    stream.low.map(va, 0x9000'0000);
    stream.low.map(va + 0x1000, 0x9000'1000);
    stream.stream().config = STE_NESTED;
    second.apply(stream.stream());
    publish(FORWARDS);
    dut.translate(sid, va);
    dut.make();
    EXPECT_TRUE(cached(va + 0x1000, pa + 0x1000));
}

TEST_F(Prefetch, WorksForStage2Alone)
{
    stage2 second(dut, 7);
    second.table.map(0x9000'0000, pa, 3, stage2_attributes{});
    second.table.map(0x9000'1000, pa + 0x1000, 3, stage2_attributes{});
    stream.stream().config = STE_S2_TRANS;
    second.apply(stream.stream());
    publish(FORWARDS);
    dut.translate(sid, 0x9000'0000);
    dut.make();
    EXPECT_TRUE(cached(0x9000'1000, pa + 0x1000));
}

// It does nothing for the client, who may only execute here.
TEST_F(Prefetch, NeedsNoRightToRead)
{
    leaf_attributes privileged;
    privileged.ap = AP_PRIV_RO;
    stream.low.map(va + 0x1000, pa, 3, privileged);
    dut.translate(sid, va);
    dut.make();
    EXPECT_TRUE(cached(va + 0x1000, pa, priv_read));
}

TEST_F(Prefetch, CommandBringsPagesIn)
{
    publish(OFF);
    prefetch_pages(va, 1);
    EXPECT_EQ(dut.make(), 1u);
    const uint64_t stes = stats().ste_fetches, cds = stats().cd_fetches;
    EXPECT_TRUE(cached(va, pa));
    EXPECT_TRUE(cached(va + 0x1000, pa + 0x1000));
    EXPECT_EQ(stats().ste_fetches, stes);
    EXPECT_EQ(stats().cd_fetches, cds);
    EXPECT_FALSE(cached(va + 0x2000, pa + 0x2000));
}

TEST_F(Prefetch, CommandLeavesOutWhatIsNotThere)
{
    publish(OFF);
    stream.low.unmap(va + 0x1000);
    prefetch_pages(va, 2);
    dut.make();
    EXPECT_TRUE(cached(va + 0x2000, pa + 0x2000));
    EXPECT_TRUE(cached(va + 0x3000, pa + 0x3000));
}

// 4.2.2: four addresses that lie 2^(12 + 2) bytes apart. Stride [73:69].
TEST_F(Prefetch, CommandGoesInStrides)
{
    publish(OFF);
    for (uint64_t offset = 0x4000; offset <= 0x1'0000; offset += 0x4000)
        stream.low.map(va + offset, pa + offset);
    prefetch_pages(va, 2u << 5 | 2);
    const size_t before = reads();
    dut.make();
    EXPECT_EQ(reads() - before, 4u + 3u); // a walk, and three that find the last table cached
    for (uint64_t offset = 0; offset <= 0xc000; offset += 0x4000)
        EXPECT_TRUE(cached(va + offset, pa + offset)) << offset;
    EXPECT_FALSE(cached(va + 0x1000, pa + 0x1000));
    EXPECT_FALSE(cached(va + 0x1'0000, pa + 0x1'0000));
}

TEST_F(Prefetch, CommandHasTheWidestStride)
{
    publish(OFF);
    stream.low.map(va + (uint64_t{1} << 43), pa);
    prefetch_pages(va, 31u << 5 | 1);
    dut.make();
    EXPECT_TRUE(cached(va + (uint64_t{1} << 43), pa));
}

// Blocks of 2 MB at a stride of 1 MB: each is walked for once, whatever lies in it.
TEST_F(Prefetch, CommandTakesABlockOfSeveralStridesAtOnce)
{
    publish(OFF);
    stream.low.map(0x4020'0000, 0x8020'0000, 2);
    stream.low.map(0x4040'0000, 0x8040'0000, 2);
    prefetch_pages(0x4030'0000, 8u << 5 | 2);
    dut.make();
    EXPECT_TRUE(cached(0x4020'0000, 0x8020'0000));
    EXPECT_TRUE(cached(0x4050'0000, 0x8050'0000));
}

// The last page of TTB1's range is followed by nothing.
TEST_F(Prefetch, CommandEndsWithTheAddressSpace)
{
    publish(OFF);
    stream.low.map(0, pa);
    prefetch_pages(0xffff'ffff'ffff'f000, 1);
    dut.make();
    EXPECT_FALSE(cached(0, pa));
}

// 2 MB and two pages behind it: 514 pages, of which a range of 1024 has one walk each for the block
// and for the pages.
TEST_F(Prefetch, CommandTakesABlockAtOnce)
{
    publish(OFF);
    stream.low.map(0x4020'0000, 0x8020'0000, 2);
    prefetch_pages(0x4020'0000, 9);
    const size_t before = reads();
    dut.make();
    EXPECT_EQ(reads() - before, 3u);
    EXPECT_TRUE(cached(0x403f'f000, 0x803f'f000));
}

TEST_F(Prefetch, CommandBringsConfigurationIn)
{
    publish(OFF);
    dut.submit(image<2>{{uint64_t{sid} << 32 | 0x01, 0}});
    EXPECT_EQ(dut.make(), 1u);
    EXPECT_EQ(stats().ste_fetches, 1u);
    EXPECT_EQ(stats().cd_fetches, 1u);
    EXPECT_EQ(reads(), 0u);
    dut.translate(sid, va);
    EXPECT_EQ(stats().ste_fetches, 1u);
    EXPECT_EQ(stats().cd_fetches, 1u);
}

TEST_F(Prefetch, CommandAboutBadConfigurationIsSilent)
{
    stream.stream().v = 0;
    publish(OFF);
    prefetch_pages(va, 0);
    prefetch_pages(va, 0, 0x8000'0000);                                           // no such stream
    dut.submit(image<2>{{uint64_t{sid} << 32 | 3u << 12 | 1u << 11 | 0x02, va}}); // nor SubstreamID
    EXPECT_EQ(dut.make(), 3u);
    EXPECT_EQ(dut.cmdq_error(), 0u);
}

TEST_F(Prefetch, CommandFetchesNothingWithSsvWhereTheStreamHasNoSubstreams)
{
    publish(OFF);
    dut.submit(image<2>{{uint64_t{sid} << 32 | 1u << 11 | 0x02, va}});
    dut.make();
    EXPECT_FALSE(cached(va, pa));
}

// 256 sets of 8 ways.
TEST_F(Prefetch, CommandStopsBeforeItPushesOutItsOwn)
{
    prefetch_pages(va, 31);
    ASSERT_EQ(dut.due.size(), 1u);
    EXPECT_EQ(dut.due[0].pages, 2048u);
    EXPECT_EQ(dut.due[0].addr, va);
}

class PrefetchWithoutTlb : public Prefetch {
  protected:
    PrefetchWithoutTlb() : Prefetch(configuration()) {}
    static smmu_config configuration()
    {
        smmu_config cfg = with_prefetches();
        cfg.tlb.sets = 0;
        return cfg;
    }
};

TEST_F(PrefetchWithoutTlb, ReadsNoDescriptorThatNothingWouldKeep)
{
    dut.translate(sid, va);
    const size_t before = reads();
    EXPECT_EQ(dut.make(), 1u);
    EXPECT_EQ(reads(), before);
}

// The last page that a table has, the first that another has.
TEST_F(PrefetchWithoutTlb, BringsTheNextTableIn)
{
    stream.low.map(0x401f'f000, pa);
    stream.low.map(0x4020'0000, pa + 0x1000);
    dut.translate(sid, 0x401f'f000);
    const size_t before = reads();
    dut.make();
    EXPECT_EQ(reads() - before, 1u); // of level 2
    EXPECT_EQ(stats().prefetches_used, 0u);
    dut.translate(sid, 0x4020'0000);
    EXPECT_EQ(reads() - before, 2u); // of level 3
    EXPECT_EQ(stats().prefetches_used, 1u);
}

class PrefetchOfSmmuv30 : public Prefetch {
  protected:
    PrefetchOfSmmuv30() : Prefetch(configuration()) {}
    static smmu_config configuration()
    {
        smmu_config cfg = with_prefetches();
        cfg.arch = 0;
        cfg.operations = 0;
        return cfg;
    }
};

TEST_F(PrefetchOfSmmuv30, StrideIsIgnored) // 4.2.2: RES0
{
    publish(OFF);
    prefetch_pages(va, 2u << 5 | 1);
    dut.make();
    EXPECT_TRUE(cached(va + 0x1000, pa + 0x1000));
}

class PrefetchOff : public Prefetch {
  protected:
    PrefetchOff() : Prefetch(smmu_config_default()) {}
};

TEST_F(PrefetchOff, NeitherStreamsNorCommandsCauseAny)
{
    dut.translate(sid, va);
    prefetch_pages(va, 0);
    EXPECT_EQ(dut.make(), 0u);
}

// A host without the function has none.
TEST(PrefetchHost, NeedNotTakePart)
{
    device_under_test dut(with_prefetches());
    stage1_stream stream(dut, 5);
    dut.bring_up();
    stream.low.map(0x1000, 0x7000'0000);
    stream.stream().impdef = FORWARDS;
    stream.publish();
    dut.submit(image<2>{{uint64_t{5} << 32 | 0x02, 0x1000}});
    expect_forward(dut.translate(5, 0x1000), 0x7000'0000);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->prefetches, 0u);
}

} // namespace
} // namespace test_prefetch
