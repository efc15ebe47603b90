// SPDX-License-Identifier: Apache-2.0
// Page requests from the rings of a function to the ATS port of an SMMU, and the responses.
#include <cstdint>

#include "ats_fixture.hpp"

namespace test::test_pri {

namespace {

class function_with_pri : public function_with_ats {
  protected:
    static constexpr std::uint64_t stop = engine + 0x10;
    enum : std::uint32_t { busy = 0x80000000, marker = 0x40000000 };

    void set_group(unsigned pages, unsigned ring = 0) { b.low.write(page(ring) + 0x38, pages); }
    void disable(unsigned ring = 0) { b.low.write(page(ring), 0); }
    std::uint64_t ring_status(unsigned ring = 0) { return b.low.read(page(ring) + 4); }
    std::uint64_t pri_status() { return b.ecam.read(config + pri + 6, 2); }

    // Pages from `va` on.
    void map_pages(unsigned first, unsigned count)
    {
        for (unsigned i = first; i < first + count; i++)
            map(va + 0x1000 * i, pa + 0x1000 * i);
    }

    // Descriptors name PASID 0x45 for data at `va`, which is not there.
    void start_pasid()
    {
        set_pasid(0x45);
        start(fill | with_pasid, va);
        sc_core::sc_start(ns(2000));
    }

    const smmu_page_request &last_request() const { return b.smmu.asked.back(); }
};

TEST_F(function_with_pri, AsksForAPageAndGoesOn)
{
    set_pri(4);
    EXPECT_EQ(run(fill, va + 0x80), 0u);
    ASSERT_EQ(b.smmu.asked.size(), 1u);
    const smmu_page_request &request = b.smmu.asked[0];
    EXPECT_EQ(request.sid, sid);
    EXPECT_EQ(request.addr, va);
    EXPECT_TRUE(request.last && request.w);
    map(va, pa);
    respond(request.prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(get(pa + 0x80, 8), 0x1111111111111111u);
}

TEST_F(function_with_pri, EndsWithWhatTheResponseSays)
{
    set_pri(4);
    EXPECT_EQ(run(fill, va), 0u);
    respond(b.smmu.asked[0].prgi, SMMU_PRG_INVALID);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), no_page);
    EXPECT_EQ(run(fill, va), 0u);
    respond(b.smmu.asked[1].prgi, SMMU_PRG_FAILURE);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), no_pri);
    EXPECT_EQ(pri_status(), 1u) << "Response Failure";
}

