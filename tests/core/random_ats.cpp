// SPDX-License-Identifier: Apache-2.0
// Random ATS Translation Requests: what they are granted is compared with what the oracle says of a
// read, a write and an instruction fetch at the same address (IHI 0070 3.9.1.2, 13.7.1).
// SMMU_TEST_ACCESSES sets the requests per variant.
#include "core/core_test.hpp"
#include "core/oracle_access.hpp"
#include "core/random_world.hpp"
#include "support/dpt.hpp"

using namespace support;

namespace random_ats {
namespace {

constexpr unsigned requests_per_round = 160;
constexpr unsigned long default_requests = 120000;

struct variant {
    const char *name;
    uint64_t seed;
    bool atschk;
    void (*adjust)(smmu_config &);
};

void PrintTo(const variant &v, std::ostream *out)
{
    *out << v.name;
}

class RandomAts : public testing::TestWithParam<variant> {
  protected:
    RandomAts() : rng(GetParam().seed), dut(config()), world(dut, rng, true)
    {
        bring_up_options options;
        options.evtq_log2 = 4;
        options.strtab = {8, 6};
        options.cr2 = reg::CR2_RECINVSID;
        options.cr0 = GetParam().atschk ? uint32_t{reg::CR0_ATSCHK} : 0;
        options.cr2 |= dut.config().atsrecerr ? uint32_t{reg::CR2_REC_CFG_ATS} : 0;
        dut.bring_up(options);
        dut.mem.keep_log(false);
        dut.write64(reg::S2PII, random_world::s2pii);
        if (dut.config().dpt) {
            dpt_builder(dut, dpt).publish();
            dut.update_cr0(dut.read32(reg::CR0) | reg::CR0_DPT_WALK_EN);
        }
        regs = read_registers(dut);
    }

    // A new world, whose Device Permission Table lets all streams write everywhere.
    void build(bool spoiled = true)
    {
        world.build(spoiled);
        dpt_builder table(dut, dpt);
        for (uint64_t at = 0; dut.config().dpt && at < uint64_t{1} << 48; at += uint64_t{1} << 39)
            table.set_l0(at, dpt_block({2, 1, 0}));
    }

    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.stall_model = SMMU_TERMINATE_ONLY;
        cfg.stall_max = 0;
        cfg.btm = true;
        cfg.vmsa32 = false;
        GetParam().adjust(cfg);
        return cfg;
    }

    oracle::answer as(const smmu_ats_request &r, bool write, bool instr)
    {
        oracle::transaction t;
        t.addr = r.addr;
        t.sid = r.sid;
        t.ssid = r.ssid;
        t.ssv = r.ssv;
        t.priv = r.ssv && r.priv;
        t.write = write;
        t.instr = instr;
        return ask_oracle(dut, regs, t);
    }

    // STE.EATS as it counts for requests. The STE is valid.
    unsigned eats(uint32_t sid)
    {
        const image<8> raw = dut.mem.load_image<8>(dut.ste_address(sid));
        const auto eats = static_cast<unsigned>(raw.get(92, 2));
        const bool off = raw.get(1, 2) == 0 || (eats == 3 && !dut.config().dpt) ||
                         (eats >= 2 && !GetParam().atschk);
        return off ? 0 : eats == 3 ? 1 : eats;
    }

    bool aborting(uint32_t sid)
    {
        return dut.mem.load_image<8>(dut.ste_address(sid)).get(3, 1) == 0;
    }

    smmu_ats_request request();
    void compare_rights(const smmu_ats_request &r, const smmu_ats_completion &have);
    void compare_translation(const smmu_ats_request &r, const smmu_ats_completion &have);
    void compare_traffic(const smmu_ats_request &r, const smmu_ats_completion &have);
    void compare(const smmu_ats_request &r);

    static constexpr dpt_shape dpt = {DPTPS_48, DPTGS_4K, L0_512G};

