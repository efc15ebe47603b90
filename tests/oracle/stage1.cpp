// SPDX-License-Identifier: Apache-2.0
// The stage 1 walk, level by level, and the permission tables of DDI 0487 D8.4.
#include "oracle/stage1.hpp"

namespace oracle {

namespace {

// What the walk hands to the permission check.
struct leaf {
    uint64_t descriptor = 0;
    uint64_t output = 0;
    bool ap_table_no_el0 = false;   // APTable[0] of any table above
    bool ap_table_readonly = false; // APTable[1]
    bool uxn_table = false;
    bool pxn_table = false;
};

// IHI 0070 3.4.1: bits VA[AddrTop:N-1] must be identical, where the region has N - 1 bits.
bool in_range(uint64_t va, unsigned region_bits, bool tbi, bool high)
{
    const unsigned top = tbi ? 55 : 63;
    for (unsigned bit = region_bits; bit <= top; ++bit)
        if ((bits(va, bit, bit) == 1) != high)
            return false;
    return true;
}

// DDI 0487 D8.3: where the architecture has Block descriptors with 48-bit addresses.
bool block_allowed(unsigned granule, unsigned level)
{
    return granule == 12 ? level == 1 || level == 2 : level == 2;
}

bool load_descriptor(const stage1_input &in, uint64_t addr, uint64_t &descriptor)
{
    uint8_t data[8];
    if (!in.memory(fetch::descriptor, addr, sizeof(data), data))
        return false;
    const bool big_endian = in.cd.field(15, 15) == 1;
    descriptor = 0;
    for (unsigned i = 0; i < 8; ++i)
        descriptor = descriptor * 256 + data[big_endian ? i : 7 - i];
    return true;
}

// One region: walk from TTBn to the leaf (DDI 0487 D8.2, D8.3; fault order IHI 0070 7.3.22).
stage1_result walk(const stage1_input &in, uint64_t va, unsigned n, leaf &found)
{
    stage1_result result;
    const unsigned region_bits = 64 - txsz_of(in.cd, n);
    const unsigned granule = granule_of(in.cd, n);
    const unsigned stride = granule - 3;
    const unsigned ips = effective_ips(in.id, in.cd);
    const bool hierarchy = in.id.had == 0 || in.cd.field(n == 0 ? 65 : 129, n == 0 ? 65 : 129) == 0;

    // The lookup that consumes the topmost bits of the region comes first.
    unsigned level = 3;
    while (granule + (4 - level) * stride < region_bits)
        --level;

    unsigned high_bit = region_bits - 1;
    uint64_t table = ttb_of(in.cd, n);
    const unsigned first_index_bits = region_bits - (granule + (3 - level) * stride);
    table -= table % (uint64_t{8} << first_index_bits); // aligned to the table's size

    for (;; ++level) {
        const unsigned low_bit = granule + (3 - level) * stride;
        const uint64_t index = bits(va, high_bit, low_bit);
        const uint64_t addr = table + 8 * index;
        uint64_t descriptor = 0;
        if (!load_descriptor(in, addr, descriptor)) {
            result.fault = stage1_fault::walk_eabt;
            result.fetch_addr = addr;
            return result;
        }
        const bool valid = bits(descriptor, 0, 0) == 1;
        const bool bit1 = bits(descriptor, 1, 1) == 1;
        const bool is_table = level < 3 && bit1;
        const bool is_leaf = level == 3 ? bit1 : !bit1 && block_allowed(granule, level);
        if (!valid || (!is_table && !is_leaf)) {
            result.fault = stage1_fault::translation;
            return result;
        }
        const unsigned output_low = is_table ? granule : low_bit;
        const uint64_t output = bits(descriptor, 47, output_low) << output_low;
        if (output >> ips != 0) {
            result.fault = stage1_fault::addr_size;
            return result;
        }
        if (is_leaf) {
            found.descriptor = descriptor;
            found.output = output + bits(va, low_bit - 1, 0);
            return result;
        }
        if (hierarchy) {
            found.ap_table_no_el0 |= bits(descriptor, 61, 61) == 1;
            found.ap_table_readonly |= bits(descriptor, 62, 62) == 1;
            found.uxn_table |= bits(descriptor, 60, 60) == 1;
            found.pxn_table |= bits(descriptor, 59, 59) == 1;
        }
        table = output;
        high_bit = low_bit - 1;
    }
}

// DDI 0487 D8.4.1.2, Table D8-65: two Exception levels. PAN: D8.4, R_XTSQH.
unsigned rights_with_el0(const stage1_input &in, const leaf &l, bool priv)
{
    const bool ap2 = bits(l.descriptor, 7, 7) == 1 || l.ap_table_readonly;
    const bool ap1 = bits(l.descriptor, 6, 6) == 1 && !l.ap_table_no_el0;
    const bool uxn = bits(l.descriptor, 54, 54) == 1 || l.uxn_table;
    const bool pxn = bits(l.descriptor, 53, 53) == 1 || l.pxn_table;
    const bool wxn = in.cd.field(36, 36) == 1;
    const bool pan = in.cd.field(40, 40) == 1;

    const bool unpriv_read = ap1;
    const bool unpriv_write = ap1 && !ap2;
    const bool priv_write = !ap2;
    if (!priv)
        return (unpriv_read ? RIGHT_READ : 0) | (unpriv_write ? RIGHT_WRITE : 0) |
               (!uxn && !(wxn && unpriv_write) ? RIGHT_EXECUTE : 0);

    const bool never = pan && (unpriv_read || unpriv_write);
    const bool priv_execute = !pxn && !unpriv_write && !(wxn && priv_write);
    return (!never ? RIGHT_READ : 0) | (priv_write && !never ? RIGHT_WRITE : 0) |
           (priv_execute ? RIGHT_EXECUTE : 0);
}

// DDI 0487 D8.4.1.2: one Exception level; AP[1] and privilege do not matter (IHI 0070 13.4.1).
unsigned rights_without_el0(const stage1_input &in, const leaf &l)
{
    const bool read_only = bits(l.descriptor, 7, 7) == 1 || l.ap_table_readonly;
    const bool xn = bits(l.descriptor, 54, 54) == 1 || l.uxn_table;
    const bool wxn = in.cd.field(36, 36) == 1;
    return RIGHT_READ | (!read_only ? RIGHT_WRITE : 0) |
           (!xn && !(wxn && !read_only) ? RIGHT_EXECUTE : 0);
}

} // namespace

stage1_result stage1_translate(const stage1_input &in, uint64_t va, bool write, bool instr,
                               bool priv)
{
    stage1_result result;
    const bool one_table = in.world == stream_world::el2;
    const unsigned n = !one_table && bits(va, 55, 55) == 1 ? 1 : 0;
    const bool tbi = in.cd.field(38 + n, 38 + n) == 1;

    // 7.3.22: the input address check and EPDn come before any fetch, and give the same event.
    // TxSZ of a disabled table is IGNORED, so EPDn is looked at first.
    if (effective_epd(in.cd, in.world, n) || !in_range(va, 64 - txsz_of(in.cd, n), tbi, n == 1)) {
        result.fault = stage1_fault::translation;
        return result;
    }

    leaf found;
    result = walk(in, va, n, found);
    if (result.fault != stage1_fault::none)
        return result;

    const bool af = bits(found.descriptor, 10, 10) == 1 || in.cd.field(35, 35) == 1;
    if (!af) {
        result.fault = stage1_fault::access;
        return result;
    }

    result.rights = one_table ? rights_without_el0(in, found) : rights_with_el0(in, found, priv);
    const unsigned needed = write ? RIGHT_WRITE : instr ? RIGHT_EXECUTE : RIGHT_READ;
    if ((result.rights & needed) == 0)
        result.fault = stage1_fault::permission;
    result.output = found.output;
    return result;
}

} // namespace oracle
