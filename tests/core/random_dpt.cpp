// SPDX-License-Identifier: Apache-2.0
// Random Device Permission Tables, streams and transactions marked Translated: what becomes of them
// is compared with the oracle, while software changes all of it with the least maintenance that IHI
// 0070 3.24.5 and 4.3 ask for. SMMU_TEST_ACCESSES sets the accesses per variant.
#include <algorithm>

#include "core/core_test.hpp"
#include "core/oracle_access.hpp"
#include "support/dpt.hpp"
#include "support/random.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace random_dpt {
namespace {

constexpr unsigned accesses_per_round = 400, streams = 8, places = 48;
constexpr unsigned long default_accesses = 120000;

struct variant {
    const char *name;
    uint64_t seed;
    void (*adjust)(smmu_config &);
};

void PrintTo(const variant &v, std::ostream *out)
{
    *out << v.name;
}

// An address that is accessed, and the region whose descriptor says what of it.
struct place {
    uint64_t at = 0;
    unsigned span = 0; // log2
    unsigned contig = 0;
};

class RandomDpt : public testing::TestWithParam<variant> {
  protected:
    static constexpr uint32_t on =
        reg::CR0_SMMUEN | reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_ATSCHK;

    RandomDpt() : rng(GetParam().seed), dut(config()), second(dut, 1)
    {
        dut.bring_up();
        dut.mem.keep_log(false);
        dut.update_cr0(on);
    }

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.dpt = true;
        cfg.vmsa32 = false;
        cfg.stall_model = SMMU_TERMINATE_ONLY;
        GetParam().adjust(cfg);
        return cfg;
    }

    void build();
    void enable(bool walks);
    void configure();
    void choose_places();
    bool overlaps(const place &p) const;
    void set_stream(uint32_t sid);
    dpt_fields fields();
    void describe_level0(const place &p);
    void describe(const place &p);
    void describe_contiguous(const place &p);
    void forget(uint64_t at, unsigned span);
    void change();
    void compare();
    void compare_reports(const oracle::answer &want);

    random_source rng;
    device_under_test dut;
    stage2 second;
    dpt_shape shape;
    std::unique_ptr<dpt_builder> table;
    std::vector<place> all;
    unsigned long granted = 0, writes_granted = 0, forbidden = 0, walks_failed = 0, by_code[4] = {},
                  by_level[2] = {};
};

// --- the world ----------------------------------------------------------------------------------

void RandomDpt::enable(bool walks)
{
    dut.update_cr0(on | (walks ? uint32_t{reg::CR0_DPT_WALK_EN} : 0));
}

// Registers that are invalid now and then, for which the table has another shape.
void RandomDpt::configure()
{
    const smmu_config &cfg = dut.config();
    const unsigned l0s[] = {L0_1G, L0_16G, L0_64G, L0_512G};
    do {
        shape.ps = static_cast<unsigned>(rng.below(6));
        shape.l0 = l0s[rng.below(4)];
        shape.gs = static_cast<unsigned>(rng.below(3));
    } while (shape.l0_log2() > shape.size_log2() || shape.size_log2() < 40 ||
             (shape.gs == DPTGS_4K && !cfg.gran4k) || (shape.gs == DPTGS_16K && !cfg.gran16k) ||
             (shape.gs == DPTGS_64K && !cfg.gran64k));
    enable(false);
    table = std::make_unique<dpt_builder>(dut, shape);
    table->publish();
    if (rng.one_in(12))
        dut.write32(reg::DPT_BASE_CFG, static_cast<uint32_t>(rng.bits(24)));
    dut.submit(dpti_all());
    enable(!rng.one_in(16));
}

bool RandomDpt::overlaps(const place &p) const
{
    return std::any_of(all.begin(), all.end(), [&](const place &other) {
        const unsigned span = std::max(p.span, other.span);
        return p.at >> span == other.at >> span;
    });
}

// Addresses that are near each other, each in a region of its own: a granule, or one that Contig
// gives. A granule shares its descriptor with no larger region.
void RandomDpt::choose_places()
{
    const unsigned sizes[] = {0, 16, 21, 25, 29, 30, 34, 36};
    const uint64_t around = rng.bits(shape.size_log2());
    all.clear();
    for (unsigned tries = 0; tries < 400 && all.size() < places; ++tries) {
        place p;
        const auto reach = static_cast<unsigned>(rng.between(13, shape.size_log2()));
        p.at = (around & ~ones(reach)) | rng.bits(reach);
        p.contig = rng.one_in(3) ? static_cast<unsigned>(rng.between(1, 7)) : 0;
        if (sizes[p.contig] <= shape.granule_log2() || sizes[p.contig] > shape.l0_log2())
            p.contig = 0;
        p.span = p.contig != 0 ? sizes[p.contig] : shape.granule_log2();
        place descriptor = p;
        descriptor.span = std::max(p.span, shape.granule_log2() + (p.contig != 0 ? 1 : 0));
        if (!overlaps(descriptor))
            all.push_back(p);
    }
}

