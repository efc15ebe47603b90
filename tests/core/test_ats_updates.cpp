// SPDX-License-Identifier: Apache-2.0
// What ATS Translation Requests change in descriptors (IHI 0070 3.13.7).
#include "core/ats_test.hpp"

using namespace support;

namespace test_ats_updates {
namespace {

class AtsUpdates : public AtsRequests {
  protected:
    AtsUpdates()
    {
        stream.context().ha = 1;
        stream.context().hd = 1;
        republish();
    }
    uint64_t af() { return stream.low.descriptor(va, 3) >> 10 & 1; }
    bool read_only_page() { return (stream.low.descriptor(va, 3) >> 7 & 1) != 0; }

    static leaf_attributes clean()
    {
        leaf_attributes page;
        page.ap = AP_ALL_RO;
        page.dbm = 1;
        return page;
    }
};

TEST_F(AtsUpdates, SetTheAccessFlag)
{
    leaf_attributes page;
    page.af = 0;
    EXPECT_TRUE(with_page(page, ats_read_only(sid, va)).r);
    EXPECT_EQ(af(), 1u);
}

TEST_F(AtsUpdates, RequestToWriteMakesACleanPageDirty)
{
    const smmu_ats_completion c = with_page(clean(), ats_request(sid, va));
    EXPECT_TRUE(c.w);
    EXPECT_EQ(c.addr, pa);
    EXPECT_FALSE(read_only_page());
}

TEST_F(AtsUpdates, NoWriteRequestLeavesAPageClean)
{
    const smmu_ats_completion c = with_page(clean(), ats_read_only(sid, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_TRUE(read_only_page());
}

TEST_F(AtsUpdates, CleanPageInTheTlbIsMadeDirtyAsWell)
{
    with_page(clean(), ats_read_only(sid, va));
    EXPECT_TRUE(dut.ats_translate(ats_request(sid, va)).w);
    EXPECT_FALSE(read_only_page());
}

TEST_F(AtsUpdates, WithoutDirtyStateACleanPageIsReadOnly)
{
    stream.context().hd = 0;
    republish();
    const smmu_ats_completion c = with_page(clean(), ats_request(sid, va));
    EXPECT_TRUE(c.r);
    EXPECT_FALSE(c.w);
    EXPECT_TRUE(read_only_page());
}

TEST_F(AtsUpdates, UnprivilegedRequestDoesNotMakeAPrivilegedPageDirty)
{
    leaf_attributes page = clean();
    page.ap = AP_PRIV_RO;
    expect_denied(with_page(page, ats_request(sid, va)));
    EXPECT_TRUE(read_only_page());
}

TEST_F(AtsUpdates, AbortOfTheUpdateIsCompleterAbort)
{
    stream.low.map(va, pa, 3, clean());
    const uint64_t at = stream.low.descriptor_address(va, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD_UPDATE});
    EXPECT_EQ(dut.ats_translate(ats_read_only(sid, va)).status, SMMU_ATS_SUCCESS);
    EXPECT_EQ(dut.ats_translate(ats_request(sid, va)).status, SMMU_ATS_CA);
}

} // namespace
} // namespace test_ats_updates
