// SPDX-License-Identifier: Apache-2.0
// Blocks and pages that are cached in pieces, since the other stage has smaller ones or the other
// table begins within: an invalidation of one address takes all of them, and nothing beside them
// (DDI 0487 D8.17; IHI 0070 4.4.2, 16.2.1).
#include "core/core_test.hpp"
#include "smmu/dvm.h"
#include "support/stage2.hpp"

using namespace support;

namespace test_pieces {
namespace {

smmu_config listening()
{
    smmu_config cfg = smmu_config_default();
    cfg.btm = true;
    cfg.tlb = {256, 64}; // nothing is pushed out
    cfg.utlb.sets = 0;
    return cfg;
}

unsigned tg0_of(granule g)
{
    return g == granule::k4 ? TG0_4K : g == granule::k16 ? TG0_16K : TG0_64K;
}

struct geometry {
    const char *name;
    granule size;
    unsigned level;
};

struct invalidation {
    const char *name;
    void (*issue)(device_under_test &dut, uint64_t address);
};

smmu_dvm broadcast(smmu_dvm_op op, uint64_t address, bool leaf)
{
    smmu_dvm dvm{};
    dvm.op = static_cast<uint8_t>(op);
    dvm.vmid = 7;
    dvm.asid = 3;
    dvm.addr = address;
    dvm.leaf = leaf;
    return dvm;
}

void send(device_under_test &dut, const smmu_dvm &dvm)
{
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
}

using piece_case = std::tuple<geometry, invalidation>;

void PrintTo(const geometry &g, std::ostream *out)
{
    *out << g.name;
}

void PrintTo(const invalidation &i, std::ostream *out)
{
    *out << i.name;
}

// Stream 7 (VMID 7, ASID 3) has a large leaf and its neighbour at stage 1, and at stage 2 four
// pages of 4 KiB of each. Streams 8 and 9 have the same, with another ASID and another VMID.
class Pieces : public CoreTest, public testing::WithParamInterface<piece_case> {
  protected:
    struct space {
        space(device_under_test &dut, uint32_t sid, unsigned asid, stage2 &second, uint64_t to)
            : stream(dut, sid, asid), low(dut.mem, dut.frames, 48, leaf().size), second(second),
              to(to)
        {
            stream.context().ttb0 = low.base();
            stream.context().tg0 = tg0_of(leaf().size);
            stream.stream().config = STE_NESTED;
            second.apply(stream.stream());
            stream.publish();
            for (uint64_t block : {va, neighbour()})
                for (uint64_t offset : offsets())
                    second.table.map(to + block - va + offset, pa(block + offset), 3,
                                     stage2_attributes{});
        }

        uint64_t pa(uint64_t address) const { return to << 4 | (address - va); }

        stage1_stream stream;
        translation_table low;
        stage2 &second;
        uint64_t to;
    };

    Pieces() : CoreTest(listening())
    {
        bring_up_options options;
        options.cr2 = reg::CR2_RECINVSID;
        dut.bring_up(options);
        seven.map_structures();
        nine.map_structures();
    }

    // All leaves are cached, and no longer mapped.
    void prepare()
    {
        for (space *s : {&one, &two, &three}) {
            s->low.map(va, s->to, leaf().level);
            s->low.map(neighbour(), s->to + size(), leaf().level);
        }
        for (uint32_t sid : {7u, 8u, 9u})
            for (uint64_t block : {va, neighbour()})
                expect_all(sid, block, true);
        for (space *s : {&one, &two, &three})
            for (uint64_t block : {va, neighbour()})
                s->low.unmap(block, leaf().level);
    }

    static geometry leaf() { return std::get<0>(GetParam()); }
    static uint64_t size() { return uint64_t{1} << level_shift(leaf().size, leaf().level); }
    static uint64_t neighbour() { return va + size(); }
    static std::vector<uint64_t> offsets() { return {0, 0x1000, size() / 2, size() - 0x1000}; }

    // Whether all pieces of a leaf are there, or none.
    void expect_all(uint32_t sid, uint64_t block, bool there)
    {
        for (uint64_t offset : offsets()) {
            const smmu_result result = dut.translate(sid, block + offset, write_access);
            EXPECT_EQ(result.outcome, there ? SMMU_FORWARD : SMMU_ABORT)
                << sid << std::hex << " 0x" << block + offset;
        }
        dut.pop_events();
    }

