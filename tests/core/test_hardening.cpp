// SPDX-License-Identifier: Apache-2.0
// Translation hardening (IHI 0070 3.27, 5.2 AssuredOnly, TL0 and TL1, 5.4 PnCH; DDI 0487 D8.2.7):
// which first tables stage 2 lets be, what makes a translation Assured, and who gets to AssuredOnly
// memory.
#include <functional>
#include <utility>

#include "core/nested_test.hpp"
#include "support/cd_table.hpp"

using namespace support;

namespace test_hardening {
namespace {

smmu_config with_hardening()
{
    smmu_config cfg = smmu_config_default();
    cfg.the = cfg.s1pi = cfg.s2pi = cfg.s2po = true;
    return cfg;
}

constexpr uint64_t bit(unsigned n)
{
    return uint64_t{1} << n;
}

constexpr uint64_t af = bit(10), bit7 = bit(7), Protected = bit(52), AssuredOnly = bit(58);

// Values of PIIndex below 8, bits 53, 51 and 6 of a leaf, and what SMMU_S2PII makes of them.
enum permission : unsigned { RW = 1, MRO = 2, MRO_TL0 = 3, MRO_TL1 = 4, MRO_TL01 = 5, RO = 6 };
constexpr uint64_t s2pii = 0x873'62f0;

constexpr uint64_t index_of(unsigned p)
{
    return uint64_t{p >> 2 & 1} << 53 | uint64_t{p >> 1 & 1} << 51 | uint64_t{p & 1} << 6;
}

// All that makes the translation of `va` Assured: its first table is in memory for TTB0, the others
// in MRO memory, their descriptors are Protected, and the CD is in AssuredOnly memory, as is what
// `va` leads to. Stage 2 maps structures by pages.
class Hardening : public NestedTest {
  protected:
    explicit Hardening(const smmu_config &cfg = with_hardening()) : NestedTest(cfg)
    {
        dut.write64(reg::S2PII, s2pii);
        for (stage2 *s : {&second, &third}) {
            const uint64_t base = device_under_test::frames_base;
            s->table.set_descriptor(base, 2, 0);
            for (uint64_t at = base; at < base + bit(21); at += 4096)
                s->table.map(at, at, 3, stage2_attributes{});
        }
        entry.s2pie = entry.assuredonly = 1;
        ste &both = stage1.stream();
        both.s2pie = both.assuredonly = both.tl0 = 1;
        stage1.context().pnch = 1;
        assure();
    }

    void assure()
    {
        place(stage1.cd_address(), RW, true);
        for (int level = 0; level < 4; ++level) {
            place(descriptor_at(level), level == 0 ? MRO_TL0 : MRO);
            mark(level, true);
        }
        place(ipa, RW, true);
        publish();
    }

    // What stage 2 says of the page at `at`.
    void place(uint64_t at, unsigned permission, bool assured_only = false)
    {
        const uint64_t mask = index_of(7) | AssuredOnly;
        const uint64_t old = third.table.descriptor(at, 3) & ~mask;
        third.table.set_descriptor(at, 3,
                                   old | index_of(permission) | (assured_only ? AssuredOnly : 0));
    }

    void mark(int level, bool is_protected)
    {
        const uint64_t old = stage1.low.descriptor(va, level) & ~Protected;
        stage1.low.set_descriptor(va, level, old | (is_protected ? Protected : 0));
    }

    uint64_t descriptor_at(int level) { return stage1.low.descriptor_address(va, level); }

    // The record is like that of any other F_PERMISSION.
    void expect_refused(event_class cls, uint64_t at)
    {
        expect_abort(dut.translate(nested, va), F_PERMISSION);
        event e = stage2_fault(F_PERMISSION, nested, va, cls, at & ~uint64_t{0xfff});
        e.ttrnw = cls == CLASS_TT;
        EXPECT_EQ(only_event(), e);
    }

