// SPDX-License-Identifier: Apache-2.0
// Random configurations, tables and accesses, each answer compared with the oracle.
#include <algorithm>

#include "core/core_test.hpp"
#include "oracle/oracle.hpp"
#include "support/random.hpp"

using namespace support;

namespace {

constexpr unsigned rounds = 400;
constexpr unsigned accesses_per_round = 250;

struct variant {
    const char *name;
    uint64_t seed;
    smmu_cache_shape config_cache;
    smmu_cache_shape tlb;
    uint8_t oas_bits;
    uint8_t ssid_bits;
    stream_table_shape strtab;
};

void PrintTo(const variant &v, std::ostream *out)
{
    *out << v.name;
}

// One stream under test: where its structures are and which addresses its tables know.
struct random_stream {
    uint32_t sid;
    cd context;
    std::vector<uint64_t> addresses;
};

class RandomStage1 : public testing::TestWithParam<variant> {
  protected:
    RandomStage1() : rng(GetParam().seed), dut(config())
    {
        bring_up_options options;
        options.evtq_log2 = 4;
        options.strtab = GetParam().strtab;
        dut.bring_up(options);
        dut.mem.keep_log(false);
        read_registers();
    }

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.config_cache = GetParam().config_cache;
        cfg.tlb = GetParam().tlb;
        cfg.oas_bits = GetParam().oas_bits;
        cfg.ssid_bits = GetParam().ssid_bits;
        return cfg;
    }

    void read_registers()
    {
        regs.idr0 = dut.read32(reg::IDR0);
        regs.idr1 = dut.read32(reg::IDR1);
        regs.idr3 = dut.read32(reg::IDR3);
        regs.idr5 = dut.read32(reg::IDR5);
        regs.aidr = dut.read32(reg::AIDR);
        regs.cr0 = dut.read32(reg::CR0);
        regs.cr2 = dut.read32(reg::CR2);
        regs.gbpa = dut.read32(reg::GBPA);
        regs.strtab_base = dut.read64(reg::STRTAB_BASE);
        regs.strtab_base_cfg = dut.read32(reg::STRTAB_BASE_CFG);
    }

    // Building

    unsigned oas() const { return GetParam().oas_bits; }
    ste random_ste(uint64_t cd_table);
    cd random_cd(unsigned asid);
    uint64_t random_output(const cd &context);
    uint64_t random_leaf(const cd &context, unsigned level);
    void grow_path(const cd &context, unsigned n, uint64_t va);
    random_stream build_stream(uint32_t sid, unsigned asid);
    void spoil_l1std();
    void build_round();

    // Comparing

    oracle::transaction random_access();
    oracle::answer ask_oracle(const oracle::transaction &txn);
    smmu_result ask_core(const oracle::transaction &txn);
    void compare(const oracle::transaction &txn);
    void compare_forward(const oracle::transaction &txn, const smmu_result &have,
                         const oracle::answer &want);

    random_source rng;
    device_under_test dut;
    oracle::registers regs;
    std::vector<random_stream> streams;
    bool globals = false;
};

// Mostly a good STE for stage 1; the rest bypass, abort or are bad in some way.
ste RandomStage1::random_ste(uint64_t cd_table)
{
    ste s;
    s.config = STE_S1_TRANS;
    s.s1contextptr = cd_table;
    s.shcfg = static_cast<unsigned>(rng.bits(2));
    s.privcfg = static_cast<unsigned>(rng.bits(2));
    s.instcfg = static_cast<unsigned>(rng.bits(2));
    s.s1cir = static_cast<unsigned>(rng.bits(2));
    s.strw = static_cast<unsigned>(rng.bits(2));
    s.eats = static_cast<unsigned>(rng.bits(2));
    s.s1dss = static_cast<unsigned>(rng.one_in(4) ? rng.bits(2) : rng.between(1, 2));
    if (GetParam().ssid_bits > 0 && !rng.one_in(4))
        s.s1cdmax = 2;
    switch (rng.below(80)) {
    case 0:
        s.v = 0;
        break;
    case 1:
        s.config = STE_BYPASS;
        break;
    case 2:
        s.config = static_cast<unsigned>(rng.bits(3));
        break;
    case 3:
        s.s1stalld = 1;
        break;
    case 4:
        s.s1contextptr |= uint64_t{1} << rng.between(32, 55);
        break;
    case 5:
        s.s1cdmax = static_cast<unsigned>(rng.bits(5));
        break;
    default:
        break;
    }
    // A table of 2^S1CDMax CDs must lie at a multiple of its size; only 4 CDs are there.
    if (s.s1cdmax > 2 && s.s1cdmax <= GetParam().ssid_bits)
        s.s1cdmax = 2;
    return s;
}

