// SPDX-License-Identifier: Apache-2.0
// Translation tables of any geometry whose content is random but leads somewhere often enough.
#ifndef TESTS_CORE_RANDOM_TABLES_HPP
#define TESTS_CORE_RANDOM_TABLES_HPP

#include <optional>

#include "support/descriptor128.hpp"
#include "support/memory.hpp"
#include "support/random.hpp"
#include "support/translation_table.hpp"

// The table one TTB points to. Pointers between its tables are physical addresses minus `bias`: the
// IPAs of a nested stage 1 table that stage 2 finds `bias` higher.
class random_table {
  public:
    struct geometry {
        support::granule size;
        unsigned region_bits;
        int start_level;
        bool big_endian;
        bool wide; // 52-bit addresses in descriptors of 64 bits
        bool s2;
        uint64_t bias;
        bool d128;             // VMSAv9-128
        unsigned skl;          // of the first table
        unsigned largest_log2; // of tables
    };

    random_table(support::random_source &rng, support::memory &mem,
                 support::frame_allocator &frames, const geometry &shape);

    const geometry &shape() const { return shape_; }
    uint64_t base() const { return base_ - shape_.bias; } // what TTB holds
    unsigned output_bits = 48;                            // most leaves stay within
    bool globals = true;                                  // stage 1 leaves may be global

    // Leaves may belong to runs with the Contiguous bit, all of whose members say the same; no
    // other leaf has that bit.
    bool runs = false;

    // Translation hardening: most descriptors of stage 1 are Protected, most pages that map_page()
    // maps are AssuredOnly, and some others are; the PIIndex of the former is one of these.
    bool hardened = false;
    std::vector<unsigned> page_indexes = {1};

    // Decide what is found at each level on the way to `ia` that nothing was decided for yet. The
    // address that results, if a leaf does.
    std::optional<uint64_t> grow(uint64_t ia);

    // Decide anew what is found last on the way to `ia`, unless it is one of a run. Returns whether
    // it was a table descriptor, which leads nowhere.
    bool change(uint64_t ia);

    // Map the page of `ia` to that of `pa`; what else its descriptor says is mostly harmless. A
    // stage 2 page may be read-only.
    void map_page(uint64_t ia, uint64_t pa, bool read_only);

    // Physical addresses of all tables made, first to last.
    const std::vector<uint64_t> &tables() const { return tables_; }
    unsigned page_bits() const { return static_cast<unsigned>(shape_.size); }

  private:
    uint64_t allocate(uint64_t size);
    unsigned shift(int level) const;
    uint64_t descriptor_at(uint64_t table, uint64_t ia, unsigned top, int level) const;
    support::word128 load(uint64_t at) const;
    void store(uint64_t at, const support::word128 &descriptor);
    support::word128 marked(support::word128 descriptor, bool leaf, bool harmless);
    uint64_t with_address(uint64_t descriptor, uint64_t address) const;
    uint64_t address_of(const support::word128 &descriptor) const;
    support::word128 pointer_to_new_table(bool harmless);
    support::word128 pointer_to_new_table128(int level, bool harmless);
    support::word128 new_table(int level, bool harmless);
    support::word128 leaf(int level, uint64_t output, bool harmless);
    support::word128 leaf64_of(int level, uint64_t output, bool harmless);
    support::word128 leaf128_of(int level, uint64_t output, bool harmless);
    unsigned run_log2(int level) const;
    bool is_member(const support::word128 &descriptor) const;
    void undo_run(uint64_t at, int level);
    bool make_run(uint64_t table, uint64_t ia, unsigned top, int level);
    support::word128 random_descriptor(int level);
    support::word128 random_descriptor128(int level);
    bool is_leaf(const support::word128 &descriptor, int level) const;
    std::optional<int> next_level(const support::word128 &descriptor, int level) const;

    support::random_source &rng_;
    support::memory &mem_;
    support::frame_allocator &frames_;
    geometry shape_;
    uint64_t base_;
    std::vector<uint64_t> tables_;
};

// What tables of an SMMU can be.
struct table_limits {
    unsigned oas; // output address bits
    bool vax52;   // 52 input bits at stage 1, where the granule allows
    bool small;   // small tables (IDR3.STT)
    bool ds;      // CD.DS or STE.S2DS
    bool vax56;   // 55 input bits at stage 1 of VMSAv9-128
};

// A stage 1 geometry of any size the granule allows.
random_table::geometry random_stage1_geometry(support::random_source &rng, const table_limits &of);
// The same of VMSAv8-32 tables: 25 to 32 bits.
random_table::geometry random_stage1_geometry32(support::random_source &rng);
// Either, of VMSAv9-128: up to 55 bits of input at stage 1, and as many as there are at stage 2;
// tables up to 2^largest_log2 bytes.
random_table::geometry random_geometry128(support::random_source &rng, const table_limits &of,
                                          bool s2, unsigned largest_log2);
// A stage 2 geometry with any start level that fits, concatenated tables included.
random_table::geometry random_stage2_geometry(support::random_source &rng, const table_limits &of);
// The same of VMSAv8-32 tables: 25 to 40 bits, from level 1 or 2.
random_table::geometry random_stage2_geometry32(support::random_source &rng);

#endif
