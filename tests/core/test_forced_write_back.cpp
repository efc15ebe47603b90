// SPDX-License-Identifier: Apache-2.0
// STE.S2FWB: stage 2 control of memory types (IHI 0070 13.1.6, 5.2; DDI 0487 D8.6.6).
#include "core/nested_test.hpp"
#include "oracle/attributes.hpp"

using namespace support;

namespace test_forced_write_back {
namespace {

constexpr uint64_t pages = 0x20'0000'0000; // IPAs, one of each MemAttr and SH

uint64_t page_of(unsigned memattr, unsigned sh)
{
    return pages + (memattr * 4 + sh) * 0x1000;
}

class ForcedWriteBack : public NestedTest {
  protected:
    static smmu_config with_ptwnnc()
    {
        smmu_config cfg = smmu_config_default();
        cfg.ptwnnc = true;
        return cfg;
    }

    ForcedWriteBack() : NestedTest(with_ptwnnc())
    {
        entry.s2fwb = stage1.stream().s2fwb = 1;
        for (unsigned memattr = 0; memattr < 16; ++memattr)
            for (unsigned sh = 0; sh < 4; ++sh)
                for (stage2 *s : {&second, &third}) {
                    stage2_attributes a;
                    a.memattr = memattr;
                    a.sh = sh;
                    s->table.map(page_of(memattr, sh), pa, 3, a);
                }
        publish();
    }

    smmu_memattr output(uint32_t sid, uint64_t at, smmu_memattr client)
    {
        smmu_txn txn = device_under_test::transaction(sid, at, read_access);
        txn.attr = client;
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        return result.attr;
    }

