// SPDX-License-Identifier: Apache-2.0
// Units of the microarchitecture (smmu/units.def): which ones a call uses, in which order, and what
// becomes of a call that they keep waiting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "support/device_under_test.hpp"
#include "support/stage1_stream.hpp"
#include "support/stage2.hpp"

using namespace support;
using namespace support::reg;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace test_units {
namespace {

constexpr uint32_t table_units = 1u << SMMU_UNIT_TABLE_S1 | 1u << SMMU_UNIT_TABLE_S2;
// But for the fetches of a walk, which have tests of their own.
constexpr uint32_t all_units = ((1u << SMMU_UNIT_COUNT) - 1) & ~table_units;
constexpr uint32_t slot_units =
    table_units | 1u << SMMU_UNIT_CONTEXT_WALK | 1u << SMMU_UNIT_TABLE_WALK;

// Keeps what is used: the name, "+" and "-" before it where a slot is taken and given back.
class units_dut : public device_under_test {
  public:
    explicit units_dut(uint32_t units = all_units, const smmu_config &cfg = configuration())
        : device_under_test(cfg, true, [units](smmu_ops &ops) { adapt(ops, units); })
    {
    }

    static smmu_config configuration()
    {
        smmu_config cfg = smmu_config_default();
        cfg.btm = true;
        return cfg;
    }

    std::vector<std::string> used;
    std::vector<smmu_use> uses;
    std::function<void(const smmu_use &)> during; // while one is waited for

    unsigned count(const std::string &name) const
    {
        return static_cast<unsigned>(std::count(used.begin(), used.end(), name));
    }

    void forget()
    {
        used.clear();
        uses.clear();
    }

  private:
    static units_dut &self(void *user)
    {
        return *static_cast<units_dut *>(static_cast<device_under_test *>(user));
    }

    static void adapt(smmu_ops &ops, uint32_t units)
    {
        ops.units = units;
        ops.use = [](void *user, const smmu_use *use) {
            const auto unit = static_cast<smmu_unit>(use->unit);
            const bool slot = (slot_units >> unit & 1) != 0;
            self(user).used.push_back((slot ? "+" : "") + std::string(smmu_unit_name(unit)));
            self(user).uses.push_back(*use);
            if (self(user).during)
                self(user).during(*use);
        };
        ops.release = [](void *user, const smmu_use *use) {
            self(user).used.push_back(
                "-" + std::string(smmu_unit_name(static_cast<smmu_unit>(use->unit))));
        };
    }
};

// Stream 5 translates at stage 1; stream 7 at both stages, with everything in 4 KiB pages.
class Units : public testing::Test {
  protected:
    explicit Units(uint32_t units = all_units)
        : dut(units), stream(dut, sid), stage1(dut, nested, 7), second(dut, 7)
    {
        dut.bring_up();
        stream.low.map(va, pa);
        stream.publish();
        stage1.low.map(va, ipa);
        second.map_structures();
        second.table.map(ipa, pa, 3, stage2_attributes{});
        stage1.stream().config = STE_NESTED;
        second.apply(stage1.stream());
        stage1.publish();
        dut.invalidate_all();
        dut.mem.clear_log();
        dut.forget();
    }

    static constexpr uint32_t sid = 5, nested = 7;
    static constexpr uint64_t va = 0x4000, ipa = 0x12'3456'7000, pa = 0x1'0000'0000;
    static constexpr uint64_t hole = 0x777000;
    units_dut dut;
    stage1_stream stream, stage1;
    stage2 second;
};

TEST_F(Units, FirstTransactionUsesThemAllInTheOrderOfItsWay)
{
    dut.translate(sid, va);
    EXPECT_THAT(dut.used, ElementsAre("TBU", "CONFIG_CACHE", "+CONTEXT_WALK", "-CONTEXT_WALK",
                                      "CONFIG_CACHE", "+CONTEXT_WALK", "-CONTEXT_WALK", "TLB",
                                      "+TABLE_WALK", "WALK_CACHE_S1", "-TABLE_WALK"));
    for (const smmu_use &each : dut.uses) {
        EXPECT_EQ(each.sid, sid);
        EXPECT_EQ(each.sec, SMMU_SEC_NS);
        if (each.unit == SMMU_UNIT_TLB)
            EXPECT_EQ(each.count, 0u); // it is empty
        else if (each.unit == SMMU_UNIT_WALK_CACHE_S1)
            EXPECT_EQ(each.count, 2u); // behind level 2: 1 and 0
        else
            EXPECT_EQ(each.count, 1u);
    }
}

TEST_F(Units, WalkCacheIsTriedFromTheDeepestLevelToTheOneThatAnswers)
{
    const auto further = [this](uint64_t address) {
        dut.forget();
        dut.translate(sid, address);
        for (const smmu_use &each : dut.uses)
            if (each.unit == SMMU_UNIT_WALK_CACHE_S1)
                return static_cast<int>(each.count);
        return -1;
    };
    dut.translate(sid, va);
    EXPECT_EQ(further(va + 0x1000), 0);       // the same 2 MB: its level 2 table descriptor
    EXPECT_EQ(further(hole), 1);              // the same 1 GB: that of level 1
    EXPECT_EQ(further(UINT64_C(1) << 38), 2); // the same 512 GB: that of level 0
    EXPECT_EQ(further(UINT64_C(1) << 46), 2); // none
}

TEST_F(Units, HitsUseNothingBeyondWhatHits)
{
    dut.translate(sid, va);
    dut.forget();
    dut.translate(sid, va);
    EXPECT_THAT(dut.used, ElementsAre("TBU"));
    dut.forget();
    dut.translate(sid, va, write_access);
    EXPECT_THAT(dut.used, ElementsAre("TBU", "CONFIG_CACHE", "CONFIG_CACHE", "TLB"));
}

TEST_F(Units, CdBehindStageTwoTakesATableWalkInsideItsContextWalk)
{
    dut.translate(nested, va);
    const auto first = std::find(dut.used.begin(), dut.used.end(), "-CONTEXT_WALK") + 1; // the STE
    ASSERT_GE(dut.used.end() - first, 7);
    EXPECT_THAT(std::vector<std::string>(first, first + 7),
                ElementsAre("CONFIG_CACHE", "+CONTEXT_WALK", "TLB", "+TABLE_WALK", "WALK_CACHE_S2",
                            "-TABLE_WALK", "-CONTEXT_WALK"));
}

TEST_F(Units, StageTwoOfATableWalkTakesNoSecondSlot)
{
    dut.translate(nested, va);
    dut.submit(tlbi_nsnh_all());
    dut.submit(cmd_sync());
    dut.forget();
    dut.translate(nested, va);
    // Four tables of stage 1 and the output are looked up at stage 2, which has none of them.
    EXPECT_EQ(dut.count("TLB"), 1u + 5u);
    EXPECT_EQ(dut.count("WALK_CACHE_S1"), 1u);
    EXPECT_GE(dut.count("WALK_CACHE_S2"), 2u);
    EXPECT_EQ(dut.count("+TABLE_WALK"), 1u);
    EXPECT_EQ(dut.used.back(), "-TABLE_WALK");
}

TEST_F(Units, SlotsAreGivenBackByAFault)
{
    dut.translate(sid, hole);
    EXPECT_EQ(dut.used.back(), "-TABLE_WALK");
    ste invalid;
    invalid.v = 0;
    dut.set_ste(9, invalid);
    dut.forget();
    dut.translate(9, va);
    EXPECT_THAT(dut.used, ElementsAre("TBU", "CONFIG_CACHE", "+CONTEXT_WALK", "-CONTEXT_WALK"));
}

TEST_F(Units, TranslationRequestUsesThePortOfAtsAndNoMicroTlb)
{
    stream.stream().eats = 1;
    stream.publish();
    dut.invalidate_all();
    dut.forget();
    smmu_ats_request request{};
    request.sid = sid;
    request.addr = va;
    EXPECT_TRUE(dut.ats_translate(request).r);
    EXPECT_EQ(dut.used.front(), "ATS");
    EXPECT_THAT(dut.used, Not(Contains("TBU")));
    EXPECT_EQ(dut.used.back(), "-TABLE_WALK");
}

TEST_F(Units, CommandsTakeTheirTimeAndInvalidationsByTheEntriesThatGo)
{
    dut.translate(sid, va);
    dut.forget();
    dut.submit(tlbi_nh_all());
    EXPECT_THAT(dut.used, ElementsAre("COMMAND", "INVALIDATION"));
    EXPECT_EQ(dut.uses.back().count, 1u + 3u) << "a page and the three tables above it";
    dut.submit(tlbi_nh_all());
    EXPECT_EQ(dut.uses.back().count, 0u);
    dut.submit(cfgi_ste(sid));
    EXPECT_EQ(dut.uses.back().count, 2u) << "an STE and its CD";
    dut.forget();
    dut.submit(cmd_sync());
    EXPECT_THAT(dut.used, ElementsAre("COMMAND"));
}

TEST_F(Units, MaintenanceOfACpuTakesTheTimeOfAnInvalidation)
{
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    dut.write32(CR2, CR2_RECINVSID);
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
    dut.translate(sid, va);
    dut.forget();
    smmu_dvm dvm{};
    dvm.op = SMMU_DVM_ALL;
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
    EXPECT_THAT(dut.used, ElementsAre("INVALIDATION"));
    EXPECT_EQ(dut.uses.back().count, 4u);
}

TEST_F(Units, ProbesUseNothing)
{
    dut.probe(sid, va);
    dut.probe(sid, hole);
    EXPECT_THAT(dut.used, IsEmpty());
}

// GATOS (9): stage 2 alone is asked of the TLB, stage 1 is walked for.
TEST_F(Units, AddressTranslationOperationAsksTheTlbForStageTwoAlone)
{
    constexpr uint32_t ctrl = 0x100, gatos_sid = 0x108, addr = 0x110,
                       par = 0x118; // 6.3.37 to 6.3.40
    constexpr uint64_t type_s2 = 2, read = 1u << 8;
    const auto run = [&] {
        dut.forget();
        dut.write64(gatos_sid, nested);
        dut.write64(addr, ipa | type_s2 << 10 | read);
        dut.write32(ctrl, 1);
        EXPECT_EQ(dut.read64(par) & 1, 0u);
    };
    run();
    EXPECT_THAT(dut.used, ElementsAre("CONFIG_CACHE", "+CONTEXT_WALK", "-CONTEXT_WALK", "TLB",
                                      "+TABLE_WALK", "WALK_CACHE_S2", "-TABLE_WALK"));
    run();
    EXPECT_THAT(dut.used, ElementsAre("CONFIG_CACHE", "TLB"));
}

TEST_F(Units, StreamOutOfRangeUsesNoCache)
{
    dut.translate(0x12345, va);
    EXPECT_THAT(dut.used, ElementsAre("TBU"));
}

TEST_F(Units, TbuThatIsNotThereIsNotUsed)
{
    smmu_txn txn = device_under_test::transaction(sid, va, read_access);
    txn.tbu = 77;
    smmu_result result;
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_THAT(dut.used, IsEmpty());
}

TEST(UnitsThatAreAbsent, AreNotUsed)
{
    smmu_config cfg = smmu_config_default();
    cfg.config_cache = cfg.tlb = cfg.walk_s1 = cfg.walk_s2 = cfg.utlb = {0, 0};
    units_dut dut(all_units, cfg);
    stage1_stream stream(dut, 5);
    dut.bring_up();
    stream.low.map(0x4000, 0x8000);
    stream.publish();
    dut.forget();
    dut.translate(5, 0x4000);
    EXPECT_THAT(dut.used, ElementsAre("TBU", "+CONTEXT_WALK", "-CONTEXT_WALK", "+CONTEXT_WALK",
                                      "-CONTEXT_WALK", "+TABLE_WALK", "-TABLE_WALK"));
}

TEST(UnitsAskedFor, AreTheOnlyOnesTold)
{
    units_dut dut(1u << SMMU_UNIT_TLB);
    stage1_stream stream(dut, 5);
    dut.bring_up();
    stream.low.map(0x4000, 0x8000);
    stream.publish();
    dut.translate(5, 0x4000);
    dut.translate(5, 0x4000, write_access);
    EXPECT_THAT(dut.used, ElementsAre("TLB", "TLB"));
}

// --- walks that need the same thing --------------------------------------------------------------

class UnitsOfTables : public Units {
  protected:
    UnitsOfTables() : Units(table_units | 1u << SMMU_UNIT_CONTEXT_WALK)
    {
        stream.low.map(va + 0x1000, pa + 0x1000);
    }

    uint64_t fetches() { return smmu_get_stats(dut.smmu())->ttd_fetches; }

    // While `unit` is used first, another transaction to `address` comes in between.
    void let_pass(smmu_unit unit, uint64_t address)
    {
        bool passed = false;
        dut.during = [this, unit, address, passed](const smmu_use &use) mutable {
            if (use.unit != unit || passed)
                return;
            passed = true;
            dut.translate(sid, address);
        };
    }
};

TEST_F(UnitsOfTables, FetchTakesASlotForItsAddressWhereItMayLeadToATable)
{
    dut.translate(sid, va);
    dut.submit(tlbi_nh_all());
    dut.forget();
    dut.translate(sid, va);
    EXPECT_THAT(dut.used, ElementsAre("+TABLE_S1", "-TABLE_S1", "+TABLE_S1", "-TABLE_S1",
                                      "+TABLE_S1", "-TABLE_S1"));
    for (unsigned level = 0; level < 3; ++level)
        EXPECT_EQ(dut.uses[level].addr, stream.low.descriptor_address(va, level));
}

TEST_F(UnitsOfTables, WalkThatWaitedGoesOnFromTheTableThatAnotherHasReached)
{
    dut.translate(sid, va);
    dut.submit(tlbi_nh_all());
    const uint64_t before = fetches();
    let_pass(SMMU_UNIT_TABLE_S1, va + 0x1000);
    EXPECT_EQ(dut.translate(sid, va).addr, pa);
    EXPECT_EQ(fetches() - before, 4u + 1); // the other's, and the page of this one
}

TEST_F(UnitsOfTables, WalkThatWaitedFetchesItselfWhatNobodyHasCached)
{
    dut.translate(sid, va);
    dut.submit(tlbi_nh_all());
    const uint64_t before = fetches();
    let_pass(SMMU_UNIT_TABLE_S1, hole << 24); // by other tables but the first
    EXPECT_EQ(dut.translate(sid, va).addr, pa);
    EXPECT_EQ(fetches() - before, 1u + 4);
}

TEST_F(UnitsOfTables, ContextWalkThatWaitedFetchesNothingThatAnotherHasCached)
{
    let_pass(SMMU_UNIT_CONTEXT_WALK, va + 0x1000);
    EXPECT_EQ(dut.translate(sid, va).addr, pa);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->ste_fetches, 1u);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->cd_fetches, 1u);
}

