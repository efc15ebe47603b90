// SPDX-License-Identifier: Apache-2.0
// The Device Permission Table, by the tables of IHI 0070 3.24.3.
#include "oracle/dpt.hpp"

#include "oracle/labels.hpp"

#include <algorithm>
#include <map>

namespace oracle {

namespace {

dpt_answer lookup_fault(dpt_fault fault, unsigned level)
{
    dpt_answer a;
    a.fault = fault;
    a.level = level;
    return a;
}

dpt_answer device_access_fault()
{
    return {};
}

// The value that a map has, or 0.
unsigned value_of(const std::map<unsigned, unsigned> &map, uint64_t code)
{
    const auto found = map.find(static_cast<unsigned>(code));
    return found == map.end() ? 0 : found->second;
}

// 6.3.47, in bits of address; 0 is Reserved.
struct geometry {
    unsigned size, region, granule;

    explicit geometry(const id_fields &id, uint32_t cfg)
        : size(value_of({{0, 32}, {1, 36}, {2, 40}, {3, 42}, {4, 44}, {5, 48}, {6, 52}},
                        bits(cfg, 2, 0))),
          region(value_of({{0, 30}, {4, 34}, {6, 36}, {9, 39}}, bits(cfg, 23, 20))),
          granule(value_of(
              {{0, id.gran4k ? 12 : 0}, {1, id.gran64k ? 16 : 0}, {2, id.gran16k ? 14 : 0}},
              bits(cfg, 15, 14)))
    {
    }
    bool valid(const id_fields &id) const
    {
        return size != 0 && region != 0 && granule != 0 && size <= id.oas && region <= size;
    }
};

// AC, W and VMID of a Block or of half an entry of level 1.
struct attributes_of_region {
    uint64_t ac, w, vmid;

    bool reserved(const id_fields &id) const
    {
        return ac == 3 || (ac == 2 && vmid != 0) || (id.vmid16 == 0 && vmid > 255);
    }
};

dpt_answer judged(const id_fields &id, const raw512 &ste, const attributes_of_region &region,
                  bool write)
{
    // Rows: STE.DPT_VMATCH, 0b11 behaving as 0b00; columns: AC.
    static const char *const must_match[4] = {"YYN", "YNN", "NNN", "YYN"};
    const uint64_t vmid = id.s2p == 1 ? ste.field(143, 128) : 0;
    const bool matches = must_match[ste.field(191, 190)][region.ac] == 'N' || region.vmid == vmid;
    dpt_answer a;
    a.granted = matches && (region.w == 1 || !write);
    return a;
}

bool read_descriptor(memory_view &memory, const label &with, uint64_t at, uint64_t &descriptor)
{
    uint8_t data[8];
    if (!memory.read(fetch::dpt, at, sizeof(data), data, with))
        return false;
    descriptor = 0;
    for (unsigned i = 8; i-- > 0;)
        descriptor = descriptor * 256 + data[i];
    return true;
}

// 3.24.3.1.4
dpt_answer at_level1(const id_fields &id, const geometry &g, const raw512 &ste, uint64_t d,
                     uint64_t pa, bool write)
{
    const bool a0 = bits(d, 0, 0) == 1, a1 = bits(d, 1, 1) == 1;
    const uint64_t contig = bits(d, 11, 8);
    const attributes_of_region lower{bits(d, 3, 2), bits(d, 4, 4), bits(d, 31, 16)};
    const attributes_of_region upper{bits(d, 35, 34), bits(d, 36, 36), bits(d, 63, 48)};
    const bool lower_is_zero = lower.ac + lower.w + lower.vmid == 0;
    const bool upper_is_zero = upper.ac + upper.w + upper.vmid == 0;
    bool bad = bits(d, 7, 5) + bits(d, 15, 12) + bits(d, 33, 32) + bits(d, 47, 37) != 0;

    if (!(a0 && a1))
        bad |= contig != 0;
    bad |= a0 ? lower.reserved(id) : !lower_is_zero;
    if (a0 && a1 && contig != 0) {
        const unsigned span =
            value_of({{1, 16}, {2, 21}, {3, 25}, {4, 29}, {5, 30}, {6, 34}, {7, 36}}, contig);
        bad |= !upper_is_zero || span == 0 || span > g.region || (contig == 1 && g.granule == 16);
    } else {
        bad |= a1 ? upper.reserved(id) : !upper_is_zero;
    }
    if (bad)
        return lookup_fault(dpt_fault::walk, 1);
    if (a0 && a1 && contig != 0)
        return judged(id, ste, lower, write);
    const bool in_upper = bits(pa, g.granule, g.granule) == 1;
    if (!(in_upper ? a1 : a0))
        return device_access_fault();
    return judged(id, ste, in_upper ? upper : lower, write);
}

} // namespace

dpt_answer dpt_check(const id_fields &id, const registers &regs, memory_view &memory,
                     const raw512 &ste, uint64_t pa, bool write)
{
    const label with = label_of_ste(id, ste);
    if (bits(regs.cr0, 10, 10) == 0)
        return lookup_fault(dpt_fault::disabled, 0);
    const geometry g(id, regs.dpt_base_cfg);
    if (!g.valid(id))
        return lookup_fault(dpt_fault::walk, 0);
    if (pa >= uint64_t{1} << g.size)
        return device_access_fault();

    const uint64_t l0_size = std::max<uint64_t>(4096, uint64_t{8} << (g.size - g.region));
    const uint64_t base = bits(regs.dpt_base, id.oas - 1, 12) << 12;
    uint64_t d = 0;
    if (!read_descriptor(memory, with, base / l0_size * l0_size + 8 * (pa >> g.region), d))
        return lookup_fault(dpt_fault::external_abort, 0);
    switch (bits(d, 1, 0)) {
    case 0:
        return d == 0 ? device_access_fault() : lookup_fault(dpt_fault::walk, 0);
    case 1: {
        const attributes_of_region block{bits(d, 3, 2), bits(d, 4, 4), bits(d, 31, 16)};
        if (bits(d, 15, 5) != 0 || bits(d, 63, 32) != 0 || block.reserved(id))
            return lookup_fault(dpt_fault::walk, 0);
        return judged(id, ste, block, write);
    }
    case 3: {
        const uint64_t address = bits(d, 55, 12) << 12;
        if (bits(d, 11, 2) != 0 || bits(d, 63, 56) != 0 || address >> id.oas != 0)
            return lookup_fault(dpt_fault::walk, 0);
        const uint64_t pairs = uint64_t{1} << (g.region - g.granule - 1);
        const uint64_t table = address / (8 * pairs) * (8 * pairs);
        if (!read_descriptor(memory, with, table + 8 * ((pa >> (g.granule + 1)) % pairs), d))
            return lookup_fault(dpt_fault::external_abort, 1);
        return at_level1(id, g, ste, d, pa, write);
    }
    default:
        return lookup_fault(dpt_fault::walk, 0);
    }
}

} // namespace oracle
