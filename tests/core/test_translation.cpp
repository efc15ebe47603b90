// SPDX-License-Identifier: Apache-2.0
// Which output address a transaction gets (IHI 0070 3.4, 5.2, 5.4; DDI 0487 D8.2, D8.3).
#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_translation {
namespace {

// Disabled SMMU (6.3.9.6, 6.3.14)

using Disabled = CoreTest;

TEST_F(Disabled, TransactionsBypass)
{
    expect_forward(dut.translate(77777, 0x0000'f00d'1234'5678), 0x0000'f00d'1234'5678);
    EXPECT_EQ(dut.mem.log().size(), 0u) << "no structure is accessed";
}

TEST_F(Disabled, AddressBeyondTheOasAbortsSilently)
{
    dut.update_cr0(CR0_EVENTQEN);
    expect_abort(dut.translate(1, uint64_t{1} << 48), 0);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 0u);
}

TEST_F(Disabled, SubstreamsBypassToo)
{
    client_access how;
    how.ssv = true;
    how.ssid = 3;
    expect_forward(dut.translate(1, 0x5555, how), 0x5555);
}

TEST_F(Disabled, GbpaAbortTerminates)
{
    dut.write32(GBPA, GBPA_UPDATE | GBPA_ABORT);
    expect_abort(dut.translate(1, 0x1000), 0);
    dut.write32(GBPA, GBPA_UPDATE);
    expect_forward(dut.translate(1, 0x1000), 0x1000);
}

// Stream bypass (5.2, Config == 0b100)

class Bypass : public StreamTest {
  protected:
    Bypass() { dut.set_ste(6, ste{}); }
};

TEST_F(Bypass, AddressIsUnchanged)
{
    expect_forward(dut.translate(6, 0x0000'f00d'1234'5678), 0x0000'f00d'1234'5678);
}

TEST_F(Bypass, AllRightsAreGranted)
{
    EXPECT_EQ(dut.translate(6, 0).perm, SMMU_PERM_R | SMMU_PERM_W | SMMU_PERM_X);
    for (const auto &how : {write_access, instr_access, priv_write, priv_instr})
        expect_forward(dut.translate(6, 0x8000, how), 0x8000);
}

TEST_F(Bypass, SmallOasLimitsTheInput)
{
    smmu_config cfg = smmu_config_default();
    cfg.oas_bits = 32;
    device_under_test other(cfg);
    other.bring_up();
    other.set_ste(6, ste{});
    expect_forward(other.translate(6, 0xffff'ffff), 0xffff'ffff);
    expect_abort(other.translate(6, 0x1'0000'0000), F_ADDR_SIZE);
}

// Stage 1

class Translation : public StreamTest {
  protected:
    static constexpr uint64_t pa = 0x0000'7654'3210'0000;
    static constexpr uint64_t va = 0x0000'1234'5678'9000;
    static constexpr uint64_t high_va = 0xffff'8765'4321'0000;

    void set_sizes(unsigned low_bits, unsigned high_bits)
    {
        low = std::make_unique<translation_table>(dut.mem, dut.frames, low_bits);
        high = std::make_unique<translation_table>(dut.mem, dut.frames, high_bits);
        stream.context().t0sz = 64 - low_bits;
        stream.context().t1sz = 64 - high_bits;
        stream.context().ttb0 = low->base();
        stream.context().ttb1 = high->base();
        republish();
    }

    std::unique_ptr<translation_table> low;
    std::unique_ptr<translation_table> high;
};

TEST_F(Translation, PageKeepsTheLow12Bits)
{
    stream.low.map(va, pa);
    for (unsigned bit = 0; bit < 12; ++bit)
        expect_forward(dut.translate(sid, va | 1u << bit), pa | 1u << bit);
    expect_forward(dut.translate(sid, va | 0xfff), pa | 0xfff);
}

TEST_F(Translation, Block2MKeepsTheLow21Bits)
{
    stream.low.map(va, pa, 2);
    const uint64_t base = pa & ~ones(21);
    for (unsigned bit = 0; bit < 21; ++bit)
        expect_forward(dut.translate(sid, (va & ~ones(21)) | 1u << bit), base | 1u << bit);
}

TEST_F(Translation, Block1GKeepsTheLow30Bits)
{
    stream.low.map(va, pa, 1);
    const uint64_t base = pa & ~ones(30);
    for (unsigned bit = 0; bit < 30; ++bit)
        expect_forward(dut.translate(sid, (va & ~ones(30)) | 1u << bit), base | 1u << bit);
}

TEST_F(Translation, ResultSpanIsNoLargerThanTheLeaf)
{
    for (unsigned level = 1; level <= 3; ++level) {
        const uint64_t at = va + (uint64_t{level} << 39);
        stream.low.map(at, pa, level);
        const smmu_result result = dut.translate(sid, at);
        EXPECT_EQ(result.span_log2, stream.low.shift(level));
        EXPECT_EQ(result.tag.span_log2, stream.low.shift(level));
        EXPECT_EQ(result.tag.level, level);
        EXPECT_EQ(result.tag.va, at & ~ones(stream.low.shift(level)));
    }
}

TEST_F(Translation, TagNamesTheContext)
{
    stream.low.map(va, pa);
    const smmu_result result = dut.translate(sid, va);
    EXPECT_EQ(result.tag.sid, sid);
    EXPECT_EQ(result.tag.asid, 1u);
    EXPECT_TRUE(result.tag.s1);
    EXPECT_FALSE(result.tag.global);
    EXPECT_EQ(result.pas, SMMU_PAS_NS);
}

TEST_F(Translation, Level0BlocksDoNotExist)
{
    stream.low.set_descriptor(va, 0, leaf_descriptor(0, 0));
    expect_abort(dut.translate(sid, va), F_TRANSLATION);
}

TEST_F(Translation, Level3NeedsBit1)
{
    stream.low.set_descriptor(va, 3, leaf_descriptor(pa, 3) & ~uint64_t{2});
    expect_abort(dut.translate(sid, va), F_TRANSLATION);
}

TEST_F(Translation, InvalidDescriptorAtEachLevel)
{
    for (unsigned level = 0; level <= 3; ++level) {
        const uint64_t at = va + (uint64_t{level} << 40);
        stream.low.map(at, pa);
        stream.low.set_descriptor(at, level, ~uint64_t{1});
        expect_abort(dut.translate(sid, at), F_TRANSLATION);
    }
}

TEST_F(Translation, Ttb1TranslatesTheHighHalf)
{
    stream.high.map(high_va, pa);
    expect_forward(dut.translate(sid, high_va + 0x123), pa + 0x123);
    expect_abort(dut.translate(sid, high_va & ones(48)), F_TRANSLATION);
}

TEST_F(Translation, Bit55SelectsTheTable)
{
    stream.low.map(0x1000, pa);
    stream.high.map(0x1000, pa + 0x5000);
    expect_forward(dut.translate(sid, 0x0000'0000'0000'1000), pa);
    expect_forward(dut.translate(sid, 0xffff'0000'0000'1000), pa + 0x5000);
}

TEST_F(Translation, EveryBitAboveTheRangeIsChecked)
{
    set_sizes(39, 42);
    low->map(0x4000, pa);
    high->map(0x4000, pa);
    const uint64_t high_base = ~ones(42);
    expect_forward(dut.translate(sid, 0x4000), pa);
    expect_forward(dut.translate(sid, high_base | 0x4000), pa);
    for (unsigned bit = 39; bit < 64; ++bit)
        expect_abort(dut.translate(sid, 0x4000 | uint64_t{1} << bit), F_TRANSLATION);
    for (unsigned bit = 42; bit < 64; ++bit)
        expect_abort(dut.translate(sid, (high_base | 0x4000) ^ uint64_t{1} << bit), F_TRANSLATION);
}

TEST_F(Translation, TopByteIgnoreIsPerTable)
{
    stream.low.map(va, pa);
    stream.high.map(high_va, pa);
    stream.context().tbi0 = 1;
    republish();
    expect_forward(dut.translate(sid, va | 0xab00'0000'0000'0000), pa);
    expect_abort(dut.translate(sid, high_va & ~(uint64_t{0x10} << 56)), F_TRANSLATION);
    stream.context().tbi0 = 0;
    stream.context().tbi1 = 1;
    republish();
    expect_abort(dut.translate(sid, va | 0xab00'0000'0000'0000), F_TRANSLATION);
    expect_forward(dut.translate(sid, high_va & ~(uint64_t{0xff} << 56)), pa);
}

TEST_F(Translation, TopByteIgnoreKeepsBits55To48)
{
    stream.low.map(va, pa);
    stream.context().tbi0 = 1;
    republish();
    for (unsigned bit = 48; bit < 56; ++bit)
        expect_abort(dut.translate(sid, va | uint64_t{1} << bit), F_TRANSLATION);
}

TEST_F(Translation, EveryRegionSizeFindsItsStartLevel)
{
    for (unsigned input_bits = 25; input_bits <= 48; ++input_bits) {
        set_sizes(input_bits, input_bits);
        const uint64_t top = ones(input_bits) & ~ones(12);
        low->map(top, pa);
        high->map(0, pa + 0x8000);
        expect_forward(dut.translate(sid, top | 0x77), pa | 0x77);
        expect_forward(dut.translate(sid, ~ones(input_bits) | 0x77), (pa + 0x8000) | 0x77);
    }
}

TEST_F(Translation, StartTableIsAlignedToItsSize)
{
    stream.low.map(va, pa);
    stream.context().ttb0 |= 0xff0;
    republish();
    expect_forward(dut.translate(sid, va), pa);
}

TEST_F(Translation, EpdDisablesOneTable)
{
    stream.low.map(va, pa);
    stream.high.map(high_va, pa);
    stream.context().epd0 = 1;
    republish();
    expect_abort(dut.translate(sid, va), F_TRANSLATION);
    expect_forward(dut.translate(sid, high_va), pa);
    stream.context().epd0 = 0;
    stream.context().epd1 = 1;
    republish();
    expect_forward(dut.translate(sid, va), pa);
    expect_abort(dut.translate(sid, high_va), F_TRANSLATION);
}

TEST_F(Translation, EpdMakesTheOtherFieldsOfTheTableIgnored)
{
    stream.high.map(high_va, pa);
    stream.context().epd0 = 1;
    stream.context().tg0 = 3;
    stream.context().ttb0 = ones(52);
    for (const unsigned t0sz : {0u, 3u, 63u}) {
        stream.context().t0sz = t0sz;
        republish();
        expect_forward(dut.translate(sid, high_va), pa);
        expect_abort(dut.translate(sid, va), F_TRANSLATION);
    }
}

TEST_F(Translation, AffdIgnoresTheAccessFlag)
{
    leaf_attributes attributes;
    attributes.af = 0;
    stream.low.map(va, pa, 3, attributes);
    expect_abort(dut.translate(sid, va), F_ACCESS);
    stream.context().affd = 1;
    republish();
    expect_forward(dut.translate(sid, va), pa);
}

TEST_F(Translation, IpsLimitsTheOutput)
{
    const unsigned sizes[] = {32, 36, 40, 42, 44, 48};
    for (unsigned ips = 0; ips < 5; ++ips) {
        stream.context().ips = ips;
        const uint64_t beyond = uint64_t{1} << sizes[ips];
        republish();
        stream.low.map(va, beyond - 0x1000);
        expect_forward(dut.translate(sid, va + 0xfff), beyond - 1);
        dut.invalidate_all();
        stream.low.map(va, beyond);
        expect_abort(dut.translate(sid, va), F_ADDR_SIZE);
    }
}

TEST_F(Translation, LargeIpsEncodingsAreCapped)
{
    for (unsigned ips : {5u, 6u, 7u}) {
        stream.context().ips = ips;
        republish();
        stream.low.map(va, ones(48) & ~ones(12));
        expect_forward(dut.translate(sid, va), ones(48) & ~ones(12));
    }
}

TEST_F(Translation, BlockOutputBitsBelowTheBlockAreNotChecked)
{
    // Bits [20:17] and [15:12] of a level 2 Block descriptor are RES0 and not part of the address.
    stream.low.set_descriptor(va, 2, leaf_descriptor(0x4000'0000 | 0x1e'f000, 2));
    expect_forward(dut.translate(sid, va & ~ones(21)), 0x4000'0000);
}

TEST_F(Translation, NoOutputBitAboveIsDropped)
{
    for (unsigned bit = 12; bit < 48; ++bit) {
        stream.low.map(va, uint64_t{1} << bit);
        dut.invalidate_all();
        expect_forward(dut.translate(sid, va), uint64_t{1} << bit);
    }
}

// Configurations (5.2)

TEST_F(StreamTest, ReservedConfigsBehaveAsAbort)
{
    for (unsigned config : {0b001u, 0b010u, 0b011u}) {
        stream.stream().config = config;
        republish();
        expect_abort(dut.translate(sid, 0x1000), 0);
        EXPECT_TRUE(dut.pop_events().empty());
    }
}

TEST_F(StreamTest, BypassIgnoresStage1Fields)
{
    ste entry;
    entry.s1stalld = 1;
    entry.s1contextptr = ones(56) & ~ones(6);
    entry.s1cdmax = 31;
    dut.set_ste(7, entry);
    expect_forward(dut.translate(7, 0x1000), 0x1000);
}

} // namespace
} // namespace test_translation
