// SPDX-License-Identifier: Apache-2.0
// Memory attributes of forwarded transactions and of the SMMU's own accesses (IHI 0070 13).
#include "core/core_test.hpp"

using namespace support;

namespace {

class Attributes : public StreamTest {
  protected:
    smmu_memattr output_of(unsigned index, unsigned sh)
    {
        leaf_attributes attributes;
        attributes.attr_index = index;
        attributes.sh = sh;
        stream.low.map(0x4000, 0x9000, 3, attributes);
        dut.invalidate_all();
        return dut.translate(sid, 0x4000).attr;
    }

    // The last logged access of one class.
    smmu_mem_req last(smmu_fetch fetch)
    {
        for (auto it = dut.mem.log().rbegin(); it != dut.mem.log().rend(); ++it)
            if (it->req.fetch == fetch)
                return it->req;
        ADD_FAILURE() << "no such access";
        return {};
    }
};

TEST_F(Attributes, AttrIndxSelectsTheMairByte)
{
    stream.context().mair = 0xbb'ff'44'0c'08'04'00'aa;
    republish();
    const unsigned expected[] = {0xaa, 0x00, 0x04, 0x08, 0x0c, 0x44, 0xff, 0xbb};
    for (unsigned i = 0; i < 8; ++i)
        EXPECT_EQ(output_of(i, 0b11).mair, expected[i]) << i;
}

TEST_F(Attributes, ShareabilityComesFromTheDescriptor)
{
    EXPECT_EQ(output_of(0, 0b00).sh, SMMU_SH_NON);
    EXPECT_EQ(output_of(0, 0b10).sh, SMMU_SH_OUTER);
    EXPECT_EQ(output_of(0, 0b11).sh, SMMU_SH_INNER);
}

TEST_F(Attributes, DeviceAndNonCacheableAreOuterShareable)
{
    EXPECT_EQ(output_of(1, 0b00).sh, SMMU_SH_OUTER) << "Normal Non-cacheable";
    EXPECT_EQ(output_of(2, 0b11).sh, SMMU_SH_OUTER) << "Device";
}

TEST_F(Attributes, ReservedMairEncodingsBehaveAsListed)
{
    // IHI 0070 5.4, MAIR: reserved Device encodings lose their low bits.
    stream.context().mair = 0x0d'0a'07'01;
    republish();
    EXPECT_EQ(output_of(0, 0).mair, 0x00);
    EXPECT_EQ(output_of(1, 0).mair, 0x04);
    EXPECT_EQ(output_of(2, 0).mair, 0x08);
    EXPECT_EQ(output_of(3, 0).mair, 0x0c);
}

TEST_F(Attributes, BypassKeepsIncomingAttributes)
{
    dut.set_ste(6, ste{});
    const smmu_result result = dut.translate(6, 0x1000);
    EXPECT_EQ(result.attr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    EXPECT_EQ(result.attr.sh, SMMU_SH_INNER);
}

TEST_F(Attributes, AllocationHintsCombineWithTheIncoming)
{
    // IHI 0070 13.4.2: no-allocate is the stronger value; Device and Non-cacheable give no hints.
    const struct {
        uint8_t incoming, mair, output;
    } rows[] = {
        {0xff, 0xff, 0xff}, {0xcc, 0xff, 0xcc}, {0xff, 0xee, 0xee}, {0xdd, 0xff, 0xdd},
        {0xee, 0xdd, 0xcc}, {0x44, 0xff, 0xff}, {0x04, 0xff, 0xff}, {0xcc, 0x44, 0x44},
        {0xcc, 0x04, 0x04}, {0x88, 0xff, 0xcc}, {0xff, 0xbb, 0xbb},
    };
    for (const auto &row : rows) {
        stream.context().mair = row.mair;
        stream.low.map(0x4000, 0x9000);
        republish();
        smmu_txn txn{};
        txn.sid = sid;
        txn.addr = 0x4000;
        txn.attr = {row.incoming, SMMU_SH_INNER};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.attr.mair, row.output)
            << std::hex << unsigned{row.incoming} << " with " << unsigned{row.mair};
    }
}

TEST_F(Attributes, SteFetchUsesCr1)
{
    dut.translate(sid, 0x4000);
    const smmu_mem_req req = last(SMMU_FETCH_STE);
    EXPECT_EQ(req.attr.mair & 0xcc, 0xcc) << "Write-Back";
    EXPECT_EQ(req.attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(req.sid, sid);
    EXPECT_EQ(req.size, 64u);
}

TEST_F(Attributes, CdFetchUsesTheSte)
{
    stream.stream().s1cir = 0b01;
    stream.stream().s1cor = 0b10;
    stream.stream().s1csh = 0b10;
    republish();
    dut.translate(sid, 0x4000);
    const smmu_mem_req req = last(SMMU_FETCH_CD);
    EXPECT_EQ(req.attr.mair & 0x0e, 0x0e) << "inner Write-Back, Read-Allocate";
    EXPECT_EQ(req.attr.mair & 0xe0, 0xa0) << "outer Write-Through, Read-Allocate";
    EXPECT_EQ(req.attr.sh, SMMU_SH_OUTER);
    EXPECT_EQ(req.size, 64u);
}

TEST_F(Attributes, NonCacheableCdFetchIsOuterShareable)
{
    stream.stream().s1csh = 0b11;
    republish();
    dut.translate(sid, 0x4000);
    EXPECT_EQ(last(SMMU_FETCH_CD).attr.mair, SMMU_MAIR_NORMAL_NC);
    EXPECT_EQ(last(SMMU_FETCH_CD).attr.sh, SMMU_SH_OUTER);
}

TEST_F(Attributes, WalksUseTheFieldsOfTheirTable)
{
    stream.context().ir0 = 0b01;
    stream.context().or0 = 0b01;
    stream.context().sh0 = 0b11;
    stream.context().ir1 = 0b10;
    stream.context().or1 = 0b00;
    stream.context().sh1 = 0b10;
    republish();
    dut.translate(sid, 0x4000);
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.mair, 0xff);
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.sh, SMMU_SH_INNER);
    EXPECT_EQ(last(SMMU_FETCH_TTD).size, 8u);
    dut.translate(sid, ~uint64_t{0xfff});
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.mair, 0x4a);
    EXPECT_EQ(last(SMMU_FETCH_TTD).attr.sh, SMMU_SH_OUTER);
}

} // namespace