// --- a look-up of its own -----------------------------------------------------------------------

TEST_F(Units, LookUpAnswersWhatTranslateWouldAndUsesNothing)
{
    smmu_txn txn{};
    txn.sid = sid;
    txn.addr = va;
    txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON};
    smmu_result result{}, again{};
    EXPECT_FALSE(smmu_look_up(dut.smmu(), &txn, &result));
    EXPECT_THAT(dut.used, IsEmpty());

    txn.looked_up = true;
    smmu_translate(dut.smmu(), &txn, &result);
    EXPECT_EQ(result.addr, pa);
    EXPECT_EQ(dut.count("TBU"), 0u);

    txn.looked_up = false;
    ASSERT_TRUE(smmu_look_up(dut.smmu(), &txn, &again));
    EXPECT_EQ(again.addr, pa);
    EXPECT_EQ(again.perm, result.perm);
    const smmu_stats &stats = *smmu_get_stats(dut.smmu());
    EXPECT_EQ(stats.translations, 2u);
    EXPECT_EQ(stats.utlb_misses, 1u);
    EXPECT_EQ(stats.utlb_hits, 1u);
    EXPECT_EQ(stats.forwards, 2u);
}

// --- a wait that the world does not wait for ----------------------------------------------------

// 6.3.9.6: at whichever unit a transaction waits, once SMMUEN is acknowledged as 0 it goes by GBPA,
// and the SMMU reads no structure any more.
TEST_F(Units, TransactionThatWaitsWhileTranslationEndsLeavesNoTrace)
{
    dut.translate(nested, va);
    const size_t waits = dut.uses.size();
    ASSERT_GT(waits, 10u);
    for (size_t at = 0; at < waits; ++at) {
        dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
        dut.invalidate_all();
        dut.forget();
        dut.during = [&](const smmu_use &) {
            if (dut.uses.size() != at + 1)
                return;
            dut.during = nullptr;
            dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
            dut.mem.clear_log();
        };
        const smmu_result result = dut.translate(nested, va);
        EXPECT_EQ(result.outcome, SMMU_FORWARD) << "unit " << dut.used[at];
        EXPECT_EQ(result.addr, va) << "unit " << dut.used[at];
        EXPECT_THAT(dut.mem.log(), IsEmpty()) << "unit " << dut.used[at];
        EXPECT_EQ(dut.count("+TABLE_WALK"), dut.count("-TABLE_WALK"));
        EXPECT_EQ(dut.count("+CONTEXT_WALK"), dut.count("-CONTEXT_WALK"));
        EXPECT_THAT(dut.pop_events(), IsEmpty());
    }
}

