// SPDX-License-Identifier: Apache-2.0
// ATS and page requests from the ring of a function to the ATS port of an SMMU, and back.
#include <cstdint>
#include <list>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>

#include "ats_bench.hpp"

namespace {

using test::ats_bench;
using test::ns;

enum : std::uint32_t { fill = 2, crc = 3, untranslated = 0x400 };
enum : std::uint64_t { done = 1, no_ats = 6, denied = 7, no_page = 8, no_pri = 9 };

ats_bench *the_bench; // built by sc_main before simulation starts

class function_with_ats : public ::testing::Test {
  protected:
    static constexpr std::uint64_t config = 0x08 << 12;
    static constexpr std::uint64_t bars = 0x100000; // in the low window
    static constexpr std::uint64_t va = 0x7'0000'0000;
    static constexpr std::uint64_t pa = 0x40000;

    function_with_ats() : b(*the_bench)
    {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        b.ecam.write(config + 0x10, 0x10000000 + bars);
        b.ecam.write(config + 4, 6, 2);
        ats = capability(0x0F);
        pri = capability(0x13);
        for (unsigned ring = 0; ring < 2; ring++)
            open(ring);
        set_ats(true);
    }

    // Requests under way end: LeakSanitizer does not see the stacks of SystemC's processes.
    ~function_with_ats() override
    {
        for (unsigned ring = 0; ring < 2; ring++)
            b.low.write(page(ring), 0);
        sc_core::sc_start(1, sc_core::SC_MS);
    }

    std::uint64_t capability(unsigned id)
    {
        std::uint64_t at = 0x100;
        while (at && b.ecam.read(config + at, 2) != id)
            at = b.ecam.read(config + at) >> 20;
        return at;
    }

    void set_ats(bool enable) { b.ecam.write(config + ats + 6, enable ? 0x8000 : 0, 2); }

    void set_pri(std::uint32_t allocation)
    {
        b.ecam.write(config + pri + 12, allocation);
        b.ecam.write(config + pri + 4, 1, 2);
    }

    // Descriptors of a ring are on a page of its own, at the same address before and after.
    static std::uint64_t ring_base(unsigned ring) { return 0x1000 * (ring + 1); }
    static std::uint64_t page(unsigned ring) { return bars + 0x1000 * (ring + 1); }

    void open(unsigned ring)
    {
        b.smmu.pages[ring_base(ring)] = {ring_base(ring), true, true};
        b.low.write(page(ring), 0);
        b.low.write(page(ring) + 0x08, ring_base(ring), 8);
        b.low.write(page(ring) + 0x10, 6);
        b.low.write(page(ring), 1);
        tail[ring] = 0;
    }

    std::uint64_t get(std::uint64_t at, unsigned size) const
    {
        std::uint64_t value = 0;
        std::memcpy(&value, &b.ram.bytes[at], size);
        return value;
    }

    void put(std::uint64_t at, std::uint64_t value, unsigned size)
    {
        std::memcpy(&b.ram.bytes[at], &value, size);
    }

    // Work on `addr`: to fill it, or to read it.
    void start(std::uint32_t control, std::uint64_t addr, std::uint32_t length = 64,
               unsigned ring = 0)
    {
        const std::uint64_t at = ring_base(ring) + 64 * std::uint64_t{tail[ring]};
        put(at, control, 4);
        put(at + 8, addr, 8);
        put(at + 16, addr, 8);
        put(at + 24, length, 4);
        put(at + 32, 0x1111111111111111, 8);
        put(at + 40, 0, 8);
        tail[ring] = (tail[ring] + 1) % 64;
        b.low.write(page(ring) + 0x18, tail[ring]);
    }

    // Of the last descriptor.
    std::uint64_t status(unsigned ring = 0) const
    {
        return get(ring_base(ring) + 64 * std::uint64_t{(tail[ring] + 63) % 64} + 40, 4);
    }

    std::uint64_t run(std::uint32_t control, std::uint64_t addr, std::uint32_t length = 64)
    {
        start(control, addr, length);
        sc_core::sc_start(ns(5000));
        return status();
    }

    void map(std::uint64_t from, std::uint64_t to, bool w = true)
    {
        b.smmu.pages[from] = {to, true, w};
    }

