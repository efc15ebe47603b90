// SPDX-License-Identifier: Apache-2.0
// From a transaction to its outcome, in the order of IHI 0070 7.3.22 and chapter 15.
#include "oracle/oracle.hpp"
#include "oracle/stage1.hpp"
#include "oracle/structures.hpp"

#include <algorithm>
#include <stdexcept>

namespace oracle {

namespace {

enum : unsigned {
    EVENT_BAD_STREAMID = 0x02,
    EVENT_STE_FETCH = 0x03,
    EVENT_BAD_STE = 0x04,
    EVENT_STREAM_DISABLED = 0x06,
    EVENT_BAD_SUBSTREAMID = 0x08,
    EVENT_CD_FETCH = 0x09,
    EVENT_BAD_CD = 0x0a,
    EVENT_WALK_EABT = 0x0b,
    EVENT_ADDR_SIZE = 0x11,
};

// Rights of a transaction that no table restricts.
constexpr unsigned ALL_RIGHTS = RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE;

answer terminated(unsigned fault)
{
    answer a;
    a.what = outcome::abort;
    a.fault = fault;
    return a;
}

answer forwarded(uint64_t addr, unsigned rights)
{
    answer a;
    a.what = outcome::forward;
    a.addr = addr;
    a.rights = rights;
    return a;
}

// IHI 0070 7.3: number, StreamID, SSV and SubstreamID, which all records here begin with.
void begin_record(answer &a, const transaction &txn)
{
    a.recorded = true;
    a.record[0] = a.fault | uint64_t{txn.sid} << 32;
    if (txn.ssv)
        a.record[0] |= uint64_t{1} << 11 | uint64_t{txn.ssid} << 12;
}

answer configuration_fault(unsigned fault, const transaction &txn, uint64_t fetch_addr = 0)
{
    answer a = terminated(fault);
    begin_record(a, txn);
    a.record[3] = fetch_addr;
    return a;
}

// 7.3.9: no SSV in this record; the SubstreamID is always valid.
answer bad_substreamid(const transaction &txn)
{
    answer a = terminated(EVENT_BAD_SUBSTREAMID);
    a.recorded = true;
    a.record[0] = EVENT_BAD_SUBSTREAMID | uint64_t{txn.ssid} << 12 | uint64_t{txn.sid} << 32;
    return a;
}

// 7.3.12 to 7.3.16. `txn` is after the STE overrides. CLASS is TT for an aborted walk, else IN.
answer translation_fault(unsigned fault, const transaction &txn, uint64_t fetch_addr = 0)
{
    answer a = terminated(fault);
    begin_record(a, txn);
    const uint64_t cls = fault == EVENT_WALK_EABT ? 0b01 : 0b10;
    a.record[1] = uint64_t{txn.priv} << 33 | uint64_t{txn.instr} << 34 |
                  uint64_t{!txn.write} << 35 | cls << 40;
    a.record[2] = txn.addr;
    a.record[3] = fetch_addr;
    return a;
}

// 6.3.9.6 and 6.3.14: the SMMU is disabled.
answer global_bypass(const id_fields &id, const registers &regs, const transaction &txn)
{
    if (bits(regs.gbpa, 20, 20) == 1 || txn.addr >> id.oas != 0)
        return terminated(0);
    return forwarded(txn.addr, ALL_RIGHTS);
}

// 13.1.2, STE.PRIVCFG and STE.INSTCFG.
transaction overridden(const id_fields &id, const raw512 &ste, transaction txn)
{
    if (txn.write)
        txn.instr = false;
    if (id.attr_perms_ovr == 0)
        return txn;
    const uint64_t privcfg = ste.field(113, 112);
    const uint64_t instcfg = ste.field(115, 114);
    if (privcfg >= 2)
        txn.priv = privcfg == 3;
    if (instcfg >= 2 && !txn.write)
        txn.instr = instcfg == 3;
    return txn;
}

// 3.4 and 7.3.14: stage 1 is bypassed and there is no stage 2.
answer stage1_bypass(const id_fields &id, const transaction &txn)
{
    if (txn.addr >> id.oas != 0)
        return translation_fault(EVENT_ADDR_SIZE, txn);
    return forwarded(txn.addr, ALL_RIGHTS);
}

// 5.5: CD.A and CD.R apply to the four Translation-related faults; F_WALK_EABT is not among them.
answer stage1_faulted(const raw512 &cd, const stage1_result &s1, const transaction &txn)
{
    const auto number = static_cast<unsigned>(s1.fault);
    answer a = translation_fault(number, txn, s1.fetch_addr);
    if (s1.fault == stage1_fault::walk_eabt)
        return a;
    if (cd.field(46, 46) == 0)
        a.what = outcome::razwi;
    if (cd.field(45, 45) == 0) {
        a.recorded = false;
        a.record = {};
    }
    return a;
}

answer stage1_only(const id_fields &id, const registers &regs, const memory_reader &memory,
                   const raw512 &ste, uint64_t cd_index, const transaction &original)
{
    const uint64_t cd_addr = (ste.field(55, 6) << 6) + 64 * cd_index;
    raw512 cd;
    if (!memory(fetch::cd, cd_addr, 64, cd.bytes.data()))
        return configuration_fault(EVENT_CD_FETCH, original, cd_addr);
    const stream_world world = world_of(id, regs, ste);
    if (cd_illegal(id, ste, world, cd))
        return configuration_fault(EVENT_BAD_CD, original);

    const transaction txn = overridden(id, ste, original);
    const stage1_result s1 =
        stage1_translate({id, cd, world, memory}, txn.addr, txn.write, txn.instr, txn.priv);
    if (s1.fault != stage1_fault::none)
        return stage1_faulted(cd, s1, txn);
    return forwarded(s1.output, s1.rights);
}

// 5.2, S1CDMax and S1DSS: which CD, if any, and the faults on the way.
answer with_substream(const id_fields &id, const registers &regs, const memory_reader &memory,
                      const raw512 &ste, const transaction &txn)
{
    const bool stage1 = ste.field(1, 1) == 1;
    const uint64_t s1cdmax = id.ssidsize == 0 ? 0 : ste.field(63, 59);
    const uint64_t s1dss = ste.field(65, 64);

    if (txn.ssv && (!stage1 || s1cdmax == 0 || txn.ssid >> s1cdmax != 0))
        return bad_substreamid(txn);
    if (!stage1)
        return stage1_bypass(id, overridden(id, ste, txn));
    if (s1cdmax != 0) {
        if (ste.field(5, 4) == 1 || ste.field(5, 4) == 2)
            throw std::domain_error("2-level CD table");
        if (txn.ssv && txn.ssid == 0 && s1dss == 0b10)
            return configuration_fault(EVENT_STREAM_DISABLED, txn);
        if (!txn.ssv && (s1dss == 0b00 || s1dss == 0b11))
            return configuration_fault(EVENT_STREAM_DISABLED, txn);
        if (!txn.ssv && s1dss == 0b01)
            return stage1_bypass(id, overridden(id, ste, txn));
    }
    return stage1_only(id, regs, memory, ste, txn.ssv ? txn.ssid : 0, txn);
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
bool fetched(const id_fields &id, const memory_reader &memory, fetch what, uint64_t addr,
             unsigned size, uint8_t *data)
{
    return addr >> id.oas == 0 && memory(what, addr, size, data);
}

// 3.3.1.2, 5.1: 2-level Stream table.
ste_location locate_two_level(const id_fields &id, const registers &regs,
                              const memory_reader &memory, uint32_t sid, unsigned log2size)
{
    unsigned split = static_cast<unsigned>(bits(regs.strtab_base_cfg, 10, 6));
    if (split != 6 && split != 8 && split != 10)
        split = 6;
    const unsigned l1_bits = log2size > split ? log2size - split : 0;
    const uint64_t l1_addr = table_base(regs, std::max(6u, l1_bits + 3)) + 8 * (sid >> split);
    uint8_t data[8];
    if (!fetched(id, memory, fetch::l1std, l1_addr, sizeof(data), data))
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
ste_location locate_ste(const id_fields &id, const registers &regs, const memory_reader &memory,
                        uint32_t sid)
{
    const unsigned log2size = static_cast<unsigned>(bits(regs.strtab_base_cfg, 5, 0));
    if (uint64_t{sid} >> std::min(log2size, id.sidsize) != 0)
        return {EVENT_BAD_STREAMID, 0};
    if (id.st_level != 0 && bits(regs.strtab_base_cfg, 17, 16) == 1)
        return locate_two_level(id, regs, memory, sid, log2size);
    return {0, table_base(regs, log2size + 6) + 64 * uint64_t{sid}};
}

} // namespace

answer translate(const registers &regs, const memory_reader &memory, const transaction &txn)
{
    const id_fields id(regs);
    if (bits(regs.cr0, 0, 0) == 0)
        return global_bypass(id, regs, txn);

    const ste_location ste_at = locate_ste(id, regs, memory, txn.sid);
    if (ste_at.fault == EVENT_BAD_STREAMID && bits(regs.cr2, 1, 1) == 0)
        return terminated(EVENT_BAD_STREAMID);
    if (ste_at.fault != 0)
        return configuration_fault(ste_at.fault, txn, ste_at.addr);
    raw512 ste;
    if (!fetched(id, memory, fetch::ste, ste_at.addr, 64, ste.bytes.data()))
        return configuration_fault(EVENT_STE_FETCH, txn, ste_at.addr);
    if (ste_illegal(id, ste))
        return configuration_fault(EVENT_BAD_STE, txn);
    if (ste.field(3, 3) == 0)
        return terminated(0);
    return with_substream(id, regs, memory, ste, txn);
}

} // namespace oracle
