// SPDX-License-Identifier: Apache-2.0
// Descriptors of the Device Permission Table (IHI 0070 3.24.3.1, 3.24.4).
#include "core/dpt_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_dpt_descriptors {
namespace {

// --- descriptors of level 0 ----------------------------------------------------------------------

enum class is { invalid, no_access, granted, level1 };

is level0_of(uint64_t word)
{
    const uint64_t rest = word >> 2;
    switch (word & 3) {
    case 0:
        return rest == 0 ? is::no_access : is::invalid;
    case 1: {
        const bool mbz = (word & 0xffff'ffff'0000'ffe0) != 0;
        const unsigned ac = word >> 2 & 3;
        return mbz || ac == 3 || (ac == 2 && word >> 16 != 0) ? is::invalid : is::granted;
    }
    case 3:
        return word & 0xffff'0000'0000'0ffc ? is::invalid : is::level1; // OAS is 48 bits
    default:
        return is::invalid;
    }
}

TEST_F(DptWalk, EachBitOfLevel0IsPartOfAFieldOrMakesItInvalid)
{
    entry.dpt_vmatch = 2; // VMIDs do not count
    publish();
    const uint64_t bases[] = {0, 1, 2, 3, 0x9, 0xd, 0x5, 0x0000'0000'abcd'0015, 0x5000'0000'0003};
    for (const uint64_t base : bases)
        for (unsigned bit = 0; bit < 65; ++bit) {
            const uint64_t word = bit < 64 ? base ^ uint64_t { 1 } << bit : base;
            SCOPED_TRACE(testing::Message() << std::hex << word);
            table.set_l0(page, word);
            dut.mem.clear_log();
            const smmu_result r = read(page);
            switch (level0_of(word)) {
            case is::invalid:
                expect_lookup_fault(r, page, walk_fault, 0);
                break;
            case is::no_access:
                expect_forbidden(r, page);
                break;
            case is::granted:
                expect_forward(r, page);
                EXPECT_EQ(r.span_log2, 30);
                break;
            case is::level1:
                EXPECT_EQ(fetches(), 2u); // of memory that nothing was written to
                expect_forbidden(r, page);
                break;
            }
        }
    expect_no_lookup_fault();
}

// --- descriptors of level 1 ----------------------------------------------------------------------

// The upper granule, with granules of 4 KiB and L0DPTSZ of 1 GiB.
is level1_of(uint64_t word)
{
    const unsigned a = word & 3, contig = a == 3 ? word >> 8 & 15 : 0;
    const bool lower = (a & 1) != 0, upper = (a & 2) != 0 && contig == 0;
    uint64_t known = 3;
    known |= lower ? 0x0000'0000'ffff'001c : 0;
    known |= upper ? 0xffff'001c'0000'0000 : 0;
    known |= a == 3 ? 0xf00 : 0;
    const auto bad = [](unsigned ac, uint64_t vmid) { return ac == 3 || (ac == 2 && vmid != 0); };
    if ((word & ~known) != 0 || contig > 5 || (lower && bad(word >> 2 & 3, word >> 16 & 0xffff)) ||
        (upper && bad(word >> 34 & 3, word >> 48)))
        return is::invalid;
    return contig != 0 || upper ? is::granted : is::no_access;
}

TEST_F(DptWalk, EachBitOfLevel1IsPartOfAFieldOrMakesItInvalid)
{
    entry.dpt_vmatch = 2;
    publish();
    const uint64_t bases[] = {0,
                              1,
                              2,
                              3,
                              0x0000'0000'0000'0009,
                              0x0000'0008'0000'0002,
                              0x0000'0008'0000'000b,
                              0x1234'0014'abcd'0017,
                              0x0000'0000'abcd'0113,
                              0x0000'0000'0000'050b};
    for (const uint64_t base : bases)
        for (unsigned bit = 0; bit < 65; ++bit) {
            const uint64_t word = bit < 64 ? base ^ uint64_t { 1 } << bit : base;
            SCOPED_TRACE(testing::Message() << std::hex << word);
            table.set_l1(page, word);
            const smmu_result r = read(page);
            switch (level1_of(word)) {
            case is::no_access:
                expect_forbidden(r, page);
                break;
            case is::granted:
                expect_forward(r, page);
                break;
            default:
                expect_lookup_fault(r, page, walk_fault, 1);
                break;
            }
        }
    expect_no_lookup_fault();
}

TEST_F(DptWalk, UpperAndLowerGranulesHaveTheirFields)
{
    table.set_l1(page, dpt_granules(dpt_fields{2, 1, 0}, dpt_fields{0, 0, 6}));
    expect_forward(write(page - 0x1000), page - 0x1000);
    expect_forward(read(page), page);
    expect_forbidden(write(page), page, false);
    table.set_l1(page, dpt_granules(dpt_fields{0, 0, 5}, dpt_fields{2, 1, 0}));
    expect_forward(write(page), page);
    expect_forbidden(read(page - 0x1000), page - 0x1000);
}

// Contig: region sizes, and which are Reserved for the shape.
TEST_F(DptWalk, ContiguousRegionsHaveTheirSizes)
{
    const unsigned sizes[] = {0, 16, 21, 25, 29, 30, 34, 36};
    for (const unsigned gs : {DPTGS_4K, DPTGS_64K, DPTGS_16K})
        for (const unsigned l0 : {L0_1G, L0_16G, L0_64G, L0_512G}) {
            dpt_builder tables(dut, {DPTPS_48, gs, l0});
            configure(dpt_builder::base, tables.shape().base_cfg());
            for (unsigned contig = 1; contig < 16; ++contig) {
                SCOPED_TRACE(testing::Message() << gs << ' ' << l0 << ' ' << contig);
                const bool valid =
                    contig < 8 && sizes[contig] <= 30 + l0 && !(contig == 1 && gs == DPTGS_64K);
                for (const uint64_t at : {uint64_t{0x4567'1234'5000},
                                          uint64_t{0x4567'1234'5000} ^ uint64_t{0x1'0000}}) {
                    tables.set_l1(at, dpt_contiguous({2, 1, 0}, contig));
                    const smmu_result r = write(at);
                    if (!valid) {
                        expect_abort(r, F_TRANSL_FORBIDDEN);
                        EXPECT_EQ(dut.read64(DPT_CFG_FAR), (at & ~uint64_t{0xfff}) | 0x13);
                        dut.write64(DPT_CFG_FAR, 0);
                        dut.acknowledge_gerror();
                        dut.pop_events();
                    } else {
                        expect_forward(r, at);
                        EXPECT_EQ(r.span_log2, sizes[contig]);
                    }
                }
            }
        }
}

TEST_F(DptWalk, BlocksAreAsLargeAsL0dptszSays)
{
    for (const unsigned l0 : {L0_1G, L0_16G, L0_64G, L0_512G}) {
        SCOPED_TRACE(l0);
        const dpt_builder tables(dut, {DPTPS_48, DPTGS_4K, l0});
        const uint64_t at = 0x4567'1234'5000;
        configure(dpt_builder::base, tables.shape().base_cfg());
        dut.mem.store64(tables.l0_entry(at), dpt_block({2, 1, 0}));
        const smmu_result r = write(at);
        expect_forward(r, at);
        EXPECT_EQ(r.span_log2, 30 + l0);
        EXPECT_EQ(r.tag.va, at & ~ones(30 + l0));
        dut.mem.store64(tables.l0_entry(at), 0);
    }
}

TEST_F(DptWalk, VmidsHaveSixteenBits)
{
    for (const unsigned own : {0x106u, 0x8006u, 6u}) {
        entry.s2vmid = own;
        publish();
        for (const unsigned vmid : {0x106u, 0x8006u, 6u}) {
            SCOPED_TRACE(testing::Message() << std::hex << own << ' ' << vmid);
            table.grant(page, {0, 0, vmid});
            if (vmid == own)
                expect_forward(read(page), page);
            else
                expect_forbidden(read(page), page);
        }
    }
}

class DptSmallVmids : public DptWalk {
  protected:
    DptSmallVmids() : DptWalk(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = dpt_uncached_config();
        cfg.vmid16 = false;
        return cfg;
    }
};

TEST_F(DptSmallVmids, UpperBitsOfVmidsAreRes0)
{
    for (const unsigned ac : {0u, 1u}) {
        table.set_l0(page, dpt_block({ac, 0, 0x106}));
        expect_lookup_fault(read(page), page, walk_fault, 0);
        for (const uint64_t word : {dpt_granules({}, dpt_fields{ac, 0, 0x106}),
                                    dpt_granules(dpt_fields{ac, 0, 0x106}, dpt_fields{ac, 0, 6}),
                                    dpt_contiguous({ac, 0, 0x106}, 1)}) {
            table.set_l0(page, 0);
            dpt_builder fresh(dut);
            fresh.set_l1(page, word);
            expect_lookup_fault(read(page), page, walk_fault, 1);
        }
    }
}

TEST_F(DptSmallVmids, EachUpperBitIsRes0AndEachLowerOneIsNot)
{
    for (unsigned bit = 0; bit < 16; ++bit) {
        SCOPED_TRACE(bit);
        const unsigned vmid = 1u << bit;
        for (const uint64_t word : {dpt_granules({}, dpt_fields{0, 0, vmid}),
                                    dpt_granules(dpt_fields{1, 0, vmid}, dpt_fields{2, 0, 0}),
                                    dpt_contiguous({0, 0, vmid}, 1)}) {
            entry.dpt_vmatch = 2;
            publish();
            dpt_builder fresh(dut);
            fresh.set_l1(page, word);
            if (bit >= 8)
                expect_lookup_fault(read(page), page, walk_fault, 1);
            else
                expect_forward(read(page), page);
        }
        table.set_l0(page, dpt_block({1, 0, vmid}));
        if (bit >= 8)
            expect_lookup_fault(read(page), page, walk_fault, 0);
        else
            expect_forward(read(page), page);
    }
}

TEST_F(DptSmallVmids, AreComparedWhole)
{
    for (unsigned bit = 0; bit < 8; ++bit) {
        table.set_l0(page, dpt_block({0, 0, 6u ^ 1u << bit}));
        expect_forbidden(read(page), page);
    }
    expect_no_lookup_fault();
}

} // namespace
} // namespace test_dpt_descriptors
