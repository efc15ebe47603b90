// SPDX-License-Identifier: Apache-2.0
// The configuration cache (IHI 0070 4.3, 5.2.1, 5.4.1): what software changes without CMD_CFGI is
// not seen, and each command removes what it names and nothing else.
#include "core/core_test.hpp"

using namespace support;

namespace test_config_cache {
namespace {

class ConfigCache : public StreamTest {
  protected:
    explicit ConfigCache(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.low.map(va, 0x8000);
        expect_forward(dut.translate(sid, va), 0x8000);
    }

    static constexpr uint64_t va = 0x4000;
};

// Streams 0 to 15 bypass; which of them are still cached is seen by making their STEs invalid.
class CachedStes : public CoreTest {
  protected:
    CachedStes()
    {
        dut.bring_up();
        for (uint32_t sid = 0; sid < 16; ++sid) {
            dut.set_ste(sid, ste{});
            expect_forward(dut.translate(sid, 0x1000), 0x1000);
        }
        ste invalid;
        invalid.v = 0;
        for (uint32_t sid = 0; sid < 16; ++sid)
            dut.set_ste(sid, invalid);
        dut.invals.clear();
    }

    // StreamIDs whose STE is read anew.
    std::vector<uint32_t> gone()
    {
        std::vector<uint32_t> sids;
        for (uint32_t sid = 0; sid < 16; ++sid)
            if (dut.translate(sid, 0x1000).outcome != SMMU_FORWARD)
                sids.push_back(sid);
        return sids;
    }
};

using Sids = std::vector<uint32_t>;

smmu_config without_sets(uint32_t ways)
{
    smmu_config cfg = smmu_config_default();
    cfg.config_cache = {0, ways};
    cfg.utlb.sets = 0;
    return cfg;
}

// A cache without sets does not exist, whatever ways it is given. The stream is the one whose key
// is zero, as memory without entries may be.
class AbsentConfigCache : public CoreTest, public testing::WithParamInterface<uint32_t> {
  protected:
    AbsentConfigCache() : CoreTest(without_sets(GetParam())) { dut.bring_up(); }
};

TEST_P(AbsentConfigCache, HoldsNoSte)
{
    ste entry;
    for (const auto config : {STE_BYPASS, STE_ABORT, STE_BYPASS}) {
        entry.config = config;
        dut.set_ste(0, entry);
        EXPECT_EQ(dut.translate(0, 0x1000).outcome,
                  config == STE_BYPASS ? SMMU_FORWARD : SMMU_ABORT);
    }
    EXPECT_EQ(stats().config_hits, 0u);
}

INSTANTIATE_TEST_SUITE_P(Ways, AbsentConfigCache, testing::Values(0u, 1u, 8u, 64u, 1000u));

TEST_F(CachedStes, StayUntilInvalidated)
{
    EXPECT_EQ(gone(), Sids{});
}

TEST_F(CachedStes, CfgiSteRemovesOne)
{
    dut.submit(cfgi_ste(5));
    EXPECT_EQ(gone(), Sids{5});
}

TEST_F(CachedStes, CfgiSteWithoutLeafRemovesOne)
{
    dut.submit(cfgi_ste(5, false));
    EXPECT_EQ(gone(), Sids{5});
}

TEST_F(CachedStes, CfgiSteRangeIsAlignedToItsSize)
{
    dut.submit(cfgi_ste_range(6, 1));
    EXPECT_EQ(gone(), (Sids{4, 5, 6, 7}));
}

TEST_F(CachedStes, CfgiSteRangeOfTwo)
{
    dut.submit(cfgi_ste_range(9, 0));
    EXPECT_EQ(gone(), (Sids{8, 9}));
}

TEST_F(CachedStes, CfgiAllRemovesAll)
{
    dut.submit(cfgi_all());
    EXPECT_EQ(gone().size(), 16u);
}

TEST_F(CachedStes, CfgiSteRange30ReachesHalfOfAllStreams)
{
    dut.submit(cfgi_ste_range(0x80000000, 30));
    EXPECT_EQ(gone(), Sids{});
    dut.submit(cfgi_ste_range(0, 30));
    EXPECT_EQ(gone().size(), 16u);
}

TEST_F(CachedStes, CfgiCdLeavesStes)
{
    dut.submit(cfgi_cd(5));
    dut.submit(cfgi_cd_all(6));
    EXPECT_EQ(gone(), Sids{});
}

TEST_F(CachedStes, TlbiLeavesStes)
{
    dut.submit(tlbi_nsnh_all());
    EXPECT_EQ(gone(), Sids{});
}

TEST_F(CachedStes, ResetRemovesAll)
{
    const uint64_t base = dut.read64(reg::STRTAB_BASE);
    const uint32_t shape = dut.read32(reg::STRTAB_BASE_CFG);
    const auto enable = [&] { // with the same table, and no command
        dut.write64(reg::STRTAB_BASE, base);
        dut.write32(reg::STRTAB_BASE_CFG, shape);
        dut.update_cr0(reg::CR0_SMMUEN);
    };
    dut.update_cr0(0);
    enable();
    EXPECT_EQ(gone(), Sids{}) << "disabled for a while";
    smmu_reset(dut.smmu());
    enable();
    EXPECT_EQ(gone().size(), 16u);
}

// Invalid structures are cached as well (5.2.1: "cached in any state").

TEST_F(CoreTest, InvalidSteIsCached)
{
    dut.bring_up();
    expect_abort(dut.translate(3, 0x1000), C_BAD_STE);
    dut.set_ste(3, ste{});
    expect_abort(dut.translate(3, 0x1000), C_BAD_STE);
    dut.submit(cfgi_ste(3));
    expect_forward(dut.translate(3, 0x1000), 0x1000);
}

TEST_F(CoreTest, FailedSteFetchIsNotCached)
{
    dut.bring_up();
    dut.set_ste(3, ste{});
    dut.mem.abort_on({dut.ste_address(3), dut.ste_address(3) + 63, SMMU_FETCH_STE});
    expect_abort(dut.translate(3, 0x1000), F_STE_FETCH);
    dut.mem.clear_aborts();
    expect_forward(dut.translate(3, 0x1000), 0x1000);
}

// CDs: changing CD.A makes a fault RAZ/WI without touching the TLB.

class CachedCds : public ConfigCache {
  protected:
    CachedCds()
    {
        stream.context().a = 0;
        stream.publish();
    }