TEST_F(Units, WhatIsInvalidatedWhileATransactionWaitsIsNotCached)
{
    dut.translate(sid, va);
    dut.submit(tlbi_nh_all());
    dut.during = [&](const smmu_use &use) {
        if (use.unit != SMMU_UNIT_TABLE_WALK)
            return;
        dut.during = nullptr;
        dut.submit(tlbi_nh_all());
    };
    const uint64_t fills = smmu_get_stats(dut.smmu())->tlb_fills;
    EXPECT_EQ(dut.translate(sid, va).addr, pa);
    EXPECT_EQ(smmu_get_stats(dut.smmu())->tlb_fills, fills);
}

TEST_F(Units, CommandThatWaitsWhileTheSmmuIsResetIsNotConsumed)
{
    dut.during = [&](const smmu_use &use) {
        if (use.unit != SMMU_UNIT_COMMAND)
            return;
        dut.during = nullptr;
        smmu_reset(dut.smmu());
    };
    const uint64_t commands = smmu_get_stats(dut.smmu())->commands;
    dut.submit(tlbi_nh_all());
    EXPECT_EQ(smmu_get_stats(dut.smmu())->commands, commands);
    EXPECT_EQ(dut.read32(CMDQ_CONS), 0u);
}

// The copies of STE and CD hold while others take their places in the cache.
TEST_F(Units, TransactionThatWaitsKeepsTheConfigurationThatItFound)
{
    dut.translate(sid, va);
    dut.submit(tlbi_nh_all());
    bool other = false;
    dut.during = [&](const smmu_use &use) {
        if (use.unit != SMMU_UNIT_TLB || other)
            return;
        other = true;
        stream.context().asid = 9;
        stream.stream().config = STE_BYPASS;
        stream.publish();
        dut.submit(cfgi_ste(sid));
        for (uint32_t each = 0; each < 256; ++each)
            dut.translate(each, va);
    };
    EXPECT_EQ(dut.translate(sid, va).addr, pa);
}