dpt_fields RandomDpt::fields()
{
    dpt_fields f;
    f.ac = static_cast<unsigned>(rng.one_in(12) ? 3 : rng.below(3));
    f.w = rng.coin();
    f.vmid = static_cast<unsigned>(rng.one_in(24) ? rng.bits(16) : rng.between(1, 3));
    if (f.ac == 2 && !rng.one_in(12))
        f.vmid = 0;
    return f;
}

// Mostly a table; what a mistake made of it, too.
void RandomDpt::describe_level0(const place &p)
{
    table->link(p.at);
    if (rng.one_in(2))
        table->set_l0(p.at, dpt_block(fields()));
    else if (rng.one_in(6))
        table->set_l0(p.at, 0);
    if (rng.one_in(8))
        table->set_l0(p.at, dut.mem.load64(table->l0_entry(p.at)) ^ uint64_t{1} << rng.bits(6));
}

void RandomDpt::describe_contiguous(const place &p)
{
    const uint64_t word = dpt_contiguous(fields(), p.contig);
    const uint64_t step = uint64_t{2} << shape.granule_log2();
    table->set_l1(p.at, word);
    table->set_l1(p.at & ~(step - 1) & ~ones(p.span), word); // and at its begin
}

// A granule; some bits are wrong, but for those that would make a larger region of it.
void RandomDpt::describe(const place &p)
{
    if (p.contig != 0) {
        describe_contiguous(p);
        return;
    }
    if (rng.one_in(6))
        table->refuse(p.at);
    else
        table->grant(p.at, fields());
    const uint64_t at = table->l1_entry(p.at);
    const uint64_t word = dut.mem.load64(at) ^ (rng.one_in(10) ? uint64_t{1} << rng.bits(6) : 0);
    if ((word & 3) != 3 || (word & 0xf00) == 0)
        dut.mem.store64(at, word);
}

// STE.EATS is mostly 0b11; VMIDs are few, so that they match.
void RandomDpt::set_stream(uint32_t sid)
{
    ste entry;
    entry.config = STE_S1_TRANS; // no CD is looked at
    if (sid == 1) {
        entry.config = STE_S2_TRANS;
        second.apply(entry);
        entry.s2s = rng.one_in(16);
    }
    entry.eats = rng.one_in(8) ? static_cast<unsigned>(rng.bits(2)) : 3;
    if (entry.config != STE_NESTED && entry.eats == 2 && !rng.one_in(8))
        entry.eats = 3; // else it is ILLEGAL
    entry.dpt_vmatch = static_cast<unsigned>(rng.bits(2));
    entry.s2vmid = static_cast<unsigned>(rng.one_in(16) ? rng.bits(8) : rng.between(1, 3));
    entry.strw = sid != 1 && dut.config().hyp && rng.one_in(16) ? 2 : 0;
    entry.privcfg = static_cast<unsigned>(rng.bits(2));
    entry.instcfg = static_cast<unsigned>(rng.bits(2));
    entry.v = !rng.one_in(16);
    dut.set_ste(sid, entry);
    dut.submit(cfgi_ste(sid));
}

void RandomDpt::build()
{
    configure();
    choose_places();
    dut.mem.clear_aborts();
    for (uint32_t sid = 0; sid < streams; ++sid)
        set_stream(sid);
    for (const place &p : all) {
        table->link(p.at);
        table->set_l1(p.at, 0);
    }
    for (const place &p : all)
        describe(p);
    for (unsigned n = 0; n < 3; ++n)
        if (rng.coin())
            describe_level0(all[rng.below(all.size())]);
    if (rng.one_in(3)) {
        const place &p = all[rng.below(all.size())];
        const uint64_t at = rng.coin() ? table->l0_entry(p.at) : table->l1_entry(p.at);
        dut.mem.abort_on({at, at + 7, SMMU_FETCH_DPT});
    }
    dut.submit(dpti_all());
}

// --- changes ------------------------------------------------------------------------------------

// A command that takes a region of 2^span bytes at `at`, with entries of its granules.
void RandomDpt::forget(uint64_t at, unsigned span)
{
    const unsigned sizes[] = {12, 14, 16, 21, 25, 29, 30, 34, 36, 39};
    unsigned code = 0;
    while (sizes[code] < span)
        ++code;
    while (code < 9 && rng.one_in(4))
        ++code;
    if (rng.one_in(8))
        dut.submit(dpti_all());
    else
        dut.submit(dpti_pa(at & ~ones(sizes[code]), code, rng.coin()));
}

void RandomDpt::change()
{
    const place &p = all[rng.below(all.size())];
    switch (rng.below(6)) {
    case 0:
        set_stream(static_cast<uint32_t>(rng.below(streams)));
        break;
    case 1: // 3.24.5: Leaf of 0, as large as what the table is about
        describe_level0(p);
        dut.submit(dpti_pa(p.at & ~ones(shape.l0_log2()),
                           shape.l0 == L0_1G    ? 6
                           : shape.l0 == L0_16G ? 7
                           : shape.l0 == L0_64G ? 8
                                                : 9,
                           false));
        break;
    default:
        describe(p);
        // Both halves of a descriptor are valid, or none.
        forget(p.at, p.span);
        forget(p.at ^ uint64_t{1} << shape.granule_log2(), shape.granule_log2());
        break;
    }
}

