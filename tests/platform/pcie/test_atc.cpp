// SPDX-License-Identifier: Apache-2.0
// The address translation cache, and what the capabilities make of page requests.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "pcie/pcie_atc.h"
#include "pcie_bench.hpp"
#include "vp/device.h"

namespace test_atc {
namespace {

pcie_translation page(std::uint64_t addr, bool r = true, bool w = true, std::uint8_t span = 12)
{
    pcie_translation answer = {};
    answer.addr = addr;
    answer.span_log2 = span;
    answer.r = r;
    answer.w = w;
    return answer;
}

class cache : public ::testing::Test {
  protected:
    static constexpr pcie_atc_tag plain = {VP_NO_SSID, false};

    explicit cache(pcie_atc_config config = {4, 2}) : atc(create(config), pcie_atc_destroy) {}

    static pcie_atc *create(pcie_atc_config config)
    {
        char reason[80] = "";
        pcie_atc *made = pcie_atc_create(&config, reason, sizeof reason);
        EXPECT_NE(made, nullptr) << reason;
        return made;
    }

    bool fill(std::uint64_t addr, const pcie_translation &answer, pcie_atc_tag tag = plain)
    {
        return pcie_atc_fill(atc.get(), pcie_atc_epoch(atc.get()), tag, addr, &answer);
    }

    bool knows(std::uint64_t addr, pcie_atc_tag tag = plain)
    {
        return pcie_atc_lookup(atc.get(), tag, addr, &found);
    }

    void invalidate(std::uint64_t addr, std::uint8_t span, std::uint32_t pasid = VP_NO_SSID,
                    bool global = false)
    {
        const pcie_invalidation inv = {addr, span, pasid, global};
        pcie_atc_invalidate(atc.get(), &inv);
    }

    const pcie_atc_stats &stats() { return *pcie_atc_get_stats(atc.get()); }