// --- the host ------------------------------------------------------------------------------------

smmu_ops minimal_ops()
{
    smmu_ops ops{};
    ops.read = [](void *, const smmu_mem_req *, void *) { return SMMU_MEM_ABORT; };
    ops.write = [](void *, const smmu_mem_req *, const void *) { return SMMU_MEM_ABORT; };
    ops.cas = [](void *, const smmu_mem_req *, const void *, const void *, void *) {
        return SMMU_MEM_ABORT;
    };
    return ops;
}

std::string refused(const smmu_ops &ops)
{
    const smmu_config cfg = smmu_config_default();
    smmu_error error{};
    smmu_t *smmu = smmu_create(&cfg, &ops, nullptr, &error);
    smmu_destroy(smmu);
    return smmu ? "" : error.field;
}

TEST(UnitsOfAHost, NeedTheFunctionsThatAreCalledForThem)
{
    smmu_ops ops = minimal_ops();
    EXPECT_EQ(refused(ops), "");
    ops.units = 1u << SMMU_UNIT_TLB;
    EXPECT_EQ(refused(ops), "ops.use");
    ops.use = [](void *, const smmu_use *) {};
    EXPECT_EQ(refused(ops), "");
    for (const smmu_unit slot :
         {SMMU_UNIT_CONTEXT_WALK, SMMU_UNIT_TABLE_WALK, SMMU_UNIT_TABLE_S1, SMMU_UNIT_TABLE_S2}) {
        ops.units = 1u << slot;
        EXPECT_EQ(refused(ops), "ops.release");
    }
    ops.units = 1u << SMMU_UNIT_COUNT;
    EXPECT_EQ(refused(ops), "ops.units");
}

TEST(UnitNames, AreTotal)
{
    EXPECT_STREQ(smmu_unit_name(SMMU_UNIT_TABLE_WALK), "TABLE_WALK");
    EXPECT_STREQ(smmu_unit_name(SMMU_UNIT_COUNT), "?");
}

} // namespace
} // namespace test_units