cd RandomStage1::random_cd(unsigned asid)
{
    cd c;
    c.asid = asid;
    c.t0sz = static_cast<unsigned>(rng.between(16, 39));
    c.t1sz = static_cast<unsigned>(rng.between(16, 39));
    c.ips = static_cast<unsigned>(rng.one_in(3) ? rng.bits(3) : 5);
    c.tbi0 = rng.coin();
    c.tbi1 = rng.coin();
    c.affd = rng.one_in(3);
    c.wxn = rng.one_in(3);
    c.uwxn = rng.one_in(3);
    c.pan = rng.one_in(3);
    c.had0 = rng.one_in(3);
    c.had1 = rng.one_in(3);
    c.a = !rng.one_in(4);
    c.r = !rng.one_in(4);
    c.aset = rng.coin();
    c.epd0 = rng.one_in(12);
    c.epd1 = rng.one_in(12);
    return c;
}

void spoil_cd(random_source &rng, cd &c)
{
    switch (rng.below(10)) {
    case 0:
        c.v = 0;
        break;
    case 1:
        c.aa64 = 0;
        break;
    case 2:
        c.t0sz = static_cast<unsigned>(rng.bits(6));
        break;
    case 3:
        c.t1sz = static_cast<unsigned>(rng.bits(6));
        break;
    case 4:
        c.tg0 = static_cast<unsigned>(rng.bits(2));
        break;
    case 5:
        c.tg1 = static_cast<unsigned>(rng.bits(2));
        break;
    case 6:
        c.endi = 1;
        break;
    case 7:
        c.ha = 1;
        break;
    case 8:
        c.ttb0 |= uint64_t{1} << rng.between(32, 51);
        break;
    case 9:
        c.ttb1 |= uint64_t{1} << rng.between(32, 51);
        break;
    }
}

// An output address: any bit pattern, sometimes beyond what CD.IPS allows.
uint64_t RandomStage1::random_output(const cd &context)
{
    static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 48, 48};
    const unsigned bits = std::min(sizes[context.ips], oas());
    return rng.bits(rng.one_in(12) ? 48 : bits);
}

uint64_t RandomStage1::random_leaf(const cd &context, unsigned level)
{
    leaf_attributes a;
    a.attr_index = static_cast<unsigned>(rng.bits(3));
    a.ns = rng.coin();
    a.ap = static_cast<unsigned>(rng.bits(2));
    a.sh = static_cast<unsigned>(rng.bits(2));
    a.af = !rng.one_in(8);
    a.ng = globals ? rng.coin() : 1;
    a.pxn = rng.one_in(4);
    a.uxn = rng.one_in(4);
    // Below the output address a block has RES0 bits; [16], nT, stays zero.
    return leaf_descriptor(random_output(context) & ~(uint64_t{level < 3} << 16), level, a);
}

// Follow `va` down and decide what is found at each level that nothing was decided for yet.
void RandomStage1::grow_path(const cd &context, unsigned n, uint64_t va)
{
    const unsigned region = 64 - (n == 0 ? context.t0sz : context.t1sz);
    uint64_t table = n == 0 ? context.ttb0 : context.ttb1;
    unsigned level = 3 - (region - 13) / 9;
    for (unsigned top = region;; top = level_shift(granule::k4, level), ++level) {
        const unsigned shift = level_shift(granule::k4, level);
        const uint64_t at = table + 8 * ((va & ones(top)) >> shift);
        uint64_t descriptor = dut.mem.load64(at);
        if (descriptor == 0) {
            const uint64_t dice = rng.below(100);
            if (dice < 3) {
                descriptor = rng.bits(64) & ~uint64_t{1}; // invalid, whatever else it says
            } else if (dice < 5) {
                descriptor = leaf_descriptor(random_output(context), 2); // Block or Reserved
            } else if (level == 3 || (level > 0 && dice < 20)) {
                descriptor = random_leaf(context, level);
            } else if (dice < 22) {
                descriptor = table_descriptor(rng.bits(48)); // leads anywhere
            } else {
                table_attributes limits;
                limits.pxn_table = rng.one_in(8);
                limits.uxn_table = rng.one_in(8);
                limits.ap_table = rng.one_in(4) ? static_cast<unsigned>(rng.bits(2)) : 0;
                limits.ns_table = rng.coin();
                descriptor = table_descriptor(dut.frames.allocate(4096, 4096), limits);
            }
            dut.mem.store64(at, descriptor);
        }
        const uint64_t next = address_bits(descriptor, 47, 12);
        const bool ours = next >= dut.frames_base && next < dut.frames_base + (1u << 29);
        if (level == 3 || (descriptor & 3) != 3 || !ours)
            return;
        table = next;
    }
}

