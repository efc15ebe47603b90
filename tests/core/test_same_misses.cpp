// SPDX-License-Identifier: Apache-2.0
// Transactions that miss on the same thing at a time: what they find is in a cache once, and so
// pushes nothing else out (IHI 0070 16.2 leaves caches to the implementation).
#include "core/core_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;

namespace test_same_misses {
namespace {

constexpr uint64_t kept = 0x1000'0000, shared_page = 0x1000'1000; // in one set of any cache
constexpr uint64_t pa = 0x7000'0000;

smmu_config without_caches()
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb = cfg.tbu_tlb = cfg.tlb = cfg.walk_s1 = cfg.walk_s2 = {0, 0};
    return cfg;
}

// The cache under test has two ways. One has `kept`; `shared_page` is missed on by two at a time.
class SameMisses : public StreamTest {
  protected:
    explicit SameMisses(const smmu_config &cfg) : StreamTest(cfg)
    {
        stream.low.map(kept, pa);
        stream.low.map(shared_page, pa + 0x1000);
        expect_forward(dut.translate(sid, kept), pa);
    }

    void miss(const client_access &outer, uint32_t inner_sid, const client_access &inner)
    {
        bool done = false;
        during(dut, SMMU_FETCH_TTD, 3, [&] { // the last descriptor of the outer one
            expect_forward(dut.translate(inner_sid, shared_page, inner), pa + 0x1000);
            done = true;
        });
        expect_forward(dut.translate(sid, shared_page, outer), pa + 0x1000);
        EXPECT_TRUE(done);
    }
};

class SameMissesInMicroTlb : public SameMisses {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = without_caches();
        cfg.utlb = {1, 2};
        return cfg;
    }
    SameMissesInMicroTlb() : SameMisses(config()) {}

    bool hits(uint64_t addr)
    {
        const uint64_t before = stats().utlb_hits;
        dut.translate(sid, addr);
        return stats().utlb_hits != before;
    }
};

TEST_F(SameMissesInMicroTlb, HasTheAnswerOnce)
{
    miss(read_access, sid, read_access);
    EXPECT_TRUE(hits(kept));
    EXPECT_TRUE(hits(shared_page));
}

TEST_F(SameMissesInMicroTlb, HasTheAnswerOnceWhereAnotherWasForgotten)
{
    for (int i = 0; i < 17; i++)
        dut.submit(tlbi_nh_asid(0x999));
    EXPECT_FALSE(hits(kept)); // in the first way; what the second has is forgotten
    miss(read_access, sid, read_access);
    EXPECT_TRUE(hits(kept));
    EXPECT_TRUE(hits(shared_page));
}

TEST_F(SameMissesInMicroTlb, ReadsAndWritesAreNotTheSame)
{
    miss(read_access, sid, write_access);
    EXPECT_TRUE(hits(shared_page));
    EXPECT_FALSE(hits(kept));
}

class SameMissesInTbuTlb : public SameMisses {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = without_caches();
        cfg.tbu_tlb = {1, 2};
        return cfg;
    }
    SameMissesInTbuTlb() : SameMisses(config()) {}

    bool hits(uint64_t addr, const client_access &how = read_access)
    {
        const uint64_t before = stats().tbu_tlb_hits;
        dut.translate(sid, addr, how);
        return stats().tbu_tlb_hits != before;
    }
};

TEST_F(SameMissesInTbuTlb, HasTheAnswerOnce)
{
    miss(read_access, sid, read_access);
    EXPECT_TRUE(hits(kept));
    EXPECT_TRUE(hits(shared_page));
}

// The answer to a read is one to writes too, but not the other way round (13.1.2).
TEST_F(SameMissesInTbuTlb, TheAnswerToAReadStays)
{
    miss(write_access, sid, read_access);
    EXPECT_TRUE(hits(kept));
    EXPECT_TRUE(hits(shared_page));
    EXPECT_TRUE(hits(shared_page, write_access));
}

TEST_F(SameMissesInTbuTlb, TheAnswerToAReadReplacesThatToAWrite)
{
    miss(read_access, sid, write_access);
    EXPECT_TRUE(hits(kept));
    EXPECT_TRUE(hits(shared_page));
    EXPECT_TRUE(hits(shared_page, write_access));
}

class SameMissesInMainTlb : public SameMisses {
  protected:
    static constexpr uint32_t other_sid = sid + 1;

    static smmu_config config()
    {
        smmu_config cfg = without_caches();
        cfg.tlb = {1, 2};
        return cfg;
    }
    SameMissesInMainTlb() : SameMisses(config()), other(dut, other_sid, 2) {}

    bool hits(uint32_t from, uint64_t addr)
    {
        const uint64_t before = stats().tlb_hits;
        dut.translate(from, addr);
        return stats().tlb_hits != before;
    }

    stage1_stream other;
};

TEST_F(SameMissesInMainTlb, HasTheTranslationOnce)
{
    miss(read_access, sid, read_access);
    EXPECT_TRUE(hits(sid, kept));
    EXPECT_TRUE(hits(sid, shared_page));
    EXPECT_EQ(stats().tlb_evictions, 0u);
}

// DDI 0487 D8.16: a global entry is one of all ASIDs, whoever has walked for it.
TEST_F(SameMissesInMainTlb, HasAGlobalTranslationOnce)
{
    leaf_attributes global;
    global.ng = 0;
    stream.low.map(shared_page, pa + 0x1000, 3, global);
    other.low.map(shared_page, pa + 0x1000, 3, global);
    miss(read_access, other_sid, read_access);
    EXPECT_TRUE(hits(sid, kept));
    EXPECT_TRUE(hits(sid, shared_page));
    EXPECT_TRUE(hits(other_sid, shared_page));
    EXPECT_EQ(stats().tlb_evictions, 0u);
}

TEST_F(SameMissesInMainTlb, TranslationsOfTwoAsidsAreTwo)
{
    other.low.map(shared_page, pa + 0x1000);
    miss(read_access, other_sid, read_access);
    EXPECT_EQ(stats().tlb_evictions, 1u);
    EXPECT_TRUE(hits(sid, shared_page));
    EXPECT_TRUE(hits(other_sid, shared_page));
}

} // namespace
} // namespace test_same_misses