    std::unique_ptr<pcie_atc, void (*)(pcie_atc *)> atc;
    pcie_translation found = {};
};

TEST(an_address_translation_cache, IsCheckedForSense)
{
    char reason[80] = "";
    const pcie_atc_config odd = {3, 1};
    EXPECT_EQ(pcie_atc_create(&odd, reason, sizeof reason), nullptr);
    EXPECT_EQ(std::string(reason), "sets: not a power of two");
    const pcie_atc_config huge = {0x10000, 0x10001};
    EXPECT_EQ(pcie_atc_create(&huge, reason, sizeof reason), nullptr);
    EXPECT_EQ(std::string(reason), "more than 65536 entries");
}

TEST_F(cache, KnowsAWholeSpanOnce)
{
    EXPECT_FALSE(knows(0x201234));
    fill(0x200000, page(0x40000000, true, false, 21));
    ASSERT_TRUE(knows(0x201234));
    EXPECT_EQ(found.addr, 0x40000000u);
    EXPECT_TRUE(found.r && !found.w);
    EXPECT_TRUE(knows(0x3fffff));
    EXPECT_FALSE(knows(0x400000));
    EXPECT_FALSE(knows(0x1fffff));
    EXPECT_EQ(stats().hits, 2u);
    EXPECT_EQ(stats().misses, 3u);
}

TEST_F(cache, KeepsPasidsAndPrivilegeApart)
{
    atc.reset(create({4, 4}));
    fill(0x1000, page(0xa000));
    fill(0x1000, page(0xb000), {1, false});
    fill(0x1000, page(0xc000), {1, true});
    ASSERT_TRUE(knows(0x1000));
    EXPECT_EQ(found.addr, 0xa000u);
    ASSERT_TRUE(knows(0x1000, {1, false}));
    EXPECT_EQ(found.addr, 0xb000u);
    ASSERT_TRUE(knows(0x1000, {1, true}));
    EXPECT_EQ(found.addr, 0xc000u);
    EXPECT_FALSE(knows(0x1000, {2, false}));
}

TEST_F(cache, ForgetsWhatWasUsedLeastRecently)
{
    fill(0x0000, page(0xa000));
    fill(0x4000, page(0xb000)); // the same set
    EXPECT_TRUE(knows(0x0000));
    fill(0x8000, page(0xc000));
    EXPECT_TRUE(knows(0x0000));
    EXPECT_FALSE(knows(0x4000));
    EXPECT_TRUE(knows(0x8000));
    EXPECT_EQ(stats().evictions, 1u);
}

TEST_F(cache, ReplacesWhatItKnewOfAnAddress)
{
    fill(0x1000, page(0xa000, true, false));
    fill(0x0000, page(0x40000000, true, true, 21));
    ASSERT_TRUE(knows(0x0000));
    EXPECT_EQ(found.span_log2, 21);
    fill(0x1000, page(0xa000, true, true));
    ASSERT_TRUE(knows(0x1000));
    EXPECT_TRUE(found.w);
    EXPECT_EQ(stats().evictions, 0u);
}

TEST_F(cache, KeepsNothingThatGrantsNothing)
{
    EXPECT_TRUE(fill(0x1000, page(0xa000, false, false)));
    EXPECT_FALSE(knows(0x1000));
    pcie_translation refused = page(0xa000);
    refused.status = PCIE_UNSUPPORTED;
    EXPECT_TRUE(fill(0x1000, refused));
    EXPECT_FALSE(knows(0x1000));
    EXPECT_EQ(stats().fills, 0u);
}

TEST_F(cache, InvalidatesARange)
{
    fill(0x1000, page(0xa000));
    fill(0x2000, page(0xb000));
    fill(0x200000, page(0x40000000, true, true, 21));
    invalidate(0x2000, 12);
    EXPECT_TRUE(knows(0x1000));
    EXPECT_FALSE(knows(0x2000));
    invalidate(0x345000, 12);
    EXPECT_FALSE(knows(0x200000)) << "a part of the span";
    invalidate(0x0000, 14);
    EXPECT_FALSE(knows(0x1000)) << "a range around the page";
    fill(0x1000, page(0xa000));
    invalidate(0, 64);
    EXPECT_FALSE(knows(0x1000));
    EXPECT_EQ(stats().invalidations, 4u);
}

TEST_F(cache, InvalidatesByPasid)
{
    const auto refill = [&] {
        fill(0x1000, page(0xa000));
        fill(0x1000, page(0xb000), {1, false});
        fill(0x1000, page(0xc000), {2, true});
    };
    const auto known = [&] {
        return unsigned{knows(0x1000)} | unsigned{knows(0x1000, {1, false})} << 1 |
               unsigned{knows(0x1000, {2, true})} << 2;
    };

    atc.reset(create({4, 4}));
    refill();
    EXPECT_EQ(known(), 7u);
    invalidate(0x1000, 12, 1);
    EXPECT_EQ(known(), 5u);
    refill();
    invalidate(0x1000, 12, 1, true);
    EXPECT_EQ(known(), 1u) << "Global: of all PASIDs";
    refill();
    invalidate(0x1000, 12);
    EXPECT_EQ(known(), 0u) << "without PASID: all there is";
}

TEST_F(cache, RefusesAnAnswerThatCrossedAnInvalidation)
{
    const std::uint64_t epoch = pcie_atc_epoch(atc.get());
    const pcie_translation answer = page(0xa000);
    invalidate(0x7000, 12);
    EXPECT_FALSE(pcie_atc_fill(atc.get(), epoch, plain, 0x1000, &answer));
    EXPECT_FALSE(knows(0x1000));
    EXPECT_TRUE(fill(0x1000, answer));
    pcie_atc_flush(atc.get());
    EXPECT_FALSE(knows(0x1000));
}

TEST_F(cache, RefusesAnAnswerFromBeforeItWasEmptied)
{
    const std::uint64_t epoch = pcie_atc_epoch(atc.get());
    const pcie_translation answer = page(0xa000);
    pcie_atc_flush(atc.get());
    EXPECT_FALSE(pcie_atc_fill(atc.get(), epoch, plain, 0x1000, &answer));
    EXPECT_FALSE(knows(0x1000));
}

// Of all sizes: a page that was filled before the block around it does not come back.
TEST_F(cache, ReplacesAllThatItKnewOfAnAddress)
{
    fill(0x1000, page(0xa000));
    fill(0x0000, page(0x40000000, true, true, 21));
    fill(0x1000, page(0xc000));
    ASSERT_TRUE(knows(0x1000));
    EXPECT_EQ(found.addr, 0xc000u);
    EXPECT_FALSE(knows(0x0000)) << "of the block";
}

TEST_F(cache, WithoutEntriesKeepsNothing)
{
    for (const pcie_atc_config none : {pcie_atc_config{0, 4}, pcie_atc_config{4, 0}}) {
        atc.reset(create(none));
        EXPECT_TRUE(fill(0x1000, page(0xa000)));
        EXPECT_FALSE(knows(0x1000));
        invalidate(0, 64);
    }
}

// Against a list of all that may be known: what is known is always right.
TEST_F(cache, NeverKnowsWhatWasInvalidated)
{
    std::mt19937 random(1);
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> truth; // PASID and page

    for (unsigned i = 0; i < 20000; i++) {
        const std::uint32_t pasid = random() % 3 ? random() % 2 : VP_NO_SSID;
        const std::uint64_t addr = random() % 32 * 0x1000;
        const auto span = static_cast<std::uint8_t>(12 + random() % 3);
        const std::uint64_t first = addr >> span << span;
        if (random() % 4 == 0) {
            invalidate(first, span, pasid);
            for (auto at = truth.begin(); at != truth.end();) {
                const bool hit = (pasid == VP_NO_SSID || at->first.first == pasid) &&
                                 at->first.second >> span == addr >> span;
                at = hit ? truth.erase(at) : std::next(at);
            }
        } else if (!knows(addr, {pasid, false})) {
            const std::uint64_t to = std::uint64_t{random() % 1024} << 14;
            bool known = false;
            for (std::uint64_t at = first; at < first + (1ull << span); at += 0x1000)
                known = known || knows(at, {pasid, false});
            if (known)
                continue;
            for (std::uint64_t at = first; at < first + (1ull << span); at += 0x1000)
                truth[{pasid, at}] = to + (at - first);
            fill(first, page(to, true, true, span), {pasid, false});
        }
        if (knows(addr, {pasid, false})) {
            const auto row = truth.find({pasid, addr});
            ASSERT_NE(row, truth.end());
            EXPECT_EQ(found.addr + (addr & ((1ull << found.span_log2) - 1)), row->second);
        }
    }
    EXPECT_GT(stats().evictions, 100u);
}

// --- page requests ---

class page_requests : public ::testing::Test {
  protected:
    explicit page_requests(const pcie_fn_desc &desc = full_endpoint()) : fn(desc)
    {
        at = fn.ext(0x13);
        fn.set(at + 12, 2);
        fn.set(at + 4, 1, 2);
    }