    void expect_assured() { expect_forward(dut.translate(nested, va), pa); }
};

// --- TopLevel checks ----------------------------------------------------------------------------

// DDI 0487 tables D8-14 and D8-15: by {TL0, TL1}, for the permissions below; F is a fault.
TEST_F(Hardening, TopLevelChecksAreThoseOfTheTables)
{
    static const char *const low[] = {"-----", "---F-", "FF-F-", "FF-F-"};
    static const char *const high[] = {"-----", "FFF--", "--F--", "FFF--"};
    const unsigned permissions[] = {RW, MRO, MRO_TL0, MRO_TL1, MRO_TL01};
    const uint64_t high_va = 0xffff'1234'5678'9000;
    stage1.high.map(high_va, ipa);
    stage1.stream().assuredonly = 0;
    for (unsigned tl = 0; tl < 4; ++tl)
        for (unsigned i = 0; i < 5; ++i) {
            stage1.stream().tl0 = tl >> 1;
            stage1.stream().tl1 = tl & 1;
            place(stage1.low.base(), permissions[i]);
            place(stage1.high.base(), permissions[i]);
            publish();
            EXPECT_EQ(dut.translate(nested, va).event,
                      low[tl][i] == 'F' ? unsigned{F_PERMISSION} : 0u)
                << tl << ' ' << i;
            EXPECT_EQ(dut.translate(nested, high_va).event,
                      high[tl][i] == 'F' ? unsigned{F_PERMISSION} : 0u)
                << tl << ' ' << i;
        }
}

TEST_F(Hardening, TopLevelFaultIsOfTheFirstTable)
{
    place(descriptor_at(0), MRO);
    publish();
    expect_refused(CLASS_TT, descriptor_at(0));
}

// D8.2.7.4 is about the initial lookup level.
TEST_F(Hardening, TopLevelIsNoMatterOfOtherTables)
{
    place(ipa, RW);
    for (int level = 1; level < 4; ++level)
        place(descriptor_at(level), level == 2 ? MRO_TL1 : RO);
    publish();
    expect_assured();
}

// Table D8-81: Direct permissions have none.
TEST_F(Hardening, TopLevelIsNotOfDirectPermissions)
{
    stage1.stream().s2pie = 0;
    for (int level = 0; level < 4; ++level)
        place(descriptor_at(level), RW); // S2AP[0]
    publish();
    expect_refused(CLASS_TT, descriptor_at(0));
    stage1.stream().tl0 = stage1.stream().assuredonly = 0;
    publish();
    expect_assured();
}

// Tables D8-83 and D8-84.
TEST_F(Hardening, TopLevelAndMroMayBeOfAnOverlay)
{
    stage1.stream().s2poe = 1;
    stage1.stream().s2poi = 0x26f;
    const auto overlay = [this](int level, uint64_t index) {
        place(descriptor_at(level), RW);
        const uint64_t at = descriptor_at(level);
        const uint64_t old = third.table.descriptor(at, 3);
        third.table.set_descriptor(at, 3, old | index << 59);
    };
    overlay(0, 1); // MRO-TL0
    for (int level = 1; level < 4; ++level)
        overlay(level, 2); // MRO
    publish();
    expect_assured();
    stage1.stream().s2poi = 0x23f; // MRO-TL1
    publish();
    expect_refused(CLASS_TT, descriptor_at(0));
    stage1.stream().s2poi = 0xf6f;
    publish();
    expect_refused(CLASS_IN, ipa);
}

// --- Assured translations -----------------------------------------------------------------------

TEST_F(Hardening, AnAssuredTranslationGetsToAssuredOnlyMemory)
{
    expect_assured();
    dut.mem.clear_log();
    expect_assured();
    expect_forward(dut.translate(nested, va, priv_write), pa);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u) << "cached";
}

// D8.2.7.3: at each level.
TEST_F(Hardening, ItNeedsProtectedDescriptors)
{
    for (int level = 0; level < 4; ++level) {
        SCOPED_TRACE(level);
        mark(level, false);
        publish();
        expect_refused(CLASS_IN, ipa);
        assure();
        expect_assured();
    }
}

TEST_F(Hardening, ItNeedsTablesInMroMemory)
{
    for (int level = 1; level < 4; ++level)
        for (const unsigned permission : {RW, RO}) {
            SCOPED_TRACE(level);
            place(descriptor_at(level), permission);
            publish();
            expect_refused(CLASS_IN, ipa);
            assure();
            expect_assured();
        }
}

// J1.1, AArch64.S2CheckPermissions(): the permission counts, not what the dirty state leaves of it.
TEST_F(Hardening, MroMemoryMayBeClean)
{
    for (int level = 0; level < 4; ++level) {
        const uint64_t at = descriptor_at(level);
        third.table.set_descriptor(at, 3, third.table.descriptor(at, 3) & ~bit7);
    }
    publish();
    expect_assured();
}

TEST_F(Hardening, ItNeedsTlOfItsTable)
{
    stage1.stream().tl0 = 0;
    publish();
    expect_refused(CLASS_IN, ipa);
    stage1.stream().tl1 = 1;
    place(stage1.low.base(), MRO_TL01);
    publish();
    expect_refused(CLASS_IN, ipa);
    stage1.stream().tl0 = 1;
    publish();
    expect_assured();
}

// 3.27.1.
TEST_F(Hardening, ItNeedsPnch)
{
    stage1.context().pnch = 0;
    publish();
    expect_refused(CLASS_IN, ipa);
}

// 3.27.2.
TEST_F(Hardening, ItNeedsACdInAssuredOnlyMemory)
{
    place(stage1.cd_address(), RW, false);
    publish();
    expect_refused(CLASS_IN, ipa);
    place(ipa, RW);
    publish();
    expect_assured();
}

TEST_F(Hardening, OtherMemoryNeedsNone)
{
    place(ipa, RW);
    mark(2, false);
    place(descriptor_at(3), RW);
    publish();
    expect_assured();
}

// 3.26.2, step 1: next-level tables too. D8.2.7.3: the first table by TL0 alone.
TEST_F(Hardening, TablesMayBeInAssuredOnlyMemory)
{
    place(descriptor_at(0), MRO_TL0, true);
    for (int level = 1; level < 4; ++level)
        place(descriptor_at(level), MRO, true);
    publish();
    expect_assured();
    for (int level = 0; level < 3; ++level) {
        SCOPED_TRACE(level);
        mark(level, false);
        publish();
        expect_refused(CLASS_TT, descriptor_at(level + 1));
        mark(level, true);
    }
    place(descriptor_at(0), MRO, true);
    stage1.stream().tl0 = 0;
    publish();
    expect_refused(CLASS_TT, descriptor_at(0));
}

// J1.1, AArch64.S1Walk(): an update is where the level has led, whatever the descriptor says.
TEST_F(Hardening, DescriptorsAreUpdatedWhereTheyAreRead)
{
    stage1.context().ha = 1;
    place(descriptor_at(3), MRO, true);
    place(ipa, RW);
    mark(3, false);
    stage1.low.set_descriptor(va, 3, stage1.low.descriptor(va, 3) & ~af);
    publish();
    expect_assured();
    EXPECT_NE(stage1.low.descriptor(va, 3) & af, 0u);
}

// 5.2, AssuredOnly: bit 58 is software's.
TEST_F(Hardening, NothingIsAssuredOnlyWithoutTheField)
{
    stage1.stream().assuredonly = 0;
    mark(2, false);
    publish();
    expect_assured();
}

// --- STEs ---------------------------------------------------------------------------------------

// One STE and one CD are cached, each in a place of its own.
class HardeningOfStes : public Hardening {
  protected:
    HardeningOfStes() : Hardening(with_one_of_each()) {}

