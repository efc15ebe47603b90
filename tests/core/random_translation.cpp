// SPDX-License-Identifier: Apache-2.0
// Random configurations, tables and accesses of both stages: answers, event records and updated
// descriptors are compared with the oracle. SMMU_TEST_ACCESSES sets the accesses per variant.
#include <cstring>

#include "core/core_test.hpp"
#include "core/oracle_access.hpp"
#include "core/random_world.hpp"

using namespace support;

namespace random_translation {
namespace {

constexpr unsigned accesses_per_round = 160;
constexpr unsigned accesses_per_long_round = 1000;
constexpr unsigned long default_accesses = 80000;
constexpr unsigned long default_accesses_with_changes = 40000;

struct variant {
    const char *name;
    uint64_t seed;
    void (*adjust)(smmu_config &);
    stream_table_shape strtab;
    uint32_t cr2;
};

void PrintTo(const variant &v, std::ostream *out)
{
    *out << v.name;
}

class RandomTranslation : public testing::TestWithParam<variant> {
  protected:
    RandomTranslation() : rng(GetParam().seed), dut(config()), world(dut, rng)
    {
        bring_up_options options;
        options.evtq_log2 = 4;
        options.strtab = GetParam().strtab;
        options.cr2 |= GetParam().cr2;
        dut.bring_up(options);
        dut.mem.keep_log(false);
        dut.mem.before = [this](const smmu_mem_req &req) {
            accesses.push_back(req);
            if (req.fetch == SMMU_FETCH_TTD_UPDATE &&
                !dut.mem.aborts(req.addr, req.size, SMMU_FETCH_TTD_UPDATE))
                updated.push_back(req.addr);
        };
        dut.write64(reg::S2PII, random_world::s2pii);
        if (dut.config().mpam) {
            dut.write32(reg::GMPAM, reg::MPAM_UPDATE | static_cast<uint32_t>(rng.bits(24)));
            dut.write32(reg::GBPMPAM, reg::MPAM_UPDATE | static_cast<uint32_t>(rng.bits(24)));
        }
        regs = read_registers(dut);
    }

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.vmsa32 = false; // variants of their own have both kinds of tables
        cfg.btm = true;
        GetParam().adjust(cfg);
        return cfg;
    }

    oracle::answer ask_oracle(const oracle::transaction &txn)
    {
        return ::ask_oracle(dut, regs, txn);
    }

    smmu_result ask_core(const oracle::transaction &txn)
    {
        smmu_txn t{};
        t.addr = txn.addr;
        t.sid = txn.sid;
        t.ssid = txn.ssid;
        t.ssv = txn.ssv;
        t.write = txn.write;
        t.instr = txn.instr;
        t.priv = txn.priv;
        t.attr = {txn.mair, txn.sh};
        t.tbu = dut.config().tbus > 1 ? static_cast<uint8_t>(rng.below(dut.config().tbus)) : 0;
        t.stall = txn.can_stall ? &room : nullptr;
        smmu_result result{};
        updated.clear();
        accesses.clear();
        smmu_translate(dut.smmu(), &t, &result);
        return result;
    }

    void compare_forward(const oracle::transaction &txn, const smmu_result &have,
                         const oracle::answer &want);
    void compare_record(const oracle::answer &want);
    void compare_updates(const oracle::answer &want);
    void compare_labels(const oracle::answer &want);
    void compare(const oracle::transaction &txn);