    std::uint32_t status() { return fn.get(at + 6, 2); }
    pcie_page_permit begin(unsigned wanted = 1)
    {
        requests = wanted;
        return pcie_fn_page_begin(fn.fn.get(), &requests, &index);
    }
    void abandon() { pcie_fn_page_abandon(fn.fn.get(), index); }
    void respond(unsigned code) { pcie_fn_page_response(fn.fn.get(), index, code); }
    bool end() { return pcie_fn_page_end(fn.fn.get(), index, &code); }

    test_fn fn;
    unsigned at = 0;
    std::uint16_t index = 0;
    unsigned requests = 0;
    pcie_prg_code code = PCIE_PRG_SUCCESS;
};

TEST_F(page_requests, NeedTheInterfaceAndAnAllocation)
{
    fn.set(at + 12, 0);
    EXPECT_EQ(begin(), PCIE_PAGE_OFF);
    fn.set(at + 12, 1);
    fn.set(at + 4, 0, 2);
    EXPECT_EQ(begin(), PCIE_PAGE_OFF);
}

TEST_F(page_requests, AreNoMoreThanAllocated)
{
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
    EXPECT_EQ(index, 1u);
    EXPECT_EQ(begin(), PCIE_PAGE_WAIT);
    EXPECT_FALSE(end());
    respond(PCIE_PRG_INVALID);
    EXPECT_TRUE(end());
    EXPECT_EQ(code, PCIE_PRG_INVALID);
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
    EXPECT_EQ(status(), 0u);
}

TEST_F(page_requests, AreNoMoreThanTheCapacityWhateverIsAllocated)
{
    fn.set(at + 12, 65);
    ASSERT_EQ(fn.get(at + 8, 4), 64u);
    EXPECT_EQ(begin(65), PCIE_PAGE_ASK);
    EXPECT_EQ(requests, 64u);
}

pcie_fn_desc with_many_requests()
{
    pcie_fn_desc desc = full_endpoint();
    desc.pri.capacity = PCIE_PRI_GROUPS;
    return desc;
}

struct many_page_requests : page_requests {
    many_page_requests() : page_requests(with_many_requests()) {}
};

// An index is in use until somebody has looked at the answer.
TEST_F(many_page_requests, WaitForAnIndex)
{
    fn.set(at + 12, PCIE_PRI_GROUPS);
    for (unsigned i = 0; i < PCIE_PRI_GROUPS; i++) {
        ASSERT_EQ(begin(), PCIE_PAGE_ASK);
        respond(PCIE_PRG_SUCCESS);
    }
    EXPECT_EQ(begin(), PCIE_PAGE_WAIT);
    index = 77;
    EXPECT_TRUE(end());
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
    EXPECT_EQ(index, 77u);
}

TEST_F(page_requests, OfAGroupCountOneByOne)
{
    fn.set(at + 12, 5);
    EXPECT_EQ(begin(3), PCIE_PAGE_ASK);
    EXPECT_EQ(requests, 3u);
    EXPECT_EQ(begin(3), PCIE_PAGE_ASK);
    EXPECT_EQ(requests, 2u) << "what is left";
    EXPECT_EQ(begin(1), PCIE_PAGE_WAIT);
    respond(PCIE_PRG_SUCCESS);
    EXPECT_TRUE(end());
    EXPECT_EQ(begin(3), PCIE_PAGE_ASK);
    EXPECT_EQ(requests, 2u) << "those of the group that was answered";
}

TEST_F(page_requests, NobodyWaitsForAreOutstandingUntilTheyAreAnswered)
{
    EXPECT_EQ(begin(2), PCIE_PAGE_ASK);
    abandon();
    EXPECT_EQ(begin(), PCIE_PAGE_WAIT);
    respond(PCIE_PRG_SUCCESS);
    EXPECT_EQ(status(), 0u) << "the response is no surprise";
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
    EXPECT_EQ(index, 0u);
}

TEST_F(page_requests, ThatAreAnsweredMayBeAbandonedToo)
{
    fn.set(at + 12, 1);
    begin();
    respond(PCIE_PRG_SUCCESS);
    abandon();
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
    EXPECT_EQ(index, 0u);
}

TEST_F(page_requests, NobodyWaitsForAreEndedByAResetToo)
{
    begin();
    abandon();
    fn.set(at + 4, 0, 2);
    EXPECT_EQ(status(), 0u);
    fn.set(at + 4, 2, 2);
    EXPECT_EQ(status(), 0x100u);
    respond(PCIE_PRG_SUCCESS);
    EXPECT_EQ(status(), 0x102u) << "unexpected";
}

TEST_F(page_requests, UnexpectedResponsesAreRecorded)
{
    respond(PCIE_PRG_SUCCESS);
    EXPECT_EQ(status(), 2u);
    fn.set(at + 6, 2, 2);
    EXPECT_EQ(status(), 0u);
    index = PCIE_PRI_GROUPS;
    respond(PCIE_PRG_SUCCESS);
    EXPECT_EQ(status(), 2u);
}

TEST_F(page_requests, FailAltogether)
{
    begin();
    begin();
    respond(PCIE_PRG_FAILURE);
    for (index = 0; index < 2; index++) {
        EXPECT_TRUE(end());
        EXPECT_EQ(code, PCIE_PRG_FAILURE);
    }
    EXPECT_EQ(status(), 1u);
    EXPECT_EQ(begin(), PCIE_PAGE_FAILED);
    fn.set(at + 6, 1, 2);
    EXPECT_EQ(begin(), PCIE_PAGE_ASK);
}

TEST_F(page_requests, StopOnceNoneIsOutstanding)
{
    begin();
    fn.set(at + 4, 0, 2);
    EXPECT_EQ(status(), 0u);
    respond(PCIE_PRG_SUCCESS);
    EXPECT_EQ(status(), 0x100u);
}

TEST_F(page_requests, ResetOfTheInterfaceEndsThem)
{
    begin();
    fn.set(at + 4, 3, 2);
    EXPECT_FALSE(end()) << "no effect while it is enabled";
    fn.set(at + 4, 2, 2);
    EXPECT_TRUE(end());
    EXPECT_EQ(code, PCIE_PRG_FAILURE);
    EXPECT_EQ(status(), 0x100u);
}

TEST_F(page_requests, ResetOfTheFunctionEndsThem)
{
    begin();
    pcie_fn_reset(fn.fn.get());
    EXPECT_TRUE(end());
    EXPECT_EQ(code, PCIE_PRG_FAILURE);
}

} // namespace
} // namespace test_atc
