// SPDX-License-Identifier: Apache-2.0
// A table of stage 1 moves in stage 2: walks that find it by the walk cache of stage 1 go by what
// is cached of stage 2, until an invalidation takes that (IHI 0070 3.17, 4.4).
#include <random>

#include "core/nested_test.hpp"

using namespace support;

namespace test_moved_tables {
namespace {

// What may come between a move and the next walk, and whether stage 2 of the table is gone then.
struct maintenance {
    const char *name;
    command cmd;
    bool takes;
};

constexpr uint64_t table_ipa = 0x15'0000'0000; // of the last table of stage 1
constexpr uint64_t first = 0x0000'1234'5660'0000;
constexpr uint64_t page_bytes = 0x1000;

tlbi_range two_pages()
{
    tlbi_range range;
    range.tg = 1;
    range.num = 1;
    return range;
}

std::vector<maintenance> all_maintenance()
{
    return {
        {"TLBI_S2_IPA", tlbi_s2_ipa(table_ipa, 7), true},
        {"TLBI_S2_IPA, leaf", tlbi_s2_ipa(table_ipa, 7, true), true},
        {"TLBI_S2_IPA, range", with_range(tlbi_s2_ipa(table_ipa, 7), two_pages()), true},
        {"TLBI_S2_IPA, another VMID", tlbi_s2_ipa(table_ipa, 6), false},
        {"TLBI_S2_IPA, another page", tlbi_s2_ipa(table_ipa + page_bytes, 7), false},
        {"TLBI_S12_VMALL", tlbi_s12_vmall(7), true},
        {"TLBI_S12_VMALL, another VMID", tlbi_s12_vmall(6), false},
        {"TLBI_NSNH_ALL", tlbi_nsnh_all(), true},
        {"TLBI_NH_ALL", tlbi_nh_all(7), false},
        {"TLBI_NH_ASID", tlbi_nh_asid(7, 7), false},
        {"TLBI_NH_VA", tlbi_nh_va(first, 7, false, 7), false},
        {"TLBI_NH_VA, leaf", tlbi_nh_va(first, 7, true, 7), false},
        {"TLBI_NH_VAA", tlbi_nh_vaa(first, false, 7), false},
        {"TLBI_EL2_ALL", tlbi_el2_all(), false},
        {"CFGI_STE", cfgi_ste(7), false},
        {"CFGI_CD", cfgi_cd(7), false},
        {"CFGI_ALL", cfgi_all(), false},
    };
}

// 512 pages of stream 7, whose last table of stage 1 is in two places: in one it maps them to
// `here`, in the other to `there`.
class MovedTables : public NestedTest {
  protected:
    explicit MovedTables(const smmu_config &cfg = with_ranges_and_broadcasts()) : NestedTest(cfg)
    {
        bring_up_options options;
        options.cr2 = reg::CR2_RECINVSID; // broadcasts count
        dut.update_cr0(0);
        dut.bring_up(options);
        stage1.low.map(first, ipa);
        places[0] = stage1.low.descriptor_address(first, 3);
        places[1] = dut.frames.allocate(page_bytes, page_bytes);
        for (unsigned page = 0; page < 512; ++page)
            for (unsigned place : {0u, 1u})
                dut.mem.store64(places[place] + 8 * page,
                                leaf_descriptor(output(place, page), 3, leaf_attributes{}));
        stage1.low.set_descriptor(first, 2, table_descriptor(table_ipa));
        for (unsigned place : {0u, 1u})
            third.table.map(output(place, 0), output(place, 0), 2, stage2_attributes{});
        move(0);
        publish();
    }

    static smmu_config with_ranges_and_broadcasts()
    {
        smmu_config cfg = smmu_config_default();
        cfg.ril = cfg.btm = true;
        return cfg;
    }

    static uint64_t output(unsigned place, unsigned page)
    {
        return 0x16'0000'0000 + (uint64_t{place} << 30) + page_bytes * page;
    }

    void move(unsigned place) { third.table.map(table_ipa, places[place], 3, stage2_attributes{}); }

    // Which place the walk for a page that has not been walked for reads from.
    unsigned place_of(unsigned page)
    {
        const smmu_result result = dut.translate(nested, first + page_bytes * page);
        for (unsigned place : {0u, 1u})
            if (result.outcome == SMMU_FORWARD && result.addr == output(place, page))
                return place;
        ADD_FAILURE() << "page " << page << ": event " << smmu_event_name(result.event);
        return 2;
    }

