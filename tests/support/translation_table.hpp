// SPDX-License-Identifier: Apache-2.0
// Builds VMSAv8-64 translation tables in memory (DDI 0487 D8.2, D8.3), for any granule.
#ifndef TESTS_SUPPORT_TRANSLATION_TABLE_HPP
#define TESTS_SUPPORT_TRANSLATION_TABLE_HPP

#include <optional>

#include "support/memory.hpp"

namespace support {

// log2 of the granule size.
enum class granule : unsigned { k4 = 12, k16 = 14, k64 = 16 };

// Stage 1 attributes of a Block or Page descriptor (DDI 0487 D8.3.2).
struct leaf_attributes {
    unsigned attr_index = 0;
    unsigned ns = 0;
    unsigned ap = 0b01; // AP[2:1]: read and write, privileged and unprivileged
    unsigned sh = 0b11;
    unsigned af = 1;
    unsigned ng = 1;
    unsigned contiguous = 0;
    unsigned pxn = 0;
    unsigned uxn = 0;
    unsigned dbm = 0;
};

// Stage 2 attributes of a Block or Page descriptor (DDI 0487 D8.3.2).
struct stage2_attributes {
    unsigned memattr = 0b1111;
    unsigned s2ap = 0b11; // read and write
    unsigned sh = 0b11;
    unsigned af = 1;
    unsigned dbm = 0;
    unsigned xn = 0; // XN[1:0]
    unsigned contiguous = 0;
};

// Hierarchical attributes of a stage 1 Table descriptor (DDI 0487 D8.3.1).
struct table_attributes {
    unsigned pxn_table = 0;
    unsigned uxn_table = 0;
    unsigned ap_table = 0;
    unsigned ns_table = 0;
};

// AP[2:1] by what it grants.
enum ap : unsigned {
    AP_PRIV_RW = 0b00,
    AP_ALL_RW = 0b01,
    AP_PRIV_RO = 0b10,
    AP_ALL_RO = 0b11,
};

// log2 of what one descriptor at `level` maps.
constexpr unsigned level_shift(granule g, int level)
{
    const unsigned page = static_cast<unsigned>(g);
    return page + static_cast<unsigned>(3 - level) * (page - 3);
}

uint64_t table_descriptor(uint64_t next, const table_attributes &attributes = {});
// `level` 3 makes a Page descriptor, other levels a Block descriptor.
uint64_t leaf_descriptor(uint64_t output, int level, const leaf_attributes &attributes = {});
uint64_t leaf_descriptor(uint64_t output, int level, const stage2_attributes &attributes);

// 52-bit addresses in descriptors: where bits [51:48] of `address` are, which with 64 KiB granules
// are [15:12]; with others, CD.DS or STE.S2DS being 1, [49:48] and, for [51:50], [9:8] instead of
// SH.
uint64_t with_high_address(granule g, uint64_t descriptor, uint64_t address);
// Bits [51:48] of the address in a descriptor of that format.
uint64_t high_address(granule g, uint64_t descriptor);

// Geometry and format of one translation table.
struct table_shape {
    unsigned input_bits = 48;
    granule size = granule::k4;
    std::optional<int> start_level = std::nullopt; // stage 2 may have concatenated tables
    bool big_endian = false;                       // descriptors
    bool wide = false;                             // 52-bit addresses in descriptors
};

// One translation table: the region of `input_bits` that one TTB translates. Addresses given to it
// may have any sign extension; bits from `input_bits` up do not matter.
class translation_table {
  public:
    translation_table(memory &mem, frame_allocator &frames, unsigned input_bits = 48,
                      granule g = granule::k4);
    translation_table(memory &mem, frame_allocator &frames, const table_shape &shape);

    uint64_t base() const { return base_; }
    int start_level() const { return start_level_; }
    unsigned shift(int level) const { return level_shift(granule_, level); }

    // Map what one leaf descriptor at `level` covers around `va`.
    void map(uint64_t va, uint64_t pa, int level = 3, const leaf_attributes &attributes = {});
    void map(uint64_t ipa, uint64_t pa, int level, const stage2_attributes &attributes);
    void unmap(uint64_t va, int level = 3);

    // Address of the descriptor for `va` at `level`; missing tables above it are made with
    // `attributes`.
    uint64_t descriptor_address(uint64_t va, int level, const table_attributes &attributes = {});
    void set_descriptor(uint64_t va, int level, uint64_t raw);
    uint64_t descriptor(uint64_t va, int level);

  private:
    uint64_t load(uint64_t at) const;
    void store(uint64_t at, uint64_t descriptor);
    uint64_t addressed(uint64_t descriptor, uint64_t address) const;

    memory &mem_;
    frame_allocator &frames_;
    granule granule_;
    unsigned input_bits_;
    int start_level_;
    bool big_endian_;
    bool wide_;
    uint64_t base_;
};

} // namespace support

#endif