    void invalidate(std::uint64_t addr, std::uint32_t sid = ats_bench::sid)
    {
        smmu_atc_inv inv = {};
        inv.addr = addr;
        inv.span_log2 = 12;
        inv.sid = sid;
        b.root().invalidate(inv);
    }

    // CMD_SYNC: how its wait for invalidations ends, and when.
    struct sync {
        bool over = false;
        bool completed = false;
        sc_core::sc_time at;
    };
    const sync *start_sync()
    {
        sync *result = &syncs.emplace_back();
        sc_core::sc_spawn([this, result] {
            result->completed = b.root().wait_invalidated();
            result->over = true;
            result->at = sc_core::sc_time_stamp();
        });
        return result;
    }

    void respond(unsigned index, std::uint8_t code)
    {
        smmu_prg_response response = {};
        response.sid = ats_bench::sid;
        response.prgi = static_cast<std::uint16_t>(index);
        response.code = code;
        b.root().respond(response);
    }

    // Requests for `addr` so far.
    std::size_t asked_for(std::uint64_t addr) const
    {
        std::size_t count = 0;
        for (const smmu_ats_request &request : b.smmu.requests)
            count += request.addr == addr;
        return count;
    }

    smmu_ats_request last_for(std::uint64_t addr) const
    {
        smmu_ats_request last = {};
        for (const smmu_ats_request &request : b.smmu.requests)
            if (request.addr == addr)
                last = request;
        return last;
    }