// --- comparison ---------------------------------------------------------------------------------

void RandomDpt::compare_reports(const oracle::answer &want)
{
    ASSERT_EQ(dut.read64(reg::DPT_CFG_FAR), want.dpt_cfg_far) << std::hex << want.dpt_cfg_far;
    const uint32_t active = dut.read32(reg::GERROR) ^ dut.read32(reg::GERRORN);
    ASSERT_EQ(active, want.dpt_cfg_far ? uint32_t{reg::GERROR_DPT} : 0u);
    const auto events = dut.pop_raw_events();
    ASSERT_EQ(events.size(), want.recorded ? 1u : 0u);
    if (want.recorded) {
        ASSERT_EQ(events[0].word, want.record) << event::decode(events[0]);
    }
    if (want.dpt_cfg_far == 0)
        return;
    dut.write64(reg::DPT_CFG_FAR, 0);
    dut.acknowledge_gerror();
    by_code[want.dpt_cfg_far >> 4 & 3]++;
    by_level[want.dpt_cfg_far >> 1 & 1]++;
    walks_failed++;
}

void RandomDpt::compare()
{
    oracle::transaction t;
    t.addr = all[rng.below(all.size())].at;
    t.addr ^= rng.bits(9);
    if (rng.one_in(24))
        t.addr = rng.bits(dut.config().oas_bits + 1u);
    t.sid = static_cast<uint32_t>(rng.below(streams));
    t.write = rng.coin();
    t.priv = rng.coin();
    t.instr = rng.coin();
    client_access how;
    how.write = t.write;
    how.priv = t.priv;
    how.instr = t.instr;
    how.translated = true;
    smmu_txn txn = device_under_test::transaction(t.sid, t.addr, how);
    t.mair = txn.attr.mair;
    t.sh = txn.attr.sh;
    const oracle::answer want = ask_oracle_translated(dut, read_registers(dut), t);
    const smmu_result have = dut.translate(t.sid, t.addr, how);
    SCOPED_TRACE(testing::Message()
                 << std::hex << "addr 0x" << t.addr << " sid " << t.sid << " write " << t.write);
    compare_reports(want);
    if (HasFatalFailure())
        return;
    ASSERT_EQ(have.outcome, want.what == oracle::outcome::forward ? SMMU_FORWARD : SMMU_ABORT);
    if (have.outcome != SMMU_FORWARD) {
        ASSERT_EQ(have.event, want.recorded ? want.fault : 0u); // others are not told
        forbidden += want.fault == F_TRANSL_FORBIDDEN && want.dpt_cfg_far == 0;
        return;
    }
    ASSERT_EQ(have.addr, want.addr);
    ASSERT_EQ(have.attr.mair, want.mair);
    ASSERT_EQ(have.attr.sh, want.sh);
    ASSERT_EQ(have.priv, want.priv);
    granted++;
    writes_granted += t.write;
}

TEST_P(RandomDpt, AgreesWithTheOracle)
{
    const unsigned long total = accesses_wanted(default_accesses);
    for (unsigned long done = 0; done < total; ++done) {
        if (done % accesses_per_round == 0)
            build();
        if (rng.one_in(10))
            change();
        compare();
        if (HasFatalFailure())
            FAIL() << "seed " << GetParam().seed << " access " << done;
    }
    for (const unsigned long count : {granted, writes_granted, forbidden, walks_failed, by_code[0],
                                      by_code[1], by_code[3], by_level[0], by_level[1]})
        EXPECT_GT(count, total / 1000);
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

const variant variants[] = {
    {"Cached", 0xd97a01, [](smmu_config &) {}},
    {"NoCaches", 0xd97a02,
     [](smmu_config &c) {
         c.config_cache = c.tlb = c.utlb = c.dpt_tlb = {0, 0};
     }},
    {"DptTlbAlone", 0xd97a03,
     [](smmu_config &c) {
         c.utlb = {0, 0};
     }},
    {"SmallDptTlb", 0xd97a04,
     [](smmu_config &c) {
         c.dpt_tlb = {2, 2}, c.utlb = {0, 0};
     }},
    {"TlbInTheTbu", 0xd97a05,
     [](smmu_config &c) {
         c.tbu_tlb = {4, 4}, c.utlb = {2, 2};
     }},
    {"SmallVmids", 0xd97a06, [](smmu_config &c) { c.vmid16 = false; }},
    {"NoStage2", 0xd97a07, [](smmu_config &c) { c.s2p = c.hyp = c.vatos = false; }},
    {"LargeAddresses", 0xd97a08,
     [](smmu_config &c) { c.oas_bits = 52, c.gran16k = false, c.vax52 = true; }},
    {"FewerGranules", 0xd97a09, [](smmu_config &c) { c.gran4k = false, c.oas_bits = 44; }},
};

INSTANTIATE_TEST_SUITE_P(Variants, RandomDpt, testing::ValuesIn(variants),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace random_dpt
