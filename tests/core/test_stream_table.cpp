// SPDX-License-Identifier: Apache-2.0
// Stream table lookup (IHI 0070 3.3.1, 5.1, 6.3.24, 6.3.25): formats, ranges, alignment.
#include "core/events_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_stream_table {
namespace {

class TwoLevelEvents : public Events {
  protected:
    TwoLevelEvents()
    {
        bring_up_options options;
        options.strtab = {12, 8};
        dut.update_cr0(0);
        dut.bring_up(options);
        stream.publish();
        dut.mem.clear_log();
    }

    // Give the level 2 array of `sid` room for 2^(span - 1) STEs.
    void set_span(unsigned span)
    {
        const uint64_t at = dut.l1std_address(sid);
        dut.mem.store64(at, (dut.mem.load64(at) & ~ones(5)) | span);
        dut.invalidate_all();
    }
};

TEST_F(TwoLevelEvents, TranslatesThroughBothLevels)
{
    expect_forward(dut.translate(sid, va), 0x70000000);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_L1STD), 1u);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 1u);
}

TEST_F(TwoLevelEvents, EverySplitFindsTheSte)
{
    for (unsigned split : {6u, 8u, 10u}) {
        bring_up_options options;
        options.strtab = {12, split};
        dut.update_cr0(0);
        dut.mem.store(dut.strtab_base, std::array<uint8_t, 1024>{}.data(), 1024);
        dut.bring_up(options);
        for (uint32_t id : {0u, 63u, 64u, 1023u, 1024u, 4095u}) {
            dut.set_ste(id, ste{});
            expect_forward(dut.translate(id, id * 64), id * 64);
        }
    }
}

TEST_F(TwoLevelEvents, ReservedSplitsAreSix) // 6.3.25
{
    bring_up_options options;
    options.strtab = {12, 6};
    dut.update_cr0(0);
    dut.mem.store(dut.strtab_base, std::array<uint8_t, 1024>{}.data(), 1024);
    dut.bring_up(options);
    dut.set_ste(0x7c5, ste{});
    for (unsigned split = 0; split < 32; ++split) {
        dut.update_cr0(0);
        dut.write32(STRTAB_BASE_CFG, 1u << 16 | split << 6 | 12);
        dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN);
        dut.invalidate_all();
        const bool another = split == 8 || split == 10;
        EXPECT_EQ(dut.translate(0x7c5, va).outcome == SMMU_FORWARD, !another) << split;
    }
}

TEST_F(TwoLevelEvents, SpanZeroIsBadStreamid)
{
    set_span(0);
    expect_abort(dut.translate(sid, va), C_BAD_STREAMID);
    expect_record(configuration_error(C_BAD_STREAMID));
}

TEST_F(TwoLevelEvents, ReservedAndTooLargeSpansAreBadStreamid)
{
    for (unsigned span = 10; span < 32; ++span) {
        set_span(span);
        expect_abort(dut.translate(sid, va), C_BAD_STREAMID);
    }
}

TEST_F(TwoLevelEvents, StreamidBeyondTheSpanIsBadStreamid)
{
    set_span(4); // 8 STEs: the stream is number 5
    expect_forward(dut.translate(sid, va), 0x70000000);
    set_span(3);
    expect_abort(dut.translate(sid, va), C_BAD_STREAMID);
    expect_record(configuration_error(C_BAD_STREAMID));
}

TEST_F(TwoLevelEvents, FetchAddressEndsAtTheOas)
{
    // 3.4.3, note 5: an STE beyond the OAS cannot be fetched; 7.3.4: FetchAddr[55:OAS] is RES0.
    const uint64_t at = dut.l1std_address(sid), ste = dut.ste_address(sid);
    dut.mem.store64(at, dut.mem.load64(at) | uint64_t{1} << 50);
    dut.invalidate_all();
    expect_abort(dut.translate(sid, va), F_STE_FETCH);
    expect_record(configuration_error(F_STE_FETCH, ste));
}

TEST_F(TwoLevelEvents, L1stdFetchAborted)
{
    const uint64_t at = dut.l1std_address(sid);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_L1STD});
    expect_abort(dut.translate(sid, va), F_STE_FETCH);
    expect_record(configuration_error(F_STE_FETCH, at));
}

TEST_F(TwoLevelEvents, StreamidBeyondLog2size)
{
    expect_abort(dut.translate(4096, va), C_BAD_STREAMID);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_L1STD), 0u);
}

TEST(StreamTable, HasEveryStreamidOf32Bits)
{
    smmu_config cfg = smmu_config_default();
    cfg.sid_bits = 32;
    device_under_test dut(cfg);
    dut.bring_up();
    dut.update_cr0(0);
    dut.write64(STRTAB_BASE, 0x40'0000'0000);
    dut.write32(STRTAB_BASE_CFG, 32); // LOG2SIZE
    dut.update_cr0(CR0_SMMUEN);
    for (const uint32_t sid : {0u, 0x9234'5678u, 0xffff'ffffu}) {
        dut.mem.store_image(0x40'0000'0000 + uint64_t{64} * sid, ste{}.encode());
        expect_forward(dut.translate(sid, 0x1234), 0x1234);
    }
}

TEST_F(StreamTest, StreamTableBaseIsAlignedToItsSize)
{
    stream.low.map(0x1000, 0x2000);
    dut.update_cr0(0);
    dut.write64(STRTAB_BASE, dut.strtab_base | 0x1fc0); // the table has 16 KiB
    dut.update_cr0(CR0_SMMUEN);
    expect_forward(dut.translate(sid, 0x1000), 0x2000);
}

} // namespace
} // namespace test_stream_table
