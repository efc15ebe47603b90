// SPDX-License-Identifier: Apache-2.0
// The walks of both stages, level by level, with the order of faults of IHI 0070 7.3.22.
#include "oracle/walk.hpp"

#include "oracle/hardening.hpp"
#include "oracle/rights.hpp"

namespace oracle {

namespace {

// A descriptor: 128 bits of VMSAv9-128, else 64.
__extension__ using number = unsigned __int128;

uint64_t bits128(number n, unsigned high, unsigned low)
{
    return bits(static_cast<uint64_t>(n >> low), high - low, 0);
}

// The parameters of one stage, read out of an STE or CD.
struct parameters {
    bool s2;
    unsigned n;         // of stage 1: that of TTBn
    bool has_protected; // of stage 1
    bool d128;          // VMSAv9-128
    unsigned granule, region_bits, output_bits;
    int start_level;
    uint64_t table;
    bool big_endian, affd, ha, hd, haft, hierarchy, indirect;
    bool lpa;    // FEAT_LPA, of 64 KiB granules
    bool ds;     // FEAT_LPA2, of the others
    unsigned sh; // with ds, of what is mapped
};

struct leaf {
    number descriptor = 0;
    uint64_t addr = 0; // of the descriptor, before stage 2
    int level = 0;
    hierarchical limits;
    bool assured = false; // the Assured Translation property of the level (DDI 0487 D8.2.7.3)
    bool next = false;    // and of what the descriptor leads to
};

walk_fault fault_of(unsigned number, const parameters &p, fault_class cls, uint64_t ia)
{
    walk_fault f;
    f.number = number;
    f.s2 = p.s2;
    f.cls = p.s2 ? cls : fault_class::in;
    f.ipa = p.s2 ? ia : 0;
    return f;
}

walk_fault eabt(const parameters &p, fault_class cls, uint64_t addr)
{
    walk_fault f;
    f.number = EVENT_WALK_EABT;
    f.s2 = p.s2;
    f.cls = p.s2 ? cls : fault_class::tt;
    f.fetch_addr = addr;
    return f;
}

unsigned skl_of_descriptor(const parameters &p, number descriptor)
{
    return p.d128 ? static_cast<unsigned>(bits128(descriptor, 110, 109)) : 0;
}

// DDI 0487 J1.1, AArch64.BlockDescSupported().
bool block_allowed(const parameters &p, int level)
{
    switch (p.granule) {
    case 12:
        return (level == 0 && p.ds) || level == 1 || level == 2;
    case 14:
        return (level == 1 && p.ds) || level == 2;
    default:
        return (level == 1 && p.lpa) || level == 2;
    }
}

enum class kind { invalid, table, leaf };

// DDI 0487 Table D8-49: where SKL leads from the level, by sizes that tables D8-45 and D8-46 have.
kind kind_of128(const parameters &p, number descriptor, int level)
{
    const unsigned skl = skl_of_descriptor(p, descriptor);
    const int sum = level + static_cast<int>(skl);
    if (bits128(descriptor, 0, 0) == 0 || (skl == 3 && p.granule != 12) || sum > 3)
        return kind::invalid;
    return sum < 3 ? kind::table : kind::leaf;
}

// DDI 0487 Table D8-48.
kind kind_of(const parameters &p, number descriptor, int level)
{
    if (p.d128)
        return kind_of128(p, descriptor, level);
    const bool bit1 = bits128(descriptor, 1, 1) == 1;
    if (bits128(descriptor, 0, 0) == 0)
        return kind::invalid;
    if (level == 3)
        return bit1 ? kind::leaf : kind::invalid;
    if (bit1)
        return kind::table;
    return block_allowed(p, level) ? kind::leaf : kind::invalid;
}

// DDI 0487 tables D8-50 to D8-53: address bits [47:low] of a descriptor, and those above. Tables
// D8-56 to D8-59: [55:low].
uint64_t address_in(const parameters &p, number whole, unsigned low)
{
    const auto descriptor = static_cast<uint64_t>(whole);
    if (p.d128)
        return bits(descriptor, 55, low) << low;
    const uint64_t address = bits(descriptor, 47, low) << low;
    if (p.lpa)
        return address | bits(descriptor, 15, 12) << 48;
    if (p.ds)
        return address | bits(descriptor, 9, 8) << 50 | bits(descriptor, 49, 48) << 48;
    return address;
}

// log2 of the bytes of a descriptor.
unsigned size_log2(const parameters &p)
{
    return p.d128 ? 4 : 3;
}

// The lowest address bit that a descriptor of the level resolves.
unsigned low_bit_of(const parameters &p, int level)
{
    return p.granule + static_cast<unsigned>(3 - level) * (p.granule - size_log2(p));
}

// 3.4: VMSAv8-32 gives 40 bits, which a smaller OAS cuts.
uint64_t truncated(const walk_input &in, uint64_t physical)
{
    return bits(physical, in.id.oas - 1, 0);
}

// Through stage 2, where that translates.
stage_result structure_at(const walk_input &in, uint64_t addr, fault_class cls, access how);

// Physical address of a descriptor; nested stage 1 tables are in IPA space.
stage_result locate(const walk_input &in, const parameters &p, const leaf &l, bool write)
{
    access how;
    how.write = write;
    how.assured = l.assured;
    if (!write && l.level == p.start_level)
        how.first_table = static_cast<int>(p.n);
    if (!p.s2)
        return structure_at(in, l.addr, fault_class::tt, how);
    stage_result r;
    r.output = truncated(in, l.addr);
    return r;
}

walk_fault load(const walk_input &in, const parameters &p, fault_class cls, leaf &l)
{
    const stage_result at = locate(in, p, l, false);
    if (at.fault.number != 0)
        return at.fault;
    uint8_t data[16];
    const unsigned size = 1u << size_log2(p);
    if (!in.memory.read(fetch::descriptor, at.output, size, data, p.s2 ? in.second : in.first))
        return eabt(p, cls, at.output);
    l.descriptor = 0;
    for (unsigned i = 0; i < size; ++i)
        l.descriptor = l.descriptor * 256 + data[p.big_endian ? i : size - 1 - i];
    const unsigned bit = p.d128 ? 114 : 52;
    l.next = l.assured && at.mro && p.has_protected && bits128(l.descriptor, bit, bit) == 1;
    return {};
}

// DDI 0487 D8.2.7.3: the initial lookup level. Tables of VMSAv8-32 are of another Exception level's
// making.
bool first_is_assured(const walk_input &in, const parameters &p)
{
    return !p.s2 && in.assured && !s1_vmsa32(in.id, *in.cd) && tl_of(in.id, in.ste, p.n);
}

// 3.13.2, 3.13.3: write the descriptor back. A stage 1 update is a write through stage 2.
walk_fault write_back(const walk_input &in, const parameters &p, fault_class cls, leaf &l,
                      number descriptor)
{
    const stage_result at = locate(in, p, l, true);
    if (at.fault.number != 0)
        return at.fault;
    std::vector<uint8_t> bytes(size_t{1} << size_log2(p));
    for (unsigned i = 0; i < bytes.size(); ++i)
        bytes[p.big_endian ? bytes.size() - 1 - i : i] = static_cast<uint8_t>(descriptor >> 8 * i);
    if (!in.memory.replace(at.output, bytes, p.s2 ? in.second : in.first))
        return eabt(p, cls, at.output);
    l.descriptor = descriptor;
    return {};
}

// From the first table to a leaf.
walk_fault find_leaf(const walk_input &in, const parameters &p, uint64_t ia, fault_class cls,
                     leaf &found)
{
    uint64_t table = p.table;
    unsigned high_bit = p.region_bits - 1;

    found.level = p.start_level;
    found.assured = first_is_assured(in, p);
    for (;;) {
        const unsigned low_bit = low_bit_of(p, found.level);
        found.addr = table + (bits(ia, high_bit, low_bit) << size_log2(p));
        if (found.addr >> p.output_bits != 0) // J1.1, AArch64.S1Walk(): of large tables
            return fault_of(EVENT_ADDR_SIZE, p, cls, ia);
        const walk_fault f = load(in, p, cls, found);
        if (f.number != 0)
            return f;
        const number d = found.descriptor;
        const kind what = kind_of(p, d, found.level);
        if (what == kind::invalid)
            return fault_of(EVENT_TRANSLATION, p, cls, ia);
        if (what == kind::leaf)
            // J1.1, StageOA(): with the bits of the input below.
            return (address_in(p, d, low_bit) | bits(ia, low_bit - 1, 0)) >> p.output_bits != 0
                       ? fault_of(EVENT_ADDR_SIZE, p, cls, ia)
                       : walk_fault{};
        // Tables D8-45: a table of as many strides as SKL says, which is aligned to its size.
        const unsigned skl = skl_of_descriptor(p, d);
        const unsigned table_log2 = (skl + 1) * (p.granule - size_log2(p)) + size_log2(p);
        const int next = found.level + 1 + static_cast<int>(skl);
        table = address_in(p, d, table_log2);
        const uint64_t entry = bits(ia, low_bit - 1, low_bit_of(p, next)) << size_log2(p);
        if ((table | entry) >> p.output_bits != 0)
            return fault_of(EVENT_ADDR_SIZE, p, cls, ia);
        if (p.haft && bits128(d, 10, 10) == 0) { // 3.13.6
            const walk_fault of = write_back(in, p, cls, found, d | 1u << 10);
            if (of.number != 0)
                return of;
        }
        if (p.hierarchy)
            found.limits.add(static_cast<uint64_t>(d));
        found.level = next;
        found.assured = found.next;
        high_bit = low_bit - 1;
    }
}

// PIIndex is bits [118:115] and POIndex of stage 2 [124:121] (DDI 0487 tables D8-58, D8-59).
indexes indexes_in(const parameters &p, number leaf)
{
    if (p.d128)
        return {static_cast<unsigned>(bits128(leaf, 118, 115)),
                static_cast<unsigned>(bits128(leaf, 124, 121))};
    return indexes_of(static_cast<uint64_t>(leaf));
}

uint64_t output_of(const parameters &p, const leaf &l, uint64_t ia)
{
    const unsigned low_bit = low_bit_of(p, l.level);
    return address_in(p, l.descriptor, low_bit) + bits(ia, low_bit - 1, 0);
}

// IHI 0070 5.2 S2DS, 5.4 DS: the address has taken the place of SH.
unsigned shareability_of(const parameters &p, const leaf &l)
{
    return p.ds ? p.sh : static_cast<unsigned>(bits128(l.descriptor, 9, 8));
}

// F_ACCESS or the update of AF (5.4 AFFD, HA; 5.2 S2AFFD, S2HA).
walk_fault settle_access(const walk_input &in, const parameters &p, uint64_t ia, fault_class cls,
                         leaf &l)
{
    if (bits128(l.descriptor, 10, 10) == 1)
        return {};
    if (p.ha)
        return write_back(in, p, cls, l, l.descriptor | 1u << 10);
    if (p.affd)
        return {};
    return fault_of(EVENT_ACCESS, p, cls, ia);
}

// DDI 0487 D8.2: a table lies at a multiple of its size, and of 64 bytes if addresses have 52 bits,
// or of 32 if it is of VMSAv9-128.
uint64_t aligned(const parameters &p, uint64_t table)
{
    const unsigned size = p.region_bits - low_bit_of(p, p.start_level) + size_log2(p);
    const unsigned least = p.d128 ? 5 : p.output_bits == 52 ? 6 : 0;
    const unsigned align = size < least ? least : size;
    return table >> align << align;
}

parameters stage1_parameters(const walk_input &in, unsigned n)
{
    const raw512 &cd = *in.cd;
    parameters p{};
    p.n = n;
    p.has_protected = s1_has_protected(in.id, cd);
    p.d128 = s1_d128(in.id, cd);
    p.granule = granule_of(in.id, cd, n);
    p.region_bits = region_bits_of(in.id, cd, n);
    p.output_bits = effective_ips(in.id, cd);
    p.start_level = 3; // the level that resolves the topmost bits comes first
    while (low_bit_of(p, p.start_level - 1) < p.region_bits)
        --p.start_level;
    if (p.d128)
        p.start_level = d128_start_level(p.granule, p.region_bits, skl_of(cd, n));
    p.lpa = p.granule == 16 && in.id.oas >= 52;
    p.ds = ds_of(in.id, cd, n);
    p.sh = static_cast<unsigned>(n == 0 ? cd.field(13, 12) : cd.field(29, 28));
    p.table = aligned(p, ttb_of(in.id, cd, n));
    p.big_endian = cd.field(15, 15) == 1;
    p.affd = cd.field(35, 35) == 1;
    p.ha = !s1_vmsa32(in.id, cd) && cd.field(43, 43) == 1;
    p.hd = p.ha && cd.field(42, 42) == 1;
    p.haft = p.ha && in.id.httu == 3 && cd.field(67, 67) == 1;
    p.indirect = s1_indirect(in.id, in.ste, cd);
    p.hierarchy = !p.indirect && !s1_aie(in.id, cd) && // R_JHSVW, R_MJGNV
                  (in.id.had == 0 || cd.field(n == 0 ? 65 : 129, n == 0 ? 65 : 129) == 0);
    return p;
}

parameters stage2_parameters(const walk_input &in)
{
    const raw512 &ste = in.ste;
    parameters p{};
    p.s2 = true;
    p.d128 = s2_d128(in.id, ste);
    p.granule = s2_granule_of(in.id, ste);
    p.region_bits = s2_region_bits_of(in.id, ste);
    p.output_bits = effective_s2ps(in.id, ste);
    p.start_level = s2_start_level_of(in.id, ste);
    p.lpa = p.granule == 16 && in.id.oas >= 52;
    p.ds = s2_ds_of(in.id, ste);
    p.sh = static_cast<unsigned>(ste.field(173, 172));
    p.table = aligned(p, s2ttb_of(in.id, ste));
    p.big_endian = ste.field(180, 180) == 1;
    p.affd = ste.field(181, 181) == 1;
    p.ha = ste.field(184, 184) == 1;
    p.hd = p.ha && ste.field(183, 183) == 1;
    p.haft = p.ha && in.id.httu == 3 && ste.field(187, 187) == 1;
    p.indirect = s2_indirect(in.id, ste);
    return p;
}

unsigned needed_right(const access &how)
{
    return how.write ? RIGHT_WRITE : how.instr ? RIGHT_EXECUTE : RIGHT_READ;
}

// IHI 0070 3.4.1: bits VA[AddrTop:N-1] must be identical, where the region has N - 1 bits.
bool in_range(uint64_t va, unsigned region_bits, bool tbi, bool high)
{
    const unsigned top = tbi ? 55 : 63;
    for (unsigned bit = region_bits; bit <= top; ++bit)
        if ((bits(va, bit, bit) == 1) != high)
            return false;
    return true;
}

// Which TTBn, 0 or 1, translates `va`; -1: none. IHI 0070 3.4.1.
int table_of(const walk_input &in, uint64_t va)
{
    const raw512 &cd = *in.cd;
    if (in.world == stream_world::el2)
        return in_range(va, region_bits_of(in.id, cd, 0),
                        !s1_vmsa32(in.id, cd) && cd.field(38, 38) == 1, false)
                   ? 0
                   : -1;
    const unsigned n = bits(va, 55, 55) == 1 ? 1 : 0;
    return in_range(va, region_bits_of(in.id, cd, n), cd.field(38 + n, 38 + n) == 1, n == 1)
               ? static_cast<int>(n)
               : -1;
}

// The same for VMSAv8-32: DDI 0487 Table G5-2, row by row.
int table_of32(const walk_input &in, uint64_t va)
{
    const uint64_t all = uint64_t{1} << 32;
    const uint64_t low = uint64_t{1} << region_bits_of(in.id, *in.cd, 0);
    const uint64_t high = all - (uint64_t{1} << region_bits_of(in.id, *in.cd, 1));
    const bool t0sz = low != all, t1sz = high != 0;
    if (va >= all)
        return -1;
    if (!t0sz && !t1sz)
        return 0;
    if (!t1sz)
        return va < low ? 0 : 1;
    if (va >= high)
        return 1;
    return va < low ? 0 : -1;
}

// IHI 0070 5.4, E0PD0 and E0PD1: RES0 in some regimes. DDI 0487 J1.1, AArch64.S1Translate(), asks
// for it before the walk.
bool closed_to_unprivileged(const walk_input &in, unsigned n)
{
    if (in.id.e0pd == 0 || s1_vmsa32(in.id, *in.cd) || in.world == stream_world::el2)
        return false;
    return (n == 0 ? in.cd->field(66, 66) : in.cd->field(130, 130)) == 1;
}

// Rights of a stage 1 leaf, with a writable-clean one taken as it is or as writable.
unsigned stage1_rights(const walk_input &in, const leaf &l, bool priv, bool hd)
{
    const auto descriptor = static_cast<uint64_t>(l.descriptor);
    if (s1_vmsa32(in.id, *in.cd) && in.world != stream_world::el2)
        return rights_with_el0_32(*in.cd, descriptor, l.limits, priv);
    return in.world == stream_world::el2
               ? rights_without_el0(*in.cd, descriptor, l.limits, hd)
               : rights_with_el0(in.id, *in.cd, descriptor, l.limits, priv, hd);
}

} // namespace

stage_result stage1_translate(const walk_input &in, uint64_t va, const access &how)
{
    stage_result result;
    const bool ranges32 = s1_vmsa32(in.id, *in.cd) && in.world != stream_world::el2;
    const int n = ranges32 ? table_of32(in, va) : table_of(in, va);

    // 7.3.22: the input address check and EPDn come before any fetch, and give the same event.
    if (n < 0 || effective_epd(*in.cd, in.world, static_cast<unsigned>(n))) {
        result.fault.number = EVENT_TRANSLATION;
        return result;
    }
    if (closed_to_unprivileged(in, static_cast<unsigned>(n)) && !how.priv) {
        result.fault.number = EVENT_TRANSLATION;
        return result;
    }
    const parameters p = stage1_parameters(in, static_cast<unsigned>(n));
    leaf found;
    result.fault = find_leaf(in, p, va, fault_class::in, found);
    if (result.fault.number != 0)
        return result;

    const size_t before = in.memory.updates().size();
    result.fault = settle_access(in, p, va, fault_class::in, found);
    if (result.fault.number != 0)
        return result;

    // With HD a writable-clean descriptor is writable; a write makes it so in memory.
    const bool bit7 = bits128(found.descriptor, 7, 7) == 1; // AP[2], or nDirty
    unsigned possible = stage1_rights(in, found, how.priv, p.hd);
    if (p.indirect) {
        possible = indirect_rights_stage1(*in.cd, indexes_in(p, found.descriptor), how.priv,
                                          in.world != stream_world::el2);
        if (bit7 && !p.hd) // software has to make it dirty
            possible &= ~RIGHT_WRITE;
    }
    if ((possible & needed_right(how)) == 0) {
        result.fault = fault_of(EVENT_PERMISSION, p, fault_class::in, va);
        in.memory.make_optional(before); // 3.13.2
        return result;
    }
    const bool managed = p.hd && (p.indirect || bits128(found.descriptor, 51, 51) == 1);
    const bool clean = managed && bit7 && (possible & RIGHT_WRITE) != 0;
    if (clean && how.write)
        result.fault =
            write_back(in, p, fault_class::in, found, found.descriptor & ~(number{1} << 7));
    result.dirty_managed = clean;
    result.rights = clean && !how.write ? possible & ~RIGHT_WRITE : possible;
    result.attr_index = static_cast<unsigned>(bits128(found.descriptor, 4, 2));
    if (s1_aie(in.id, *in.cd)) // IHI 0070 5.4, MAIR0
        result.attr_index += 8 * static_cast<unsigned>(p.d128 ? bits128(found.descriptor, 5, 5)
                                                              : bits128(found.descriptor, 59, 59));
    result.sh = shareability_of(p, found);
    result.output = output_of(p, found, va);
    result.assured = found.next;
    return result;
}

// DDI 0487 D8.2.7.3 and D8.2.7.4, whose faults come before others of permissions.
static void harden(const walk_input &in, const parameters &p, const leaf &l, const access &how,
                   stage_result &result)
{
    const std::string permission =
        p.indirect ? stage2_permission_of(in.id, in.ste, indexes_in(p, l.descriptor)) : "direct";
    const unsigned bit = p.d128 ? 114 : 58;
    result.mro = is_mro(permission);
    result.assured_only =
        s2_has_assured_only(in.id, in.ste) && bits128(l.descriptor, bit, bit) == 1;
    result.fault.top_level =
        how.first_table >= 0 && top_level_fault(tl_of(in.id, in.ste, 0), tl_of(in.id, in.ste, 1),
                                                permission, static_cast<unsigned>(how.first_table));
    result.fault.assured_only = result.assured_only && !how.assured && !result.fault.top_level;
}

stage_result stage2_translate(const walk_input &in, uint64_t ipa, fault_class cls,
                              const access &how)
{
    stage_result result;
    const parameters p = stage2_parameters(in);
    if (ipa >> p.region_bits != 0) {
        result.fault = fault_of(EVENT_TRANSLATION, p, cls, ipa);
        return result;
    }
    leaf found;
    result.fault = find_leaf(in, p, ipa, cls, found);
    if (result.fault.number != 0)
        return result;
    const size_t before = in.memory.updates().size();
    result.fault = settle_access(in, p, ipa, cls, found);
    if (result.fault.number != 0)
        return result;
    harden(in, p, found, how, result);
    if (result.fault.top_level || result.fault.assured_only) {
        const walk_fault why = result.fault;
        result.fault = fault_of(EVENT_PERMISSION, p, cls, ipa);
        result.fault.ttrnw = !how.write;
        result.fault.top_level = why.top_level;
        result.fault.assured_only = why.assured_only;
        in.memory.make_optional(before);
        return result;
    }
    const bool bit7 = bits128(found.descriptor, 7, 7) == 1; // S2AP[1], or Dirty
    const unsigned indirect =
        p.indirect ? indirect_rights_stage2(in.id, in.ste, indexes_in(p, found.descriptor),
                                            how.priv, how.structure)
                   : 0;
    const bool managed = p.hd && (p.indirect ? (indirect & RIGHT_WRITE) != 0
                                             : bits128(found.descriptor, 51, 51) == 1);
    const bool clean = managed && !bit7;
    if (clean && how.write)
        result.fault = write_back(in, p, cls, found, found.descriptor | number{1} << 7);
    if (result.fault.number != 0)
        return result;
    result.rights = rights_stage2(in.id, in.ste, static_cast<uint64_t>(found.descriptor), how.priv);
    if (p.indirect)
        result.rights = bits128(found.descriptor, 7, 7) == 1 ? indirect : indirect & ~RIGHT_WRITE;
    if ((result.rights & needed_right(how)) == 0) {
        result.fault = fault_of(EVENT_PERMISSION, p, cls, ipa);
        result.fault.ttrnw = !how.write;
        in.memory.make_optional(before);
    }
    result.dirty_managed = clean;
    result.memattr = static_cast<unsigned>(bits128(found.descriptor, 5, 2));
    result.sh = shareability_of(p, found);
    result.output = truncated(in, output_of(p, found, ipa));
    return result;
}

namespace {

stage_result structure_at(const walk_input &in, uint64_t addr, fault_class cls, access how)
{
    stage_result result;
    result.output = truncated(in, addr);
    if (in.ste.field(2, 2) == 0)
        return result;
    how.priv = true;
    how.structure = true;
    result = stage2_translate(in, addr, cls, how);
    // 5.2, S2PTW
    if (result.fault.number == 0 && in.ste.field(182, 182) == 1 &&
        stage2_is_device(result.memattr, s2_memattr_form(in.id, in.ste))) {
        result.fault = fault_of(EVENT_PERMISSION, stage2_parameters(in), cls, addr);
        result.fault.ttrnw = !how.write;
    }
    return result;
}

} // namespace

stage_result locate_structure(const walk_input &in, uint64_t addr, fault_class cls)
{
    access how;
    how.assured = true;
    return structure_at(in, addr, cls, how);
}

} // namespace oracle
