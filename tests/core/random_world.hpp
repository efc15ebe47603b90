// SPDX-License-Identifier: Apache-2.0
// Random streams in the memory of one SMMU: STEs, CDs and tables of both stages.
#ifndef TESTS_CORE_RANDOM_WORLD_HPP
#define TESTS_CORE_RANDOM_WORLD_HPP

#include <memory>

#include "core/random_tables.hpp"
#include "oracle/oracle.hpp"
#include "support/device_under_test.hpp"

// One stream: the addresses its tables know, as a client presents them.
struct random_stream {
    uint32_t sid = 0;
    std::vector<uint64_t> addresses;
    bool s1_vmsa32 = false, s2_vmsa32 = false;
    std::unique_ptr<random_table> low, high, s2;
};

class random_world {
  public:
    // An SMMU_S2PII with which structures can be read and updated, and other pages are anything:
    // S2PII1 is that of plain pages.
    static constexpr uint64_t s2pii = 0xedcb'a987'6543'21f0;

    // `ats`: streams have ATS, most of them.
    random_world(support::device_under_test &dut, support::random_source &rng, bool ats = false);

    // New streams in fresh memory; everything cached is invalidated.
    void build();

    // An access that mostly belongs to one of the streams.
    oracle::transaction access();

  private:
    void build_stream(uint32_t sid, unsigned tag, bool el2_allowed);
    void build_stage2(random_stream &s, support::ste &entry, unsigned vmid);
    void build_stage1(random_stream &s, support::ste &entry, support::cd &context, bool nested);
    void fill_addresses(random_stream &s, bool stage1, bool stage2);
    uint64_t random_interpretations(const std::vector<unsigned> &codes, unsigned width);
    void make_s1_indirect(support::ste &entry, support::cd &context);
    void make_s2_indirect(support::ste &entry, bool s2_d128);
    unsigned largest_table();
    void allow_ats(support::ste &entry);
    void label(support::ste &entry, support::cd &context);
    void store_cds(support::ste &entry, const support::cd &context, bool nested);
    void map_structures(random_stream &s);
    void spoil_ste(support::ste &entry);
    void spoil_cd(support::cd &context);
    void spoil_l1std();
    void add_aborts();

    uint64_t random_bit(unsigned low, unsigned high)
    {
        return uint64_t{1} << rng_.between(low, high);
    }

    support::device_under_test &dut_;
    support::random_source &rng_;
    support::frame_allocator stage1_frames_; // CDs and stage 1 tables: IPAs, if stage 2 translates
    std::vector<random_stream> streams_;
    bool ats_;
    bool globals_ = false;
};

#endif
