// SPDX-License-Identifier: Apache-2.0
// Random streams in the memory of one SMMU: STEs, CDs and tables of both stages.
#ifndef TESTS_CORE_RANDOM_WORLD_HPP
#define TESTS_CORE_RANDOM_WORLD_HPP

#include <memory>

#include "core/random_tables.hpp"
#include "oracle/oracle.hpp"
#include "smmu/dvm.h"
#include "support/device_under_test.hpp"

// An address that tables of a stream know, as a client presents it.
struct random_address {
    uint64_t at = 0;
    random_table *table = nullptr; // of the first stage
};

// One stream, as it is in memory now.
struct random_stream {
    uint32_t sid = 0;
    std::vector<random_address> addresses;
    bool s1_vmsa32 = false, s2_vmsa32 = false;
    std::unique_ptr<random_table> low, high, s2;
    support::ste entry;
    std::vector<support::cd> contexts;
    std::vector<uint64_t> cds; // where they are
};

class random_world {
  public:
    // An SMMU_S2PII with which structures can be read and updated, and other pages are anything:
    // S2PII1 is that of plain pages.
    static constexpr uint64_t s2pii = 0xedcb'a987'6543'21f0;

    // `ats`: streams have ATS, most of them.
    random_world(support::device_under_test &dut, support::random_source &rng, bool ats = false);

    // New streams in fresh memory; everything cached is invalidated. `spoiled`: some STEs and CDs
    // are bad. Such may have their tables where another stream has its own.
    void build(bool spoiled = true);

    // An access that mostly belongs to one of the streams.
    oracle::transaction access();

    // Change a structure or a table of a stream, and issue no more maintenance than that takes.
    void change();

    // Maintenance of what is not cached, a prefetch, or a probe of `txn`: all without effect.
    void disturb(const oracle::transaction &txn);

  private:
    void build_stream(uint32_t sid, unsigned tag, bool el2_allowed);
    void build_stage2(random_stream &s, support::ste &entry, unsigned vmid);
    void build_stage1(random_stream &s, support::ste &entry, support::cd &context, bool nested);
    void fill_addresses(random_stream &s, bool stage1, bool stage2);
    uint64_t random_interpretations(const std::vector<unsigned> &codes, unsigned width);
    void make_s1_indirect(support::ste &entry, support::cd &context);
    void make_s2_indirect(support::ste &entry, bool s2_d128);
    void harden(random_stream &s, support::ste &entry, bool s2_d128);
    unsigned largest_table();
    void allow_ats(support::ste &entry);
    void label(support::ste &entry, support::cd &context);
    void store_cds(random_stream &s, support::ste &entry, const support::cd &context, bool nested);
    void map_structures(random_stream &s);
    void spoil_ste(support::ste &entry);
    void spoil_cd(support::cd &context);
    void spoil_l1std();
    void add_aborts();
    void change_ste(random_stream &s);
    void change_cd(random_stream &s);
    void change_cds(random_stream &s);
    void change_stage1(random_stream &s);
    void change_stage2(random_stream &s);
    bool is_el2(const random_stream &s);
    bool has_fresh_tag() const;
    void forget_stage1(const random_stream &s);
    void forget_page(const random_stream &s, uint64_t va, unsigned page_bits);
    void issue(support::command cmd, uint64_t address, unsigned page_bits);
    void broadcast(const random_stream &s, smmu_dvm_op op, uint64_t va, unsigned asid);
    template <typename T> auto &any(T &list) { return list[rng_.below(std::size(list))]; }

    uint64_t random_bit(unsigned low, unsigned high)
    {
        return uint64_t{1} << rng_.between(low, high);
    }

    support::device_under_test &dut_;
    support::random_source &rng_;
    support::frame_allocator stage1_frames_; // CDs and stage 1 tables: IPAs, if stage 2 translates
    std::vector<random_stream> streams_;
    bool ats_;
    bool spoiled_ = true;
    bool globals_ = false;
    unsigned last_tag_ = 0; // the last ASID or VMID that was given to a stream
};

#endif