random_stream RandomStage1::build_stream(uint32_t sid, unsigned asid)
{
    random_stream s{sid, random_cd(asid), {}};
    cd &c = s.context;
    c.ttb0 = dut.frames.allocate(4096, 4096);
    c.ttb1 = dut.frames.allocate(4096, 4096);
    for (unsigned i = 0; i < 24; ++i) {
        const unsigned n = rng.coin() ? 1 : 0;
        const unsigned region = 64 - (n == 0 ? c.t0sz : c.t1sz);
        uint64_t va = rng.bits(region);
        if (!s.addresses.empty() && rng.coin()) // near another one, to share tables
            va = (s.addresses[rng.below(s.addresses.size())] ^ rng.bits(24)) & ones(region);
        grow_path(c, n, va);
        s.addresses.push_back(n == 0 ? va : va | ~ones(region));
    }
    if (rng.one_in(12))
        spoil_cd(rng, c);
    const uint64_t cd_table = dut.frames.allocate(256, 256);
    for (unsigned index = 0; index < 4; ++index) {
        cd entry = c;
        entry.v = c.v && (index == 0 || !rng.one_in(4));
        dut.mem.store_image(cd_table + 64 * index, entry.encode());
    }
    dut.set_ste(sid, random_ste(cd_table));
    return s;
}

// Some descriptors end early, point beyond the OAS or cannot be read.
void RandomStage1::spoil_l1std()
{
    const uint64_t at = dut.l1std_address(streams[0].sid);
    const uint64_t descriptor = dut.mem.load64(at);
    if (rng.one_in(8))
        dut.mem.store64(at, (descriptor & ~ones(5)) | rng.bits(5));
    if (rng.one_in(16))
        dut.mem.store64(at, descriptor | uint64_t{1} << rng.between(32, 55));
    if (rng.one_in(16))
        dut.mem.abort_on({at, at + 7, SMMU_FETCH_L1STD});
}

// New tables in fresh memory; everything cached from the last round is invalidated.
void RandomStage1::build_round()
{
    dut.mem.clear();
    dut.mem.clear_aborts();
    dut.frames = frame_allocator(dut.frames_base);
    streams.clear();
    // Global translations serve all ASIDs, so they need a round with one address space.
    globals = rng.one_in(3);
    const unsigned count = globals ? 1 : 4;
    for (unsigned i = 0; i < count; ++i)
        streams.push_back(build_stream(static_cast<uint32_t>(rng.below(256)), 10 + i));
    if (rng.one_in(4)) {
        const uint64_t at = dut.frames_base + (rng.below(64) << 12);
        dut.mem.abort_on({at, at + rng.bits(12), SMMU_FETCH_TTD});
    }
    if (rng.one_in(16))
        dut.mem.abort_on({dut.frames_base, dut.frames_base + ones(28), SMMU_FETCH_CD});
    if (rng.one_in(16)) {
        const uint64_t at = dut.ste_address(streams[0].sid);
        dut.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    }
    if (GetParam().strtab.split != 0)
        spoil_l1std();
    dut.invalidate_all();
}

oracle::transaction RandomStage1::random_access()
{
    const random_stream &s = streams[rng.below(streams.size())];
    oracle::transaction t;
    t.sid = s.sid;
    t.addr = s.addresses[rng.below(s.addresses.size())];
    t.addr ^= rng.bits(static_cast<unsigned>(rng.between(1, 13)));
    if (rng.one_in(8))
        t.addr ^= rng.bits(8) << 56;
    if (rng.one_in(8))
        t.addr ^= uint64_t{1} << rng.below(64);
    if (rng.one_in(16))
        t.addr = rng.bits(64);
    t.write = rng.one_in(3);
    t.instr = rng.one_in(3);
    t.priv = rng.coin();
    t.ssv = rng.one_in(GetParam().ssid_bits > 0 ? 3 : 20);
    t.ssid = static_cast<uint32_t>(rng.one_in(8) ? rng.bits(20) : rng.bits(2));
    if (rng.one_in(30))
        t.sid = static_cast<uint32_t>(rng.bits(rng.coin() ? 8 : 32));
    return t;
}

