// SPDX-License-Identifier: Apache-2.0
// DMA while its mappings change: a function copies from pages to pages that software maps, moves
// and unmaps meanwhile, behind the SMMU itself. A page that has lost its mapping may be reached
// until the invalidation that software does then has completed (IHI 0070 4.5.1), and never after.
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>

#include "smmu_host_bench.hpp"

namespace test_remap {
namespace {

using test::smmu_host_bench;
using tlm_test::bench;

constexpr std::uint64_t page_size = smmu_host_bench::page_size;
constexpr std::uint32_t sid = smmu_host_bench::sid;

struct style {
    const char *name;
    smmu::timing_mode mode;
    std::uint32_t outstanding;
};

void PrintTo(const style &wanted, std::ostream *out)
{
    *out << wanted.name;
}

class remapping : public testing::TestWithParam<style> {
  protected:
    // Pages are copied to those `sources` higher, at the same offset.
    static constexpr unsigned sources = 16;
    static constexpr unsigned pages = 2 * sources;
    static constexpr std::uint64_t va = 0x7'1234'5000;

    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = GetParam().mode;
        t.lookup = sc_core::sc_time(3, sc_core::SC_NS);
        t.walk_issue = sc_core::sc_time(5, sc_core::SC_NS);
        return t;
    }

    remapping()
    {
        b.memory.before = [this](std::uint64_t address) {
            sc_core::wait(static_cast<double>(random() % 60), sc_core::SC_NS);
            arrive(address);
        };
        for (unsigned ring = 0; ring < smmu_host_bench::rings; ring++)
            s.map(smmu_host_bench::descriptors + page_size * ring,
                  smmu_host_bench::descriptors + page_size * ring);
        s.entry().eats = 1;
        s.publish();
    }

    static std::uint64_t address(unsigned page) { return va + page_size * page; }

    // --- mappings ---

    // What was page `page` until now stays reachable for a while.
    void unmap(unsigned page)
    {
        if (at[page] == 0)
            return;
        s.unmap(address(page));
        leaving.push_back(at[page]);
        at[page] = 0;
    }

    // To memory that nobody has had yet. That of a source says where it is, byte for byte.
    void map(unsigned page)
    {
        unmap(page);
        at[page] = next;
        frames[next] = {page, true};
        for (std::uint64_t offset = 0; offset < page_size && page < sources; offset += 8)
            b.memory.store64(next + offset, label(page, offset));
        s.map(address(page), next);
        next += page_size;
    }

    static std::uint64_t label(unsigned page, std::uint64_t offset)
    {
        return (page + 1) * 0x1'0000'0000 + offset;
    }

    // The SMMU first, the function then, each until it has completed (4.5.1).
    void invalidate(const std::vector<unsigned> &changed)
    {
        const bool everything = random() % 4 == 0;

        if (everything)
            b.submit(support::tlbi_nh_asid(s.asid()));
        for (unsigned i = 0; i < changed.size() && !everything; i++)
            b.submit(support::tlbi_nh_va(address(changed[i]), s.asid()));
        b.sync();
        pause();
        if (everything)
            b.submit(support::cmd_atc_inv({sid, false, 0, false, 0, 52}));
        for (unsigned i = 0; i < changed.size() && !everything; i++)
            b.submit(support::cmd_atc_inv({sid, false, 0, false, address(changed[i]), 0}));
        b.sync();
        for (const std::uint64_t frame : leaving)
            frames[frame].reachable = false;
        leaving.clear();
    }

    // --- work ---

    void keep_busy()
    {
        for (unsigned ring = 0; ring < smmu_host_bench::rings; ring++) {
            if (ends + ring >= smmu_host_bench::rings && h.status(ring) == 0)
                continue;
            ends++;
            const unsigned page = random() % sources;
            const std::uint64_t offset = random() % 56 * 64;
            h.start_copy(ring, address(page) + offset, address(page + sources) + offset,
                         64 + random() % 8 * 64, random() % 3 == 0);
        }
    }

    void pause() { sc_core::wait(static_cast<double>(random() % 400), sc_core::SC_NS); }

    // An access gets to memory.
    void arrive(std::uint64_t address)
    {
        const auto frame = frames.find(address & ~(page_size - 1));

        if (frame == frames.end())
            return;
        accesses++;
        late += !frame->second.reachable;
        stale += at[frame->second.page] != frame->first;
    }

    // Whatever was copied is from the page and the place it should be from.
    void check_destinations()
    {
        for (const auto &[base, frame] : frames) {
            if (frame.page < sources)
                continue;
            for (std::uint64_t offset = 0; offset < page_size; offset += 8) {
                const std::uint64_t got = b.memory.load64(base + offset);
                if (got == 0)
                    continue;
                copied++;
                ASSERT_EQ(got, label(frame.page - sources, offset));
            }
        }
    }

    struct frame {
        unsigned page;
        bool reachable;
    };

    std::mt19937 random{17};
    smmu_host_bench h{times(), GetParam().outstanding};
    bench &b = h.b;
    tlm_test::stream s{b, sid};
    std::map<std::uint64_t, frame> frames; // all that were ever mapped, by address
    std::uint64_t at[pages] = {};          // where pages are now; 0: nowhere
    std::vector<std::uint64_t> leaving;    // frames that are invalidated next
    std::uint64_t next = smmu_host_bench::frames;
    unsigned ends = 0;     // descriptors begun
    unsigned accesses = 0; // to frames
    unsigned late = 0;     // of them after the invalidation
    unsigned stale = 0;    // of them before it, after the mapping
    unsigned copied = 0;   // words
};

TEST_P(remapping, ReachesNothingAfterItsInvalidation)
{
    b.run([this] {
        h.bring_up();
        for (unsigned page = 0; page < pages; page++)
            map(page);
        for (unsigned round = 0; round < 150; round++) {
            for (unsigned step = 0; step < 20; step++) {
                keep_busy();
                pause();
            }
            std::vector<unsigned> changed;
            for (unsigned page = 0; page < pages; page++) {
                if (random() % 3 != 0)
                    continue;
                changed.push_back(page);
                if (random() % 4 == 0)
                    unmap(page);
                else
                    map(page);
                keep_busy();
            }
            pause();
            invalidate(changed);
        }
        check_destinations();
    });
    EXPECT_EQ(late, 0u);
    EXPECT_GT(stale, 100u) << "or nothing was put to the test";
    EXPECT_GT(accesses, 5000u);
    EXPECT_GT(copied, 5000u);
}

INSTANTIATE_TEST_SUITE_P(modes, remapping,
                         testing::Values(style{"lt", smmu::timing_mode::loosely_timed, 1},
                                         style{"at", smmu::timing_mode::approximately_timed, 1},
                                         style{"at_outstanding",
                                               smmu::timing_mode::approximately_timed, 8}),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace test_remap
