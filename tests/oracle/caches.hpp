// SPDX-License-Identifier: Apache-2.0
// What an SMMU with caches of unlimited size still knows (IHI 0070 3.17, 4.4, 16.2.1; DDI 0487
// D8.17): every table descriptor and translation that it has met, until a TLB invalidation names
// it, and after that no piece of it. A plain list, searched from end to end.
#ifndef TESTS_ORACLE_CACHES_HPP
#define TESTS_ORACLE_CACHES_HPP

#include <cstdint>
#include <functional>
#include <list>
#include <optional>

namespace oracle {

// Addresses first .. last, both included.
struct span {
    uint64_t first = 1, last = 0; // none

    bool holds(uint64_t address) const { return first <= address && address <= last; }
    uint64_t size() const { return last - first + 1; }
};

// One translation table and the addresses that it is for.
struct table_geometry {
    uint64_t base = 0;
    unsigned granule_log2 = 12;
    unsigned input_bits = 48;
    int start_level = 0;
    span range;
    bool ds = false; // CD.DS or STE.S2DS, with a granule below 64 KiB
};

enum class regime { el1, el2, e2h };

// What the configuration of a stream selects. Tables of stage 1 are seen by stage 2 where they are.
struct address_space {
    regime world = regime::el1;
    unsigned vmid = 0;
    unsigned asid = 0;
    bool aset = false;
    std::list<table_geometry> stage1; // none: stage 1 does not translate
    std::optional<table_geometry> stage2;
};

// An invalidation by command, or broadcast by a CPU.
struct tlb_invalidation {
    enum kind { el1_all, el2_all, s12, s1, asid, va, vaa, ipa } what = el1_all;
    regime world = regime::el1;
    unsigned vmid = 0;
    unsigned by_asid = 0;
    uint64_t address = 0;
    uint64_t last = 0;         // of a range that begins at `address`; below it: a single address
    unsigned granule_log2 = 0; // of tables that need go; 0: of any granule
    std::optional<int> level;  // of leaves that need go, with tables above them; none: of any
    bool leaf = false;
    bool broadcast = false;
};

class caches {
  public:
    using memory_reader = std::function<uint64_t(uint64_t address)>; // 64-bit descriptors

    // `ipa_takes_nested`: an invalidation by IPA removes what is of both stages too. `runs`:
    // descriptors with the Contiguous bit are known as one of their whole run.
    explicit caches(memory_reader memory, bool ipa_takes_nested = false, bool runs = false)
        : memory_(std::move(memory)), ipa_takes_nested_(ipa_takes_nested), runs_(runs)
    {
    }

    // The output address, by what is cached and else by a walk; none: a Translation fault.
    std::optional<uint64_t> translate(const address_space &space, uint64_t address);

    void invalidate(const tlb_invalidation &what);
    void forget() { known_.clear(); }

  private:
    enum class what { table1, table2, stage2, final1, final12 };

    struct item {
        what kind;
        regime world;
        unsigned vmid, asid;
        bool aset, global;
        span used;       // addresses that find it
        span named;      // addresses that name it in an invalidation
        uint64_t output; // of used.first
        int level;       // of the descriptor, of stage 1 if that translates
        unsigned granule_log2;
        unsigned log2; // of what a leaf stands for
    };

    struct leaf {
        span used, named;
        uint64_t output; // of used.first
        bool global;
        int level;
        unsigned log2;
    };

    const item *find(const address_space &space, bool stage1, bool tables, uint64_t address) const;
    item tagged(const address_space &space, what kind) const;
    std::optional<leaf> walk(const address_space &space, const table_geometry &table, bool stage1,
                             uint64_t address);
    std::optional<leaf> second_stage(const address_space &space, uint64_t ipa);
    bool named(const tlb_invalidation &by, const item &entry) const;
    bool selects(const tlb_invalidation &by, const item &entry) const;

    memory_reader memory_;
    bool ipa_takes_nested_;
    bool runs_;
    std::list<item> known_;
};

} // namespace oracle

#endif