    static smmu_config with_one_of_each()
    {
        smmu_config cfg = with_hardening();
        cfg.config_cache = {1, 1};
        return cfg;
    }
};

// Software has not said that it changed the STE, which is read again because others were read.
TEST_F(HardeningOfStes, CountsWhicheverSteTheCdWasReadBy)
{
    ste &both = stage1.stream();
    place(descriptor_at(0), RW);
    both.tl0 = both.assuredonly = 0;
    publish();
    expect_assured();
    both.tl0 = 1;
    stage1.publish();
    expect_forward(dut.translate(alone, ipa), pa);
    dut.submit(tlbi_nsnh_all());
    dut.mem.clear_log();
    expect_refused(CLASS_TT, descriptor_at(0));
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_CD), 0u);
}

// --- CDs ----------------------------------------------------------------------------------------

// Two CDs of one ASID, whose level 2 tables are pages of their own.
class HardeningOfCds : public Hardening {
  protected:
    HardeningOfCds() : cds(dut.mem, dut.frames, 1, 7)
    {
        cds.apply(stage1.stream());
        for (const uint32_t ssid : {good, bad})
            dut.mem.store_image(cds.cd_address(ssid), stage1.context().encode());
        place(cds.l1cd_address(good), RW, true);
        place(cds.cd_address(good), RW, true);
        place(cds.cd_address(bad), RW, false);
        republish();
    }