    uint64_t places[2];
};

// There is no main TLB: nothing of the last descriptor of stage 2 is cached.
class MovedTablesUncached : public MovedTables {
  protected:
    MovedTablesUncached() : MovedTables(without_tlb()) {}

    static smmu_config without_tlb()
    {
        smmu_config cfg = with_ranges_and_broadcasts();
        cfg.tlb.sets = 0;
        return cfg;
    }
};

TEST_F(MovedTables, AreFoundWhereTheyWereUntilStage2OfThemIsInvalidated)
{
    unsigned page = 0, place = 0;
    for (const maintenance &m : all_maintenance()) {
        SCOPED_TRACE(m.name);
        dut.submit(tlbi_s12_vmall(7));
        EXPECT_EQ(place_of(page++), place);
        move(!place);
        EXPECT_EQ(place_of(page++), place) << "nothing was invalidated";
        dut.submit(m.cmd);
        EXPECT_EQ(place_of(page++), m.takes ? !place : place);
        place = !place;
    }
}

TEST_F(MovedTables, BroadcastsThatAreAboutStage2TakeThem)
{
    struct {
        smmu_dvm_op op;
        bool takes;
    } const rows[] = {{SMMU_DVM_ALL, true},    {SMMU_DVM_VMALLS12, true}, {SMMU_DVM_IPAS2, true},
                      {SMMU_DVM_VMALL, false}, {SMMU_DVM_ASID, false},    {SMMU_DVM_VA, false},
                      {SMMU_DVM_VAA, false}};
    unsigned page = 0, place = 0;
    for (const auto &row : rows) {
        SCOPED_TRACE(row.op);
        dut.submit(tlbi_s12_vmall(7));
        EXPECT_EQ(place_of(page++), place);
        move(!place);
        smmu_dvm dvm{};
        dvm.op = static_cast<uint8_t>(row.op);
        dvm.world = SMMU_WORLD_NS_EL1;
        dvm.asid = 7;
        dvm.vmid = 7;
        dvm.addr = row.op == SMMU_DVM_IPAS2 ? table_ipa : first;
        smmu_broadcast_tlbi(dut.smmu(), &dvm);
        EXPECT_EQ(place_of(page++), row.takes ? !place : place);
        place = !place;
    }
}

TEST_F(MovedTables, ThatAreUnmappedAreAFaultOnceStage2OfThemIsInvalidated)
{
    EXPECT_EQ(place_of(0), 0u);
    third.table.unmap(table_ipa);
    EXPECT_EQ(place_of(1), 0u);
    dut.submit(tlbi_s2_ipa(table_ipa, 7));
    const uint64_t input = first + 2 * page_bytes;
    expect_abort(dut.translate(nested, input), F_TRANSLATION);
    EXPECT_EQ(only_event(), stage2_fault(F_TRANSLATION, nested, input, CLASS_TT, table_ipa));
}

TEST_F(MovedTablesUncached, AreFoundAtOnce)
{
    for (unsigned page = 0; page < 8; ++page) {
        move(page % 2);
        EXPECT_EQ(place_of(page), page % 2);
    }
}

// Moves and maintenance in any order, against what is known of the one entry that counts.
TEST_F(MovedTables, AreFoundAsTheLastInvalidationLeftThem)
{
    const std::vector<maintenance> rows = all_maintenance();
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        dut.submit(tlbi_s12_vmall(7));
        bool cached = false;
        unsigned cached_place = 0, place = 0;
        move(place);
        for (unsigned page = 0; page < 512;) {
            const unsigned what = static_cast<unsigned>(random() % 8);
            if (what == 0) {
                place = !place;
                move(place);
            } else if (what < 3) {
                const maintenance &m = rows[random() % rows.size()];
                dut.submit(m.cmd);
                cached = cached && !m.takes;
            } else {
                cached_place = cached ? cached_place : place;
                cached = true;
                ASSERT_EQ(place_of(page), cached_place) << "seed " << seed << ", page " << page;
                ++page;
            }
        }
    }
}

} // namespace
} // namespace test_moved_tables
