// SPDX-License-Identifier: Apache-2.0
// The dormant hint (IHI 0070 3.19.1, 6.3.13: STATUSR.DORMANT).
#include "core/dpt_test.hpp"
#include "core/mpam_test.hpp"
#include "core/nested_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_dormant {
namespace {

smmu_config hinting(smmu_config cfg = smmu_config_default())
{
    cfg.dormhint = true;
    return cfg;
}

// No cache, but for those that a test gives it.
smmu_config uncached(smmu_config cfg = smmu_config_default())
{
    cfg.dormhint = true;
    for (smmu_cache_shape *cache : {&cfg.config_cache, &cfg.tlb, &cfg.walk_s1, &cfg.walk_s2,
                                    &cfg.dpt_tlb, &cfg.utlb, &cfg.tbu_tlb})
        *cache = {0, 0};
    return cfg;
}

TEST(Dormant, ResetsToZero) // 6.3.13
{
    device_under_test dut(hinting());
    EXPECT_EQ(dut.read32(STATUSR), 0u);
    dut.write32(CR2, 0);
    smmu_run(dut.smmu());
    EXPECT_EQ(dut.read32(STATUSR), 1u) << "once it has looked around";
    smmu_reset(dut.smmu());
    EXPECT_EQ(dut.read32(STATUSR), 0u);
}

TEST(Dormant, IsNotToldWithoutTheHint)
{
    device_under_test dut;
    dut.bring_up();
    EXPECT_EQ(dut.read32(STATUSR), 0u);
}

TEST(Dormant, CannotBeWritten)
{
    device_under_test dut(hinting());
    dut.bring_up();
    dut.write32(STATUSR, 0xfffffffe);
    EXPECT_EQ(dut.read32(STATUSR), 1u);
}

// --- caches -------------------------------------------------------------------------------------

struct cache_row {
    const char *name;
    smmu_cache_shape smmu_config::*cache;
};

void PrintTo(const cache_row &row, std::ostream *out)
{
    *out << row.name;
}

smmu_config with_one(const cache_row &row)
{
    smmu_config cfg = uncached();
    cfg.*row.cache = {4, 4};
    return cfg;
}

// An SMMU with one cache, through which a nested stream goes.
class DormantCache : public NestedTest, public testing::WithParamInterface<cache_row> {
  protected:
    DormantCache() : NestedTest(with_one(GetParam())) {}
};

TEST_P(DormantCache, KeepsTheSmmuAwakeUntilItIsInvalidated)
{
    EXPECT_EQ(dut.read32(STATUSR), 1u);
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(dut.read32(STATUSR), 0u);
    dut.invalidate_all();
    EXPECT_EQ(dut.read32(STATUSR), 1u);
}

const cache_row cache_rows[] = {
    {"config_cache", &smmu_config::config_cache},
    {"tlb", &smmu_config::tlb},
    {"walk_s1", &smmu_config::walk_s1},
    {"walk_s2", &smmu_config::walk_s2},
    {"utlb", &smmu_config::utlb},
    {"tbu_tlb", &smmu_config::tbu_tlb},
};

INSTANTIATE_TEST_SUITE_P(Caches, DormantCache, testing::ValuesIn(cache_rows),
                         [](const auto &info) { return info.param.name; });

class DormantWithoutCaches : public NestedTest {
  protected:
    explicit DormantWithoutCaches(const smmu_config &cfg = uncached()) : NestedTest(cfg) {}
    uint32_t status() { return dut.read32(STATUSR); }
};

TEST_F(DormantWithoutCaches, IsAlwaysSo)
{
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(status(), 1u);
}

// 3.19.1: software alters a structure, finds the SMMU dormant, and invalidates nothing.
TEST_F(DormantWithoutCaches, WhatIsAlteredThenCounts)
{
    expect_forward(dut.translate(nested, va), pa);
    stage1.low.map(va, ipa + 0x1000);
    third.table.map(ipa + 0x1000, pa + 0x5000, 3, stage2_attributes{});
    ASSERT_EQ(status(), 1u);
    expect_forward(dut.translate(nested, va), pa + 0x5000);
}

// What is left of one address alone is something cached.
class DormantHint : public NestedTest {
  protected:
    DormantHint() : NestedTest(hinting()) {}
    uint32_t status() { return dut.read32(STATUSR); }
};

TEST_F(DormantHint, AsksForEveryCache)
{
    expect_forward(dut.translate(nested, va), pa);
    dut.submit(cfgi_all());
    dut.submit(cmd_sync());
    EXPECT_EQ(status(), 0u) << "translations";
    expect_forward(dut.translate(nested, va), pa);
    dut.submit(tlbi_nsnh_all());
    dut.submit(cmd_sync());
    EXPECT_EQ(status(), 0u) << "configuration";
    dut.submit(cfgi_all());
    dut.submit(cmd_sync());
    EXPECT_EQ(status(), 1u);
}

// An STE alone, of stage 2; and a CD whose STE has been pushed out.
class DormantConfiguration : public NestedTest {
  protected:
    DormantConfiguration() : NestedTest(one_entry()) {}
    uint32_t status() { return dut.read32(STATUSR); }

