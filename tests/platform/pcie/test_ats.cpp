// SPDX-License-Identifier: Apache-2.0
// ATS from the rings of a function to the ATS port of an SMMU, and back.
#include <cstdint>
#include <random>

#include "ats_fixture.hpp"

namespace test::test_ats {

namespace {

// --- translations ---

TEST_F(function_with_ats, SendsTranslatedRequests)
{
    map(va, pa);
    ASSERT_EQ(run(fill, va + 0x40), done);
    EXPECT_EQ(get(pa + 0x40, 8), 0x1111111111111111u);
    ASSERT_FALSE(b.ram.seen.empty());
    for (const auto &access : b.ram.seen) {
        EXPECT_TRUE(access.attributes.translated);
        EXPECT_EQ(access.attributes.sid, sid);
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
    map(va, pa);
    enable_pasids();
    EXPECT_EQ(run(fill, va), done);
    set_pasid(7);
    EXPECT_EQ(run(fill | with_pasid, va), done);
    ASSERT_EQ(asked_for(va), 2u);
    EXPECT_TRUE(last_for(va).ssv);
    EXPECT_EQ(last_for(va).ssid, 7u);
}

// PCI Express Base Specification 6.0, 10.1.4: the PASID is that of the Translation Request, or
// none.
TEST_F(function_with_ats, TranslatedRequestsHaveTheirPasidIfItIsEnabled)
{
    map(va, pa);
    for (const bool enabled : {false, true}) {
        enable_pasids(enabled);
        b.ram.seen.clear();
        EXPECT_EQ(run(fill, va), done);
        for (const auto &access : b.ram.seen)
            EXPECT_FALSE(access.attributes.ssv) << "translated without one";
        b.ram.seen.clear();
        set_pasid(7);
        EXPECT_EQ(run(fill | with_pasid, va), done);
        unsigned with = 0;
        for (const auto &access : b.ram.seen) {
            EXPECT_TRUE(access.attributes.translated);
            with += access.attributes.ssv && access.attributes.ssid == 7;
        }
        EXPECT_EQ(with != 0, enabled);
    }
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

// --- behind a port ---

// Bus 1 with memory at `engine`, and requests that are forwarded.
struct open_port {
    static constexpr std::uint64_t config = std::uint64_t{ats_bench::port} << 12;

    open_port()
    {
        software &ecam = the_bench->ecam;
        ecam.write(config + 0x18, 0x010100);   // secondary and subordinate bus
        ecam.write(config + 0x20, 0x10101010); // memory from 0x10100000 to 0x101fffff
        ecam.write(config + 4, 6, 2);
    }
};

struct function_behind_port : open_port, function_with_ats {
    function_behind_port() : function_with_ats(ats_bench::behind_port) {}

    void set_blocking(bool on)
    {
        std::uint64_t acs = 0x100;
        while (b.ecam.read(open_port::config + acs, 2) != 0x0D)
            acs = b.ecam.read(open_port::config + acs) >> 20;
        b.ecam.write(open_port::config + acs + 6, on ? 2 : 0, 2);
    }
};

TEST_F(function_behind_port, SendsTranslatedRequests)
{
    map(va, pa);
    ASSERT_EQ(run(fill, va), done);
    EXPECT_EQ(last_for(va).sid, std::uint32_t{ats_bench::behind_port});
    ASSERT_FALSE(b.ram.seen.empty());
    for (const auto &access : b.ram.seen)
        EXPECT_TRUE(access.attributes.translated);
}

// PCI Express Base Specification 6.0, 6.12.1.1: a Translation Request is one whose AT field is not
// Untranslated, so ACS Translation Blocking ends it at the port, with Completer Abort.
TEST_F(function_behind_port, TranslationRequestsEndAtAPortThatBlocksTranslation)
{
    map(va, pa);
    set_blocking(true);
    run(fill, va);
    EXPECT_EQ(b.smmu.requests.size(), 0u);
    EXPECT_EQ(b.low.read(page(0) + 0x20), 1u) << "the descriptor could not be read";
    EXPECT_EQ(b.ecam.read(function_with_ats::config + 6, 2) & 0x3000, 0x1000u)
        << "received target abort";
    EXPECT_TRUE(b.ram.seen.empty());
    set_blocking(false);
    open(0);
    EXPECT_EQ(run(fill, va), done);
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

// The data of ring 0 are on their way from 1010 to 2010 ns, those of ring 1 from 1610 to 2610.
TEST_F(function_with_ats, CompletesInvalidationsBeforeRequestsThatBeganLater)
{
    map(va, pa);
    map(va + 0x1000, pa + 0x1000);
    b.ram.latency = ns(1000);
    start(fill, va);
    sc_core::sc_start(ns(600));
    start(fill, va + 0x1000, 64, 1);
    sc_core::sc_start(ns(900));
    invalidate(va);
    const auto *sync = start_sync();
    sc_core::sc_start(ns(400));
    EXPECT_FALSE(sync->over);
    sc_core::sc_start(ns(400));
    EXPECT_TRUE(sync->over && sync->completed);
    EXPECT_EQ(get(pa + 0x1000, 8), 0u) << "still under way";
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
    const auto sent = now();
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

// IHI 0070 3.5.6.1: what one Command queue sent is no matter of another's CMD_SYNC.
TEST_F(function_with_ats, TimesOutForTheQueueThatAsked)
{
    map(va, pa);
    b.ram.latency = ns(300'000);
    start(fill, va);
    sc_core::sc_start(ns(100));
    invalidate(va, sid, 7);
    const auto *other = start_sync(4);
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(other->over && other->completed) << "it does not wait";
    sc_core::sc_start(ns(150'000));
    other = start_sync(4);
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(other->over && other->completed) << "nor is it told";
    const auto *own = start_sync(7);
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(own->over);
    EXPECT_FALSE(own->completed);
}

TEST_F(function_with_ats, ThatCompletesTooLateHasTimedOutForTheQueueThatAsked)
{
    map(va, pa);
    b.ram.latency = ns(300'000);
    start(fill, va);
    sc_core::sc_start(ns(100));
    invalidate(va, sid, 7);
    sc_core::sc_start(ns(400'000));
    const auto *other = start_sync(0);
    const auto *own = start_sync(7);
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(other->over && other->completed);
    EXPECT_TRUE(own->over && !own->completed);
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

// It takes 60 of the 100 us that it has.
class slow_function_with_ats : public function_with_ats {
  protected:
    slow_function_with_ats() : function_with_ats(ats_bench::slow) {}
};

TEST_F(slow_function_with_ats, UsesAStaleTranslationUntilItCompletes)
{
    map(va, 0x50000);
    EXPECT_EQ(run(fill, va), done);
    map(va, 0x60000);
    put(0x50000, 0, 8);
    invalidate(va);
    const auto *sync = start_sync();
    sc_core::sc_start(ns(50'000));
    EXPECT_EQ(run(fill, va), done);
    EXPECT_EQ(get(0x50000, 8), 0x1111111111111111u);
    EXPECT_FALSE(sync->over);
    sc_core::sc_start(ns(10'000));
    EXPECT_TRUE(sync->over && sync->completed);
    EXPECT_EQ(run(fill, va), done);
    EXPECT_EQ(get(0x60000, 8), 0x1111111111111111u);
}

// Beside the 10 ns of a burst.
TEST_F(slow_function_with_ats, TakesTimeForEachLookUp)
{
    map(va, 0x50000);
    EXPECT_EQ(run(crc, va), done);
    b.ram.seen.clear();
    EXPECT_EQ(run(crc, va), done);
    ASSERT_EQ(b.ram.seen.size(), 4u);
    EXPECT_EQ(b.ram.seen[1].time - b.ram.seen[0].time, ns(17));
    EXPECT_EQ(b.ram.seen[2].time - b.ram.seen[1].time, ns(17));
}

TEST_F(slow_function_with_ats, DoesSeveralInvalidationsAtATime)
{
    invalidate(va);
    sc_core::sc_start(ns(30'000));
    invalidate(va + 0x1000);
    const auto sent = now();
    const auto *sync = start_sync();
    sc_core::sc_start(ns(90'000));
    EXPECT_TRUE(sync->over && sync->completed);
    EXPECT_EQ(sync->at - sent, ns(60'000));
}

// The depth of its queue is 32, which the capability writes as 0.
TEST_F(slow_function_with_ats, HoldsAsManyInvalidationsAsItSays)
{
    unsigned sent = 0;
    ASSERT_EQ(b.ecam.read(config + ats + 4, 2) & 0x1f, 0u);
    sc_core::sc_spawn([&] {
        for (; sent < 40; sent++)
            invalidate(va + 0x1000 * std::uint64_t{sent});
    });
    sc_core::sc_start(ns(50'000));
    EXPECT_EQ(sent, 32u) << "the SMMU waits";
    sc_core::sc_start(ns(20'000));
    EXPECT_EQ(sent, 40u);
    const auto *sync = start_sync();
    sc_core::sc_start(ns(60'000));
    EXPECT_TRUE(sync->over && sync->completed);
}

TEST_F(function_with_ats, ThatHasNoRoomInTimeTimesOut)
{
    const std::uint64_t before = b.root().timeouts();
    unsigned sent = 0;
    map(va, pa);
    b.ram.latency = ns(300'000);
    start(fill, va);
    sc_core::sc_start(ns(310'000)); // the descriptor is read, the data are being written
    sc_core::sc_spawn([&] {
        for (; sent < 34; sent++)
            invalidate(va);
    });
    sc_core::sc_start(ns(150'000));
    EXPECT_EQ(sent, 33u) << "one was given up after 100 us";
    sc_core::sc_start(ns(100'000));
    EXPECT_EQ(sent, 34u);
    const auto *sync = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(sync->over && !sync->completed);
    EXPECT_EQ(b.root().timeouts(), before + 34u);
    const auto *next = start_sync();
    sc_core::sc_start(ns(10));
    EXPECT_TRUE(next->over && next->completed) << "they are forgotten";
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

} // namespace test::test_ats