    void republish()
    {
        dut.set_ste(nested, stage1.stream());
        dut.invalidate_all();
    }

    smmu_result with(uint32_t ssid)
    {
        client_access how = read_access;
        how.ssv = true;
        how.ssid = ssid;
        return dut.translate(nested, va, how);
    }

    static constexpr uint32_t good = 1, bad = 64;
    cd_table cds;
};

// What is cached of both stages was come to by another CD.
TEST_F(HardeningOfCds, CountWhateverTlbsHold)
{
    expect_forward(with(good), pa);
    expect_abort(with(bad), F_PERMISSION); // fetches the CD
    dut.mem.clear_log();
    expect_abort(with(bad), F_PERMISSION);
    expect_forward(with(good), pa);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u);
}

// What walk caches hold, too.
TEST_F(HardeningOfCds, CountWhateverWalkCachesHold)
{
    expect_abort(with(bad), F_PERMISSION);
    expect_forward(with(good), pa);
    dut.submit(tlbi_nh_va(va, 7, true, 7));
    expect_abort(with(bad), F_PERMISSION);
    expect_forward(with(good), pa);
}

TEST_F(HardeningOfCds, AreReachedThroughAnL1cdInAssuredOnlyMemory)
{
    place(cds.l1cd_address(good), RW, false);
    republish();
    expect_abort(with(good), F_PERMISSION);
    place(cds.l1cd_address(good), RW, true);
    republish();
    expect_forward(with(good), pa);
}

// 3.13.7: what is granted nothing makes nothing dirty, though stage 2 would let others write.
TEST_F(HardeningOfCds, RequestsByOthersMakeNothingDirty)
{
    const auto request = [this](uint32_t ssid) {
        smmu_ats_request r{};
        r.sid = nested;
        r.addr = va;
        r.ssv = true;
        r.ssid = ssid;
        return dut.ats_translate(r);
    };
    const uint64_t of_stage1 = (stage1.low.descriptor(va, 3) | bit7) | bit(51); // AP[2], DBM
    const uint64_t of_stage2 = third.table.descriptor(ipa, 3) & ~bit7;
    stage1.low.set_descriptor(va, 3, of_stage1);
    third.table.set_descriptor(ipa, 3, of_stage2);
    stage1.context().ha = stage1.context().hd = 1;
    for (const uint32_t ssid : {good, bad})
        dut.mem.store_image(cds.cd_address(ssid), stage1.context().encode());
    ste &both = stage1.stream();
    both.eats = both.s2ha = both.s2hd = 1;
    republish();
    expect_forward(with(good), pa); // is cached
    const smmu_ats_completion denied = request(bad);
    EXPECT_EQ(denied.status, SMMU_ATS_SUCCESS);
    EXPECT_FALSE(denied.r || denied.w);
    EXPECT_EQ(stage1.low.descriptor(va, 3), of_stage1);
    EXPECT_EQ(third.table.descriptor(ipa, 3), of_stage2);
    EXPECT_TRUE(request(good).w);
    EXPECT_NE(stage1.low.descriptor(va, 3), of_stage1);
    EXPECT_NE(third.table.descriptor(ipa, 3), of_stage2);
}

// --- walks that wait ----------------------------------------------------------------------------

// A host that gives fetches of stage 1 tables a time, and does `once` in the first.
class waiting_dut : public device_under_test {
  public:
    waiting_dut() : device_under_test(with_hardening(), true, adapt) {}

    std::function<void()> once;

  private:
    static void adapt(smmu_ops &ops)
    {
        ops.units = 1u << SMMU_UNIT_TABLE_S1;
        ops.use = [](void *user, const smmu_use *) {
            const auto self = static_cast<waiting_dut *>(static_cast<device_under_test *>(user));
            if (const auto now = std::exchange(self->once, nullptr))
                now();
        };
        ops.release = [](void *, const smmu_use *) {};
    }
};