    bool cd_is_new() { return dut.translate(sid, 0x123000).outcome == SMMU_RAZWI; }
};

TEST_F(CachedCds, StayUntilInvalidated)
{
    EXPECT_FALSE(cd_is_new());
}

TEST_F(CachedCds, CfgiCdRemovesIt)
{
    dut.submit(cfgi_cd(sid, 0));
    EXPECT_TRUE(cd_is_new());
}

TEST_F(CachedCds, CfgiCdOfAnotherStreamDoesNot)
{
    dut.submit(cfgi_cd(sid + 1, 0));
    dut.submit(cfgi_cd_all(sid + 1));
    EXPECT_FALSE(cd_is_new());
}

TEST_F(CachedCds, CfgiCdOfAnotherSubstreamDoesNot)
{
    dut.submit(cfgi_cd(sid, 1));
    EXPECT_FALSE(cd_is_new());
}

TEST_F(CachedCds, CfgiCdAllRemovesIt)
{
    dut.submit(cfgi_cd_all(sid));
    EXPECT_TRUE(cd_is_new());
}

TEST_F(CachedCds, CfgiSteRemovesItToo)
{
    dut.submit(cfgi_ste(sid));
    EXPECT_TRUE(cd_is_new());
}

TEST_F(CachedCds, CfgiSteOfAnotherStreamDoesNot)
{
    dut.submit(cfgi_ste(sid + 1));
    EXPECT_FALSE(cd_is_new());
}

TEST_F(CachedCds, CfgiAllRemovesIt)
{
    dut.submit(cfgi_all());
    EXPECT_TRUE(cd_is_new());
}

TEST_F(CachedCds, TlbiDoesNot)
{
    dut.submit(tlbi_nsnh_all());
    dut.submit(tlbi_nh_asid(1));
    EXPECT_FALSE(cd_is_new());
}

TEST_F(ConfigCache, FailedCdFetchIsNotCached)
{
    stage1_stream other(dut, 9, 2);
    other.low.map(va, 0x9000);
    dut.mem.abort_on({other.cd_address(), other.cd_address() + 63, SMMU_FETCH_CD});
    expect_abort(dut.translate(9, va), F_CD_FETCH);
    dut.mem.clear_aborts();
    expect_forward(dut.translate(9, va), 0x9000);
}

TEST_F(ConfigCache, HitsReadNothing)
{
    dut.mem.clear_log();
    expect_forward(dut.translate(sid, va), 0x8000);
    EXPECT_EQ(dut.mem.log().size(), 0u);
}

TEST_F(ConfigCache, ConfigurationInvalidationLeavesTranslations)
{
    stream.low.map(va, 0xa000);
    dut.submit(cfgi_all());
    expect_forward(dut.translate(sid, va), 0x8000);
}

TEST_F(ConfigCache, StreamsSharingACdCacheItApart)
{
    // 5.4.1: a cached CD is identified by its stream as well.
    ste second = stream.stream();
    dut.set_ste(9, second);
    expect_forward(dut.translate(9, va), 0x8000);
    stream.context().a = 0;
    stream.publish();
    dut.submit(cfgi_cd(9, 0));
    EXPECT_EQ(dut.translate(9, 0x123000).outcome, SMMU_RAZWI);
    EXPECT_EQ(dut.translate(sid, 0x123000).outcome, SMMU_ABORT);
}

TEST_F(ConfigCache, NoticesNameTheScope)
{
    dut.invals.clear();
    dut.submit(cfgi_ste_range(6, 1));
    dut.submit(cfgi_cd(7, 0));
    dut.submit(cfgi_all());
    ASSERT_EQ(dut.invals.size(), 3u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_CFG_SIDS);
    EXPECT_EQ(dut.invals[0].sid, 4u);
    EXPECT_EQ(dut.invals[0].sid_last, 7u);
    EXPECT_EQ(dut.invals[1].kind, SMMU_INVAL_CFG_CD);
    EXPECT_EQ(dut.invals[1].sid, 7u);
    EXPECT_EQ(dut.invals[2].kind, SMMU_INVAL_CFG_ALL);
}

// Sizes

smmu_config with_config_cache(uint32_t sets, uint32_t ways)
{
    smmu_config cfg = smmu_config_default();
    cfg.config_cache = {sets, ways};
    cfg.utlb.sets = 0;
    return cfg;
}

TEST(ConfigCacheSize, ZeroMeansNoCaching)
{
    device_under_test dut(with_config_cache(0, 0));
    dut.bring_up();
    dut.set_ste(3, ste{});
    expect_forward(dut.translate(3, 0x1000), 0x1000);
    ste abort;
    abort.config = STE_ABORT;
    dut.set_ste(3, abort);
    EXPECT_EQ(dut.translate(3, 0x1000).outcome, SMMU_ABORT);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 2u);
}

TEST(ConfigCacheSize, OneEntryEvicts)
{
    device_under_test dut(with_config_cache(1, 1));
    dut.bring_up();
    dut.set_ste(3, ste{});
    dut.set_ste(4, ste{});
    for (unsigned i = 0; i < 3; ++i) {
        dut.translate(3, 0x1000);
        dut.translate(4, 0x1000);
    }
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 6u);
}

TEST(ConfigCacheSize, LeastRecentlyUsedGoesFirst)
{
    device_under_test dut(with_config_cache(1, 2));
    dut.bring_up();
    for (uint32_t sid : {1u, 2u, 1u, 3u, 1u})
        dut.translate(sid, 0);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 3u) << "stream 1 stays, stream 2 makes room for 3";
}

} // namespace
} // namespace test_config_cache