    static constexpr uint64_t va = 0x40'0000'0000;
    stage2 seven{dut, 7}, nine{dut, 9};
    space one{dut, 7, 3, seven, 0x10'0000'0000};
    space two{dut, 8, 4, seven, 0x20'0000'0000};
    space three{dut, 9, 3, nine, 0x30'0000'0000};
};

TEST_P(Pieces, GoWithAnyAddressOfTheirLeafAndNothingElseDoes)
{
    for (uint64_t named : {uint64_t{0}, uint64_t{0x1000}, size() / 4, size() - 0x1000}) {
        SCOPED_TRACE(named);
        prepare();
        std::get<1>(GetParam()).issue(dut, va + named);
        expect_all(7, va, false);
        expect_all(7, neighbour(), true);
        expect_all(9, va, true);
        const bool any_asid = std::string(std::get<1>(GetParam()).name).find("Vaa") == 0;
        expect_all(8, va, !any_asid);
        expect_all(8, neighbour(), true);
    }
}

const geometry geometries[] = {
    {"Block2MiB", granule::k4, 2},  {"Block1GiB", granule::k4, 1},
    {"Page16KiB", granule::k16, 3}, {"Block32MiB", granule::k16, 2},
    {"Page64KiB", granule::k64, 3}, {"Block512MiB", granule::k64, 2},
};

const invalidation invalidations[] = {
    {"Va", [](device_under_test &d, uint64_t at) { d.submit(tlbi_nh_va(at, 3, false, 7)); }},
    {"VaLeaf", [](device_under_test &d, uint64_t at) { d.submit(tlbi_nh_va(at, 3, true, 7)); }},
    {"Vaa", [](device_under_test &d, uint64_t at) { d.submit(tlbi_nh_vaa(at, false, 7)); }},
    {"VaaLeaf", [](device_under_test &d, uint64_t at) { d.submit(tlbi_nh_vaa(at, true, 7)); }},
    {"VaBroadcast",
     [](device_under_test &d, uint64_t at) { send(d, broadcast(SMMU_DVM_VA, at, false)); }},
    {"VaaLeafBroadcast",
     [](device_under_test &d, uint64_t at) { send(d, broadcast(SMMU_DVM_VAA, at, true)); }},
};

INSTANTIATE_TEST_SUITE_P(
    All, Pieces, testing::Combine(testing::ValuesIn(geometries), testing::ValuesIn(invalidations)),
    [](const auto &info) {
        return std::string(std::get<0>(info.param).name) + std::get<1>(info.param).name;
    });

// Translation Requests look in the same place.
TEST(PiecesForAts, AreNotGrantedAgain)
{
    device_under_test dut;
    stage1_stream stream(dut, 7, 3);
    stage2 second(dut, 7);
    dut.bring_up();
    second.map_structures();
    stream.stream().config = STE_NESTED;
    stream.stream().eats = 1;
    second.apply(stream.stream());
    stream.publish();
    stream.low.map(0x4000'0000, 0x12'0000'0000, 2);
    for (uint64_t at : {0, 0x1000})
        second.table.map(0x12'0000'0000 + at, 0x76'0000'0000, 3, stage2_attributes{});
    smmu_ats_request request{};
    request.sid = 7;
    request.stus = 1;
    for (uint64_t at : {0x4000'0000, 0x4000'1000}) {
        request.addr = at;
        EXPECT_TRUE(dut.ats_translate(request).r);
    }
    stream.low.unmap(0x4000'0000, 2);
    dut.submit(tlbi_nh_va(0x4000'0000, 3, true, 7));
    EXPECT_FALSE(dut.ats_translate(request).r);
}

// Pieces that are pushed out, replaced by whole pages and filled again are still found.
TEST(PiecesInASmallTlb, AreFoundAfterManyHaveComeAndGone)
{
    smmu_config cfg = smmu_config_default();
    cfg.tlb = {2, 4};
    cfg.utlb.sets = 0;
    device_under_test dut(cfg);
    stage1_stream stream(dut, 7, 3);
    stage2 second(dut, 7);
    dut.bring_up();
    second.map_structures();
    stream.stream().config = STE_NESTED;
    second.apply(stream.stream());
    stream.publish();
    const uint64_t va = 0x4000'0000, ipa = 0x12'0000'0000, pages = 0x8000'0000;
    for (uint64_t i = 0; i < 16; ++i) {
        second.table.map(ipa + 0x1000 * i, 0x76'0000'0000 + 0x1000 * i, 3, stage2_attributes{});
        stream.low.map(pages + 0x1000 * i, ipa + 0x1000 * i);
    }
    for (unsigned round = 0; round < 200; ++round) {
        stream.low.map(va, ipa, 2);
        for (uint64_t i = 0; i < 3 + round % 14; ++i) {
            const uint64_t at = (i * 5 + round) % 16 * 0x1000;
            expect_forward(dut.translate(7, va + at), 0x76'0000'0000 + at);
            if (round % 3 == 0)
                expect_forward(dut.translate(7, pages + at), 0x76'0000'0000 + at);
        }
        stream.low.unmap(va, 2);
        dut.submit(tlbi_nh_va(va + 0x1000 * (round % 512), 3, true, 7));
        for (uint64_t i = 0; i < 16; ++i)
            expect_abort(dut.translate(7, va + 0x1000 * i), F_TRANSLATION);
        dut.pop_events();
    }
}

// --- VMSAv8-32: the ranges of TTB0 and TTB1 meet within what a descriptor of level 1 maps
// ---------

class CutBlock : public StreamTest {
  protected:
    CutBlock() : StreamTest(listening()) { stream.context().aa64 = 0; }

    void use(unsigned t0sz, unsigned t1sz)
    {
        lower.emplace(dut.mem, dut.frames, 32 - t0sz);
        upper.emplace(dut.mem, dut.frames, 32 - t1sz);
        stream.context().t0sz = t0sz;
        stream.context().t1sz = t1sz;
        stream.context().ttb0 = lower->base();
        stream.context().ttb1 = upper->base();
        republish();
    }

    bool there(uint64_t va)
    {
        const bool forwarded = dut.translate(sid, va).outcome == SMMU_FORWARD;
        dut.pop_events();
        return forwarded;
    }

    std::optional<translation_table> lower, upper;
};

TEST_F(CutBlock, BelowTheOtherTableGoesAsAWhole)
{
    use(0, 5); // TTB1 from 0xf800'0000 on
    const uint64_t pieces[] = {0xc000'0000, 0xe000'0000, 0xf000'0000};
    for (uint64_t named : {0xc000'0000u, 0xdfff'f000u, 0xf7ff'f000u}) {
        lower->map(0xc000'0000, 0x1'0000'0000, 1);
        for (uint64_t at : pieces)
            ASSERT_TRUE(there(at));
        lower->unmap(0xc000'0000, 1);
        dut.submit(tlbi_nh_va(named, 1, true));
        for (uint64_t at : pieces)
            EXPECT_FALSE(there(at)) << std::hex << named << ' ' << at;
    }
}

TEST_F(CutBlock, AboveTheOtherTableGoesAsAWhole)
{
    use(5, 0); // TTB1 from 0x0800'0000 on
    const uint64_t pieces[] = {0x0800'0000, 0x1000'0000, 0x2000'0000};
    for (uint64_t named : {0x0800'0000u, 0x1fff'f000u, 0x3fff'f000u}) {
        upper->map(0x0800'0000, 0x1'0000'0000, 1);
        for (uint64_t at : pieces)
            ASSERT_TRUE(there(at));
        upper->unmap(0x0800'0000, 1);
        dut.submit(tlbi_nh_vaa(named, true));
        for (uint64_t at : pieces)
            EXPECT_FALSE(there(at)) << std::hex << named << ' ' << at;
    }
}

TEST_F(CutBlock, StaysWithAddressesOfTheOtherTable)
{
    use(0, 5);
    lower->map(0xc000'0000, 0x1'0000'0000, 1);
    ASSERT_TRUE(there(0xe000'0000));
    lower->unmap(0xc000'0000, 1);
    dut.submit(tlbi_nh_va(0xf800'0000, 1));
    dut.submit(tlbi_nh_va(0xffff'f000, 1));
    dut.submit(tlbi_nh_va(0xbfff'f000, 1));
    EXPECT_TRUE(there(0xe000'0000));
    use(5, 0);
    upper->map(0, 0x1'0000'0000, 1);
    ASSERT_TRUE(there(0x2000'0000));
    upper->unmap(0, 1);
    dut.submit(tlbi_nh_va(0x07ff'f000, 1));
    dut.submit(tlbi_nh_va(0x4000'0000, 1));
    EXPECT_TRUE(there(0x2000'0000));
}

// Table descriptors are cached in the same pieces. Each of these pages has a table of level 2 of
// its own, but the first two are translated by one descriptor of level 1.
TEST_F(CutBlock, TableDescriptorsGoAsAWhole)
{
    use(0, 5);
    lower->map(0xc000'0000, 0x70000000);
    lower->map(0xe000'0000, 0x71000000);
    lower->map(0xe020'0000, 0x72000000);
    ASSERT_TRUE(there(0xc000'0000));
    ASSERT_TRUE(there(0xe000'0000));
    lower->set_descriptor(0xc000'0000, 1, 0);
    dut.submit(tlbi_nh_va(0xc000'0000, 1));
    EXPECT_FALSE(there(0xe020'0000)) << "the piece of the table descriptor is gone";
    EXPECT_TRUE(there(0xe000'0000)) << "the page was not named";
}

TEST_F(CutBlock, TableDescriptorsStayWithLastLevelInvalidationsAndThoseOfTheOtherTable)
{
    use(5, 0);
    upper->map(0x2000'0000, 0x70000000);
    upper->map(0x2020'0000, 0x71000000);
    ASSERT_TRUE(there(0x2000'0000));
    upper->set_descriptor(0x2000'0000, 1, 0);
    dut.submit(tlbi_nh_va(0x3000'0000, 1, true));
    dut.submit(tlbi_nh_va(0x07ff'f000, 1));
    EXPECT_TRUE(there(0x2020'0000)) << "by the table that is known";
}

} // namespace
} // namespace test_pieces
