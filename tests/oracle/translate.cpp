// SPDX-License-Identifier: Apache-2.0
// From a transaction to its outcome, in the order of IHI 0070 7.3.22 and chapter 15.
#include "oracle/attributes.hpp"
#include "oracle/dpt.hpp"
#include "oracle/labels.hpp"
#include "oracle/memory_view.hpp"
#include "oracle/oracle.hpp"
#include "oracle/structures.hpp"
#include "oracle/walk.hpp"

#include <algorithm>

namespace oracle {

namespace {

enum : unsigned {
    EVENT_BAD_STREAMID = 0x02,
    EVENT_STE_FETCH = 0x03,
    EVENT_BAD_STE = 0x04,
    EVENT_STREAM_DISABLED = 0x06,
    EVENT_TRANSL_FORBIDDEN = 0x07,
    EVENT_BAD_SUBSTREAMID = 0x08,
    EVENT_CD_FETCH = 0x09,
    EVENT_BAD_CD = 0x0a,
    EVENT_VMS_FETCH = 0x25,
};

// Rights of a transaction that no table restricts.
constexpr unsigned ALL_RIGHTS = RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE;

// What the transaction is translated with. `txn` is after the STE overrides, `in` before them.
struct context {
    const id_fields &id;
    const registers &regs;
    const raw512 &ste;
    transaction txn;
    transaction in;
    memory_view &memory;
};

answer terminated(unsigned fault)
{
    answer a;
    a.what = outcome::abort;
    a.fault = fault;
    return a;
}

answer forwarded(uint64_t addr, unsigned rights, const transaction &txn, const attributes &attrs,
                 const label &mpam)
{
    answer a;
    a.what = outcome::forward;
    a.addr = addr;
    a.rights = rights;
    a.mair = to_mair(attrs);
    a.sh = static_cast<uint8_t>(attrs.sh);
    a.instr = txn.instr;
    a.priv = txn.priv;
    a.mpam = mpam;
    return a;
}

// IHI 0070 7.3: number, StreamID, SSV and SubstreamID, which most records here begin with.
void begin_record(answer &a, const transaction &txn)
{
    a.recorded = true;
    a.record[0] = a.fault | uint64_t{txn.sid} << 32;
    if (txn.ssv)
        a.record[0] |= uint64_t{1} << 11 | uint64_t{txn.ssid} << 12;
}

answer configuration_fault(unsigned fault, const transaction &txn)
{
    answer a = terminated(fault);
    begin_record(a, txn);
    return a;
}

// 7.3.4, 7.3.10: FetchAddr bits [55:OAS] are RES0.
answer fetch_fault(const id_fields &id, unsigned fault, const transaction &txn, uint64_t addr)
{
    answer a = configuration_fault(fault, txn);
    a.record[3] = bits(addr, id.oas - 1, 3) << 3;
    return a;
}

// 7.3.7: the record has the StreamID alone.
answer stream_disabled(const transaction &txn)
{
    answer a = terminated(EVENT_STREAM_DISABLED);
    a.recorded = true;
    a.record[0] = EVENT_STREAM_DISABLED | uint64_t{txn.sid} << 32;
    return a;
}

// 7.3.9: no SSV in this record; the SubstreamID is always valid.
answer bad_substreamid(const transaction &txn, uint32_t ssid)
{
    answer a = terminated(EVENT_BAD_SUBSTREAMID);
    a.recorded = true;
    a.record[0] = EVENT_BAD_SUBSTREAMID | uint64_t{ssid} << 12 | uint64_t{txn.sid} << 32;
    return a;
}

// 7.3.12 to 7.3.16: FetchAddr and IPA bits [55:OAS] are RES0. `txn` is after the STE overrides.
answer translation_fault(const id_fields &id, const walk_fault &f, const transaction &txn)
{
    answer a = terminated(f.number);
    a.structure = f.s2 && f.cls != fault_class::in;
    a.top_level = f.top_level;
    a.assured_only = f.assured_only;
    begin_record(a, txn);
    a.record[1] = uint64_t{txn.priv} << 33 | uint64_t{txn.instr} << 34 |
                  uint64_t{!txn.write} << 35 | uint64_t{f.s2} << 39 |
                  static_cast<uint64_t>(f.cls) << 40;
    a.record[2] = txn.addr;
    if (f.number == EVENT_WALK_EABT)
        a.record[3] = bits(f.fetch_addr, id.oas - 1, 3) << 3;
    else if (f.s2)
        a.record[3] = bits(f.ipa, id.oas - 1, 12) << 12;
    if (f.number == EVENT_PERMISSION && f.cls == fault_class::tt && f.ttrnw)
        a.record[1] |= uint64_t{1} << 44;
    return a;
}

// 5.5: A, R and S govern the four Translation-related faults.
answer settled(const id_fields &id, const walk_fault &f, const transaction &txn, bool a_flag,
               bool r_flag, bool s_flag)
{
    answer a = translation_fault(id, f, txn);
    if (f.number == EVENT_WALK_EABT)
        return a;
    if (s_flag && txn.can_stall) {
        a.what = outcome::stalled;
        a.record[1] |= uint64_t{1} << 31;
        return a;
    }
    if (s_flag) // 3.12: a client that cannot wait gets an abort, and the record Stall == 0
        return a;
    if (!a_flag)
        a.what = outcome::razwi;
    if (!r_flag) {
        a.recorded = false;
        a.record = {};
    }
    return a;
}

answer stage2_faulted(const context &c, const walk_fault &f)
{
    return settled(c.id, f, c.txn, true, c.ste.field(186, 186) == 1, c.ste.field(185, 185) == 1);
}

// 13.1.2: writes are data. Then PRIVCFG and INSTCFG of an STE or of SMMU_GBPA.
transaction overridden(const id_fields &id, uint64_t privcfg, uint64_t instcfg, transaction txn)
{
    if (txn.write)
        txn.instr = false;
    if (id.attr_perms_ovr == 0)
        return txn;
    if (privcfg >= 2)
        txn.priv = privcfg == 3;
    if (instcfg >= 2 && !txn.write)
        txn.instr = instcfg == 3;
    return txn;
}

// 6.3.9.6 and 6.3.14: the SMMU is disabled.
answer global_bypass(const id_fields &id, const registers &regs, const transaction &txn)
{
    if (bits(regs.gbpa, 20, 20) == 1 || txn.addr >> id.oas != 0)
        return terminated(0);
    const attributes out =
        replace_attrs(overrides_of_gbpa(id, regs.gbpa), from_mair(txn.mair, txn.sh));
    return forwarded(txn.addr, ALL_RIGHTS,
                     overridden(id, bits(regs.gbpa, 17, 16), bits(regs.gbpa, 19, 18), txn), out,
                     label_of_gbpmpam(id, regs));
}

attributes input_attrs(const context &c)
{
    return replace_attrs(overrides_of_ste(c.id, c.ste), from_mair(c.in.mair, c.in.sh));
}

access access_of(const transaction &txn)
{
    return {txn.write, txn.instr, txn.priv};
}

// Stage 2, if it translates, of what stage 1 or the client gives.
answer last_stage(const context &c, const walk_input &in, const stage_result &s1,
                  const attributes &attrs)
{
    if (c.ste.field(2, 2) == 0) // 3.4: what is beyond the OAS is cut
        return forwarded(bits(s1.output, c.id.oas - 1, 0), s1.rights, c.txn, consistent(attrs),
                         in.cd ? in.first : in.second);
    access how = access_of(c.txn);
    how.assured = s1.assured; // not where stage 1 is bypassed (3.27.2)
    const stage_result s2 = stage2_translate(in, s1.output, fault_class::in, how);
    if (s2.fault.number != 0)
        return stage2_faulted(c, s2.fault);
    answer a = forwarded(s2.output, s1.rights & s2.rights, c.txn,
                         combine_stage2(attrs, s2.memattr, s2.sh, s2_memattr_form(c.id, c.ste)),
                         in.cd ? in.first : in.second);
    a.dirty_managed = s2.dirty_managed;
    a.assured_only = s2.assured_only;
    a.stage2_writable = (s2.rights & RIGHT_WRITE) != 0 || s2.dirty_managed;
    return a;
}

// 3.4: stage 1 is bypassed; what is beyond the IAS is a stage 1 fault that always terminates.
answer stage1_bypass(const context &c)
{
    const bool nested = c.ste.field(2, 2) == 1;
    if (c.txn.addr >> (nested ? c.id.ias : c.id.oas) != 0) {
        walk_fault f;
        f.number = EVENT_ADDR_SIZE;
        return translation_fault(c.id, f, c.txn);
    }
    stage_result s1;
    s1.output = c.txn.addr;
    s1.rights = ALL_RIGHTS;
    const label with = label_of_ste(c.id, c.ste);
    return last_stage(c, {c.id, c.ste, nullptr, stream_world::ns_el1, c.memory, with, {}}, s1,
                      default_hints(input_attrs(c)));
}

answer translated(const context &c, const raw512 &cd, stream_world world, const label &with,
                  bool assured)
{
    const walk_input in{c.id, c.ste,  &cd, world, c.memory, label_of_ste(c.id, c.ste),
                        with, assured};
    const stage_result s1 = stage1_translate(in, c.txn.addr, access_of(c.txn));
    if (s1.fault.number != 0 && s1.fault.s2)
        return stage2_faulted(c, s1.fault);
    if (s1.fault.number != 0)
        return settled(c.id, s1.fault, c.txn, cd.field(46, 46) == 1, cd.field(45, 45) == 1,
                       cd.field(44, 44) == 1);
    const unsigned index = std::min(s1.attr_index, 7u); // 5.4, MAIR0
    const auto mair = static_cast<uint8_t>(cd.field(199 + 8 * index, 192 + 8 * index));
    answer a = last_stage(c, in, s1, stage1_attrs(input_attrs(c), mair, s1.sh));
    a.dirty_managed |= s1.dirty_managed;
    return a;
}

// Where a CD lies, or the answer that ends the search for it (5.2 S1Fmt, 5.3).
struct cd_location {
    bool found = false;
    uint64_t addr = 0; // physical
    answer failure;
    bool assured = false; // it is in AssuredOnly memory, and so is its L1CD
};

cd_location through_stage2(const context &c, uint64_t addr)
{
    const walk_input in{
        c.id, c.ste, nullptr, stream_world::ns_el1, c.memory, label_of_ste(c.id, c.ste), {}};
    const stage_result at = locate_structure(in, addr, fault_class::cd);
    if (at.fault.number != 0)
        return {false, 0, stage2_faulted(c, at.fault)};
    return {true, at.output, {}, at.assured_only};
}

cd_location locate_cd(const context &c, uint32_t index, unsigned s1cdmax)
{
    const uint64_t s1fmt = c.ste.field(5, 4);
    const uint64_t pointer = c.ste.field(55, 6) << 6;
    if (s1cdmax == 0)
        return through_stage2(c, pointer);
    if (s1fmt == 0 || s1fmt == 3)
        return through_stage2(c, (pointer >> (s1cdmax + 6) << (s1cdmax + 6)) + 64 * index);

    const unsigned leaf = s1fmt == 1 ? 6 : 10;
    const unsigned align = s1cdmax > leaf + 3 ? s1cdmax - leaf + 3 : 6;
    cd_location l1 = through_stage2(c, (pointer >> align << align) + 8 * (index >> leaf));
    if (!l1.found)
        return l1;
    uint8_t data[8];
    if (!c.memory.read(fetch::l1cd, l1.addr, sizeof(data), data, label_of_ste(c.id, c.ste)))
        return {false, 0, fetch_fault(c.id, EVENT_CD_FETCH, c.in, l1.addr)};
    uint64_t l1cd = 0;
    for (unsigned i = 8; i-- > 0;)
        l1cd = l1cd * 256 + data[i];
    const uint64_t l2 = bits(l1cd, 55, leaf + 6) << (leaf + 6);
    const unsigned size = c.ste.field(2, 2) == 1 ? c.id.ias : c.id.oas;
    if (bits(l1cd, 0, 0) == 0 || l2 >> size != 0)
        return {false, 0, bad_substreamid(c.in, index)};
    cd_location cd = through_stage2(c, l2 + 64 * bits(index, leaf - 1, 0));
    cd.assured &= l1.assured;
    return cd;
}

answer with_cd(const context &c, uint32_t index, unsigned s1cdmax)
{
    const cd_location at = locate_cd(c, index, s1cdmax);
    if (!at.found)
        return at.failure;
    raw512 cd;
    if (!c.memory.read(fetch::cd, at.addr, 64, cd.bytes.data(), label_of_ste(c.id, c.ste)))
        return fetch_fault(c.id, EVENT_CD_FETCH, c.in, at.addr);
    const stream_world world = world_of(c.id, c.regs, c.ste);
    if (cd_illegal(c.id, c.ste, world, cd))
        return configuration_fault(EVENT_BAD_CD, c.in);
    const auto partid = static_cast<unsigned>(cd.field(367, 352));
    label with = label_of_ste(c.id, c.ste);
    if (vms_enabled(c.id, c.ste)) {
        const uint64_t vms_at = c.ste.field(375, 332) << 12;
        uint8_t map[64];
        if (!c.memory.read(fetch::vms, vms_at, 64, map, label_of_gmpam(c.id, c.regs)))
            return fetch_fault(c.id, EVENT_VMS_FETCH, c.in, vms_at);
        const unsigned at32 = 2 * (partid % 32);
        with = permitted(c.id, map[at32] + 256u * map[at32 + 1], cd.field(375, 368));
    } else if (s1mpam(c.id, c.ste)) {
        const bool nested = c.ste.field(2, 2) == 1; // and there is no PARTID but 0
        with = permitted(c.id, nested ? 0 : partid, cd.field(375, 368));
    }
    return translated(c, cd, world, with, at.assured);
}

// 5.2, S1CDMax and S1DSS: which CD, if any, and the faults on the way.
answer with_substream(const context &c)
{
    const bool stage1 = c.ste.field(1, 1) == 1;
    const auto s1cdmax = c.id.ssidsize == 0 ? 0u : static_cast<unsigned>(c.ste.field(63, 59));
    const uint64_t s1dss = c.ste.field(65, 64);

    if (c.in.ssv && (!stage1 || s1cdmax == 0 || c.in.ssid >> s1cdmax != 0))
        return bad_substreamid(c.in, c.in.ssid);
    if (!stage1)
        return stage1_bypass(c);
    if (s1cdmax != 0) {
        if (c.in.ssv && c.in.ssid == 0 && s1dss == 0b10)
            return stream_disabled(c.in);
        if (!c.in.ssv && (s1dss == 0b00 || s1dss == 0b11))
            return stream_disabled(c.in);
        if (!c.in.ssv && s1dss == 0b01)
            return stage1_bypass(c);
    }
    return with_cd(c, c.in.ssv ? c.in.ssid : 0, s1cdmax);
}

// 6.3.24: SMMU_STRTAB_BASE.ADDR aligned to 2^align bytes.
uint64_t table_base(const registers &regs, unsigned align)
{
    return align >= 56 ? 0 : bits(regs.strtab_base, 55, align) << align;
}

// How a Stream table lookup ends: with the address of the STE, or with a fault.
struct ste_location {
    unsigned fault = 0;
    uint64_t addr = 0; // of the STE, or of what could not be fetched
};

// 3.4.3, note 5: an address beyond the OAS is taken as a failed fetch, the other permitted
// behaviour being truncation.
bool fetched(const id_fields &id, const registers &regs, memory_view &memory, fetch what,
             uint64_t addr, unsigned size, uint8_t *data)
{
    return addr >> id.oas == 0 && memory.read(what, addr, size, data, label_of_gmpam(id, regs));
}

// 3.3.1.2, 5.1: 2-level Stream table.
ste_location locate_two_level(const id_fields &id, const registers &regs, memory_view &memory,
                              uint32_t sid, unsigned log2size)
{
    unsigned split = static_cast<unsigned>(bits(regs.strtab_base_cfg, 10, 6));
    if (split != 6 && split != 8 && split != 10)
        split = 6;
    const unsigned l1_bits = log2size > split ? log2size - split : 0;
    const uint64_t l1_addr = table_base(regs, std::max(6u, l1_bits + 3)) + 8 * (sid >> split);
    uint8_t data[8];
    if (!fetched(id, regs, memory, fetch::l1std, l1_addr, sizeof(data), data))
        return {EVENT_STE_FETCH, l1_addr};
    uint64_t l1std = 0;
    for (unsigned i = 8; i-- > 0;)
        l1std = l1std * 256 + data[i];
    const unsigned span = static_cast<unsigned>(bits(l1std, 4, 0));
    const uint64_t index = bits(sid, split - 1, 0);
    if (span == 0 || span > 11 || span > split + 1 || index >= uint64_t{1} << (span - 1))
        return {EVENT_BAD_STREAMID, 0};
    const unsigned align = 6 + (span - 1);
    return {0, (bits(l1std, 55, align) << align) + 64 * index};
}

// 6.3.25: range check and table format.
ste_location locate_ste(const id_fields &id, const registers &regs, memory_view &memory,
                        uint32_t sid)
{
    const unsigned log2size = static_cast<unsigned>(bits(regs.strtab_base_cfg, 5, 0));
    if (uint64_t{sid} >> std::min(log2size, id.sidsize) != 0)
        return {EVENT_BAD_STREAMID, 0};
    if (id.st_level != 0 && bits(regs.strtab_base_cfg, 17, 16) == 1)
        return locate_two_level(id, regs, memory, sid, log2size);
    return {0, table_base(regs, log2size + 6) + 64 * uint64_t{sid}};
}

answer translate_with(const id_fields &id, const registers &regs, memory_view &memory,
                      const transaction &txn)
{
    if (bits(regs.cr0, 0, 0) == 0)
        return global_bypass(id, regs, txn);
    const ste_location ste_at = locate_ste(id, regs, memory, txn.sid);
    if (ste_at.fault == EVENT_BAD_STREAMID && bits(regs.cr2, 1, 1) == 0)
        return terminated(EVENT_BAD_STREAMID);
    if (ste_at.fault == EVENT_BAD_STREAMID)
        return configuration_fault(EVENT_BAD_STREAMID, txn);
    if (ste_at.fault != 0)
        return fetch_fault(id, ste_at.fault, txn, ste_at.addr);
    raw512 ste;
    if (!fetched(id, regs, memory, fetch::ste, ste_at.addr, 64, ste.bytes.data()))
        return fetch_fault(id, EVENT_STE_FETCH, txn, ste_at.addr);
    if (ste_illegal(id, ste))
        return configuration_fault(EVENT_BAD_STE, txn);
    if (ste.field(3, 3) == 0)
        return terminated(0);
    const transaction checked = overridden(id, ste.field(113, 112), ste.field(115, 114), txn);
    return with_substream({id, regs, ste, checked, txn, memory});
}

// --- marked Translated (3.9.1.3) ---

// 7.3.8: the record has the StreamID, the address and RnW.
answer forbidden(const transaction &txn)
{
    answer a = terminated(EVENT_TRANSL_FORBIDDEN);
    a.recorded = true;
    a.record[0] = EVENT_TRANSL_FORBIDDEN | uint64_t{txn.sid} << 32;
    a.record[1] = uint64_t{!txn.write} << 35;
    a.record[2] = txn.addr;
    return a;
}

// 13.6.3: the address and the attributes stay. What is beyond the OAS ends without an event.
answer passes(const id_fields &id, const transaction &txn, const label &with)
{
    if (txn.addr >> id.oas != 0)
        return terminated(0);
    return forwarded(txn.addr, ALL_RIGHTS, txn, consistent(from_mair(txn.mair, txn.sh)), with);
}

answer passes_by_dpt(const context &c)
{
    answer a = passes(c.id, c.txn, label_of_ste(c.id, c.ste));
    if (a.what != outcome::forward)
        return a;
    const dpt_answer dpt = dpt_check(c.id, c.regs, c.memory, c.ste, c.txn.addr, c.txn.write);
    if (!dpt.granted)
        a = forbidden(c.txn);
    if (dpt.fault != dpt_fault::none)
        a.dpt_cfg_far = bits(c.txn.addr, 55, 12) << 12 | static_cast<uint64_t>(dpt.fault) << 4 |
                        dpt.level << 1 | 1;
    return a;
}

// An STE that passes traffic, by its EATS.
answer checked_by_ste(const context &c)
{
    const uint64_t eats = c.ste.field(93, 92), s1dss = c.ste.field(65, 64);
    if (c.ste.field(2, 1) == 0 || eats == 0 || (eats == 3 && c.id.dpt == 0))
        return forbidden(c.in);
    const bool substreams =
        c.ste.field(1, 1) == 1 && c.id.ssidsize != 0 && c.ste.field(63, 59) != 0;
    if (substreams && (s1dss == 0b00 || s1dss == 0b11))
        return terminated(EVENT_STREAM_DISABLED);
    if (eats == 2)
        return stage1_bypass(c);
    return eats == 3 ? passes_by_dpt(c) : passes(c.id, c.txn, label_of_ste(c.id, c.ste));
}

answer pass_with(const id_fields &id, const registers &regs, memory_view &memory, transaction txn)
{
    txn.ssv = txn.priv = txn.instr = false;
    if (id.ats == 0 || bits(regs.cr0, 0, 0) == 0)
        return forbidden(txn);
    if (bits(regs.cr0, 4, 4) == 0)
        return passes(id, txn, label_of_gbpmpam(id, regs));
    const ste_location ste_at = locate_ste(id, regs, memory, txn.sid);
    if (ste_at.fault != 0)
        return terminated(ste_at.fault);
    raw512 ste;
    if (!fetched(id, regs, memory, fetch::ste, ste_at.addr, 64, ste.bytes.data()))
        return terminated(EVENT_STE_FETCH);
    if (ste_illegal(id, ste))
        return terminated(EVENT_BAD_STE);
    if (ste.field(3, 3) == 0)
        return terminated(0);
    const transaction checked = overridden(id, ste.field(113, 112), ste.field(115, 114), txn);
    return checked_by_ste({id, regs, ste, checked, txn, memory});
}

} // namespace

answer pass_translated(const registers &regs, const memory_reader &memory, const transaction &txn)
{
    const id_fields id(regs);
    memory_view view(memory);
    answer a = pass_with(id, regs, view, txn);
    a.accesses = view.accesses();
    return a;
}

answer translate(const registers &regs, const memory_reader &memory, const transaction &txn)
{
    const id_fields id(regs);
    memory_view view(memory);
    answer a = translate_with(id, regs, view, txn);
    const bool uniform = bits(regs.aidr, 7, 0) >= 4; // 13.1.2: Data, Privileged
    a.out_instr = a.what == outcome::forward && a.instr && !uniform;
    a.out_priv = a.what == outcome::forward && (a.priv || uniform);
    a.updates = view.updates();
    a.accesses = view.accesses();
    return a;
}

} // namespace oracle
