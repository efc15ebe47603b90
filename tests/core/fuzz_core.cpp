// SPDX-License-Identifier: Apache-2.0
// What the bytes of a fuzzer mean: a configuration, then one action after another.
#include "core/fuzz_core.hpp"

#include <iterator>

#include "core/fuzz_bytes.hpp"
#include "smmu/pmcg.h"
#include "support/device_under_test.hpp"
#include "support/dpt.hpp"
#include "support/stage2.hpp"
#include "support/tables.hpp"

using namespace support;

namespace {

// Has a clock, and interrupts of counter groups.
class clocked_dut : public device_under_test {
  public:
    explicit clocked_dut(const smmu_config &cfg) : device_under_test(cfg, true, adapt) {}
    uint64_t cycles = 0;

  private:
    static void adapt(smmu_ops &ops)
    {
        ops.pmcg_irq = [](void *, unsigned) {};
        ops.cycles = [](void *user) {
            return static_cast<clocked_dut *>(static_cast<device_under_test *>(user))->cycles;
        };
    }
};

class fuzz_run {
  public:
    fuzz_run(const uint8_t *data, size_t size) : in(data, size), dut(config())
    {
        dut.mem.keep_log(false);
        for (unsigned i = 0; i < groups; ++i)
            add_group();
        bring_up_options options;
        options.cr2 = static_cast<uint32_t>(in.bits(4));
        if (!in.one_in(4))
            dut.bring_up(options);
    }

    void run();

  private:
    smmu_config config();
    uint64_t word();
    uint64_t address();
    uint32_t enhanced_queue();
    void add_group();
    void write_register();
    void write_group();
    void write_memory();
    void write_structure(uint64_t at);
    void submit_command();
    void client();
    void endpoint();
    void broadcast();
    void aborts();
    void collect_stalls();

    static constexpr unsigned rooms = 8, groups = 2;