    random_source rng;
    device_under_test dut;
    random_world world;
    oracle::registers regs;
    smmu_stall room{};
    std::vector<smmu_mem_req> accesses; // of the core during the last one
    std::vector<uint64_t> updated;      // descriptors the core swapped during the last access
    std::array<unsigned long, 256> seen{};
    unsigned long stalled = 0, changed = 0, labelled = 0, wide = 0, wide_updates = 0;
    unsigned long of_runs = 0; // answers larger than a page that no block has
    unsigned long top_level = 0, assured_tables = 0, assured_only = 0, assured = 0;
};

void RandomTranslation::compare_forward(const oracle::transaction &txn, const smmu_result &have,
                                        const oracle::answer &want)
{
    ASSERT_EQ(have.addr, want.addr);
    // A cached translation may not know yet that its page has become dirty.
    const unsigned unsure = want.dirty_managed || (want.rights & SMMU_PERM_W) ? SMMU_PERM_W : 0;
    if (dut.config().httu >= SMMU_HTTU_DIRTY) {
        ASSERT_EQ(have.perm | unsure, want.rights | unsure);
        ASSERT_EQ(have.perm & ~want.rights, 0u);
    } else {
        ASSERT_EQ(have.perm, want.rights);
    }
    ASSERT_EQ(have.attr.mair, want.mair);
    ASSERT_EQ(have.attr.sh, want.sh);
    ASSERT_EQ(have.instr, want.instr);
    ASSERT_EQ(have.priv, want.priv);
    ASSERT_EQ(have.out_instr, want.out_instr);
    ASSERT_EQ(have.out_priv, want.out_priv);
    ASSERT_EQ(have.mpam.partid, want.mpam.partid);
    ASSERT_EQ(have.mpam.pmg, want.mpam.pmg);
    for (const unsigned log2 : {16u, 20u, 24u, 28u}) // and no block of 64-bit tables
        of_runs += have.span_log2 == log2 && dut.config().contiguous;
    // Any other address of the span has the same answer.
    ASSERT_LE(have.span_log2, 64u);
    const uint64_t mask = ones(have.span_log2);
    oracle::transaction other = txn;
    other.addr = (txn.addr & ~mask) | rng.bits(have.span_log2);
    const oracle::answer there = ask_oracle(other);
    ASSERT_EQ(there.what, oracle::outcome::forward);
    ASSERT_EQ(there.addr, (want.addr & ~mask) | (other.addr & mask));
}

void RandomTranslation::compare_record(const oracle::answer &want)
{
    auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), want.recorded ? 1u : 0u);
    if (!want.recorded)
        return;
    if (want.what == oracle::outcome::stalled)
        records[0].word[1] &= ~ones(16); // STAG
    ASSERT_EQ(records[0].word, want.record) << event::decode(records[0]);
}

void RandomTranslation::compare_updates(const oracle::answer &want)
{
    for (const oracle::update &u : want.updates) {
        std::vector<uint8_t> now(u.before.size());
        dut.mem.load(u.addr, now.data(), now.size());
        if (!u.optional || now != u.before) {
            ASSERT_EQ(now, u.after) << "descriptor at 0x" << std::hex << u.addr;
        }
        changed += u.before != u.after;
    }
    for (uint64_t addr : updated) {
        const bool expected =
            std::any_of(want.updates.begin(), want.updates.end(),
                        [addr](const oracle::update &u) { return u.addr == addr; });
        ASSERT_TRUE(expected) << "update at 0x" << std::hex << addr;
    }
}

// Caches have spared the core some of the accesses that the oracle makes.
void RandomTranslation::compare_labels(const oracle::answer &want)
{
    for (const smmu_mem_req &req : accesses) {
        if (req.fetch > SMMU_FETCH_TTD_UPDATE)
            continue; // a record
        const bool expected = std::any_of(
            want.accesses.begin(), want.accesses.end(), [&req](const oracle::labelled_access &a) {
                return fetch_class(a.what) == req.fetch && a.addr == req.addr &&
                       a.with == oracle::label{req.mpam.partid, req.mpam.pmg};
            });
        ASSERT_TRUE(expected) << "access " << unsigned{req.fetch} << " at 0x" << std::hex
                              << req.addr << " PARTID 0x" << req.mpam.partid;
        labelled += req.mpam.partid != 0;
        wide += req.fetch == SMMU_FETCH_TTD && req.size == 16;
        wide_updates += req.fetch == SMMU_FETCH_TTD_UPDATE && req.size == 16;
    }
}