oracle::answer RandomStage1::ask_oracle(const oracle::transaction &txn)
{
    const auto reader = [this](oracle::fetch what, uint64_t addr, unsigned size, uint8_t *data) {
        static const smmu_fetch classes[] = {SMMU_FETCH_L1STD, SMMU_FETCH_STE, SMMU_FETCH_CD,
                                             SMMU_FETCH_TTD};
        if (dut.mem.aborts(addr, size, classes[static_cast<unsigned>(what)]))
            return false;
        dut.mem.load(addr, data, size);
        return true;
    };
    return oracle::translate(regs, reader, txn);
}

smmu_result RandomStage1::ask_core(const oracle::transaction &txn)
{
    client_access how;
    how.write = txn.write;
    how.instr = txn.instr;
    how.priv = txn.priv;
    how.ssv = txn.ssv;
    how.ssid = txn.ssid;
    return dut.translate(txn.sid, txn.addr, how);
}

void RandomStage1::compare_forward(const oracle::transaction &txn, const smmu_result &have,
                                   const oracle::answer &want)
{
    ASSERT_EQ(have.addr, want.addr);
    ASSERT_EQ(have.perm, want.rights);
    // Any other address of the span has the same answer.
    ASSERT_LE(have.span_log2, 64u);
    const uint64_t mask = ones(have.span_log2);
    oracle::transaction other = txn;
    other.addr = (txn.addr & ~mask) | rng.bits(have.span_log2);
    const oracle::answer there = ask_oracle(other);
    ASSERT_EQ(there.what, oracle::outcome::forward);
    ASSERT_EQ(there.addr, (want.addr & ~mask) | (other.addr & mask));
}

void RandomStage1::compare(const oracle::transaction &txn)
{
    const oracle::answer want = ask_oracle(txn);
    const smmu_result have = ask_core(txn);
    static const smmu_outcome outcomes[] = {SMMU_FORWARD, SMMU_ABORT, SMMU_RAZWI};
    ASSERT_EQ(have.outcome, outcomes[static_cast<unsigned>(want.what)])
        << "core " << smmu_event_name(have.event) << " oracle "
        << smmu_event_name(static_cast<uint8_t>(want.fault));
    ASSERT_EQ(have.event, want.fault);
    if (want.what == oracle::outcome::forward)
        compare_forward(txn, have, want);

    const auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), want.recorded ? 1u : 0u);
    if (want.recorded) {
        ASSERT_EQ(records[0].word, want.record) << event::decode(records[0]);
    }
}

TEST_P(RandomStage1, AgreesWithTheOracle)
{
    std::array<unsigned, 256> seen{};
    for (unsigned round = 0; round < rounds; ++round) {
        build_round();
        for (unsigned i = 0; i < accesses_per_round; ++i) {
            const oracle::transaction txn = random_access();
            compare(txn);
            if (HasFatalFailure()) {
                FAIL() << "seed " << GetParam().seed << " round " << round << " access " << i
                       << std::hex << " addr 0x" << txn.addr << " sid 0x" << txn.sid << " ssv "
                       << txn.ssv << " ssid 0x" << txn.ssid << " write " << txn.write << " instr "
                       << txn.instr << " priv " << txn.priv;
            }
            ++seen[ask_oracle(txn).fault];
        }
    }
    // The comparison is worth something only if it reached every kind of answer.
    for (unsigned type : {0u, unsigned{C_BAD_STREAMID}, unsigned{F_STE_FETCH}, unsigned{C_BAD_STE},
                          unsigned{C_BAD_SUBSTREAMID}, unsigned{F_CD_FETCH}, unsigned{C_BAD_CD},
                          unsigned{F_WALK_EABT}, unsigned{F_TRANSLATION}, unsigned{F_ADDR_SIZE},
                          unsigned{F_ACCESS}, unsigned{F_PERMISSION}})
        EXPECT_GT(seen[type], 20u) << smmu_event_name(static_cast<uint8_t>(type));
    EXPECT_GT(seen[0], rounds * accesses_per_round / 8);
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

const variant variants[] = {
    {"DefaultCaches", 0x5eed0001, {64, 4}, {256, 8}, 48, 0, {8, 0}},
    {"TinyCaches", 0x5eed0002, {2, 1}, {4, 2}, 48, 8, {8, 6}},
    {"NoCaches", 0x5eed0003, {0, 0}, {0, 0}, 48, 0, {8, 6}},
    {"SmallOutput", 0x5eed0004, {64, 4}, {64, 4}, 36, 4, {8, 0}},
};

INSTANTIATE_TEST_SUITE_P(Variants, RandomStage1, testing::ValuesIn(variants),
                         [](const auto &info) { return info.param.name; });

} // namespace