    random_source rng;
    device_under_test dut;
    random_world world;
    oracle::registers regs;
    oracle::answer read, write, fetch; // of the request
    unsigned long granted = 0, writable = 0, executable = 0, denied = 0, aborted = 0, refused = 0,
                  recorded = 0;
    unsigned long passed = 0, passed_pasids = 0, tables_refused = 0, assured = 0, not_assured = 0;
};

smmu_ats_request RandomAts::request()
{
    const oracle::transaction t = world.access();
    smmu_ats_request r{};
    r.addr = t.addr & ~uint64_t{0xfff};
    r.sid = t.sid;
    r.ssid = t.ssid;
    r.ssv = t.ssv;
    r.nw = rng.coin();
    r.exe = rng.coin();
    r.priv = t.priv;
    return r;
}

bool forwarded(const oracle::answer &answer)
{
    return answer.what == oracle::outcome::forward;
}

void RandomAts::compare_rights(const smmu_ats_request &r, const smmu_ats_completion &have)
{
    // 3.9.1.2: access is denied as a whole, unless no update is called for, as stage 2 permits no
    // writes to the page itself.
    if (!r.nw && write.structure && (!forwarded(read) || read.stage2_writable)) {
        ASSERT_FALSE(have.r || have.w || have.exe);
        tables_refused += forwarded(read);
        return;
    }
    ASSERT_EQ(have.r, forwarded(read));
    ASSERT_EQ(have.exe, r.ssv && r.exe && forwarded(read) && forwarded(fetch));
    ASSERT_EQ(have.priv, r.ssv && r.priv);
    if (!r.nw) {
        ASSERT_EQ(have.w, forwarded(write));
    } else if (have.w) { // a clean page stays so: write permission must be there already
        ASSERT_TRUE(forwarded(write));
        ASSERT_TRUE(!forwarded(read) || (read.rights & SMMU_PERM_W));
    }
}

// The address, everywhere in the span, and the descriptors that had to change.
void RandomAts::compare_translation(const smmu_ats_request &r, const smmu_ats_completion &have)
{
    const uint64_t mask = ones(have.span_log2);
    ASSERT_GE(have.span_log2, 12);
    ASSERT_EQ(have.addr & mask, 0u);
    const oracle::answer &main = have.r ? read : write;
    if (eats(r.sid) == 1) {
        ASSERT_EQ(have.addr + (r.addr & mask), main.addr);
    }
    smmu_ats_request other = r;
    other.addr = (r.addr & ~mask) | (rng.bits(have.span_log2) & ~uint64_t{0xfff});
    const oracle::answer there = as(other, !have.r, false);
    ASSERT_TRUE(forwarded(there));
    ASSERT_EQ(there.addr, main.addr - (r.addr & mask) + (other.addr & mask));
    for (const oracle::update &u : have.w && !r.nw ? write.updates : main.updates) {
        std::vector<uint8_t> now(u.before.size());
        dut.mem.load(u.addr, now.data(), now.size());
        ASSERT_TRUE(now == u.after || (u.optional && now == u.before))
            << "descriptor at 0x" << std::hex << u.addr;
    }
}

// What was granted can be used: the Translated access goes where the untranslated one would.
void RandomAts::compare_traffic(const smmu_ats_request &r, const smmu_ats_completion &have)
{
    if (!have.r || (r.ssv && !dut.config().pasidtt))
        return;
    client_access how = translated_read;
    how.ssv = r.ssv;
    how.ssid = r.ssid;
    how.priv = r.priv;
    const uint64_t at = have.addr + (r.addr & ones(have.span_log2));
    const smmu_result result = dut.translate(r.sid, at, how);
    ASSERT_EQ(result.outcome, SMMU_FORWARD) << smmu_event_name(result.event);
    ASSERT_EQ(result.addr, read.addr);
    if (GetParam().atschk && r.ssv) { // 17.3: the label is that of the untranslated one
        ASSERT_EQ(result.mpam.partid, read.mpam.partid);
        ASSERT_EQ(result.mpam.pmg, read.mpam.pmg);
        ASSERT_EQ(result.priv, read.priv);
        passed_pasids++;
    }
    ++passed;
}

void RandomAts::compare(const smmu_ats_request &r)
{
    read = as(r, false, false);
    write = as(r, true, false);
    fetch = as(r, false, true);
    const smmu_ats_completion have = dut.ats_translate(r);
    const auto events = dut.pop_raw_events();
    const bool no_ste =
        read.fault == C_BAD_STREAMID || read.fault == F_STE_FETCH || read.fault == C_BAD_STE;
    if (!no_ste && (aborting(r.sid) || eats(r.sid) == 0)) {
        ASSERT_EQ(have.status, SMMU_ATS_UR);
        ASSERT_EQ(events.size(), aborting(r.sid) ? 0u : 1u);
        ++refused;
        return;
    }
    const bool records = dut.config().atsrecerr;
    ASSERT_LE(events.size(), records ? 1u : 0u);
    const auto fatal = [](unsigned fault) {
        return fault != 0 && (fault < F_TRANSLATION || fault > F_PERMISSION);
    };
    if (fatal(read.fault)) {
        ASSERT_EQ(have.status, SMMU_ATS_CA) << smmu_event_name(static_cast<uint8_t>(read.fault));
        ASSERT_EQ(events.size(), records && read.recorded ? 1u : 0u);
        if (!events.empty()) {
            ASSERT_EQ(events[0].word, read.record) << event::decode(events[0]);
            ++recorded;
        }
        ++aborted;
        return;
    }
    if (fatal(write.fault)) { // it is met or not, as more is denied
        ASSERT_FALSE(have.w);
        ASSERT_EQ(events.size(), records && have.status == SMMU_ATS_CA ? 1u : 0u);
        return;
    }
    ASSERT_TRUE(events.empty());
    ASSERT_EQ(have.status, SMMU_ATS_SUCCESS);
    compare_rights(r, have);
    if (HasFatalFailure())
        return;
    if (have.r || have.w) {
        compare_translation(r, have);
        if (!HasFatalFailure())
            compare_traffic(r, have);
    }
    granted += have.r;
    writable += have.w;
    executable += have.exe;
    denied += !have.r && !have.w;
    assured += have.r && read.assured_only;
    not_assured += !forwarded(read) && read.assured_only;
}

TEST_P(RandomAts, AgreesWithTheOracle)
{
    const unsigned long total = accesses_wanted(default_requests);
    for (unsigned long done = 0; done < total; ++done) {
        if (done % requests_per_round == 0)
            build();
        const smmu_ats_request r = request();
        compare(r);
        if (HasFatalFailure()) {
            FAIL() << "seed " << GetParam().seed << " request " << done << std::hex << " addr 0x"
                   << r.addr << " sid 0x" << r.sid << " ssv " << r.ssv << " ssid 0x" << r.ssid
                   << " nw " << r.nw << " exe " << r.exe << " priv " << r.priv;
        }
    }
    // The comparison is worth something only if it reached every kind of answer.
    if (dut.config().atsrecerr) {
        EXPECT_GT(recorded, aborted / 2);
    }
    for (unsigned long count : {granted, writable, denied, aborted, refused, passed})
        EXPECT_GT(count, total / 100);
    EXPECT_GT(executable, total / 1000);
    if (dut.config().pasidtt) {
        EXPECT_GT(passed_pasids, total / 100);
    }
    if (dut.config().the) { // most that would be refused updates is not Assured
        EXPECT_GT(assured, total / 4000);
        EXPECT_GT(not_assured, total / 500);
    } else if (dut.config().httu >= SMMU_HTTU_DIRTY) {
        EXPECT_GT(tables_refused, 0u);
    }
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

// The same requests again and again, with Translated accesses to what they are granted, while
// software changes structures and tables (random_world::change()).
TEST_P(RandomAts, AgreesWithTheOracleAfterChanges)
{
    const unsigned long total = accesses_wanted(default_requests) / 4;
    std::vector<smmu_ats_request> recent;
    for (unsigned long done = 0; done < total; ++done) {
        if (done % 1000 == 0) {
            build(false);
            recent.clear();
        }
        if (recent.size() < 16)
            recent.push_back(request());
        smmu_ats_request &r = recent[rng.below(recent.size())];
        if (rng.one_in(16))
            r = request();
        if (rng.one_in(12))
            world.change();
        compare(r);
        if (HasFatalFailure()) {
            FAIL() << "seed " << GetParam().seed << " request " << done << std::hex << " addr 0x"
                   << r.addr << " sid 0x" << r.sid << " ssv " << r.ssv << " ssid 0x" << r.ssid
                   << " nw " << r.nw << " exe " << r.exe << " priv " << r.priv;
        }
    }
    for (unsigned long count : {granted, writable, denied, aborted, passed})
        EXPECT_GT(count, total / 100);
    EXPECT_THAT(dut.contract_breaches, testing::IsEmpty());
}

const variant variants[] = {
    {"Full", 0x5eedca01, false, [](smmu_config &) {}},
    {"Checked", 0x5eedca02, true, [](smmu_config &) {}},
    {"NoCaches", 0x5eedca03, true,
     [](smmu_config &c) {
         c.config_cache = c.tlb = c.utlb = c.walk_s1 = c.walk_s2 = {0, 0};
     }},
    {"IndirectPermissions", 0x5eedca06, true,
     [](smmu_config &c) { c.s1pi = c.s2pi = c.s2po = true, c.httu = SMMU_HTTU_TABLES; }},
    {"Hardening", 0x5eedca17, true,
     [](smmu_config &c) { c.the = c.s1pi = c.s2pi = c.s2po = true; }},
    {"NoUpdates", 0x5eedca04, true, [](smmu_config &c) { c.httu = SMMU_HTTU_NONE; }},
    {"LargeAddresses", 0x5eedca15, true,
     [](smmu_config &c) { c.oas_bits = 52, c.vax52 = c.ds = c.e0pd = true; }},
    {"Pasids", 0x5eedca08, true,
     [](smmu_config &c) {
         c.pasidtt = c.atsrecerr = c.mpam = true;
         c.arch = 2, c.partid_max = 0x134, c.pmg_max = 0xa;
     }},
    {"LargeDescriptors", 0x5eedca16, true,
     [](smmu_config &c) {
         c.d128 = c.vax52 = c.vax56 = c.s1pi = c.s2pi = c.s2po = c.aie = c.mteperm = true;
         c.vmsa32 = false, c.oas_bits = 56;
         c.arch = 4, c.e0pd = c.epan = c.ptwnnc = true;
     }},
    {"DevicePermissions", 0x5eedca18, true, [](smmu_config &c) { c.dpt = c.dpt_from_ats = true; }},
    {"DevicePermissionsOfPasids", 0x5eedca19, true,
     [](smmu_config &c) {
         c.dpt = c.pasidtt = c.atsrecerr = c.mpam = true;
         c.arch = 2, c.partid_max = 0x134, c.pmg_max = 0xa;
     }},
    {"Recorded", 0x5eedca01, true, [](smmu_config &c) { c.atsrecerr = true; }},
    {"RecordedWithoutCaches", 0x5eedca07, false,
     [](smmu_config &c) {
         c.atsrecerr = true, c.config_cache = c.tlb = c.utlb = c.walk_s1 = c.walk_s2 = {0, 0};
     }},
};

INSTANTIATE_TEST_SUITE_P(Variants, RandomAts, testing::ValuesIn(variants),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace random_ats