  private:
    static smmu_config one_entry()
    {
        smmu_config cfg = uncached();
        cfg.config_cache = {1, 1};
        return cfg;
    }
};

TEST_F(DormantConfiguration, CanBeAnSteAlone)
{
    expect_forward(dut.translate(alone, ipa), pa);
    EXPECT_EQ(status(), 0u);
    dut.submit(cfgi_ste(alone));
    EXPECT_EQ(status(), 1u);
}

TEST_F(DormantConfiguration, CanBeACdAlone)
{
    expect_forward(dut.translate(nested, va), pa);
    expect_forward(dut.translate(alone, ipa), pa);
    dut.submit(cfgi_ste(alone));
    EXPECT_EQ(status(), 0u);
    dut.submit(cfgi_cd(nested));
    EXPECT_EQ(status(), 1u);
}

// A VMS, which goes by VMID alone (4.3.5).
class DormantVms : public MpamTest {
  protected:
    DormantVms() : MpamTest(config()) { use_s1mpam(); }

  private:
    static smmu_config config()
    {
        smmu_config cfg = uncached(with_mpam());
        cfg.config_cache = {4, 4};
        return cfg;
    }
};

TEST_F(DormantVms, KeepsTheSmmuAwakeUntilItIsInvalidated)
{
    expect_forward(dut.translate(nested, va), pa);
    dut.submit(cfgi_ste(nested, false));
    EXPECT_EQ(dut.read32(STATUSR), 0u);
    dut.submit(cfgi_vms_pidm(7));
    EXPECT_EQ(dut.read32(STATUSR), 1u);
}

// Micro TLBs alone, which know a limited number of invalidations.
class DormantUtlb : public NestedTest {
  protected:
    DormantUtlb() : NestedTest(with_one({"utlb", &smmu_config::utlb})) {}
};

TEST_F(DormantUtlb, IsNotRenewedByReadingTheHint)
{
    expect_forward(dut.translate(nested, va), pa);
    const uint64_t hits = stats().utlb_hits;
    for (unsigned i = 0; i < 20; i++) {
        dut.submit(cfgi_ste(200));
        dut.read32(STATUSR);
    }
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_EQ(stats().utlb_hits, hits);
}

// The Device Permission Table has invalidations of its own (4.6).
class DormantDpt : public DptTlb {
  protected:
    DormantDpt() : DptTlb(hinting(dpt_tlb_config())) {}
};

TEST_F(DormantDpt, KeepsTheSmmuAwakeUntilItIsInvalidated)
{
    table.grant(page, {0, 1, 6});
    expect_forward(read(page), page);
    dut.invalidate_all();
    EXPECT_EQ(dut.read32(STATUSR), 0u);
    invalidate_dpt();
    EXPECT_EQ(dut.read32(STATUSR), 1u);
}

TEST_F(DormantDpt, HasTablesAndRegions)
{
    for (const bool leaf : {true, false}) {
        table.grant(page, {0, 1, 6});
        expect_forward(read(page), page);
        dut.invalidate_all();
        dut.submit(dpti_pa(leaf ? page : page + 0x1000, 0, leaf)); // leaves a table, or a region
        EXPECT_EQ(dut.read32(STATUSR), 0u) << leaf;
        invalidate_dpt();
        EXPECT_EQ(dut.read32(STATUSR), 1u) << leaf;
    }
}

// --- what is in use -----------------------------------------------------------------------------

TEST_F(DormantWithoutCaches, IsNotSoWhileAnOperationReadsTables)
{
    uint32_t seen = 1;
    during(dut, SMMU_FETCH_TTD, 0, [&] { seen = status(); });
    dut.write64(0x108, nested);
    dut.write64(0x110, va | 1u << 10); // stage 1
    dut.write32(0x100, 1);
    EXPECT_EQ(seen, 0u);
    EXPECT_EQ(status(), 1u);
}

TEST(Dormant, IsNotSoWhileTheHostHasAnAnswer)
{
    static bool busy;
    busy = true;
    device_under_test dut(uncached(), true,
                          [](smmu_ops &ops) { ops.busy = [](void *) { return busy; }; });
    dut.bring_up();
    EXPECT_EQ(dut.read32(STATUSR), 0u);
    busy = false;
    EXPECT_EQ(dut.read32(STATUSR), 1u);
}

} // namespace
} // namespace test_dormant