// All tables lie in memory that is MRO-TL01, and the CD by way of an AssuredOnly alias of it. `va`
// leads to an AssuredOnly page, the one after it to another, by the same tables.
class HardeningOfWaits : public testing::Test {
  protected:
    HardeningOfWaits() : stage1(dut, sid, 7), second(dut, 7)
    {
        const uint64_t block = device_under_test::frames_base, alias = block + bit(30);
        dut.bring_up();
        dut.write64(reg::S2PII, s2pii);
        stage1.low.map(va, ipa);
        stage1.low.map(va + 0x1000, ipa + 0x1000);
        for (int level = 0; level < 4; ++level)
            mark(level, true);
        map(block, block, 2, MRO_TL01);
        map(alias, block, 2, RW, AssuredOnly);
        map(ipa, pa, 3, RW, AssuredOnly);
        map(ipa + 0x1000, pa + 0x1000, 3, RW);
        ste &both = stage1.stream();
        both.config = STE_NESTED;
        second.apply(both);
        both.s2pie = both.assuredonly = both.tl0 = 1;
        stage1.context().pnch = 1;
        stage1.publish();
        both.s1contextptr += alias - block;
        dut.set_ste(sid, both);
        dut.invalidate_all();
        for (const uint64_t page : {va, va + 0x1000}) // the CD and stage 2 are cached
            dut.translate(sid, page);
    }

    void map(uint64_t from, uint64_t to, int level, unsigned permission, uint64_t more = 0)
    {
        stage2_attributes attributes;
        attributes.s2ap = 0b10; // dirty
        second.table.map(from, to, level, attributes);
        const uint64_t old = second.table.descriptor(from, level);
        second.table.set_descriptor(from, level, old | index_of(permission) | more);
    }

    void mark(int level, bool is_protected)
    {
        const uint64_t old = stage1.low.descriptor(va, level) & ~Protected;
        stage1.low.set_descriptor(va, level, old | (is_protected ? Protected : 0));
    }

    // While the first fetch of a walk for `va` is waited for, another walks the same tables.
    smmu_result walk_after_another()
    {
        dut.submit(tlbi_nh_all(7));
        dut.once = [this] { expect_forward(dut.translate(sid, va + 0x1000), pa + 0x1000); };
        const uint64_t before = smmu_get_stats(dut.smmu())->ttd_fetches;
        const smmu_result result = dut.translate(sid, va);
        EXPECT_FALSE(dut.once);
        fetches = smmu_get_stats(dut.smmu())->ttd_fetches - before;
        return result;
    }

    static constexpr uint32_t sid = 7;
    static constexpr uint64_t va = 0x0000'1234'5678'8000, ipa = 0x12'3456'6000,
                              pa = 0x7654'3210'e000;
    waiting_dut dut;
    stage1_stream stage1;
    stage2 second;
    uint64_t fetches = 0;
};

// What another has reached is as far Assured as the tables above it, which this walk has not read.
TEST_F(HardeningOfWaits, AreAssuredAsFarAsWhatAnotherHasReached)
{
    for (int level = 0; level < 3; ++level) {
        SCOPED_TRACE(level);
        mark(level, false);
        expect_abort(walk_after_another(), F_PERMISSION);
        EXPECT_EQ(fetches, 4u + 1); // the other's, and the page of this one
        mark(level, true);
        expect_forward(walk_after_another(), pa);
    }
}

// --- without stage 1 ----------------------------------------------------------------------------

TEST_F(Hardening, StreamsWithoutStage1AreRefusedAssuredOnlyMemory)
{
    expect_forward(dut.translate(alone, ipa), pa);
    const uint64_t old = second.table.descriptor(ipa, 3);
    second.table.set_descriptor(ipa, 3, old | AssuredOnly);
    dut.invalidate_all();
    for (unsigned again = 0; again < 2; ++again) { // from the TLB
        expect_abort(dut.translate(alone, ipa), F_PERMISSION);
        EXPECT_EQ(only_event(), stage2_fault(F_PERMISSION, alone, ipa, CLASS_IN, ipa));
    }
}