void RandomTranslation::compare(const oracle::transaction &txn)
{
    const oracle::answer want = ask_oracle(txn);
    const smmu_result have = ask_core(txn);
    static const smmu_outcome outcomes[] = {SMMU_FORWARD, SMMU_ABORT, SMMU_RAZWI, SMMU_STALLED};
    ASSERT_EQ(have.outcome, outcomes[static_cast<unsigned>(want.what)])
        << "core " << smmu_event_name(have.event) << " oracle "
        << smmu_event_name(static_cast<uint8_t>(want.fault));
    ASSERT_EQ(have.event, want.fault);
    if (want.what == oracle::outcome::forward)
        compare_forward(txn, have, want);
    compare_record(want);
    compare_updates(want);
    compare_labels(want);
    if (want.what == oracle::outcome::stalled) {
        dut.resumed.clear();
        dut.submit(cmd_stall_term(txn.sid));
        ASSERT_EQ(dut.resumed.size(), 1u);
        ASSERT_EQ(dut.resumed[0].stall, &room);
        ++stalled;
    }
    ++seen[want.fault];
    top_level += want.top_level;
    assured_tables += want.assured_only && want.structure;
    assured_only += want.assured_only && want.fault != 0 && !want.structure;
    assured += want.assured_only && want.fault == 0;
}

