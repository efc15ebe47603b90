// SPDX-License-Identifier: Apache-2.0
// Scopes of TLB invalidation with stage 2 and EL2 (IHI 0070 3.17, 4.4.2, 4.4.3): what goes, and
// what stays.
#include "core/scopes_test.hpp"

using namespace support;

namespace test_inval_stage2 {
namespace {

TEST_F(Scopes, NothingGoesByItself)
{
    EXPECT_EQ(gone(), "");
}

TEST_F(Scopes, S2IpaRemovesStage2EntriesOfItsVmid)
{
    dut.submit(tlbi_s2_ipa(ipa, 6));
    EXPECT_EQ(gone(), "a");
}

TEST_F(Scopes, S2IpaOfAnotherVmidOrAddressDoesNot)
{
    dut.submit(tlbi_s2_ipa(ipa, 60));
    dut.submit(tlbi_s2_ipa(ipa + 0x1000, 6));
    EXPECT_EQ(gone(), "");
}

TEST_F(Scopes, S2IpaLeavesCombinedEntries)
{
    dut.submit(tlbi_s2_ipa(ipa, 7));
    EXPECT_EQ(gone(), "");
    dut.submit(tlbi_nh_all(7));
    EXPECT_EQ(gone(), "ns") << "4.4.3: both commands are needed for them";
}

TEST_F(Scopes, NhCommandsLeaveStage2Entries)
{
    dut.submit(tlbi_nh_all(6));
    EXPECT_EQ(gone(), "");
}

TEST_F(Scopes, NhAllRemovesStage1EntriesOfItsVmid)
{
    // The stage 2 entries that a nested walk left behind still give the old address.
    dut.submit(tlbi_nh_all(7));
    EXPECT_EQ(gone(), "s");
}

TEST_F(Scopes, S12VmallRemovesAllOfItsVmid)
{
    dut.submit(tlbi_s12_vmall(7));
    EXPECT_EQ(gone(), "ns");
    dut.submit(tlbi_s12_vmall(6));
    EXPECT_EQ(gone(), "ans");
}

TEST_F(Scopes, NhAsidIsBoundToItsVmid)
{
    dut.submit(tlbi_s2_ipa(ipa, 7));
    dut.submit(tlbi_s2_ipa(ipa, 8));
    dut.submit(tlbi_nh_asid(7, 7));
    EXPECT_EQ(gone(), "n");
    dut.submit(tlbi_nh_asid(7, 8));
    EXPECT_EQ(gone(), "no");
}

TEST_F(Scopes, NhVaAndVaaAreBoundToTheirVmid)
{
    dut.submit(tlbi_nh_va(va, 9, false, 8));
    EXPECT_EQ(gone(), "");
    dut.submit(tlbi_nh_va(va, 9, false, 7));
    EXPECT_EQ(gone(), "s");
    dut.submit(tlbi_s2_ipa(ipa, 8));
    dut.submit(tlbi_nh_vaa(va, false, 8));
    EXPECT_EQ(gone(), "os");
}

TEST_F(Scopes, NsnhAllLeavesEl2)
{
    dut.submit(tlbi_nsnh_all());
    EXPECT_EQ(gone(), "anos");
}

TEST_F(Scopes, El2AllLeavesEl1)
{
    dut.submit(tlbi_el2_all());
    EXPECT_EQ(gone(), "h");
}

TEST_F(Scopes, El2VaNeedsNoAsid)
{
    dut.submit(tlbi_el2_va(va + 0x1000, 7));
    EXPECT_EQ(gone(), "");
    dut.submit(tlbi_el2_va(va, 1));
    EXPECT_EQ(gone(), "h");
}

TEST_F(Scopes, El2VaaRemovesThePage)
{
    dut.submit(tlbi_el2_vaa(va));
    EXPECT_EQ(gone(), "h");
}

TEST_F(Scopes, E2hEntriesHaveAsids)
{
    fill(true);
    dut.submit(tlbi_el2_asid(8));
    dut.submit(tlbi_el2_va(va, 8));
    EXPECT_EQ(gone(), "");
    dut.submit(tlbi_el2_asid(7));
    EXPECT_EQ(gone(), "h");
}

TEST_F(Scopes, E2hVaMatchesTheAsid)
{
    fill(true);
    dut.submit(tlbi_el2_va(va, 7));
    EXPECT_EQ(gone(), "h");
}

TEST_F(Scopes, E2hVaaMatchesEveryAsid)
{
    fill(true);
    dut.submit(tlbi_el2_vaa(va));
    EXPECT_EQ(gone(), "h");
}

TEST_F(Scopes, NhCommandsLeaveEl2)
{
    dut.submit(tlbi_nh_va(va, 7, false, 0));
    dut.submit(tlbi_nh_vaa(va, false, 0));
    dut.submit(tlbi_nh_asid(7, 0));
    EXPECT_EQ(gone(), "");
}

TEST_F(Scopes, VmidsKeepEqualAsidsApart)
{
    map_all(0x3'0000'0000);
    fourth.table.map(ipa, 0x4'0000'0000, 3, stage2_attributes{});
    dut.submit(tlbi_nsnh_all());
    expect_forward(dut.translate(nested, va), 0x3'0000'0000);
    expect_forward(dut.translate(8, va), 0x4'0000'0000);
}

TEST_F(Scopes, NestedWalksUseCachedStage2Translations)
{
    dut.submit(tlbi_nh_all(7));
    expect_forward(dut.translate(nested, va), 0x1'0000'0000);
    dut.submit(tlbi_s2_ipa(ipa, 7));
    dut.submit(tlbi_nh_all(7));
    expect_forward(dut.translate(nested, va), 0x2'0000'0000);
}

TEST_F(Scopes, Stage2BlocksGoByAnyAddressInside)
{
    second.table.map(uint64_t{1} << 33, 0x1'4000'0000, 2, stage2_attributes{});
    expect_forward(dut.translate(alone, uint64_t{1} << 33), 0x1'4000'0000);
    second.table.map(uint64_t{1} << 33, 0x2'4000'0000, 2, stage2_attributes{});
    dut.submit(tlbi_s2_ipa((uint64_t{1} << 33) + 0x200000, 6));
    expect_forward(dut.translate(alone, uint64_t{1} << 33), 0x1'4000'0000);
    dut.submit(tlbi_s2_ipa((uint64_t{1} << 33) + 0x1ff000, 6));
    expect_forward(dut.translate(alone, uint64_t{1} << 33), 0x2'4000'0000);
}

TEST_F(Scopes, NoticesNameTheScope)
{
    dut.invals.clear();
    dut.submit(tlbi_s2_ipa(ipa, 6, true));
    dut.submit(tlbi_s12_vmall(7));
    dut.submit(tlbi_el2_all());
    ASSERT_EQ(dut.invals.size(), 3u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_TLB_IPA);
    EXPECT_EQ(dut.invals[0].addr, ipa);
    EXPECT_EQ(dut.invals[0].vmid, 6u);
    EXPECT_TRUE(dut.invals[0].leaf);
    EXPECT_EQ(dut.invals[1].kind, SMMU_INVAL_TLB_S12);
    EXPECT_EQ(dut.invals[1].vmid, 7u);
    EXPECT_EQ(dut.invals[2].kind, SMMU_INVAL_TLB_EL2);
}

} // namespace
} // namespace test_inval_stage2