TEST_F(Hardening, SoIsWhatBypassesStage1)
{
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 1;
    publish();
    expect_abort(dut.translate(nested, ipa), F_PERMISSION);
    place(ipa, RW);
    publish();
    expect_forward(dut.translate(nested, ipa), pa);
}

// --- updates ------------------------------------------------------------------------------------

// J1.1, AArch64.SetDirtyState().
TEST_F(Hardening, MemoryThatIsRefusedDoesNotBecomeDirty)
{
    stage1.stream().s2ha = stage1.stream().s2hd = 1;
    third.table.set_descriptor(ipa, 3, third.table.descriptor(ipa, 3) & ~bit7);
    mark(1, false);
    publish();
    const uint64_t clean = third.table.descriptor(ipa, 3);
    expect_abort(dut.translate(nested, va, write_access), F_PERMISSION);
    EXPECT_EQ(third.table.descriptor(ipa, 3), clean);
    mark(1, true);
    publish();
    expect_forward(dut.translate(nested, va, write_access), pa);
    EXPECT_EQ(third.table.descriptor(ipa, 3), clean | bit7);
}

// --- caches -------------------------------------------------------------------------------------

// 5.4.1 and 5.2.1: TLBs may hold what the fields, and the descriptors, were.
TEST_F(Hardening, ChangesShowOnceTlbsForget)
{
    expect_assured();
    mark(2, false);
    expect_assured();
    dut.submit(tlbi_nh_all(7));
    expect_refused(CLASS_IN, ipa);
    mark(2, true);
    dut.submit(tlbi_nh_all(7));
    expect_assured();
}

// --- ATS (3.27.2) -------------------------------------------------------------------------------

class HardeningOfAts : public Hardening {
  protected:
    HardeningOfAts()
    {
        dut.update_cr0(dut.read32(reg::CR0) | reg::CR0_ATSCHK);
        stage1.stream().eats = 1;
        publish();
    }

    smmu_ats_completion request()
    {
        smmu_ats_request r{};
        r.sid = nested;
        r.addr = va;
        return dut.ats_translate(r);
    }
};

TEST_F(HardeningOfAts, RequestsAreGrantedNothingThatIsNotAssured)
{
    for (const unsigned eats : {1u, 2u}) {
        stage1.stream().eats = eats;
        publish();
        EXPECT_TRUE(request().r && request().w);
        mark(1, false);
        publish();
        for (unsigned again = 0; again < 2; ++again) {
            const smmu_ats_completion c = request();
            EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
            EXPECT_FALSE(c.r || c.w);
        }
        mark(1, true);
        EXPECT_TRUE(dut.pop_events().empty());
    }
}

TEST_F(HardeningOfAts, TranslatedTrafficOfSplitStageAtsIsNotAsked)
{
    stage1.stream().eats = 2;
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 1;
    publish();
    for (unsigned again = 0; again < 2; ++again) {
        expect_forward(dut.translate(nested, ipa, translated_read), pa);
        expect_abort(dut.translate(nested, ipa), F_PERMISSION);
    }
}

// --- ATOS ---------------------------------------------------------------------------------------

class HardeningOfAtos : public Hardening {
  protected:
    uint64_t look_up(uint64_t addr, uint64_t type)
    {
        dut.write64(0x108, nested);
        dut.write64(0x110, addr | type << 10 | 1u << 8);
        dut.write32(0x100, 1);
        return dut.read64(0x118);
    }

    static constexpr uint64_t s1 = 1, s2 = 2, s12 = 3;
    static constexpr uint64_t refused = uint64_t{F_PERMISSION} << 4 | 1;
};

// 9.1.4.
TEST_F(HardeningOfAtos, OperationsReportAPermissionFault)
{
    EXPECT_EQ(look_up(va, s12) & 1, 0u);
    EXPECT_EQ(look_up(ipa, s2), refused | 3 << 1) << "no stage 1";
    mark(3, false);
    publish();
    EXPECT_EQ(look_up(va, s12), refused | 3 << 1 | ipa);
    EXPECT_EQ(look_up(va, s1) & 1, 0u);
    place(descriptor_at(1), MRO, true);
    mark(0, false);
    publish();
    EXPECT_EQ(look_up(va, s12), refused | 2 << 1 | (descriptor_at(1) & ~uint64_t{0xfff}));
}

} // namespace
} // namespace test_hardening
