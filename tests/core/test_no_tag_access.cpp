// SPDX-License-Identifier: Apache-2.0
// NoTagAccess encodings of MemAttr in stage 2 descriptors (IDR3.MTEPERM; IHI 0070 3.23.1, 5.2; DDI
// 0487 D8.6.5, D8.6.6).
#include "core/nested_test.hpp"

using namespace support;

namespace test_no_tag_access {
namespace {

constexpr uint64_t pages = 0x20'0000'0000; // IPAs, one of each MemAttr

uint64_t page_of(unsigned memattr)
{
    return pages + memattr * 0x1000;
}

class NoTagAccess : public NestedTest {
  protected:
    static smmu_config with(bool mteperm)
    {
        smmu_config cfg = smmu_config_default();
        cfg.mteperm = mteperm;
        return cfg;
    }
    explicit NoTagAccess(bool mteperm = true) : NestedTest(with(mteperm))
    {
        for (unsigned memattr = 0; memattr < 16; ++memattr)
            for (stage2 *s : {&second, &third}) {
                stage2_attributes a;
                a.memattr = memattr;
                s->table.map(page_of(memattr), pa, 3, a);
            }
    }

    void force_write_back()
    {
        entry.s2fwb = stage1.stream().s2fwb = 1;
        publish();
    }

    // What a client's memory type becomes.
    unsigned output(uint8_t client, unsigned memattr)
    {
        smmu_txn txn = device_under_test::transaction(alone, page_of(memattr), read_access);
        txn.attr = {client, SMMU_SH_INNER};
        smmu_result result{};
        smmu_translate(dut.smmu(), &txn, &result);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        return result.attr.mair;
    }
};

class WithoutMteperm : public NoTagAccess {
  protected:
    WithoutMteperm() : NoTagAccess(false) {}
};

// Memory types of clients: all Device types, Non-cacheable, Write-Through, Write-Back with each
// hint.
constexpr uint8_t types[] = {0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0xff, 0xee, 0x4f};

TEST_F(NoTagAccess, IsToldByIdr3)
{
    EXPECT_EQ(dut.read32(reg::IDR3) >> 22 & 1, 1u);
}

TEST(NoTagAccessAbsent, NeedsStage2)
{
    smmu_config cfg = smmu_config_default();
    cfg.mteperm = true;
    cfg.s2p = cfg.hyp = cfg.vatos = false;
    device_under_test dut(cfg);
    EXPECT_EQ(dut.read32(reg::IDR3) >> 22 & 1, 0u);
}

TEST_F(NoTagAccess, IsWriteBackToClients)
{
    for (const uint8_t type : types)
        EXPECT_EQ(output(type, 0b0100), type) << "combined with Write-Back it stays";
}

TEST_F(NoTagAccess, ChangesNoOtherEncoding)
{
    const uint8_t of_write_back[] = {0x00, 0x04, 0x08, 0x0c, 0xff, 0x44, 0x4b, 0x4f,
                                     0x00, 0xb4, 0xbb, 0xbf, 0x00, 0xf4, 0xfb, 0xff};
    for (unsigned memattr = 0; memattr < 16; ++memattr)
        EXPECT_EQ(output(0xff, memattr), of_write_back[memattr]) << memattr;
}

TEST_F(NoTagAccess, CombinesWithStage1)
{
    for (const uint8_t type : {0x04, 0x44, 0xff}) {
        stage1.context().mair = type;
        stage1.low.map(va, page_of(0b0100));
        publish();
        const smmu_result result = dut.translate(nested, va);
        EXPECT_EQ(result.outcome, SMMU_FORWARD);
        EXPECT_EQ(result.attr.mair, type);
    }
}

TEST_F(NoTagAccess, IsNoDeviceMemoryForS2ptw) // 5.2, S2PTW
{
    stage2_attributes a;
    a.memattr = 0b0100;
    third.map_structures(a);
    stage1.stream().s2ptw = 1;
    publish();
    expect_forward(dut.translate(nested, va), pa);
}

TEST_F(NoTagAccess, OfForcedWriteBackAreThoseWithoutBit3)
{
    force_write_back();
    for (const uint8_t type : types) {
        EXPECT_EQ(output(type, 0b1111), type);
        EXPECT_EQ(output(type, 0b1110), output(type, 0b0110));
        EXPECT_EQ(output(type, 0b1110) & 0xcc, 0xccu) << "Write-Back";
    }
}

// 5.2, MemAttr: the override has its encoding without them.
TEST_F(NoTagAccess, IsNoOverride)
{
    entry.mtcfg = 1;
    entry.memattr = 0b0100;
    publish();
    EXPECT_EQ(output(0xff, 0b1111), 0x00u);
}

TEST_F(WithoutMteperm, EncodingsAreReserved)
{
    EXPECT_EQ(dut.read32(reg::IDR3) >> 22 & 1, 0u);
    for (const uint8_t type : types)
        EXPECT_EQ(output(type, 0b0100), 0x00u) << "Device-nGnRnE";
}

TEST_F(WithoutMteperm, IsDeviceMemoryForS2ptw)
{
    stage2_attributes a;
    a.memattr = 0b0100;
    third.map_structures(a);
    stage1.stream().s2ptw = 1;
    publish();
    expect_abort(dut.translate(nested, va), F_PERMISSION);
}

} // namespace
} // namespace test_no_tag_access