    byte_source in;
    clocked_dut dut;
    std::array<smmu_stall, rooms> room{};
    std::array<bool, rooms> held{};
};

smmu_config fuzz_run::config()
{
    static const uint8_t oas[] = {32, 36, 40, 42, 44, 48, 52, 48};
    static const uint8_t endian[] = {SMMU_TT_MIXED, SMMU_TT_LITTLE, SMMU_TT_BIG, SMMU_TT_MIXED};
    smmu_config cfg = smmu_config_default();
    const uint64_t switches = in.bits(16);
    const uint64_t pcie = in.bits(5);
    const uint64_t later = in.bits(6);
    const uint64_t latest = in.bits(8);
    cfg.oas_bits = oas[in.bits(3)];
    cfg.sid_bits = static_cast<uint8_t>(in.below(33));
    cfg.ssid_bits = static_cast<uint8_t>(1 + in.below(20));
    cfg.cmdq_log2_max = static_cast<uint8_t>(in.below(20));
    cfg.evtq_log2_max = static_cast<uint8_t>(in.below(20));
    cfg.asid16 = (switches & 1) != 0;
    cfg.vmid16 = (switches & 2) != 0;
    cfg.hyp = (switches & 4) != 0;
    cfg.cd2l = (switches & 8) != 0;
    cfg.vax52 = (switches & 16) != 0;
    cfg.ds = cfg.vax52 && (switches & 4096) != 0;
    cfg.msi = (switches & 32) != 0;
    cfg.term_abort_only = (switches & 64) != 0;
    cfg.attr_types_ovr = (switches & 128) != 0;
    cfg.pri = (pcie & 1) == 0;
    cfg.ats = cfg.pri || (pcie & 2) == 0;
    cfg.ns1ats = (pcie & 4) != 0;
    cfg.pps = (pcie & 8) != 0;
    cfg.pbha = (pcie & 16) != 0;
    cfg.e0pd = cfg.atsrecerr = (later & 1) != 0;
    cfg.pasidtt = (latest & 1) != 0;
    cfg.mteperm = (latest & 2) != 0;
    cfg.s1pi = (latest & 4) != 0;
    cfg.s2pi = (latest & 8) != 0;
    cfg.s2po = (latest & 16) != 0;
    cfg.aie = (latest & 32) != 0;
    cfg.epan = (latest & 64) != 0;
    if ((switches & 8192) != 0) {
        cfg.d128 = cfg.aie = cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.mteperm = true;
        cfg.vmsa32 = false;
        cfg.vax56 = cfg.vax52;
    }
    if (cfg.d128 && (switches & 16384) != 0) {
        cfg.oas_bits = 56;
        cfg.hyp = cfg.e0pd = cfg.epan = cfg.ptwnnc = true;
    }
    cfg.the = cfg.s2pi && (switches & 32768) != 0;
    if (cfg.ats && (later & 16) != 0) {
        cfg.dpt = true;
        cfg.vmsa32 = false;
        cfg.dpt_from_ats = (later & 32) != 0;
    }
    cfg.mpam = cfg.hyp && (latest & 128) != 0;
    cfg.arch = cfg.oas_bits == 56 ? 4 : cfg.mpam ? 2 : 1;
    cfg.ecmdq = cfg.msi && (later & 2) != 0;
    cfg.ecmdq_log2_pages = static_cast<uint8_t>(later >> 2 & 1);
    cfg.ecmdq_log2_queues = static_cast<uint8_t>(later >> 3 & 1 ? 7 : 1);
    cfg.btm = (switches & 256) != 0;
    cfg.vmw = (switches & 512) != 0;
    cfg.cache_invalid = (switches & 1024) != 0;
    cfg.ipa_inval_nested = (switches & 2048) != 0;
    cfg.ttendian = endian[in.bits(2)];
    cfg.httu = static_cast<uint8_t>(in.below(4));
    cfg.stall_model = static_cast<uint8_t>(in.below(3));
    cfg.stall_max = static_cast<uint16_t>(1 + in.below(8));
    cfg.config_cache = {1u << in.below(4), static_cast<uint32_t>(1 + in.below(4))};
    cfg.tlb = {1u << in.below(6), static_cast<uint32_t>(1 + in.below(8))};
    return smmu_config_check(&cfg, nullptr) ? cfg : smmu_config_default();
}

uint64_t fuzz_run::word()
{
    switch (in.below(4)) {
    case 0:
        return in.bits(64);
    case 1:
        return in.bits(16);
    case 2:
        return address() | in.bits(12);
    default:
        return in.bits(64) & in.bits(64);
    }
}

// Addresses meet often enough for structures to be found.
uint64_t fuzz_run::address()
{
    static const uint64_t regions[] = {dut.cmdq_base, dut.evtq_base, dut.strtab_base,
                                       dut.frames_base};
    return regions[in.bits(2)] + (in.bits(4) << 12);
}

// Registers of one of some Enhanced Command queues (IHI 0070 6.2.5), where there are any.
uint32_t fuzz_run::enhanced_queue()
{
    return SMMU_FRAME_SIZE + static_cast<uint32_t>(in.bits(2)) * 0x8000;
}

// A counter group of any kind.
void fuzz_run::add_group()
{
    smmu_pmcg_config cfg = smmu_pmcg_config_default();
    const uint64_t switches = in.bits(8);
    cfg.arch = 3;
    cfg.counters = static_cast<uint8_t>(1 + in.below(64));
    cfg.counter_bits = (switches & 1) != 0 ? 32 : 64;
    cfg.tbus = (switches & 2) != 0 ? 1 : 0;
    cfg.sid_filter_all = (switches & 4) != 0;
    cfg.capture = (switches & 8) != 0;
    cfg.msi = (switches & 16) != 0;
    cfg.reloc_ctrs = (switches & 32) != 0;
    cfg.mpam = dut.config().mpam && cfg.msi && (switches & 64) != 0;
    cfg.mpam_filter = cfg.mpam && (switches & 128) != 0;
    check(smmu_pmcg_add(dut.smmu(), &cfg, nullptr) >= 0, "a counter group that is refused");
}

// Registers of counter groups (IHI 0070 10.5.1), and time for them.
void fuzz_run::write_group()
{
    static const uint16_t offsets[] = {0x000, 0x400, 0xa00, 0xc00, 0xc20, 0xc40, 0xc60, 0xc80,
                                       0xcc0, 0xd88, 0xe04, 0xe50, 0xe58, 0xe60, 0xe64, 0xe6c};
    const auto group = static_cast<unsigned>(in.bits(in.one_in(16) ? 32 : 1));
    uint32_t offset = offsets[in.bits(4)];
    if (offset < 0xc00)
        offset += static_cast<uint32_t>(in.bits(6)) << 2;
    if (in.coin())
        offset += SMMU_PMCG_PAGE1;
    if (in.one_in(8))
        offset = static_cast<uint32_t>(in.bits(in.coin() ? 17 : 32));
    const unsigned size = in.one_in(16) ? static_cast<unsigned>(in.bits(6)) : (in.coin() ? 4 : 8);
    uint64_t value = 0;
    const smmu_reg_status written = smmu_pmcg_write(dut.smmu(), group, offset, size, word());
    check(smmu_pmcg_read(dut.smmu(), group, offset, size, &value) == written,
          "a register that can be written and not read, or the other way round");
    check(size != 4 || value >> 32 == 0, "a read of 4 bytes with more");
    dut.cycles += in.bits(in.one_in(8) ? 40 : 8);
    smmu_pmcg_clock(dut.smmu());
}

void fuzz_run::write_register()
{
    static const uint32_t offsets[] = {
        reg::CR0,         reg::CR1,          reg::CR2,         reg::GBPA,
        reg::IRQ_CTRL,    reg::GERRORN,      reg::STRTAB_BASE, reg::STRTAB_BASE_CFG,
        reg::CMDQ_BASE,   reg::CMDQ_PROD,    reg::CMDQ_CONS,   reg::EVENTQ_BASE,
        reg::EVENTQ_PROD, reg::EVENTQ_CONS,  reg::PRIQ_BASE,   reg::PRIQ_CONS,
        reg::DPT_BASE,    reg::DPT_BASE_CFG, reg::DPT_CFG_FAR};
    uint32_t offset = offsets[in.below(std::size(offsets))];
    if (in.one_in(4))
        offset = enhanced_queue() + (static_cast<uint32_t>(in.bits(3)) << 2);
    if (in.one_in(8))
        offset = static_cast<uint32_t>(in.bits(in.coin() ? 18 : 32));
    const unsigned size = in.one_in(16) ? static_cast<unsigned>(in.bits(6)) : (in.coin() ? 4 : 8);
    smmu_reg_write(dut.smmu(), offset, size, word());
    uint64_t value = 0;
    smmu_reg_read(dut.smmu(), offset, size, &value);
}

void fuzz_run::write_memory()
{
    uint64_t at = address() + (in.bits(9) << 3);
    if (!in.one_in(4)) {
        write_structure(at & ~ones(6));
        return;
    }
    for (unsigned i = 0; i < 8; ++i, at += 8)
        dut.mem.store64(at, word());
}

// The start of a structure that makes some sense.
void fuzz_run::write_structure(uint64_t at)
{
    switch (in.below(7)) {
    case 0: {
        ste s;
        s.config = static_cast<unsigned>(4 + in.bits(2));
        s.s1contextptr = address() + (in.bits(6) << 6);
        s.s1cdmax = static_cast<unsigned>(in.bits(in.coin() ? 2 : 5));
        s.s1fmt = static_cast<unsigned>(in.bits(2));
        s.strw = static_cast<unsigned>(in.bits(2));
        s.s2t0sz = static_cast<unsigned>(16 + in.below(26));
        s.s2sl0 = static_cast<unsigned>(in.bits(2));
        s.s2tg = static_cast<unsigned>(in.bits(2));
        const uint64_t flags = in.bits(8);
        s.s2aa64 = (flags >> 6 & 3) != 3;
        s.s2ha = flags & 1;
        s.s2hd = flags >> 1 & 1;
        s.s2s = flags >> 2 & 1;
        s.s2r = flags >> 3 & 1;
        s.s2endi = flags >> 4 & 1;
        s.s2ptw = flags >> 5 & 1;
        s.s2ps = static_cast<unsigned>(in.bits(3));
        s.eats = static_cast<unsigned>(in.bits(2));
        s.dpt_vmatch = static_cast<unsigned>(in.bits(2));
        s.s2ttb = address();
        dut.mem.store_image(at, s.encode());
        break;
    }
    case 1: {
        cd c;
        c.t0sz = static_cast<unsigned>(12 + in.below(30));
        c.tg0 = static_cast<unsigned>(in.bits(2));
        const uint64_t flags = in.bits(8);
        c.ha = flags & 1;
        c.hd = flags >> 1 & 1;
        c.s = flags >> 2 & 1;
        c.a = flags >> 3 & 1;
        c.endi = flags >> 4 & 1;
        c.epd0 = (flags >> 5 & 3) == 3;
        if (c.epd0) // then the size of the range is any
            c.t0sz = static_cast<unsigned>(in.bits(6));
        c.ips = static_cast<unsigned>(in.bits(3));
        c.ttb0 = address();
        c.ttb1 = address();
        dut.mem.store_image(at, c.encode());
        break;
    }
    case 2:
        dut.mem.store64(at, table_descriptor(address()));
        break;
    case 3:
        dut.mem.store64(at, leaf_descriptor(word() & ones(48), 3));
        break;
    case 4: {
        stage2_attributes a;
        a.af = in.coin();
        a.dbm = in.coin();
        a.s2ap = static_cast<unsigned>(in.bits(2));
        dut.mem.store64(at, leaf_descriptor(address(), in.coin() ? 3 : 2, a));
        break;
    }
    case 5: { // of the Device Permission Table, of either level
        const dpt_fields f{static_cast<unsigned>(in.bits(2)), in.coin(), 0};
        const uint64_t words[] = {dpt_block(f), dpt_level1(address()), dpt_granules(f, f),
                                  dpt_contiguous(f, static_cast<unsigned>(in.bits(4)))};
        dut.mem.store64(at, words[in.bits(2)]);
        break;
    }
    default:
        dut.mem.store_image(at, l1cd{1, address()}.encode());
        break;
    }
}

// A command that exists, with any operands, at the place of the next one.
void fuzz_run::submit_command()
{
    static const uint8_t opcodes[] = {
        CMD_CFGI_STE,      CMD_CFGI_STE_RANGE, CMD_CFGI_CD,     CMD_TLBI_NH_ASID,  CMD_TLBI_NH_VA,
        CMD_TLBI_EL2_VA,   CMD_TLBI_S12_VMALL, CMD_TLBI_S2_IPA, CMD_TLBI_NSNH_ALL, CMD_RESUME,
        CMD_RESUME,        CMD_STALL_TERM,     CMD_SYNC,        CMD_SYNC,          CMD_ATC_INV,
        CMD_PREFETCH_ADDR, CMD_DPTI_ALL,       CMD_DPTI_PA};
    command cmd;
    cmd.word[0] = (word() & ~ones(8)) | opcodes[in.below(std::size(opcodes))];
    cmd.word[1] = word();
    if (in.coin())
        cmd.word[0] &= ~(uint64_t{1} << 10 | ~ones(38)); // SSec == 0, a small StreamID
    const bool enhanced = dut.config().ecmdq && in.coin();
    const uint32_t registers = enhanced ? enhanced_queue() : uint32_t{reg::CMDQ_BASE};
    uint64_t base = 0, prod = 0;
    smmu_reg_read(dut.smmu(), registers, 8, &base);
    smmu_reg_read(dut.smmu(), registers + 8, 4, &prod);
    base = address_bits(base, 55, 5);
    if (enhanced && in.coin()) { // enabled, with errors acknowledged
        uint64_t cons = 0;
        smmu_reg_read(dut.smmu(), registers + 12, 4, &cons);
        prod = (prod & ones(20)) | uint64_t{1} << 31 | (cons & uint64_t{1} << 23);
    }
    dut.mem.store_image(base + 16 * (prod & 63), cmd);
    smmu_reg_write(dut.smmu(), registers + 8, 4, prod + 1);
    smmu_run(dut.smmu());
    if (in.one_in(4))
        smmu_reg_write(dut.smmu(), reg::GERRORN, 4, dut.read32(reg::GERROR));
}

void fuzz_run::client()
{
    smmu_txn txn{};
    txn.addr = in.coin() ? in.bits(14) : in.bits(64);
    txn.sid = static_cast<uint32_t>(in.bits(in.one_in(8) ? 32 : 6));
    txn.ssid = static_cast<uint32_t>(in.bits(in.one_in(8) ? 32 : 2));
    txn.sec = static_cast<uint8_t>(in.one_in(16) ? in.bits(2) : 0);
    const uint64_t flags = in.bits(8);
    txn.ssv = (flags & 3) == 0;
    txn.write = (flags & 4) != 0;
    txn.op = static_cast<uint8_t>(in.one_in(4) ? in.bits(4) : 0);
    txn.instr = (flags & 8) != 0;
    txn.priv = (flags & 16) != 0;
    txn.translated = (flags & 192) == 0;
    txn.attr = {static_cast<uint8_t>(in.bits(8)), static_cast<uint8_t>(in.bits(2))};
    const auto slot = static_cast<size_t>(in.bits(3));
    if ((flags & 32) != 0 && !held[slot])
        txn.stall = &room[slot];

    smmu_result result{};
    const bool probe = in.one_in(4);
    if (probe)
        smmu_probe(dut.smmu(), &txn, &result);
    else
        smmu_translate(dut.smmu(), &txn, &result);
    check(result.outcome <= SMMU_STALLED, "an unknown outcome");
    check(result.outcome != SMMU_STALLED || txn.stall != nullptr, "stalled without room");
    check(result.outcome != SMMU_FORWARD || result.op < SMMU_OP_COUNT, "an unknown operation");
    check(result.outcome != SMMU_FORWARD || result.addr <= ones(dut.config().oas_bits),
          "an output address beyond the OAS");
    if (result.outcome == SMMU_STALLED && !probe)
        held[slot] = true;
}

// Messages of a PCIe function.
void fuzz_run::endpoint()
{
    const uint64_t addr = in.coin() ? in.bits(14) : in.bits(64);
    const auto sid = static_cast<uint32_t>(in.bits(in.one_in(8) ? 32 : 6));
    const auto ssid = static_cast<uint32_t>(in.bits(in.one_in(8) ? 20 : 2));
    const auto sec = static_cast<uint8_t>(in.one_in(16) ? in.bits(2) : 0);
    const uint64_t flags = in.bits(8);
    const bool ssv = (flags & 1) != 0;
    if ((flags & 2) != 0) {
        smmu_page_request r{};
        r.addr = addr;
        r.sid = sid;
        r.ssid = ssid;
        r.sec = sec;
        r.ssv = ssv;
        r.prgi = static_cast<uint16_t>(in.bits(9));
        r.last = (flags & 4) != 0;
        r.r = (flags & 8) != 0;
        r.w = (flags & 16) != 0;
        smmu_request_page(dut.smmu(), &r);
        return;
    }
    smmu_ats_request r{};
    r.addr = addr;
    r.sid = sid;
    r.ssid = ssid;
    r.sec = sec;
    r.ssv = ssv;
    r.nw = (flags & 4) != 0;
    r.exe = (flags & 8) != 0;
    r.priv = (flags & 16) != 0;
    const smmu_ats_completion c = dut.ats_translate(r);
    check(c.status <= SMMU_ATS_CA, "an unknown status");
    check(c.status == SMMU_ATS_SUCCESS || !(c.r || c.w || c.exe), "granted without success");
    check(!(c.r || c.w) || (c.addr & ones(c.span_log2)) == 0, "a span that is not aligned");
}

void fuzz_run::broadcast()
{
    smmu_dvm dvm{};
    dvm.op = static_cast<uint8_t>(in.bits(3));
    dvm.sec = static_cast<uint8_t>(in.one_in(8) ? in.bits(2) : 0);
    dvm.world = static_cast<uint8_t>(in.bits(2));
    dvm.leaf = in.coin();
    dvm.asid = static_cast<uint16_t>(in.bits(2));
    dvm.vmid = static_cast<uint16_t>(in.bits(2));
    dvm.addr = in.coin() ? in.bits(14) : in.bits(64);
    smmu_broadcast_tlbi(dut.smmu(), &dvm);
}

void fuzz_run::collect_stalls()
{
    for (const resumed_stall &r : dut.resumed) {
        const auto slot = static_cast<size_t>(r.stall - room.data());
        check(slot < rooms && held[slot], "resumed what was not stalled");
        check(r.action <= SMMU_RESUME_RAZWI, "an unknown action");
        held[slot] = false;
    }
    dut.resumed.clear();
    dut.irqs.clear();
    dut.invals.clear();
    dut.mem.clear_msis();
    dut.atc_invs.clear();
    dut.responses.clear();
}

void fuzz_run::aborts()
{
    dut.mem.clear_aborts();
    if (in.coin())
        return;
    abort_rule rule;
    rule.first = address();
    rule.last = rule.first + in.bits(14);
    dut.mem.abort_on(rule);
}

void fuzz_run::run()
{
    while (!in.empty()) {
        switch (in.bits(4)) {
        case 0:
            if (in.one_in(4))
                write_group();
            else
                write_register();
            break;
        case 1:
            smmu_run(dut.smmu());
            break;
        case 2:
        case 3:
        case 4:
        case 5:
        case 6:
            write_memory();
            break;
        case 7:
            if (in.one_in(64))
                aborts();
            if (in.one_in(256))
                smmu_reset(dut.smmu());
            if (in.coin())
                broadcast();
            break;
        case 8:
        case 9:
            submit_command();
            break;
        case 10:
            endpoint();
            break;
        default:
            client();
            break;
        }
        collect_stalls();
    }
    check(dut.contract_breaches.empty(), "a request that smmu/ops.h does not allow");
}

} // namespace

void fuzz_core(const uint8_t *data, size_t size)
{
    fuzz_run(data, size).run();
}
