// SPDX-License-Identifier: Apache-2.0
// CR0.ATSCHK and STEs that change while what ATS asks for waits for memory (IHI 0070 3.9.2, 5.2
// EATS, 6.3.9.2): what a call has looked up counts for all of it, and for no call that comes later.
#include "core/ats_test.hpp"
#include "core/dpt_test.hpp"
#include "core/nested_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::IsEmpty;

namespace test_ats_changes {
namespace {

constexpr uint32_t unchecked = CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN;

class AtsChanges : public NestedTest {
  protected:
    void split(uint32_t cr0)
    {
        stage1.stream().eats = 2;
        publish();
        dut.update_cr0(cr0);
        dut.pop_events();
    }

    void set_eats(unsigned eats)
    {
        stage1.stream().eats = eats;
        stage1.publish();
        dut.submit(cfgi_ste(nested));
        dut.submit(cmd_sync());
    }

    smmu_ats_completion request() { return dut.ats_translate(ats_request(nested, va)); }
};

// 6.3.9.2: what is fetched is read by the new value once the Update is complete.

TEST_F(AtsChanges, RequestGoesByAtschkOfWhenItsSteIsThere)
{
    split(unchecked | CR0_ATSCHK);
    during(dut, SMMU_FETCH_STE, 0, [&] { dut.update_cr0(unchecked); });
    EXPECT_EQ(request().status, SMMU_ATS_UR);
    EXPECT_EQ(only_event().type, F_BAD_ATS_TREQ);
    dut.invalidate_all();
    during(dut, SMMU_FETCH_STE, 0, [&] { dut.update_cr0(unchecked | CR0_ATSCHK); });
    const smmu_ats_completion c = request();
    EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
    EXPECT_TRUE(c.r);
    EXPECT_EQ(c.addr, ipa);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

// By either value an endpoint of a Split-stage stream gets an IPA or nothing, and no PA.

TEST_F(AtsChanges, RequestUnderWayGoesByOneValueOfAtschk)
{
    for (const smmu_fetch at : {SMMU_FETCH_CD, SMMU_FETCH_TTD}) {
        split(unchecked | CR0_ATSCHK);
        during(dut, at, 0, [&] { dut.update_cr0(unchecked); });
        const smmu_ats_completion c = request();
        EXPECT_EQ(dut.mem.before, nullptr) << "cleared meanwhile";
        EXPECT_TRUE(c.r);
        EXPECT_EQ(c.addr, ipa);
        EXPECT_THAT(dut.pop_events(), IsEmpty());
    }
}

// 3.9.1.3: with ATSCHK the event and the abort, without it neither.

TEST_F(AtsChanges, TranslatedTransactionIsForbiddenOrPassesInWhole)
{
    stage1.stream().eats = 0;
    publish();
    dut.update_cr0(unchecked | CR0_ATSCHK);
    during(dut, SMMU_FETCH_STE, 0, [&] { dut.update_cr0(unchecked); });
    const smmu_result r = dut.translate(nested, pa, translated_read);
    EXPECT_EQ(dut.mem.before, nullptr) << "cleared meanwhile";
    EXPECT_EQ(dut.pop_events().size(), r.outcome == SMMU_ABORT ? 1u : 0u);
    expect_forward(dut.translate(nested, pa, translated_read), pa);
}

class AtsChangesOfDpt : public DptTest {};

TEST_F(AtsChangesOfDpt, TranslatedTransactionIsCheckedInWholeOrPasses)
{
    for (const bool granted : {true, false})
        for (const smmu_fetch at : {SMMU_FETCH_STE, SMMU_FETCH_DPT}) {
            if (granted)
                table.grant(page, {2, 0, 0});
            else
                table.refuse(page);
            dut.update_cr0(enables);
            dut.invalidate_all();
            invalidate_dpt();
            during(dut, at, 0, [&] { dut.update_cr0(enables & ~uint32_t{CR0_ATSCHK}); });
            const smmu_result r = read(page);
            EXPECT_EQ(dut.mem.before, nullptr) << "cleared meanwhile";
            EXPECT_EQ(dut.pop_events().size(), r.outcome == SMMU_ABORT ? 1u : 0u);
            if (granted)
                expect_forward(r, page);
            expect_forward(read(page), page);
        }
}

// 5.2.1, 4.3.1: the transaction under way keeps what it has read; those after a CMD_CFGI_STE do
// not.

TEST_F(AtsChanges, SteThatChangesDuringAWalkIsNotHalfOfEach)
{
    split(unchecked | CR0_ATSCHK);
    const uint64_t other = pa + 0x10'0000;
    during(dut, SMMU_FETCH_TTD, 0, [&] {
        second.table.map(ipa, other, 3, stage2_attributes{});
        second.apply(stage1.stream()); // the tables and the VMID of another stage 2
        set_eats(1);
    });
    expect_forward(dut.translate(nested, ipa, translated_read), pa);
    expect_forward(dut.translate(nested, ipa, translated_read), ipa);
    set_eats(2);
    expect_forward(dut.translate(nested, ipa, translated_read), other);
}

TEST_F(AtsChanges, SteThatChangesDuringARequestIsNotHalfOfEach)
{
    split(unchecked | CR0_ATSCHK);
    during(dut, SMMU_FETCH_CD, 0, [&] { set_eats(1); });
    EXPECT_EQ(request().addr, ipa);
    EXPECT_EQ(request().addr, pa);
}

TEST_F(AtsChanges, SteThatIsInvalidatedWhileItIsFetchedIsFetchedAgain)
{
    for (const bool asks : {false, true}) {
        split(unchecked | CR0_ATSCHK);
        const auto goes_on = [&] {
            return asks ? request().r
                        : dut.translate(nested, ipa, translated_read).outcome == SMMU_FORWARD;
        };
        during(dut, SMMU_FETCH_STE, 0, [&] { set_eats(2); });
        EXPECT_TRUE(goes_on());
        stage1.stream().eats = 0;
        stage1.publish(); // nothing is invalidated: nothing is cached
        EXPECT_FALSE(goes_on());
        EXPECT_EQ(dut.pop_events().size(), 1u);
    }
}

} // namespace
} // namespace test_ats_changes
