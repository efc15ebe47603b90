// SPDX-License-Identifier: Apache-2.0
// What Performance Monitor Counter Groups count, and of which streams (IHI 0070 10.1 to 10.4).
#include "core/pmcg_test.hpp"

#include "support/dpt.hpp"
#include "support/stage1_stream.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace pmcg_test::test_pmcg_events {
namespace {

// Architected events (10.3).
enum architected : uint32_t {
    TRANSACTION = 1,
    TLB_MISS = 2,
    CONFIG_MISS = 3,
    TABLE_ACCESS = 4,
    CONFIG_ACCESS = 5,
    ATS_REQUEST = 6,
    TRANSLATED = 7,
};

// The SMMU is up; stream 5 translates at stage 1. Counter n of both groups counts event n.
class PmcgEvents : public PmcgTest {
  protected:
    explicit PmcgEvents(const smmu_config &cfg = smmu_config_default(),
                        const bring_up_options &options = {})
        : PmcgTest(cfg), stream(dut, sid)
    {
        tcu = add_tcu();
        tbu = add_tbu();
        dut.bring_up(options);
        stream.low.map(va, pa);
        stream.stream().eats = 1;
        republish();
        for (unsigned n = 1; n < 8; n++) {
            count(tcu, n, n);
            count(tbu, n, n);
        }
    }
    void republish()
    {
        stream.publish();
        dut.invalidate_all();
    }

    // Counters 1 to 7 since the last call.
    std::vector<uint64_t> counted(unsigned group)
    {
        std::vector<uint64_t> list;
        for (unsigned n = 1; n < 8; n++) {
            list.push_back(counter(group, n));
            set_counter(group, n, 0);
        }
        return list;
    }
    using counts = std::vector<uint64_t>;
    // What an IMPLEMENTATION DEFINED event has counted since it was asked for.
    void watch(unsigned group, uint32_t number)
    {
        count(group, 0, number);
        set_counter(group, 0, 0);
    }