TEST_F(function_with_pri, AsksAgainWhileTheQueueOverflows)
{
    set_pri(4);
    b.smmu.on_page = [this](const smmu_page_request &request) {
        respond(request.prgi, SMMU_PRG_SUCCESS);
        if (b.smmu.asked.size() == 5)
            map(va, pa);
    };
    start(fill, va);
    sc_core::sc_start(ns(20'000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(b.smmu.asked.size(), 5u);
}

TEST_F(function_with_pri, HasNoMoreRequestsOutstandingThanAllocated)
{
    set_pri(1);
    start(fill, va, 64, 0);
    start(fill, va + 0x1000, 64, 1);
    sc_core::sc_start(ns(5000));
    ASSERT_EQ(b.smmu.asked.size(), 1u);
    map(va, pa);
    map(va + 0x1000, pa + 0x1000);
    respond(b.smmu.asked[0].prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    ASSERT_EQ(b.smmu.asked.size(), 2u);
    respond(b.smmu.asked[1].prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(0), done);
    EXPECT_EQ(status(1), done);
}

// --- groups ---

TEST_F(function_with_pri, AsksForThePagesOfADescriptorInOneGroup)
{
    set_pri(8);
    set_group(4);
    EXPECT_EQ(run(crc, va + 0x80, 0x2000), 0u);
    ASSERT_EQ(b.smmu.asked.size(), 3u);
    for (unsigned i = 0; i < 3; i++) {
        const smmu_page_request &request = b.smmu.asked[i];
        EXPECT_EQ(request.addr, va + 0x1000 * i);
        EXPECT_EQ(request.prgi, b.smmu.asked[0].prgi);
        EXPECT_EQ(request.last, i == 2);
        EXPECT_TRUE(request.r && !request.w);
    }
    map_pages(0, 3);
    respond(b.smmu.asked[0].prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(20'000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(b.smmu.asked.size(), 3u) << "one response for all";
}

TEST_F(function_with_pri, HasNoLargerGroupThanTheAllocation)
{
    set_pri(2);
    set_group(4);
    EXPECT_EQ(run(crc, va, 0x3000), 0u);
    ASSERT_EQ(b.smmu.asked.size(), 2u);
    EXPECT_TRUE(b.smmu.asked[1].last);
    map_pages(0, 2);
    respond(b.smmu.asked[0].prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(20'000));
    ASSERT_EQ(b.smmu.asked.size(), 3u);
    EXPECT_EQ(last_request().addr, va + 0x2000);
    EXPECT_TRUE(last_request().last);
}

TEST_F(function_with_pri, AsksForNoPageBehindTheAccess)
{
    set_pri(4);
    set_group(4);
    map_pages(0, 1);
    start(scatter, va + 0xfe0, 64, 64, 0); // the only access that crosses pages
    sc_core::sc_start(ns(5000));
    ASSERT_EQ(b.smmu.asked.size(), 1u);
    EXPECT_EQ(last_request().addr, va + 0x1000);
}

// The SMMU answers the last request of a group that it has no room for, whatever became of the
// others (IHI 0070 8.1).
TEST_F(function_with_pri, AsksForAGroupAgainWhoseEndWasLost)
{
    set_pri(4);
    set_group(4);
    unsigned groups = 0;
    b.smmu.on_page = [&](const smmu_page_request &request) {
        if (!request.last)
            return;
        if (++groups == 3)
            map_pages(0, 2);
        respond(request.prgi, SMMU_PRG_SUCCESS);
    };
    start(fill, va, 0x2000);
    sc_core::sc_start(ns(20'000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(groups, 3u);
    EXPECT_EQ(b.smmu.asked.size(), 6u);
}

// --- rings that are disabled ---

TEST_F(function_with_pri, DoesNotWaitForAPageOfADisabledRing)
{
    set_pri(4);
    EXPECT_EQ(run(fill, va), 0u);
    EXPECT_EQ(ring_status(), 1u);
    disable();
    sc_core::sc_start(ns(100));
    EXPECT_EQ(ring_status(), 0u);
    EXPECT_EQ(status(), 0u) << "no outcome is written";
    respond(last_request().prgi, SMMU_PRG_SUCCESS);
    EXPECT_EQ(pri_status(), 0u) << "the response was expected";
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(get(pa, 8), 0u);
}

TEST_F(function_with_pri, UsesAnIndexAgainAfterItsResponse)
{
    set_pri(4);
    EXPECT_EQ(run(fill, va), 0u);
    const unsigned old = last_request().prgi;
    disable();
    open(0);
    EXPECT_EQ(run(fill, va), 0u);
    ASSERT_EQ(b.smmu.asked.size(), 2u);
    EXPECT_NE(last_request().prgi, old);
    map_pages(0, 1);
    respond(old, SMMU_PRG_INVALID);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), 0u) << "that was for the old ring";
    respond(last_request().prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(run(fill, va + 0x1000), 0u);
    EXPECT_EQ(last_request().prgi, old);
}

TEST_F(function_with_pri, DoesNotAskForAPageOfARingThatWasDisabledFirst)
{
    set_pri(1);
    start(fill, va, 64, 0);
    sc_core::sc_start(ns(2000));
    start(fill, va + 0x1000, 64, 1);
    sc_core::sc_start(ns(2000));
    disable(1);
    sc_core::sc_start(ns(100));
    EXPECT_EQ(ring_status(1), 0u);
    respond(last_request().prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    for (const smmu_page_request &request : b.smmu.asked)
        EXPECT_EQ(request.addr, va);
}

// --- PASIDs that are stopped ---

TEST_F(function_with_pri, EndsTheUseOfAPasidWithAStopMarker)
{
    set_pri(1);
    enable_pasids();
    start_pasid();
    const unsigned index = last_request().prgi;
    b.low.write(stop, busy | 0x45);
    sc_core::sc_start(ns(2000));
    EXPECT_EQ(status(), stopped);
    EXPECT_EQ(b.low.read(stop), marker | 0x45);
    ASSERT_EQ(b.smmu.asked.size(), 2u) << "it needs no credit";
    EXPECT_TRUE(last_request().ssv);
    EXPECT_EQ(last_request().ssid, 0x45u);
    EXPECT_TRUE(last_request().last && !last_request().r && !last_request().w);
    EXPECT_EQ(last_request().prgi, 0u);
    EXPECT_EQ(last_request().addr, 0u);
    respond(index, SMMU_PRG_SUCCESS);
    EXPECT_EQ(pri_status(), 0u) << "the response was expected";
}

TEST_F(function_with_pri, SendsNoStopMarkerForAPasidThatAskedForNoPage)
{
    set_pri(4);
    enable_pasids();
    map_pages(0, 1);
    set_pasid(0x45);
    EXPECT_EQ(run(fill | with_pasid, va), done);
    b.low.write(stop, busy | 0x45);
    sc_core::sc_start(ns(2000));
    EXPECT_EQ(b.low.read(stop), 0x45u);
    EXPECT_TRUE(b.smmu.asked.empty());
}

TEST_F(function_with_pri, SendsOneStopMarkerForAUse)
{
    set_pri(4);
    enable_pasids();
    start_pasid();
    for (unsigned i = 0; i < 2; i++) {
        b.low.write(stop, busy | 0x45);
        sc_core::sc_start(ns(2000));
    }
    EXPECT_EQ(b.low.read(stop), 0x45u);
    EXPECT_EQ(b.smmu.asked.size(), 2u);
}

TEST_F(function_with_pri, SendsNoStopMarkerWithPageRequestsOff)
{
    set_pri(4);
    enable_pasids();
    start_pasid();
    b.ecam.write(config + pri + 4, 0, 2);
    b.low.write(stop, busy | 0x45);
    sc_core::sc_start(ns(2000));
    EXPECT_EQ(b.low.read(stop), 0x45u);
    EXPECT_EQ(b.smmu.asked.size(), 1u);
}

TEST_F(function_with_pri, SendsAStopMarkerBehindAllRequestsOfThePasid)
{
    set_pri(4);
    enable_pasids();
    start_pasid(); // waits for a page
    map_pages(1, 1);
    b.ram.latency = ns(1000);
    set_pasid(0x45, 1);
    start(fill | with_pasid, va + 0x1000, 64, 1);
    sc_core::sc_start(ns(1500)); // data are being written
    b.low.write(stop, busy | 0x45);
    sc_core::sc_start(ns(400));
    EXPECT_EQ(b.low.read(stop), busy | 0x45u);
    EXPECT_EQ(b.smmu.asked.size(), 1u);
    sc_core::sc_start(ns(400));
    EXPECT_EQ(b.low.read(stop), marker | 0x45u);
    EXPECT_EQ(b.smmu.asked.size(), 2u);
    EXPECT_EQ(get(pa + 0x1000, 8), 0x1111111111111111u);
}

TEST_F(function_with_pri, GoesOnWithOtherPasids)
{
    set_pri(4);
    enable_pasids();
    start_pasid();
    b.low.write(stop, busy | 0x46);
    sc_core::sc_start(ns(2000));
    EXPECT_EQ(b.low.read(stop), 0x46u);
    map_pages(0, 1);
    respond(last_request().prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), done);
}

} // namespace

} // namespace test::test_pri
