// SPDX-License-Identifier: Apache-2.0
// DPT walks: registers, both levels, lookup faults (IHI 0070 3.24.3, 3.24.4).
#include <algorithm>

#include "core/dpt_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_dpt_walk {
namespace {

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
                // Both tables are aligned by hardware: to 4 KiB, and to all of their entries.
                const uint64_t size0 =
                    std::max<uint64_t>(uint64_t{8} << (sizes[ps] - region), 4096);
                const uint64_t size1 = uint64_t{8} << (region - granule - 1);
                configure(base + 2 * size0 - 0x1000, l0 << 20 | gs << 14 | ps);
                for (const uint64_t at : {uint64_t{0x12345678}, uint64_t{0xb7c8'd9ea'fb0c},
                                          uint64_t{0xffff'ffff'f000}}) {
                    const uint64_t pa = at & ones(sizes[ps]);
                    const uint64_t l0_at = base + size0 + (pa >> region) * 8;
                    const uint64_t l1_at =
                        level1 + size1 +
                        (pa >> (granule + 1)) % (uint64_t{1} << (region - granule - 1)) * 8;
                    dut.mem.store64(l0_at, (level1 + 2 * size1 - 0x1000) | 3);
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

// 3.24.3, 13.8: CR1.TABLE_*, and nothing of QUEUE_*.
TEST_F(DptWalk, AttributesAreThoseThatCr1GivesTables)
{
    table.grant(page, {2, 0, 0});
    dut.update_cr0(0);
    dut.write32(CR1, 2u << 10 | 1u << 8 | 2u << 6 | 3u << 4 | 0u << 2 | 0u); // OSH, WB, WT
    dut.update_cr0(enables);
    dut.mem.clear_log();
    expect_forward(read(page), page);
    ASSERT_EQ(fetches(), 2u);
    for (const mem_access &access : dut.mem.log())
        if (access.req.fetch == SMMU_FETCH_DPT) {
            EXPECT_EQ(access.req.attr.sh, SMMU_SH_OUTER);
            EXPECT_EQ(access.req.attr.mair, 0xc8); // outer [7:4], inner [3:0]
        }
}

class DptLabels : public DptWalk {
  protected:
    explicit DptLabels(const smmu_config &cfg = config()) : DptWalk(cfg) {}
    static smmu_config config()
    {
        smmu_config cfg = dpt_uncached_config();
        cfg.arch = 2;
        cfg.mpam = cfg.pasidtt = true;
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

// ... and not those of the CD, which the transaction itself goes by.
TEST_F(DptLabels, AreThoseOfTheSteWithASubstreamIdToo)
{
    stage1.stream().partid = 0x21;
    stage1.stream().s1mpam = 0;
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 2;
    stage1.context().partid = 0x12;
    publish();
    dut.mem.store_image(stage1.cd_address() + 64, stage1.context().encode());
    for (const bool own : {false, true}) {
        stage1.stream().s1mpam = own;
        stage1.stream().config = STE_S1_TRANS;
        publish();
        table.grant(page, {2, 0, 0});
        smmu_txn txn = device_under_test::transaction(nested, page, translated_read);
        txn.ssv = true;
        txn.ssid = 1;
        smmu_result r{};
        smmu_translate(dut.smmu(), &txn, &r);
        expect_forward(r, page);
        EXPECT_EQ(r.mpam.partid, own ? 0x12 : 0x21);
        ASSERT_EQ(fetches(), 2u);
        for (const mem_access &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_DPT) {
                EXPECT_EQ(access.req.mpam.partid, 0x21);
            }
    }
}

// --- configurations (3.24.4, 6.3.47)
// --------------------------------------------------------------

// All of them, for the sizes of output that there are.
TEST(DptRegisters, ConfigurationsAreValidOrALookupFault)
{
    for (const unsigned oas : {32u, 36u, 40u, 42u, 44u, 48u}) {
        smmu_config cfg = dpt_uncached_config(oas);
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

class DptWideAddresses : public DptWalk {
  protected:
    DptWideAddresses() : DptWalk(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = dpt_uncached_config(56);
        cfg.d128 = cfg.aie = cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.mteperm = true;
        cfg.vax52 = cfg.vax56 = true;
        cfg.arch = 4;
        cfg.e0pd = cfg.epan = cfg.ptwnnc = true;
        return cfg;
    }
};

// Output of 56 bits: the table is about 52 of them at most, and lies anywhere (6.3.46, 6.3.47).
TEST_F(DptWideAddresses, TablesAreAboutFiftyTwoBitsAndLieAnywhere)
{
    const uint64_t base = 0x80'0000'0000'0000, level1 = 0xc0'0000'0000'0000;
    const uint64_t at = 0xa'bcde'f012'3000, beyond = uint64_t{1} << 52;
    configure(base, L0_512G << 20 | DPTGS_4K << 14 | DPTPS_52);
    EXPECT_EQ(dut.read64(DPT_BASE), base);
    dut.mem.store64(base + 8 * (at >> 39), level1 | 3);
    dut.mem.store64(level1 + 8 * (at >> 13 & ones(26)), dpt_granules({}, dpt_fields{2, 1, 0}));
    expect_forward(write(at), at);
    EXPECT_EQ(fetches(), 2u);
    for (const uint64_t far : {beyond, at | beyond << 3}) {
        expect_forbidden(read(far), far);
        EXPECT_EQ(fetches(), 2u);
    }
    expect_no_lookup_fault();
    configure(base, L0_512G << 20 | DPTGS_4K << 14 | 7);
    expect_lookup_fault(read(at | beyond << 3), at | beyond << 3, walk_fault, 0);
}

// --- aborts --------------------------------------------------------------------------------------

TEST_F(DptWalk, AbortsAreToldByTheirLevel)
{
    table.grant(page, {2, 0, 0});
    const uint64_t l0 = table.l0_entry(page), l1 = table.l1_entry(page);
    dut.mem.abort_on({l1, l1 + 7, SMMU_FETCH_DPT});
    expect_lookup_fault(read(page + 0xabc), page + 0xabc, external_abort, 1);
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
            dut.write64(DPT_BASE, 0);  // RO still
            dut.translate(alone, ipa); // whatever the host was asked for is done
        });
        expect_forward(read(page), page);
        EXPECT_EQ(dut.mem.before, nullptr);
        EXPECT_EQ(ack, enables) << level;
        EXPECT_EQ(dut.read32(CR0ACK), off) << "the end of the walk asks the host to run";
        expect_lookup_fault(read(page), page, disabled, 0);
        dut.update_cr0(enables);
    }
}

// 6.3.9: an enable is in force once it is acknowledged, until it is written 0.
TEST_F(DptWalk, NoneBeginsDuringAnUpdateOfItsEnable)
{
    table.grant(page, {2, 0, 0});
    const uint32_t off = enables & ~uint32_t{CR0_DPT_WALK_EN};
    for (const uint32_t to : {off, enables}) {
        smmu_reg_write(dut.smmu(), CR0, 4, to);
        ASSERT_EQ(dut.read32(CR0ACK), to ^ CR0_DPT_WALK_EN);
        const smmu_txn txn = device_under_test::transaction(alone, page, translated_read);
        smmu_result r{};
        smmu_translate(dut.smmu(), &txn, &r);
        EXPECT_EQ(fetches(), 0u);
        expect_lookup_fault(r, page, disabled, 0);
        smmu_run(dut.smmu());
        EXPECT_EQ(dut.read32(CR0ACK), to);
    }
    expect_forward(read(page), page);
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

// What walks for it has another stream take its place in the configuration cache.
class DptLabelsHeld : public DptLabels {
  protected:
    DptLabelsHeld() : DptLabels(config()) {}
    static smmu_config config()
    {
        smmu_config cfg = DptLabels::config();
        cfg.config_cache = {1, 1};
        return cfg;
    }
};

TEST_F(DptLabelsHeld, ThroughAWalk)
{
    entry.partid = 0x21;
    stage1.stream().partid = 0x12;
    publish();
    table.grant(page, {2, 0, 0});
    expect_forward(read(page), page); // from here on the configuration is cached
    std::vector<uint32_t> labels;
    during(dut, SMMU_FETCH_DPT, 0, [&] {
        dut.translate(nested, va);
        dut.mem.clear_log();
    });
    EXPECT_EQ(read(page).mpam.partid, 0x21);
    for (const mem_access &access : dut.mem.log())
        if (access.req.fetch == SMMU_FETCH_DPT)
            labels.push_back(access.req.mpam.partid);
    EXPECT_THAT(labels, testing::Contains(0x21u));
    EXPECT_THAT(labels, testing::Not(testing::Contains(0x12u)));
}

} // namespace
} // namespace test_dpt_walk