    static constexpr uint32_t sid = 5;
    static constexpr uint64_t va = 0x4000, pa = 0x1'0000'0000, hole = 0x777000;
    stage1_stream stream;
    unsigned tcu, tbu;
};

TEST_F(PmcgEvents, AMissIsCountedOnceAndItsAccessesEach)
{
    dut.translate(sid, va);
    // Linear tables: an STE and a CD are two misses of the cache, but one of the request's; then
    // four levels of tables.
    EXPECT_EQ(counted(tcu), (counts{1, 1, 1, 4, 2, 0, 0}));
    EXPECT_EQ(counted(tbu), (counts{1, 1, 1, 0, 0, 0, 0}));
}

TEST_F(PmcgEvents, AHitOfTheTbuIsATransactionAlone)
{
    dut.translate(sid, va);
    counted(tcu), counted(tbu);
    dut.translate(sid, va);
    EXPECT_EQ(counted(tcu), (counts{0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(counted(tbu), (counts{1, 0, 0, 0, 0, 0, 0}));
    dut.translate(sid, va, write_access); // micro TLBs hold reads and writes apart
    EXPECT_EQ(counted(tcu), (counts{1, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(counted(tbu), (counts{1, 1, 1, 0, 0, 0, 0}));
}

TEST_F(PmcgEvents, TerminatedTransactionsCount)
{
    dut.translate(sid, hole);
    EXPECT_EQ(counted(tcu)[TRANSACTION - 1], 1u);
    EXPECT_EQ(counted(tbu), (counts{1, 1, 1, 0, 0, 0, 0}));
    dut.translate(200, va); // its STE is not valid
    EXPECT_EQ(counted(tcu), (counts{1, 0, 1, 0, 1, 0, 0}));
}

TEST_F(PmcgEvents, AccessesThatAbortCount)
{
    dut.mem.abort_on({0, ~uint64_t{0}, SMMU_FETCH_TTD});
    dut.translate(sid, va);
    EXPECT_EQ(counted(tcu), (counts{1, 1, 1, 1, 2, 0, 0}));
    dut.mem.abort_on({0, ~uint64_t{0}, SMMU_FETCH_STE});
    dut.invalidate_all();
    dut.translate(sid, va);
    EXPECT_EQ(counted(tcu), (counts{1, 0, 1, 0, 1, 0, 0}));
}

TEST_F(PmcgEvents, HardwareUpdatesAreTableAccesses)
{
    leaf_attributes old;
    old.af = 0;
    stream.context().ha = 1;
    stream.low.map(va, pa, 3, old);
    republish();
    dut.translate(sid, va);
    EXPECT_EQ(counted(tcu)[TABLE_ACCESS - 1], 5u) << "four reads, one update";
}

TEST_F(PmcgEvents, RequestsOfAtsAreRequests)
{
    smmu_ats_request request{};
    request.sid = sid;
    request.addr = va;
    dut.ats_translate(request);
    EXPECT_EQ(counted(tcu), (counts{1, 1, 1, 4, 2, 1, 0}));
    EXPECT_EQ(counted(tbu), (counts{0, 0, 0, 0, 0, 0, 0}));
    request.addr = hole; // "independent of success"
    dut.ats_translate(request);
    EXPECT_EQ(counted(tcu)[ATS_REQUEST - 1], 1u);
}

TEST_F(PmcgEvents, TranslatedTransactionsCount)
{
    dut.translate(sid, pa, translated_read);
    EXPECT_EQ(counted(tcu)[TRANSLATED - 1], 1u);
    EXPECT_EQ(counted(tbu)[TRANSLATED - 1], 1u);
    dut.translate(sid, pa, translated_read);
    EXPECT_EQ(counted(tcu)[TRANSLATED - 1], 0u) << "the TBU has the answer";
    EXPECT_EQ(counted(tbu), (counts{1, 0, 0, 0, 0, 0, 1}));
    dut.translate(sid, va);
    EXPECT_EQ(counted(tbu)[TRANSLATED - 1], 0u);
}

// 10.3: what is asked of the Device Permission Table is a TLB miss, and accesses of a walker.
class PmcgDptEvents : public PmcgEvents {
  protected:
    PmcgDptEvents() : PmcgEvents(config()), table(dut)
    {
        table.publish();
        table.grant(pa, {2, 0, 0});
        stream.stream().eats = 3;
        republish();
        dut.update_cr0(dut.read32(reg::CR0) | reg::CR0_ATSCHK | reg::CR0_DPT_WALK_EN);
    }
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.dpt = true;
        cfg.vmsa32 = false;
        cfg.utlb = {0, 0};
        return cfg;
    }
    dpt_builder table;
};

TEST_F(PmcgDptEvents, WalksAreMissesAndTableAccesses)
{
    watch(tcu, 0x9a);
    dut.translate(sid, pa, translated_read);
    EXPECT_EQ(counted(tcu), (counts{1, 1, 1, 2, 1, 0, 1}));
    dut.translate(sid, pa, translated_read);
    EXPECT_EQ(counted(tcu), (counts{1, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(counter(tcu, 0), 1u);
    dut.translate(sid, pa + 0x1000, translated_read); // refused
    EXPECT_EQ(counted(tcu), (counts{1, 1, 0, 1, 0, 0, 1}));
}

TEST_F(PmcgEvents, AtosIsNoRequestButAccesses)
{
    for (const uint64_t httui : {uint64_t{0}, uint64_t{1} << 6}) { // ADDR.HTTUI: no updates
        dut.write64(0x108, sid);
        dut.write64(0x110, va | 1u << 10 | 1u << 8 | httui); // GATOS_ADDR: stage 1, read
        dut.write32(0x100, 1);
        ASSERT_EQ(dut.read64(0x118) & 1, 0u);
        EXPECT_EQ(counted(tcu), (counts{0, 0, 0, 4, 2, 0, 0})) << httui;
        dut.invalidate_all();
    }
}

TEST_F(PmcgEvents, ProbesCountNothing)
{
    dut.probe(sid, va);
    dut.probe(sid, hole);
    EXPECT_EQ(counted(tcu), (counts{0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(counted(tbu), (counts{0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(PmcgEvents, RetriesAreCountedLikeNewTransactions)
{
    stream.context().s = 1;
    republish();
    smmu_stall room{};
    ASSERT_EQ(dut.translate(room, sid, hole).outcome, SMMU_STALLED);
    const counts first = counted(tcu);
    const auto events = dut.pop_events();
    ASSERT_EQ(events.size(), 1u);
    dut.submit(cmd_resume(sid, events[0].stag, resume_action::retry));
    counted(tbu);
    ASSERT_EQ(dut.retry(room, sid, hole).outcome, SMMU_STALLED);
    EXPECT_EQ(first[TRANSACTION - 1], 1u);
    EXPECT_EQ(counted(tcu)[TRANSACTION - 1], 1u);
    EXPECT_EQ(counted(tbu)[TRANSACTION - 1], 1u);
}

class PmcgTwoLevels : public PmcgEvents {
  protected:
    static bring_up_options options()
    {
        bring_up_options o;
        o.strtab.split = 6;
        return o;
    }
    PmcgTwoLevels() : PmcgEvents(smmu_config_default(), options()) {}
};

TEST_F(PmcgTwoLevels, Level1DescriptorsAreConfigurationAccesses)
{
    dut.translate(sid, va);
    EXPECT_EQ(counted(tcu), (counts{1, 1, 1, 4, 3, 0, 0}));
}

// --- IMPLEMENTATION DEFINED events ---

TEST_F(PmcgEvents, EventsOfCachesAndCommands)
{
    const struct {
        bool of_tbu;
        uint32_t number;
        uint64_t cold, warm; // a read that misses everywhere; then a write
    } rows[] = {
        {true, 0x81, 1, 1},  // miss of the micro TLB
        {true, 0x84, 1, 1},  // goes on
        {true, 0x85, 0, 0},  // is terminated
        {false, 0x80, 0, 2}, // hits of the configuration cache: STE, CD
        {false, 0x81, 2, 0}, // misses
        {false, 0x82, 0, 1}, // hit of the main TLB
        {false, 0x83, 1, 0}, // miss
        {false, 0x84, 1, 0}, // fill
        {false, 0x86, 0, 0}, // walk cache of stage 1: hit
        {false, 0x87, 1, 0}, // miss
        {false, 0x89, 0, 0}, // of stage 2: miss
        {false, 0x8a, 4, 0}, // descriptors
        {false, 0x8d, 1, 0}, // STE
        {false, 0x8e, 1, 0}, // CD
        {false, 0x8f, 1, 0}, // slot of a walk
        {false, 0x90, 0, 0}, // commands
    };
    for (const auto &row : rows) {
        const unsigned group = row.of_tbu ? tbu : tcu;
        dut.invalidate_all();
        watch(group, row.number);
        dut.translate(sid, va);
        EXPECT_EQ(counter(group, 0), row.cold) << row.of_tbu << std::hex << row.number;
        dut.translate(sid, va, write_access);
        EXPECT_EQ(counter(group, 0), row.cold + row.warm) << row.of_tbu << std::hex << row.number;
    }
    watch(tcu, 0x90);
    dut.invalidate_all();
    EXPECT_EQ(counter(tcu, 0), 3u) << "CFGI_ALL, TLBI_NSNH_ALL, SYNC";
    watch(tcu, 0x91);
    dut.submit(cmd_sync());
    EXPECT_EQ(counter(tcu, 0), 1u);
}

TEST_F(PmcgEvents, WalkCachesCountByStage)
{
    constexpr uint64_t ipa = 0x12'3456'7000;
    stage1_stream nested(dut, 7, 7);
    stage2 second(dut, 7);
    second.map_structures();
    second.table.map(ipa, pa, 3, stage2_attributes{});
    nested.low.map(va, ipa);
    nested.low.map(va + 0x1000, ipa);
    nested.stream().config = STE_NESTED;
    second.apply(nested.stream());
    nested.publish();
    // Of a table of stage 1 four descriptors are read, and the CD: each address is one of stage
    // 2's, of pages that are mapped apart; then the page's. The second page is next to the first.
    const struct {
        uint32_t number;
        uint64_t first, second;
    } rows[] = {{0x86, 0, 1}, {0x87, 1, 0}};
    for (const auto &row : rows) {
        dut.invalidate_all();
        watch(tcu, row.number);
        dut.translate(7, va);
        EXPECT_EQ(counter(tcu, 0), row.first) << std::hex << row.number;
        dut.translate(7, va + 0x1000);
        EXPECT_EQ(counter(tcu, 0), row.first + row.second) << std::hex << row.number;
    }
    uint64_t walks = 0;
    for (const uint32_t number : {0x88u, 0x89u}) {
        dut.invalidate_all();
        watch(tcu, number);
        dut.translate(7, va);
        EXPECT_GT(counter(tcu, 0), 0u) << std::hex << number;
        walks += counter(tcu, 0);
    }
    dut.invalidate_all();
    watch(tcu, 0x8f);
    dut.translate(7, va);
    EXPECT_EQ(walks + 1, counter(tcu, 0)) << "each walk takes its slot, and that of stage 1";
}

TEST_F(PmcgEvents, EventsThatNoUnitHasCountNothing)
{
    for (const uint32_t number : {0x08u, 0x7fu, 0xffffu, 0x1001u}) {
        watch(tcu, number);
        watch(tbu, number);
        dut.translate(sid, va);
        EXPECT_EQ(counter(tcu, 0), 0u) << number;
        EXPECT_EQ(counter(tbu, 0), 0u) << number;
    }
    watch(tbu, TABLE_ACCESS);
    dut.invalidate_all();
    dut.translate(sid, va);
    EXPECT_EQ(counter(tbu, 0), 0u);
}

// --- enables (10.5.2.5, 10.5.2.14) ---

TEST_F(PmcgEvents, CountersRunIfBothEnablesSaySo)
{
    write32(tbu, CR, 0);
    dut.translate(sid, va);
    EXPECT_EQ(counted(tbu), (counts{0, 0, 0, 0, 0, 0, 0}));
    write32(tbu, CR, 1);
    write64(tbu, CNTENCLR, 1u << TRANSACTION);
    dut.invalidate_all();
    dut.translate(sid, va);
    EXPECT_EQ(counted(tbu), (counts{0, 1, 1, 0, 0, 0, 0}));
    smmu_reset(dut.smmu());
    dut.translate(sid, va);
    EXPECT_EQ(counter(tbu, TRANSACTION), 0u);
}

TEST_F(PmcgEvents, CountersOfOneEventCountItEach)
{
    count(tbu, 2, TRANSACTION);
    dut.translate(sid, va);
    EXPECT_EQ(counted(tbu), (counts{1, 1, 1, 0, 0, 0, 0}));
}

// --- filters (10.4) ---

class PmcgFilters : public PmcgTest {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.sid_bits = 32;
        cfg.tbus = 3;
        return cfg;
    }
    PmcgFilters() : PmcgTest(config()) { dut.bring_up(); }

    // Whether counter 0 counts a transaction; nothing translates that StreamID.
    bool counts(unsigned group, uint32_t sid, uint8_t tbu = 0, uint8_t sec = SMMU_SEC_NS)
    {
        const uint64_t before = counter(group, 0);
        smmu_txn txn = device_under_test::transaction(sid, 0x1000, read_access);
        txn.tbu = tbu;
        txn.sec = sec;
        smmu_result result;
        smmu_translate(dut.smmu(), &txn, &result);
        return counter(group, 0) != before;
    }
};

TEST_F(PmcgFilters, StreamIdsMatchExactlyInPartOrAll)
{
    const unsigned g = add_tbu();
    const struct {
        uint32_t span, smr;
        std::vector<uint32_t> match, others;
    } rows[] = {
        {0, 0x1234, {0x1234}, {0x1235, 0x1230, 0x11234, 0x234, 0x80001234}},
        {0, 0x1237, {0x1237}, {0x1236, 0x1230, 0x1233, 0x1238}},
        {0, 0, {0}, {1, 0x80000000}},
        {0, 0xffffffff, {0xffffffff}, {0, 0x7fffffff}},
        // The examples of 10.4.
        {SID_SPAN, 0x001bf7f7, {0x001bf7f0, 0x001bf7f7, 0x001bf7ff}, {0x001bf7ef, 0x001bf800}},
        {SID_SPAN, 0x001bf7f6, {0x001bf7f6, 0x001bf7f7}, {0x001bf7f5, 0x001bf7f8, 0x001bf7f0}},
        {SID_SPAN, 0x001bf5ff, {0x001bf400, 0x001bf5ff, 0x001bf7ff}, {0x001bf3ff, 0x001bf800}},
        {SID_SPAN, 0, {0, 1}, {2, 3}},
        {SID_SPAN, 0x7fffffff, {0, 1, 0x7fffffff, 0x80000000, 0xffffffff}, {}},
        {SID_SPAN, 0xffffffff, {0, 1, 0x7fffffff, 0x80000000, 0xffffffff}, {}},
    };
    for (const auto &row : rows) {
        count(g, 0, TRANSACTION, row.span, row.smr);
        for (const uint32_t sid : row.match)
            EXPECT_TRUE(counts(g, sid)) << std::hex << row.smr << " " << sid;
        for (const uint32_t sid : row.others)
            EXPECT_FALSE(counts(g, sid)) << std::hex << row.smr << " " << sid;
    }
}

TEST_F(PmcgFilters, AGroupCountsWhatOthersDoNot)
{
    add_tbu();
    const unsigned g = add_tbu();
    count(g, 0, TRANSACTION);
    EXPECT_TRUE(counts(g, 8));
    add_tbu();
    EXPECT_TRUE(counts(g, 8)) << "a group more";
}

TEST_F(PmcgFilters, EachCounterHasItsOwn)
{
    const unsigned g = add_tbu();
    count(g, 0, TRANSACTION, 0, 7);
    count(g, 1, TRANSACTION, 0, 8);
    counts(g, 8);
    EXPECT_EQ(counter(g, 0), 0u);
    EXPECT_EQ(counter(g, 1), 1u);
}

TEST_F(PmcgFilters, OrAllHaveThatOfCounter0)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) {
        cfg.tbus = 1;
        cfg.sid_filter_all = true;
    });
    count(g, 0, 0xffff, 0, 7);
    count(g, 1, TRANSACTION, SID_SPAN, ALL_SIDS);
    counts(g, 8);
    EXPECT_EQ(counter(g, 1), 0u);
    counts(g, 7);
    EXPECT_EQ(counter(g, 1), 1u);
}

TEST_F(PmcgFilters, EventsOfNoStreamAreNotFiltered)
{
    const unsigned g = add_tcu();
    count(g, 0, 0x90, 0, 99); // commands
    dut.submit(cmd_sync());
    EXPECT_EQ(counter(g, 0), 1u);
}

TEST_F(PmcgFilters, AGroupMayServePartOfTheStreams)
{
    // 10.4.1: a component with the StreamIDs 0x10000 to 0x1ffff has 16 bits of them.
    const unsigned g = add([](smmu_pmcg_config &cfg) {
        cfg.tbus = 1;
        cfg.sid_bits = 16;
        cfg.first_sid = 0x10000;
    });
    count(g, 0, TRANSACTION, 0, 0x12345);
    EXPECT_EQ(read32(g, SMR), 0x2345u);
    EXPECT_TRUE(counts(g, 0x12345));
    EXPECT_FALSE(counts(g, 0x02345));
    EXPECT_FALSE(counts(g, 0x12346));
    count(g, 0, TRANSACTION);
    EXPECT_TRUE(counts(g, 0x1ffff));
    EXPECT_FALSE(counts(g, 0x20000));
    EXPECT_FALSE(counts(g, 0xffff));
    count(g, 0, TRANSACTION, SID_SPAN, 0x7fff); // the alternative encoding of all
    EXPECT_TRUE(counts(g, 0x18000));
    const unsigned tcu = add([](smmu_pmcg_config &cfg) {
        cfg.sid_bits = 16;
        cfg.first_sid = 0x10000;
    });
    count(tcu, 0, 0x90); // commands are no stream's
    dut.submit(cmd_sync());
    EXPECT_EQ(counter(tcu, 0), 1u);
}

TEST_F(PmcgFilters, AGroupWithoutStreamIdBitsServesOneStream)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) {
        cfg.tbus = 1;
        cfg.sid_bits = 0;
        cfg.first_sid = 9;
    });
    for (const uint32_t span : {0u, SID_SPAN}) {
        count(g, 0, TRANSACTION, span, 0xffffffff);
        EXPECT_EQ(read32(g, SMR), 0u);
        EXPECT_TRUE(counts(g, 9));
        EXPECT_FALSE(counts(g, 8));
    }
}

TEST_F(PmcgFilters, AGroupCountsItsTbus)
{
    const unsigned last = add([](smmu_pmcg_config &cfg) {
        cfg.tbus = 2;
        cfg.first_tbu = 1;
    });
    const unsigned first = add_tbu();
    const unsigned tcu = add_tcu();
    for (const unsigned g : {last, first, tcu})
        count(g, 0, TRANSACTION);
    for (const uint8_t tbu : {uint8_t{0}, uint8_t{1}, uint8_t{2}}) {
        EXPECT_EQ(counts(last, 1, tbu), tbu != 0) << int{tbu};
        EXPECT_EQ(counts(first, 1, tbu), tbu == 0) << int{tbu};
        EXPECT_TRUE(counts(tcu, 1, tbu)) << "requests of all TBUs";
    }
    EXPECT_FALSE(counts(last, 1, 3)) << "there is no such TBU";
}

TEST_F(PmcgFilters, OtherSecurityStatesAreNotObserved)
{
    const unsigned g = add_tbu();
    count(g, 0, TRANSACTION); // 10.6: a match of all StreamIDs too is one of Non-secure ones
    for (const uint8_t sec : {SMMU_SEC_S, SMMU_SEC_REALM, SMMU_SEC_ROOT})
        EXPECT_FALSE(counts(g, 1, 0, sec)) << int{sec};
    EXPECT_TRUE(counts(g, 1));
}

} // namespace
} // namespace pmcg_test::test_pmcg_events
