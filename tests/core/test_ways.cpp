// SPDX-License-Identifier: Apache-2.0
// What a transaction goes by is remembered (IHI 0070 3.3.2, 3.3.3): nobody can tell, neither by its
// answer nor by what is counted.
#include <utility>

#include "core/nested_test.hpp"

using namespace support;

namespace test_ways {
namespace {

// Micro TLBs would answer. A transaction that comes again goes a way that is known.
smmu_config without_utlb(smmu_cache_shape config_cache)
{
    smmu_config cfg = smmu_config_default();
    cfg.utlb.sets = 0;
    cfg.config_cache = config_cache;
    return cfg;
}

class Ways : public StreamTest {
  protected:
    explicit Ways(smmu_cache_shape config_cache = {4, 2}) : StreamTest(without_utlb(config_cache))
    {
        stream.low.map(va, pa);
        read_often(sid);
    }

    void read_often(uint32_t of)
    {
        for (int i = 0; i < 3; i++)
            expect_forward(dut.translate(of, va), pa);
    }

    static constexpr uint64_t va = 0x12345000, pa = 0x70000000;
};

TEST_F(Ways, BothStructuresAreFoundEachTime)
{
    const uint64_t before = stats().config_hits;
    read_often(sid);
    EXPECT_EQ(stats().config_hits, before + 6);
}

TEST_F(Ways, EndWhereTheSteIsInvalidated)
{
    stream.stream().config = STE_ABORT;
    stream.publish();
    dut.submit(cfgi_ste(sid));
    expect_abort(dut.translate(sid, va), 0);
}

TEST_F(Ways, EndWhereTheCdIsInvalidated)
{
    stream.context().epd0 = 1;
    stream.publish();
    dut.submit(cfgi_cd(sid));
    dut.submit(tlbi_nsnh_all());
    expect_abort(dut.translate(sid, va), F_TRANSLATION);
}

TEST_F(Ways, EndWhereTheStreamTableDoes)
{
    const uint32_t enables = reg::CR0_EVENTQEN | reg::CR0_CMDQEN;
    dut.update_cr0(enables);
    dut.write32(reg::STRTAB_BASE_CFG, 2);
    dut.update_cr0(enables | reg::CR0_SMMUEN);
    expect_abort(dut.translate(sid, va), C_BAD_STREAMID);
}

TEST_F(Ways, AreNotGoneWhileNothingIsTranslated)
{
    // 6.3.9.6, 6.3.14: with SMMUEN == 0 GBPA says what becomes of transactions.
    const uint32_t enables = reg::CR0_EVENTQEN | reg::CR0_CMDQEN;
    dut.update_cr0(enables);
    expect_forward(dut.translate(sid, va), va);
    dut.update_cr0(enables | reg::CR0_SMMUEN);
    read_often(sid);
}

TEST_F(Ways, EndWhereAConflictIsInjected)
{
    for (const auto &[what, event] : {std::pair{SMMU_INJECT_TLB_CONFLICT, F_TLB_CONFLICT},
                                      std::pair{SMMU_INJECT_CFG_CONFLICT, F_CFG_CONFLICT}}) {
        smmu_inject(dut.smmu(), what, 1);
        expect_abort(dut.translate(sid, va), event);
        read_often(sid);
    }
}

// While it is walked for, others of as many kinds as there are places for ways go theirs. Its
// attributes allocate for reads and for writes, theirs do not, in some half.
TEST_F(Ways, AreKeptWhileOneWaits)
{
    const auto read_with = [this](uint64_t at, uint8_t mair, uint8_t sh, bool priv) {
        smmu_txn txn = device_under_test::transaction(sid, at, priv ? priv_read : read_access);
        txn.attr = {mair, sh};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        return result;
    };
    stream.low.map(va + 0x1000, pa + 0x1000);
    for (int i = 0; i < 2; i++)
        read_with(va, SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON, false);
    bool waits = true;
    dut.mem.before = [&](const smmu_mem_req &) {
        if (!std::exchange(waits, false))
            return;
        for (uint8_t outer = 0xc; outer < 0x10; outer++)
            for (uint8_t inner = 0xc; inner < 0xf; inner++)
                for (const uint8_t sh : {SMMU_SH_NON, SMMU_SH_OUTER, SMMU_SH_INNER})
                    for (const bool priv : {false, true})
                        read_with(va, static_cast<uint8_t>(outer << 4 | inner), sh, priv);
    };
    const smmu_result result = read_with(va + 0x1000, SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON, false);
    EXPECT_FALSE(waits);
    expect_forward(result, pa + 0x1000);
    EXPECT_EQ(result.attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_FALSE(result.out_priv);
}

TEST_F(Ways, AreThoseOfOneKindOfAccess)
{
    stream.stream().privcfg = 2; // unprivileged
    republish();
    leaf_attributes page;
    page.ap = AP_PRIV_RW;
    stream.low.map(va + 0x1000, pa + 0x1000, 3, page);
    expect_forward(dut.translate(sid, va), pa);
    expect_forward(dut.translate(sid, va, priv_read), pa);
    expect_abort(dut.translate(sid, va + 0x1000), F_PERMISSION);
    expect_abort(dut.translate(sid, va + 0x1000, priv_read), F_PERMISSION);
}

TEST_F(Ways, AttributesOfTheClientCount)
{
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    smmu_result hinted, plain;
    for (int i = 0; i < 3; i++) {
        txn.attr = {0xff, SMMU_SH_INNER};
        smmu_translate(dut.smmu(), &txn, &hinted);
        txn.attr = {0xcc, SMMU_SH_INNER}; // no hints
        smmu_translate(dut.smmu(), &txn, &plain);
        EXPECT_EQ(hinted.attr.mair, 0xff);
        EXPECT_EQ(plain.attr.mair, 0xcc);
    }
}

class WaysOfASmallCache : public Ways {
  protected:
    WaysOfASmallCache() : Ways({1, 1}) {}
};

// 4.3: what is pushed out of the cache is read again, and nothing else would do.
TEST_F(WaysOfASmallCache, EndWhereTheirStructuresArePushedOut)
{
    stage1_stream other(dut, sid + 1);
    other.low.map(va, pa);
    other.publish();
    read_often(sid + 1);
    stream.stream().config = STE_ABORT;
    stream.publish();
    expect_abort(dut.translate(sid, va), 0);
}

using WaysOfStage2 = NestedTest;

// 3.4: that the way is known says nothing about the address.
TEST_F(WaysOfStage2, LeaveTheSizeOfTheAddressToBeChecked)
{
    expect_forward(dut.translate(alone, ipa), pa);
    expect_forward(dut.translate(alone, ipa + 8), pa + 8);
    expect_abort(dut.translate(alone, uint64_t{1} << 60), F_ADDR_SIZE);
}

class WaysOfTwo : public Ways {
  protected:
    WaysOfTwo() : Ways({1, 2}) {}
};

TEST_F(WaysOfTwo, KeepTheirStructuresInUse)
{
    stage1_stream second(dut, sid + 1, 2), third(dut, sid + 2, 3);
    for (stage1_stream *each : {&second, &third}) {
        each->low.map(va, pa);
        each->publish();
    }
    read_often(sid + 1);
    read_often(sid); // the last one by the way that is known
    expect_forward(dut.translate(sid + 1, va), pa);
    expect_forward(dut.translate(sid, va), pa);
    expect_forward(dut.translate(sid + 2, va), pa); // in the place of the second
    const uint64_t before = stats().config_misses;
    expect_forward(dut.translate(sid, va), pa);
    EXPECT_EQ(stats().config_misses, before);
}

class timed_dut : public device_under_test {
  public:
    explicit timed_dut(const smmu_config &cfg) : device_under_test(cfg, true, adapt) {}
    unsigned uses = 0;

  private:
    static void adapt(smmu_ops &ops)
    {
        ops.units = 1u << SMMU_UNIT_CONFIG_CACHE;
        ops.use = [](void *user, const smmu_use *) {
            static_cast<timed_dut *>(static_cast<device_under_test *>(user))->uses++;
        };
    }
};

// One that waits for a CD keeps its STE, which is no way then. Without a CD there is one.
TEST(WaysWithTime, TheConfigurationCacheIsUsedEachTime)
{
    timed_dut dut(without_utlb({4, 2}));
    stage2 tables(dut, 6);
    ste entry;
    entry.config = STE_S2_TRANS;
    tables.apply(entry);
    tables.table.map(0x4000, 0x70000000, 3, stage2_attributes{});
    dut.bring_up();
    dut.set_ste(5, entry);
    dut.translate(5, 0x4000);
    for (int i = 0; i < 3; i++) {
        dut.uses = 0;
        dut.translate(5, 0x4000);
        EXPECT_EQ(dut.uses, 1u);
    }
}

class WaysOfOneVmid : public NestedTest {
  protected:
    WaysOfOneVmid() : NestedTest(with_tlb()) {}

    static smmu_config with_tlb()
    {
        smmu_config cfg = without_utlb({4, 2});
        cfg.tlb = {1, 16};
        return cfg;
    }

    // As many streams lie between as the TLB has entries: what was found for one is where it is
    // looked for first for the other.
    static constexpr uint32_t other = nested + 16;
};

TEST_F(WaysOfOneVmid, AnIpaIsNoVa)
{
    // 3.17: ASID 0 is one as any other, and stage 2 alone has none.
    constexpr uint64_t at = 0x12345000;
    stage1.context().asid = 0;
    stage1.low.map(at, ipa);
    third.apply(entry);
    third.table.map(at, pa + 0x1000, 3, stage2_attributes{});
    dut.set_ste(other, entry);
    publish();
    for (int i = 0; i < 3; i++)
        expect_forward(dut.translate(nested, at), pa);
    for (int i = 0; i < 3; i++)
        expect_forward(dut.translate(other, at), pa + 0x1000);
    for (int i = 0; i < 3; i++)
        expect_forward(dut.translate(nested, at), pa);
}

} // namespace
} // namespace test_ways
