// SPDX-License-Identifier: Apache-2.0
// Streams whose tables change while the SMMU has them cached, and the invalidations for that.
#ifndef TESTS_CORE_RANDOM_MAINTENANCE_HPP
#define TESTS_CORE_RANDOM_MAINTENANCE_HPP

#include <iterator>
#include <memory>

#include "oracle/caches.hpp"
#include "support/device_under_test.hpp"
#include "support/random.hpp"
#include "support/translation_table.hpp"

// A block or page of one table, or a run of such.
struct mapping {
    uint64_t address; // where it begins
    int level;
    unsigned log2;
    bool global = false;
    bool run = false;

    uint64_t size() const { return uint64_t{1} << log2; }
};

// A table with what is mapped by it, now or at times.
struct maintained_table {
    support::translation_table tree;
    oracle::table_geometry geometry;
    std::vector<mapping> mappings;
};

struct maintained_stream {
    uint32_t sid;
    oracle::address_space space;
    std::vector<std::unique_ptr<maintained_table>> stage1; // like space.stage1
    maintained_table *stage2 = nullptr;                    // shared by those of a VMID
    std::vector<mapping> targets;                          // IPAs that stage 1 may lead to
    std::vector<uint64_t> addresses;                       // worth touching
};

struct touch {
    const maintained_stream *stream;
    uint64_t address;
};

class maintained_world {
  public:
    // Brings `dut` up anew, with 64-bit tables of random granules, of 52-bit addresses if it has
    // DS, or with VMSAv8-32 ones at stage 1 whose ranges meet within a descriptor. `globals`: an
    // address space sees another's mapping. There are runs where `dut` caches such.
    maintained_world(support::device_under_test &dut, support::random_source &rng, bool vmsa32,
                     bool globals);

    const std::vector<maintained_stream> &streams() const { return streams_; }
    touch random_touch();

    // Change one descriptor, under the caches. Returns what software has to invalidate for it.
    std::vector<oracle::tlb_invalidation> change();

    oracle::tlb_invalidation random_invalidation();
    void issue(const oracle::tlb_invalidation &by); // as a command, or by a CPU

  private:
    std::unique_ptr<maintained_table> new_table(support::granule g, unsigned input_bits,
                                                oracle::span range);
    void add_stream(oracle::regime world, unsigned vmid, unsigned asid, bool stage1,
                    maintained_table *stage2);
    void publish(const maintained_stream &stream);
    void publish_stage1(const maintained_stream &stream, support::ste &entry);
    void add_tables(maintained_stream &stream);
    void plan(maintained_table &table);
    void plan32(maintained_table &table);
    int largest_level(const maintained_table &table) const;
    void add(maintained_table &table, uint64_t address, int level);
    void map_stage1(maintained_stream &stream, maintained_table &table, const mapping &m);
    void map_stage2(maintained_table &table, uint64_t ipa);
    void share_globals();
    uint64_t random_output(const maintained_stream *stream, const mapping &m);
    void write_leaf(maintained_table &table, bool stage2, const mapping &m, uint64_t output);
    void replace_table(maintained_table &table, const mapping &m, int level);
    bool change_table(maintained_table &table, const maintained_stream *stream, mapping &m);
    uint64_t address_in(const maintained_table &table, const mapping &m);
    bool is_hint(const oracle::tlb_invalidation &by, unsigned granule_log2, int level) const;
    void widen(oracle::tlb_invalidation &by, unsigned granule_log2, int level);
    void widen_at_random(oracle::tlb_invalidation &by);
    support::command as_command(const oracle::tlb_invalidation &by);
    smmu_dvm as_broadcast(const oracle::tlb_invalidation &by);
    template <typename T> auto &any(T &list) { return list[rng_.below(std::size(list))]; }

    support::device_under_test &dut_;
    support::random_source &rng_;
    bool vmsa32_;
    bool ds_;
    bool e2h_;
    unsigned ipa_bits_; // of all outputs too
    support::granule granule1_, granule2_;
    std::unique_ptr<maintained_table> second_[2]; // VMID 1, VMID 2
    uint64_t next_ipa_ = uint64_t{1} << 36;
    std::vector<maintained_stream> streams_;
};

#endif