    // The attributes of the accesses of one class to where `at` is.
    smmu_memattr last(smmu_fetch fetch, uint64_t at)
    {
        for (auto it = dut.mem.log().rbegin(); it != dut.mem.log().rend(); ++it)
            if (it->req.fetch == fetch && it->req.addr == at)
                return it->req.attr;
        ADD_FAILURE() << "no such access";
        return {};
    }
};

TEST_F(ForcedWriteBack, IsToldByIdr3)
{
    EXPECT_EQ(dut.read32(reg::IDR3) >> 8 & 1, 1u);
}

// DDI 0487 tables D8-100 and D8-101: what becomes of each type that stage 2 is given, by
// MemAttr[2:0]; 0 to 3 are the Device types from nGnRnE to GRE. 0b100 is Reserved.
enum type : unsigned { nGnRnE, nGnRE, nGRE, GRE, NC, WT, WB };

constexpr uint8_t mair_of[] = {0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0xff};

struct type_row {
    unsigned memattr;
    type result[7]; // of the types in order
};

constexpr type_row type_rows[] = {
    {0b000, {nGnRnE, nGnRnE, nGnRnE, nGnRnE, nGnRnE, nGnRnE, nGnRnE}},
    {0b001, {nGnRnE, nGnRE, nGnRE, nGnRE, nGnRE, nGnRE, nGnRE}},
    {0b010, {nGnRnE, nGnRE, nGRE, nGRE, nGRE, nGRE, nGRE}},
    {0b011, {nGnRnE, nGnRE, nGRE, GRE, GRE, GRE, GRE}},
    {0b101, {nGnRnE, nGnRE, nGRE, GRE, NC, NC, NC}},
    {0b110, {WB, WB, WB, WB, WB, WB, WB}},
    {0b111, {nGnRnE, nGnRE, nGRE, GRE, NC, WT, WB}},
};

TEST_F(ForcedWriteBack, TypesAreThoseOfTheTable)
{
    for (const type_row &row : type_rows)
        for (unsigned in = nGnRnE; in <= WB; ++in)
            for (const unsigned bit3 : {0u, 8u}) { // RES0 without MTE
                const uint64_t at = page_of(row.memattr | bit3, 3);
                EXPECT_EQ(output(alone, at, {mair_of[in], SMMU_SH_INNER}).mair,
                          mair_of[row.result[in]])
                    << "MemAttr " << row.memattr << " of type " << in;
            }
}

TEST_F(ForcedWriteBack, TypesOfStage1AreThoseOfTheTable)
{
    for (unsigned in = nGnRnE; in <= WB; ++in) {
        stage1.context().mair = mair_of[in];
        publish();
        for (const type_row &row : type_rows) {
            stage1.low.map(va, page_of(row.memattr, 3));
            dut.invalidate_all();
            EXPECT_EQ(output(nested, va, {0xff, SMMU_SH_INNER}).mair, mair_of[row.result[in]])
                << "MemAttr " << row.memattr << " of type " << in;
        }
    }
}

// Every byte and shareability that stage 2 can be given, with those of every descriptor.
TEST_F(ForcedWriteBack, EveryCombinationOfAClient)
{
    for (unsigned memattr = 0; memattr < 16; ++memattr)
        for (unsigned sh = 0; sh < 4; ++sh)
            for (unsigned mair = 0; mair < 256; ++mair)
                for (unsigned in_sh = 0; in_sh < 4; ++in_sh) {
                    const auto client = static_cast<uint8_t>(mair);
                    const oracle::attributes expected =
                        oracle::combine_stage2(oracle::default_hints(oracle::replace_attrs(
                                                   {}, oracle::from_mair(client, in_sh))),
                                               memattr, sh, oracle::memattr_form::fwb);
                    const smmu_memattr out =
                        output(alone, page_of(memattr, sh), {client, static_cast<uint8_t>(in_sh)});
                    ASSERT_EQ(out.mair, oracle::to_mair(expected))
                        << mair << ',' << in_sh << " with " << memattr << ',' << sh;
                    ASSERT_EQ(out.sh, expected.sh)
                        << mair << ',' << in_sh << " with " << memattr << ',' << sh;
                }
}

TEST_F(ForcedWriteBack, EveryCombinationOfStage1)
{
    constexpr smmu_memattr clients[] = {{0xff, SMMU_SH_NON}, {0xee, SMMU_SH_NON}};
    const auto page = [](unsigned index, unsigned s1_sh, unsigned memattr, unsigned sh) {
        return va + (((index * 4 + s1_sh) * 16 + memattr) * 4 + sh) * 0x1000;
    };
    for (unsigned n = 0; n < 8 * 4 * 16 * 4; ++n) {
        const unsigned sh = n % 4, memattr = n / 4 % 16, s1_sh = n / 64 % 4, index = n / 256;
        leaf_attributes a;
        a.attr_index = index;
        a.sh = s1_sh;
        stage1.low.map(page(index, s1_sh, memattr, sh), page_of(memattr, sh), 3, a);
    }
    for (unsigned first = 0; first < 256; first += 8) {
        stage1.context().mair = 0;
        for (unsigned index = 0; index < 8; ++index)
            stage1.context().mair |= uint64_t{first + index} << 8 * index;
        publish();
        for (unsigned n = 0; n < 8 * 4 * 16 * 4; ++n) {
            const unsigned sh = n % 4, memattr = n / 4 % 16, s1_sh = n / 64 % 4, index = n / 256;
            const smmu_memattr client = clients[n % 2];
            const oracle::attributes expected = oracle::combine_stage2(
                oracle::stage1_attrs(oracle::from_mair(client.mair, client.sh),
                                     static_cast<uint8_t>(first + index), s1_sh),
                memattr, sh, oracle::memattr_form::fwb);
            const smmu_memattr out = output(nested, page(index, s1_sh, memattr, sh), client);
            ASSERT_EQ(out.mair, oracle::to_mair(expected)) << first + index << " with " << memattr;
            ASSERT_EQ(out.sh, expected.sh) << first + index << " with " << memattr;
        }
    }
}

// DDI 0487 D8.6.6: hints of a cacheable type stay, others are Read-Allocate, Write-Allocate.
TEST_F(ForcedWriteBack, KeepsHintsOfCachedHalves)
{
    const struct {
        uint8_t in, out;
    } rows[] = {{0xee, 0xee}, {0x88, 0xcc}, {0x4d, 0xfd}, {0x94, 0xdf}, {0x33, 0x77}, {0x08, 0xff}};
    for (const auto &row : rows)
        EXPECT_EQ(output(alone, page_of(0b110, 3), {row.in, SMMU_SH_INNER}).mair, row.out)
            << std::hex << unsigned{row.in};
}

// 13.1.5: what was not cacheable was Outer Shareable, which is the stronger.
TEST_F(ForcedWriteBack, ShareabilityIsTheStrongerOfBoth)
{
    const struct {
        uint8_t mair, sh;
        unsigned descriptor;
        uint8_t out;
    } rows[] = {{0xff, 0, 0, 0}, {0xff, 0, 3, 3}, {0xff, 3, 0, 3}, {0xff, 3, 2, 2},
                {0x44, 0, 0, 2}, {0x04, 0, 3, 2}, {0xff, 2, 0, 2}};
    for (const auto &row : rows)
        EXPECT_EQ(output(alone, page_of(0b110, row.descriptor), {row.mair, row.sh}).sh, row.out);
}

// 5.2, MemAttr: the override has the encoding without FWB, and comes first.
TEST_F(ForcedWriteBack, OverridesComeFirst)
{
    const struct {
        unsigned override_, descriptor;
        uint8_t out;
    } rows[] = {{0b0110, 0b111, 0x4b}, {0b0110, 0b110, 0xff}, {0b0001, 0b111, 0x04},
                {0b0001, 0b110, 0xff}, {0b0101, 0b111, 0x44}, {0b1111, 0b101, 0x44}};
    entry.mtcfg = 1;
    for (const auto &row : rows) {
        entry.memattr = row.override_;
        publish();
        EXPECT_EQ(output(alone, page_of(row.descriptor, 3), {0xff, SMMU_SH_INNER}).mair, row.out)
            << row.override_ << ' ' << row.descriptor;
    }
}

// 13.8: accesses to CDs and stage 1 tables are combined too.
TEST_F(ForcedWriteBack, AppliesToStructures)
{
    const struct {
        unsigned memattr;
        uint8_t cd, table; // of Write-Through, Read-Allocate and of Non-cacheable
    } rows[] = {{0b101, 0x44, 0x44}, {0b110, 0xee, 0xff}, {0b111, 0xaa, 0x44}, {0b001, 0x44, 0x44}};
    stage1.stream().s1cir = stage1.stream().s1cor = 0b10;
    stage1.stream().s1csh = 3;
    stage1.context().ir0 = stage1.context().or0 = 0;
    for (const auto &row : rows) {
        stage2_attributes a;
        a.memattr = row.memattr;
        third.map_structures(a);
        publish();
        expect_forward(dut.translate(nested, va), pa);
        EXPECT_EQ(last(SMMU_FETCH_CD, stage1.cd_address()).mair, row.cd) << row.memattr;
        EXPECT_EQ(last(SMMU_FETCH_TTD, stage1.low.descriptor_address(va, 3)).mair, row.table)
            << row.memattr;
    }
}

// 5.2, S2PTW: by what the descriptor means now.
TEST_F(ForcedWriteBack, DecidesWhatIsDeviceMemoryForS2ptw)
{
    stage1.stream().s2ptw = 1;
    for (unsigned memattr = 0; memattr < 16; ++memattr) {
        stage2_attributes a;
        a.memattr = memattr;
        third.map_structures(a);
        publish();
        const smmu_result result = dut.translate(nested, va);
        if (memattr & 4)
            expect_forward(result, pa);
        else
            expect_abort(result, F_PERMISSION);
        dut.pop_events();
    }
}

// 13.1.6: ATOS tells the attributes.
TEST_F(ForcedWriteBack, AffectsAtos)
{
    const auto look_up = [this](uint32_t sid, uint64_t at, unsigned type) {
        dut.write64(0x108, sid);
        dut.write64(0x110, at | type << 10 | 1u << 8);
        dut.write32(0x100, 1);
        const uint64_t par = dut.read64(0x118);
        EXPECT_EQ(par & 1, 0u);
        return par >> 56;
    };
    stage1.context().mair = 0x44;
    stage1.low.map(va, page_of(0b110, 3));
    publish();
    EXPECT_EQ(look_up(nested, va, 3), 0xffu) << "Non-cacheable at stage 1";
    EXPECT_EQ(look_up(alone, page_of(0b101, 3), 2), 0x44u);
    EXPECT_EQ(look_up(alone, page_of(0b110, 3), 2), 0xffu);
}

// 3.9: Translated transactions that stage 2 translates give their own attributes.
TEST_F(ForcedWriteBack, AppliesToTranslatedTransactions)
{
    stage1.stream().eats = 2;
    publish();
    dut.update_cr0(dut.read32(reg::CR0) | reg::CR0_ATSCHK);
    smmu_txn txn = device_under_test::transaction(nested, page_of(0b110, 0), translated_read);
    txn.attr = {0x04, SMMU_SH_OUTER};
    smmu_result result{};
    smmu_translate(dut.smmu(), &txn, &result);
    expect_forward(result, pa);
    EXPECT_EQ(result.attr.mair, 0xff);
    EXPECT_EQ(result.attr.sh, SMMU_SH_OUTER);
}

// 5.2: per stream, so per VMID.
TEST_F(ForcedWriteBack, IsOfEachStream)
{
    entry.s2fwb = 0;
    publish();
    EXPECT_EQ(output(alone, page_of(0b0110, 3), {0xff, SMMU_SH_INNER}).mair, 0x4b);
    EXPECT_EQ(output(alone, page_of(0b0111, 3), {0x04, SMMU_SH_OUTER}).mair, 0x04);
    stage1.low.map(va, page_of(0b0110, 3));
    dut.invalidate_all();
    EXPECT_EQ(output(nested, va, {0xff, SMMU_SH_INNER}).mair, 0xff);
}

} // namespace
} // namespace test_forced_write_back