    ats_bench &b;
    std::uint64_t ats = 0;
    std::uint64_t pri = 0;
    std::list<sync> syncs;
    unsigned tail[2] = {};
};

// --- translations ---

TEST_F(function_with_ats, SendsTranslatedRequests)
{
    map(va, pa);
    ASSERT_EQ(run(fill, va + 0x40), done);
    EXPECT_EQ(get(pa + 0x40, 8), 0x1111111111111111u);
    ASSERT_FALSE(b.ram.seen.empty());
    for (const auto &access : b.ram.seen) {
        EXPECT_TRUE(access.attributes.translated);
        EXPECT_EQ(access.attributes.sid, ats_bench::sid);
        EXPECT_FALSE(access.attributes.ssv);
    }
}

TEST_F(function_with_ats, AsksOnceForAPage)
{
    map(va, pa);
    EXPECT_EQ(run(fill, va, 4096), done);
    EXPECT_EQ(run(crc, va, 4096), done);
    EXPECT_EQ(asked_for(va), 1u);
}

TEST_F(function_with_ats, AsksForWhatItNeeds)
{
    map(va, pa);
    EXPECT_EQ(run(crc, va), done);
    EXPECT_TRUE(last_for(va).nw);
    EXPECT_EQ(run(fill, va), done);
    EXPECT_FALSE(last_for(va).nw);
    EXPECT_EQ(asked_for(va), 2u) << "the first answer does not grant writes";
}

TEST_F(function_with_ats, AsksForEachPasid)
{
    const std::uint64_t pasid = capability(0x1B);
    map(va, pa);
    b.ecam.write(config + pasid + 6, 1, 2);
    EXPECT_EQ(run(fill, va), done);
    put(ring_base(0) + 64 * std::uint64_t{tail[0]} + 4, 7, 4);
    EXPECT_EQ(run(fill | 0x200, va), done);
    ASSERT_EQ(asked_for(va), 2u);
    EXPECT_TRUE(last_for(va).ssv);
    EXPECT_EQ(last_for(va).ssid, 7u);
}

TEST_F(function_with_ats, IsUntranslatedWhereADescriptorSaysSo)
{
    map(pa, 0x50000);
    EXPECT_EQ(run(fill | untranslated, pa), done);
    EXPECT_EQ(get(pa, 8), 0x1111111111111111u);
    EXPECT_EQ(get(0x50000, 8), 0u);
}

TEST_F(function_with_ats, IsUntranslatedAndForgetsWhileAtsIsOff)
{
    map(pa, 0x50000);
    EXPECT_EQ(run(fill, pa), done);
    EXPECT_EQ(get(0x50000, 8), 0x1111111111111111u);
    set_ats(false);
    EXPECT_EQ(run(fill, pa), done);
    EXPECT_EQ(get(pa, 8), 0x1111111111111111u);
    set_ats(true);
    map(pa, 0x60000);
    EXPECT_EQ(run(fill, pa), done);
    EXPECT_EQ(get(0x60000, 8), 0x1111111111111111u);
}

TEST_F(function_with_ats, IsToldOfUnsupportedRequests)
{
    map(va, pa);
    EXPECT_EQ(run(fill, va), done);
    b.smmu.status = SMMU_ATS_UR;
    EXPECT_EQ(run(fill, va + 0x1000), no_ats);
    EXPECT_EQ(b.ecam.read(config + 6, 2) & 0x3000, 0x2000u) << "received master abort";
}

TEST_F(function_with_ats, IsToldOfCompleterAborts)
{
    map(va, pa);
    EXPECT_EQ(run(fill, va), done);
    b.smmu.status = SMMU_ATS_CA;
    EXPECT_EQ(run(fill, va + 0x1000), no_ats);
    EXPECT_EQ(b.ecam.read(config + 6, 2) & 0x3000, 0x1000u) << "received target abort";
}

TEST_F(function_with_ats, IsDeniedWhatIsNotGranted)
{
    map(va, pa, false);
    EXPECT_EQ(run(fill, va), denied);
    EXPECT_EQ(get(pa, 8), 0u);
    EXPECT_EQ(run(crc, va), done);
    EXPECT_EQ(run(crc, va + 0x1000), denied);
}

// --- invalidations ---

TEST_F(function_with_ats, UsesAStaleTranslationUntilItIsInvalidated)
{
    map(va, 0x50000);
    EXPECT_EQ(run(fill, va), done);
    map(va, 0x60000);
    put(0x50000, 0, 8);
    EXPECT_EQ(run(fill, va), done);
    EXPECT_EQ(get(0x50000, 8), 0x1111111111111111u);
    invalidate(va);
    EXPECT_EQ(run(fill, va), done);
    EXPECT_EQ(get(0x60000, 8), 0x1111111111111111u);
}

TEST_F(function_with_ats, CompletesInvalidationsAfterRequestsUnderWay)
{
    map(va, pa);
    b.ram.latency = ns(1000);
    start(fill, va);
    sc_core::sc_start(ns(1500)); // the descriptor is read, the data are being written
    ASSERT_EQ(b.ram.seen.size(), 2u);
    invalidate(va);
    const auto *sync = start_sync();
    sc_core::sc_start(ns(400));
    EXPECT_FALSE(sync->over);
    sc_core::sc_start(ns(400));
    EXPECT_TRUE(sync->over && sync->completed);
    EXPECT_EQ(get(pa, 8), 0x1111111111111111u);
}

TEST_F(function_with_ats, LaterRequestsDoNotHoldAnInvalidation)
{
    map(va, pa);
    EXPECT_EQ(run(fill, va), done);
    invalidate(va + 0x5000);
    b.ram.latency = ns(1000);
    start(fill, va);
    sc_core::sc_start(ns(10));
    const auto *sync = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(sync->over && sync->completed);
}

TEST_F(function_with_ats, ThatDoesNotCompleteInTimeTimesOut)
{
    map(va, pa);
    b.ram.latency = ns(300'000);
    start(fill, va);
    sc_core::sc_start(ns(100));
    invalidate(va);
    const auto sent = sc_core::sc_time_stamp();
    const auto *sync = start_sync();
    sc_core::sc_start(ns(150'000));
    EXPECT_TRUE(sync->over);
    EXPECT_FALSE(sync->completed);
    EXPECT_EQ(sync->at - sent, ns(100'000));
    const auto *next = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(next->over && next->completed) << "it is forgotten";
    EXPECT_EQ(b.root().timeouts(), 1u);
}

TEST_F(function_with_ats, ThatCompletesTooLateHasTimedOut)
{
    map(va, pa);
    b.ram.latency = ns(300'000);
    start(fill, va);
    sc_core::sc_start(ns(100));
    invalidate(va);
    sc_core::sc_start(ns(400'000));
    const auto *sync = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(sync->over);
    EXPECT_FALSE(sync->completed);
}

TEST_F(function_with_ats, ThatIsAbsentOrAsleepCompletesAtOnce)
{
    map(va, pa);
    b.ram.latency = ns(1000);
    start(fill, va);
    sc_core::sc_start(ns(100));
    invalidate(va, 0x77);
    const auto *sync = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(sync->over && sync->completed) << "nobody has the StreamID";
    std::uint64_t at = b.ecam.read(config + 0x34, 1);
    while (b.ecam.read(config + at, 1) != 1)
        at = b.ecam.read(config + at + 1, 1);
    b.ecam.write(config + at + 4, 3, 2);
    invalidate(va);
    sync = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(sync->over && sync->completed) << "D3hot: an Unsupported Request";
}

TEST_F(function_with_ats, DropsAnAnswerThatCrossedAnInvalidation)
{
    map(va, 0x50000);
    b.smmu.latency = ns(1000);
    start(fill, va);
    while (asked_for(va) == 0)
        sc_core::sc_start(ns(100));
    map(va, 0x60000);
    invalidate(va);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(asked_for(va), 2u);
    EXPECT_EQ(get(0x50000, 8), 0u);
    EXPECT_EQ(get(0x60000, 8), 0x1111111111111111u);
}

// --- page requests ---

TEST_F(function_with_ats, AsksForAPageAndGoesOn)
{
    set_pri(4);
    EXPECT_EQ(run(fill, va + 0x80), 0u);
    ASSERT_EQ(b.smmu.asked.size(), 1u);
    const smmu_page_request &request = b.smmu.asked[0];
    EXPECT_EQ(request.sid, ats_bench::sid);
    EXPECT_EQ(request.addr, va);
    EXPECT_TRUE(request.last && request.w);
    map(va, pa);
    respond(request.prgi, SMMU_PRG_SUCCESS);
    sc_core::sc_start(ns(5000));
    EXPECT_EQ(status(), done);
    EXPECT_EQ(get(pa + 0x80, 8), 0x1111111111111111u);
}

TEST_F(function_with_ats, EndsWithWhatTheResponseSays)
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
    EXPECT_EQ(b.ecam.read(config + pri + 6, 2), 1u) << "Response Failure";
}

TEST_F(function_with_ats, AsksAgainWhileTheQueueOverflows)
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

TEST_F(function_with_ats, HasNoMoreRequestsOutstandingThanAllocated)
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

// --- everything at once ---

// Two rings fill pages whose mappings change under them. A page that was unmapped may be reached
// until its invalidation completes, and never after.
TEST_F(function_with_ats, ReachesNoPageAfterItsInvalidation)
{
    constexpr unsigned pages = 16;
    std::mt19937 random(7);
    std::uint64_t next = 0x10000; // physical pages are used once
    std::uint64_t lowest = next;  // that may be reached: those below were unmapped and invalidated
    std::size_t checked = 0;
    unsigned ends = 0;

    b.smmu.latency = ns(150);
    b.ram.latency = ns(40);
    for (unsigned round = 0; round < 100; round++) {
        for (unsigned i = 0; i < pages; i++, next += 0x1000)
            map(va + 0x1000 * i, next);
        for (unsigned step = 0; step < 10; step++) {
            for (unsigned ring = 0; ring < 2; ring++) {
                if (status(ring) == 0 && round + step != 0)
                    continue;
                ends++;
                start(fill, va + random() % pages * 0x1000 + random() % 32 * 64, 256, ring);
            }
            sc_core::sc_start(ns(random() % 700));
        }
        const std::uint64_t first_new = next;
        for (unsigned i = 0; i < pages; i++, next += 0x1000)
            map(va + 0x1000 * i, next);
        for (unsigned i = 0; i < pages; i++)
            invalidate(va + 0x1000 * i);
        const auto *sync = start_sync();
        while (!sync->over)
            sc_core::sc_start(ns(10));
        ASSERT_TRUE(sync->completed);
        for (; checked < b.ram.ended.size(); checked++)
            if (b.ram.ended[checked] >= 0x10000) {
                ASSERT_GE(b.ram.ended[checked], lowest);
            }
        lowest = first_new;
    }
    EXPECT_GT(ends, 200u);
    EXPECT_GT(checked, 1000u);
}

} // namespace

int sc_main(int argc, char **argv)
{
    ::testing::InitGoogleTest(&argc, argv);
    ats_bench b;
    the_bench = &b;
    return RUN_ALL_TESTS();
}
