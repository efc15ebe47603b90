// SPDX-License-Identifier: Apache-2.0
// DPT walks: registers, both levels, descriptors, lookup faults (IHI 0070 3.24.3, 3.24.4).
#include "core/dpt_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_dpt_walk {
namespace {

constexpr unsigned disabled = 0, walk_fault = 1, external_abort = 3; // DPT_FAULTCODE

// Nothing is kept, so that each access walks.
smmu_config uncached(unsigned oas_bits = 48)
{
    smmu_config cfg = dpt_config();
    cfg.dpt_tlb = cfg.utlb = cfg.tbu_tlb = {0, 0};
    cfg.oas_bits = static_cast<uint8_t>(oas_bits);
    return cfg;
}

class DptWalk : public DptTest {
  protected:
    explicit DptWalk(const smmu_config &cfg = uncached()) : DptTest(cfg) {}

    void configure(uint64_t base, uint32_t base_cfg)
    {
        dut.update_cr0(enables & ~uint32_t{CR0_DPT_WALK_EN});
        dut.write64(DPT_BASE, base);
        dut.write32(DPT_BASE_CFG, base_cfg);
        dut.update_cr0(enables);
        dut.mem.clear_log();
    }

    std::vector<uint64_t> fetched()
    {
        std::vector<uint64_t> addresses;
        for (const mem_access &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_DPT)
                addresses.push_back(access.req.addr);
        return addresses;
    }
};

// --- where descriptors are ----------------------------------------------------------------------

// Table 3.35, for every shape there is: which bits of the address are the indexes.
TEST_F(DptWalk, IndexesAreTheBitsOfTheAddress)
{
    const unsigned sizes[] = {32, 36, 40, 42, 44, 48};
    const std::pair<unsigned, unsigned> granules[] = {{0, 12}, {1, 16}, {2, 14}};
    const std::pair<unsigned, unsigned> regions[] = {{0, 30}, {4, 34}, {6, 36}, {9, 39}};
    const uint64_t base = 0x6000'0000'0000, level1 = 0x5000'0000'0000;
    for (unsigned ps = 0; ps < 6; ++ps)
        for (const auto &[gs, granule] : granules)
            for (const auto &[l0, region] : regions) {
                if (region > sizes[ps])
                    continue;
                SCOPED_TRACE(testing::Message() << ps << ' ' << gs << ' ' << l0);
                configure(base, l0 << 20 | gs << 14 | ps);
                for (const uint64_t at : {uint64_t{0x12345678}, uint64_t{0xb7c8'd9ea'fb0c},
                                          uint64_t{0xffff'ffff'f000}}) {
                    const uint64_t pa = at & ones(sizes[ps]);
                    const uint64_t l0_at = base + (pa >> region) * 8;
                    const uint64_t l1_at = level1 + (pa >> (granule + 1)) %
                                                        (uint64_t{1} << (region - granule - 1)) * 8;
                    dut.mem.store64(l0_at, level1 | 3);
                    // The half that the lowest bit of the index selects: AC 0b10.
                    dut.mem.store64(l1_at, pa >> granule & 1 ? 0x8'0000'0002 : 0x9);
                    dut.mem.clear_log();
                    expect_forward(read(pa), pa);
                    EXPECT_THAT(fetched(), ElementsAre(l0_at, l1_at));
                    dut.mem.store64(l1_at, pa >> granule & 1 ? 0x9 : 0x8'0000'0002);
                    expect_forbidden(read(pa), pa);
                }
            }
}

TEST_F(DptWalk, TablesAreAlignedByHardware)
{
    // 2^(48 - 30) entries of level 0 are 2 MiB, of 4 KiB granules at level 1 1 MiB.
    configure(0x6000'0000'0000 | 0x1f'f000, 0 << 20 | 0 << 14 | DPTPS_48);
    dut.mem.store64(0x6000'0000'0000, 0x5000'0000'0000 | 0xf'f000 | 3);
    dut.mem.store64(0x5000'0000'0000 + 8 * 5, 9);
    expect_forward(read(0xa000), 0xa000);
    // Of four entries it is 4 KiB all the same.
    configure(0x6000'0000'1000, DPTPS_32);
    dut.mem.store64(0x6000'0000'1008, 0x9);
    expect_forward(read(0x4000'0000), 0x4000'0000);
}

TEST_F(DptWalk, ReadsAreEightBytesWithTheAttributesOfTables)
{
    table.grant(page, {2, 0, 0});
    for (const bool allocate : {false, true}) {
        configure(dpt_builder::base | uint64_t{allocate} << 62, table.shape().base_cfg());
        expect_forward(read(page), page);
        ASSERT_EQ(fetches(), 2u);
        for (const mem_access &access : dut.mem.log()) {
            if (access.req.fetch != SMMU_FETCH_DPT)
                continue;
            EXPECT_EQ(access.req.size, 8u);
            EXPECT_EQ(access.req.pas, SMMU_PAS_NS);
            EXPECT_EQ(access.req.sid, alone);
            EXPECT_EQ(access.req.attr.sh, SMMU_SH_INNER); // CR1.TABLE_SH
            EXPECT_EQ(access.req.attr.mair, allocate ? 0xee : 0xcc);
        }
    }
}

class DptLabels : public DptWalk {
  protected:
    DptLabels() : DptWalk(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = uncached();
        cfg.arch = 2;
        cfg.mpam = true;
        return cfg;
    }
};

TEST_F(DptLabels, AreThoseOfTheSte)
{
    entry.partid = 0x21;
    entry.pmg = 1;
    publish();
    table.grant(page, {2, 0, 0});
    expect_forward(read(page), page);
    ASSERT_EQ(fetches(), 2u);
    for (const mem_access &access : dut.mem.log())
        if (access.req.fetch == SMMU_FETCH_DPT) {
            EXPECT_EQ(access.req.mpam.partid, 0x21);
            EXPECT_EQ(access.req.mpam.pmg, 1);
            EXPECT_EQ(access.req.mpam.space, SMMU_SEC_NS);
        }
    table.refuse(page);
    EXPECT_EQ(read(page).mpam.partid, 0x21) << "of what is refused, too";
}

// --- configurations (3.24.4, 6.3.47)
// --------------------------------------------------------------

// All of them, for the sizes of output that there are.
TEST(DptRegisters, ConfigurationsAreValidOrALookupFault)
{
    for (const unsigned oas : {32u, 36u, 40u, 42u, 44u, 48u}) {
        smmu_config cfg = uncached(oas);
        cfg.gran16k = oas != 36;
        cfg.gran64k = oas != 40;
        device_under_test dut(cfg);
        dut.bring_up();
        ste entry; // whose CD is not looked at
        entry.config = STE_S1_TRANS;
        entry.eats = 3;
        dut.set_ste(6, entry);
        for (unsigned l0 = 0; l0 < 16; ++l0)
            for (unsigned gs = 0; gs < 4; ++gs)
                for (unsigned ps = 0; ps < 8; ++ps) {
                    const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 99};
                    const unsigned region = l0 == 0   ? 30
                                            : l0 == 4 ? 34
                                            : l0 == 6 ? 36
                                            : l0 == 9 ? 39
                                                      : 99;
                    const bool granule =
                        gs == 0 || (gs == 1 && cfg.gran64k) || (gs == 2 && cfg.gran16k);
                    const bool valid = bits[ps] <= oas && region <= bits[ps] && granule;
                    const uint32_t on = CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_ATSCHK;
                    dut.update_cr0(on);
                    dut.write64(DPT_BASE, 0x7000'0000);
                    dut.write32(DPT_BASE_CFG, l0 << 20 | gs << 14 | ps);
                    dut.update_cr0(on | CR0_DPT_WALK_EN);
                    dut.mem.clear_log();
                    const smmu_result r = dut.translate(6, 0x1000, translated_read);
                    EXPECT_EQ(r.event, F_TRANSL_FORBIDDEN); // No Access there
                    EXPECT_EQ(dut.mem.count(SMMU_FETCH_DPT), valid ? 1u : 0u);
                    EXPECT_EQ(dut.read64(DPT_CFG_FAR), valid ? 0u : 0x1011u)
                        << oas << ' ' << l0 << ' ' << gs << ' ' << ps;
                    dut.write64(DPT_CFG_FAR, 0);
                    dut.acknowledge_gerror();
                    dut.pop_events();
                }
    }
}

TEST_F(DptWalk, BeyondItsSizeIsNoAccess)
{
    configure(dpt_builder::base, DPTPS_36);
    dut.mem.store64(dpt_builder::base, 0x9);
    for (const uint64_t at : {uint64_t{1} << 36, uint64_t{1} << 47}) {
        expect_forbidden(read(at), at);
        EXPECT_EQ(fetches(), 0u);
    }
    expect_no_lookup_fault();
}

TEST_F(DptWalk, BeyondItsSizeIsLookedAtLast) // 3.24.1: only without a lookup fault
{
    const uint64_t at = uint64_t{1} << 40;
    configure(dpt_builder::base, 3 << 14 | DPTPS_36); // DPTGS is Reserved
    expect_lookup_fault(read(at), at, walk_fault, 0);
    dut.update_cr0(enables & ~uint32_t{CR0_DPT_WALK_EN});
    expect_lookup_fault(read(at), at, disabled, 0);
}

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

class DptSmallVmids : public DptWalk {
  protected:
    DptSmallVmids() : DptWalk(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = uncached();
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

// --- aborts --------------------------------------------------------------------------------------

TEST_F(DptWalk, AbortsAreToldByTheirLevel)
{
    table.grant(page, {2, 0, 0});
    const uint64_t l0 = table.l0_entry(page), l1 = table.l1_entry(page);
    dut.mem.abort_on({l1, l1 + 7, SMMU_FETCH_DPT});
    expect_lookup_fault(read(page), page, external_abort, 1);
    dut.mem.abort_on({l0, l0 + 7, SMMU_FETCH_DPT});
    expect_lookup_fault(read(page), page, external_abort, 0);
    dut.mem.clear_aborts();
    expect_forward(read(page), page);
}

TEST_F(DptWalk, AbortsCanBeInjected)
{
    table.grant(page, {2, 0, 0});
    smmu_inject(dut.smmu(), SMMU_INJECT_DPT_ABORT, 1);
    expect_lookup_fault(read(page), page, external_abort, 0);
    expect_forward(read(page), page);
}

// --- what happens meanwhile ----------------------------------------------------------------------

// 6.3.9: once the Update to 0 is complete there are no fetches.
TEST_F(DptWalk, WalksEndBeforeTheyAreAcknowledgedAsDisabled)
{
    table.grant(page, {2, 0, 0});
    const uint32_t off = enables & ~uint32_t{CR0_DPT_WALK_EN};
    for (const unsigned level : {0u, 1u}) {
        uint32_t ack = 0;
        during(dut, SMMU_FETCH_DPT, level, [&] {
            dut.write32(CR0, off);
            ack = dut.read32(CR0ACK);
            dut.write64(DPT_BASE, 0); // RO still
        });
        expect_forward(read(page), page);
        EXPECT_EQ(dut.mem.before, nullptr);
        EXPECT_EQ(ack, enables) << level;
        smmu_run(dut.smmu());
        EXPECT_EQ(dut.read32(CR0ACK), off);
        expect_lookup_fault(read(page), page, disabled, 0);
        dut.update_cr0(enables);
    }
}

TEST_F(DptWalk, EndOfTranslationOvertakesAWalk) // 6.3.9.6
{
    table.set_l0(page, 2); // invalid
    during(dut, SMMU_FETCH_DPT, 0, [&] { dut.update_cr0(enables & ~uint32_t{CR0_SMMUEN}); });
    expect_forbidden(read(page), page); // as SMMUEN is 0
    expect_no_lookup_fault();
}

TEST_F(DptWalk, ResetOvertakesAWalk)
{
    table.set_l0(page, 2);
    during(dut, SMMU_FETCH_DPT, 0, [&] { smmu_reset(dut.smmu()); });
    read(page);
    expect_no_lookup_fault();
    dut.bring_up();
    EXPECT_EQ(dut.read32(CR0ACK), dut.read32(CR0));
}

// A configuration that goes while the DPT is read is the one that counts for the check.
TEST_F(DptWalk, TheStreamIsHeldThroughAWalk)
{
    table.grant(page, {0, 0, 6});
    during(dut, SMMU_FETCH_DPT, 1, [&] {
        entry.s2vmid = 9;
        dut.set_ste(alone, entry);
        dut.submit(cfgi_all());
    });
    expect_forward(read(page), page);
    expect_forbidden(read(page), page);
}

} // namespace
} // namespace test_dpt_walk