TEST_P(RandomTranslation, AgreesWithTheOracle)
{
    const unsigned long total = accesses_wanted(default_accesses);
    for (unsigned long done = 0; done < total; ++done) {
        if (done % accesses_per_round == 0)
            world.build();
        const oracle::transaction txn = world.access();
        compare(txn);
        if (HasFatalFailure()) {
            FAIL() << "seed " << GetParam().seed << " access " << done << std::hex << " addr 0x"
                   << txn.addr << " sid 0x" << txn.sid << " ssv " << txn.ssv << " ssid 0x"
                   << txn.ssid << " write " << txn.write << " instr " << txn.instr << " priv "
                   << txn.priv << " mair 0x" << unsigned{txn.mair};
        }
    }
    // The comparison is worth something only if it reached every kind of answer.
    for (unsigned type : {0u, unsigned{C_BAD_STREAMID}, unsigned{F_STE_FETCH}, unsigned{C_BAD_STE},
                          unsigned{C_BAD_SUBSTREAMID}, unsigned{F_CD_FETCH}, unsigned{C_BAD_CD},
                          unsigned{F_WALK_EABT}, unsigned{F_TRANSLATION}, unsigned{F_ADDR_SIZE},
                          unsigned{F_ACCESS}, unsigned{F_PERMISSION}})
        EXPECT_GT(seen[type], total / 8000) << smmu_event_name(static_cast<uint8_t>(type));
    EXPECT_GT(seen[0], total / (dut.config().the ? 24 : 12));
    if (dut.config().stall_model != SMMU_TERMINATE_ONLY) {
        EXPECT_GT(stalled, total / 100);
    }
    if (dut.config().httu != SMMU_HTTU_NONE) {
        EXPECT_GT(changed, total / 500);
    }
    if (dut.config().contiguous) {
        EXPECT_GT(of_runs, total / 200);
    }
    if (dut.config().d128) {
        EXPECT_GT(wide, total / 10);
        EXPECT_GT(wide_updates, total / 500);
    }
    if (dut.config().the) {
        for (unsigned long count : {top_level, assured_tables, assured_only, assured})
            EXPECT_GT(count, total / 4000);
    }
    if (dut.config().mpam) {
        EXPECT_EQ(labelled > total / 8, dut.config().partid_max != 0);
        EXPECT_EQ(seen[F_VMS_FETCH] > total / 8000, dut.config().partid_max != 0);
    }
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

// What clients do again and again while software changes structures and tables, and issues no more
// maintenance than it has to.
class RandomChanges : public RandomTranslation {
  protected:
    RandomChanges()
    {
        switch_translation();
        dut.write32(reg::CR2, regs.cr2 & ~reg::CR2_PTM);
        switch_translation();
    }

    oracle::transaction again()
    {
        if (recent.size() < pool) {
            recent.push_back(world.access());
            return recent.back();
        }
        oracle::transaction &txn = recent[rng.below(recent.size())];
        if (rng.one_in(16))
            txn = world.access();
        return txn;
    }

    void switch_translation()
    {
        on = !on;
        dut.update_cr0(dut.read32(reg::CR0) ^ reg::CR0_SMMUEN);
        regs = read_registers(dut);
    }

    static constexpr size_t pool = 16;
    std::vector<oracle::transaction> recent;
    bool on = true;
};

TEST_P(RandomChanges, AgreeWithTheOracle)
{
    const unsigned long total = accesses_wanted(default_accesses_with_changes);
    unsigned pace = 1; // accesses for each change
    for (unsigned long done = 0; done < total; ++done) {
        if (done % accesses_per_long_round == 0) {
            if (!on)
                switch_translation();
            world.build(false);
            recent.clear();
            pace = 4u << rng.below(5);
        }
        const oracle::transaction txn = again();
        if (rng.one_in(pace))
            world.change();
        if (rng.one_in(4))
            world.disturb(txn);
        if (rng.one_in(on ? 300 : 6))
            switch_translation();
        compare(txn);
        if (HasFatalFailure()) {
            FAIL() << "seed " << GetParam().seed << " access " << done << std::hex << " addr 0x"
                   << txn.addr << " sid 0x" << txn.sid << " ssv " << txn.ssv << " ssid 0x"
                   << txn.ssid << " write " << txn.write << " instr " << txn.instr << " priv "
                   << txn.priv << " mair 0x" << unsigned{txn.mair};
        }
    }
    const smmu_stats &stats = *smmu_get_stats(dut.smmu());
    for (const auto &[sets, hits] : {std::pair(dut.config().utlb.sets, stats.utlb_hits),
                                     std::pair(dut.config().tlb.sets, stats.tlb_hits)})
        EXPECT_EQ(hits > total / 100, sets != 0);
    EXPECT_GT(seen[0], total / 12);
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

const variant variants[] = {
    {"Default", 0x5eed0001, [](smmu_config &) {}, {8, 0}, 0},
    {"TinyCaches",
     0x5eed0002,
     [](smmu_config &c) {
         c.config_cache = {2, 1}, c.tlb = {4, 2}, c.utlb = {2, 2}, c.ssid_bits = 8;
         c.tbus = 3;
         c.walk_s1 = {1, 2}, c.walk_s2 = {2, 1};
     },
     {8, 6},
     reg::CR2_E2H},
    {"NoCaches",
     0x5eed0003,
     [](smmu_config &c) {
         c.config_cache = {0, 0}, c.tlb = c.utlb = {0, 0}, c.walk_s1 = {0, 0}, c.walk_s2 = {0, 0};
     },
     {8, 6},
     0},
    {"TlbInTheTbu",
     0x5eed000a,
     [](smmu_config &c) {
         c.utlb = {2, 2}, c.tbu_tlb = {8, 4}, c.tlb = {4, 4}, c.walk_s1 = {2, 4};
         c.utlb_policy = SMMU_REPLACE_PLRU, c.tbu_tlb_policy = SMMU_REPLACE_RANDOM;
         c.tlb_policy = c.config_cache_policy = SMMU_REPLACE_RRIP;
         c.walk_s1_policy = SMMU_REPLACE_FIFO, c.walk_s2_policy = SMMU_REPLACE_PLRU;
     },
     {8, 6},
     0},
    {"SmallOutput",
     0x5eed0004,
     [](smmu_config &c) { c.oas_bits = 36, c.ssid_bits = 4, c.httu = SMMU_HTTU_ACCESS; },
     {8, 0},
     0},
    {"LargeAddresses",
     0x5eed0005,
     [](smmu_config &c) { c.arch = 3, c.oas_bits = 52, c.vax52 = c.e0pd = c.ptwnnc = true; },
     {8, 0},
     reg::CR2_E2H},
    {"LargeAddressesOfAllGranules",
     0x5eed000c,
     [](smmu_config &c) { c.oas_bits = 52, c.vax52 = c.ds = c.epan = c.aie = true; },
     {8, 0},
     reg::CR2_E2H},
    {"LargeInputOfAllGranules",
     0x5eed000d,
     [](smmu_config &c) {
         c.vax52 = c.ds = c.vmsa32 = true;
         c.tlb = {4, 2}, c.utlb = {2, 2}, c.walk_s1 = {1, 3}, c.walk_s2 = {2, 2};
     },
     {8, 6},
     0},
    {"IndirectPermissions",
     0x5eed000e,
     [](smmu_config &c) {
         c.arch = 4, c.e0pd = true;
         c.s1pi = c.s2pi = c.s2po = c.epan = c.aie = c.ptwnnc = c.mteperm = true;
     },
     {8, 0},
     0},
    {"IndirectPermissionsWithoutUpdates",
     0x5eed000f,
     [](smmu_config &c) {
         c.s1pi = c.s2pi = c.s2po = c.epan = c.vax52 = c.ds = true;
         c.oas_bits = 52, c.httu = SMMU_HTTU_ACCESS;
         c.tlb = {4, 2}, c.utlb = {2, 2}, c.walk_s1 = {1, 3}, c.walk_s2 = {2, 2};
     },
     {8, 6},
     reg::CR2_E2H},
    {"IndirectPermissionsWithTlbInTheTbu",
     0x5eed0010,
     [](smmu_config &c) {
         c.s1pi = c.s2pi = c.s2po = true, c.pbha = c.vmsa32 = c.mteperm = true;
         c.httu = SMMU_HTTU_TABLES;
         c.utlb = {2, 2}, c.tbu_tlb = {8, 4};
     },
     {8, 0},
     0},
    {"AccessFlagsOfTables",
     0x5eed0011,
     [](smmu_config &c) {
         c.httu = SMMU_HTTU_TABLES, c.oas_bits = 52, c.vax52 = c.ds = true;
         c.tlb = {4, 2}, c.utlb = {2, 2}, c.walk_s1 = {1, 3}, c.walk_s2 = {2, 2};
     },
     {8, 0},
     0},
    {"LargeDescriptors",
     0x5eed0012,
     [](smmu_config &c) {
         c.d128 = c.vax52 = c.vax56 = c.ds = true, c.oas_bits = 56;
         c.arch = 4, c.e0pd = c.ptwnnc = true;
         c.s1pi = c.s2pi = c.s2po = c.aie = c.epan = c.mteperm = true, c.httu = SMMU_HTTU_TABLES;
     },
     {8, 0},
     reg::CR2_E2H},
    {"LargeDescriptorsSmallCaches",
     0x5eed0013,
     [](smmu_config &c) {
         c.d128 = c.vax52 = c.e0pd = c.stt = true, c.oas_bits = 52;
         c.s1pi = c.s2pi = c.s2po = c.aie = c.pbha = c.mteperm = true, c.bbml = 1;
         c.tlb = {4, 2}, c.utlb = {2, 2}, c.walk_s1 = {1, 3}, c.walk_s2 = {2, 2};
     },
     {8, 6},
     0},
    {"LargeDescriptorsOfSmallAddresses",
     0x5eed0014,
     [](smmu_config &c) {
         c.d128 = true, c.stt = false, c.oas_bits = 44, c.httu = SMMU_HTTU_ACCESS;
         c.s1pi = c.s2pi = c.s2po = c.aie = c.mteperm = true, c.ptwnnc = true;
         c.utlb = {2, 2}, c.tbu_tlb = {8, 4};
     },
     {8, 0},
     0},
    {"Hardening",
     0x5eed0015,
     [](smmu_config &c) {
         c.arch = 4, c.e0pd = true;
         c.the = c.s1pi = c.s2pi = c.s2po = c.epan = c.aie = c.ptwnnc = c.mteperm = true;
     },
     {8, 0},
     0},
    {"HardeningOfLargeDescriptors",
     0x5eed0016,
     [](smmu_config &c) {
         c.the = c.d128 = c.vax52 = c.vax56 = c.ds = true, c.oas_bits = 56;
         c.arch = 4, c.e0pd = c.ptwnnc = true;
         c.s1pi = c.s2pi = c.s2po = c.aie = c.epan = c.mteperm = true, c.httu = SMMU_HTTU_TABLES;
         c.utlb = {2, 2}, c.tbu_tlb = {8, 4};
     },
     {8, 6},
     0},
    {"HardeningSmallCaches",
     0x5eed0017,
     [](smmu_config &c) {
         c.the = c.s2pi = c.vmsa32 = true, c.httu = SMMU_HTTU_TABLES, c.ssid_bits = 4;
         c.config_cache = {1, 2}, c.tlb = {4, 2}, c.utlb = {2, 2}, c.walk_s1 = {1, 3};
         c.walk_s2 = {2, 2};
     },
     {8, 0},
     0},
    {"Runs",
     0x5eed0018,
     [](smmu_config &c) { c.contiguous = c.vmsa32 = c.pbha = true; },
     {8, 0},
     0},
    {"RunsOfLargeAddresses",
     0x5eed0019,
     [](smmu_config &c) {
         c.contiguous = true, c.bbml = 1;
         c.oas_bits = 52, c.vax52 = c.ds = c.epan = c.aie = true, c.s1pi = c.s2pi = true;
         c.utlb = {2, 2}, c.tbu_tlb = {8, 4}, c.tlb = {4, 4};
     },
     {8, 6},
     reg::CR2_E2H},
    {"RunsOfLargeDescriptors",
     0x5eed001a,
     [](smmu_config &c) {
         c.contiguous = c.ste_cont = true;
         c.d128 = c.vax52 = c.vax56 = c.ds = true, c.oas_bits = 56;
         c.arch = 4, c.e0pd = c.ptwnnc = true;
         c.s1pi = c.s2pi = c.s2po = c.aie = c.epan = c.mteperm = true, c.httu = SMMU_HTTU_TABLES;
     },
     {8, 0},
     reg::CR2_E2H},
    {"RunsOfSmallOutput",
     0x5eed001b,
     [](smmu_config &c) {
         c.contiguous = c.vmsa32 = true, c.oas_bits = 36, c.tlb = {4, 2}, c.utlb = {0, 0};
         c.walk_s1 = {1, 2}, c.walk_s2 = {2, 1};
     },
     {8, 0},
     0},
    {"Plain",
     0x5eed0006,
     [](smmu_config &c) {
         c.httu = SMMU_HTTU_NONE, c.stall_model = SMMU_TERMINATE_ONLY, c.hyp = false;
         c.ttendian = SMMU_TT_LITTLE, c.asid16 = c.vmid16 = false, c.cd2l = false;
         c.attr_types_ovr = c.attr_perms_ovr = false, c.term_abort_only = true;
     },
     {8, 0},
     0},
    {"Smmuv30",
     0x5eed000b,
     [](smmu_config &c) {
         c.arch = 0, c.had = c.ril = c.stt = c.fwb = false, c.bbml = 0, c.operations = 0;
     },
     {8, 0},
     0},
    {"Vmsa32", 0x5eed0008, [](smmu_config &c) { c.vmsa32 = c.e0pd = true; }, {8, 0}, 0},
    {"Mpam",
     0x5eed000c,
     [](smmu_config &c) { c.arch = 2, c.mpam = true, c.partid_max = 0x134, c.pmg_max = 0xa; },
     {8, 6},
     0},
    {"MpamSmallCaches",
     0x5eed000d,
     [](smmu_config &c) {
         c.arch = 2, c.mpam = true, c.partid_max = 0x34, c.pmg_max = 0, c.vmsa32 = true;
         c.config_cache = {1, 1}, c.tlb = {4, 2}, c.utlb = {2, 2}, c.tbu_tlb = {8, 4};
     },
     {8, 0},
     reg::CR2_E2H},
    {"MpamOfPmgsAlone",
     0x5eed000e,
     [](smmu_config &c) {
         c.arch = 2, c.mpam = true, c.partid_max = 0, c.pmg_max = 0xff, c.oas_bits = 40;
     },
     {8, 0},
     0},
    {"Vmsa32SmallOutput",
     0x5eed0009,
     [](smmu_config &c) {
         c.vmsa32 = true, c.oas_bits = 36, c.tlb = {4, 2}, c.utlb = {2, 2};
         c.walk_s1 = {1, 2}, c.walk_s2 = {2, 1};
     },
     {8, 0},
     0},
    {"BigEndianStallOnly",
     0x5eed0007,
     [](smmu_config &c) { c.ttendian = SMMU_TT_BIG, c.stall_model = SMMU_STALL_ONLY; },
     {8, 0},
     0},
};

INSTANTIATE_TEST_SUITE_P(Variants, RandomTranslation, testing::ValuesIn(variants),
                         [](const auto &info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Variants, RandomChanges, testing::ValuesIn(variants),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace random_translation
