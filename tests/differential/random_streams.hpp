// SPDX-License-Identifier: Apache-2.0
// Random streams: an STE, a CD and a translation table, mostly good, with mappings of every kind.
#ifndef TESTS_DIFFERENTIAL_RANDOM_STREAMS_HPP
#define TESTS_DIFFERENTIAL_RANDOM_STREAMS_HPP

#include <string>
#include <vector>

#include "differential/lockstep.hpp"
#include "support/cd.hpp"
#include "support/random.hpp"
#include "support/ste.hpp"
#include "support/translation_table.hpp"

namespace differential {

// A place in a table where something was put: a leaf, or what is no good descriptor.
struct mapping {
    uint64_t va;
    unsigned level;
};

class random_stream {
  public:
    // Builds everything in the memory of `steps`; nothing is published.
    random_stream(lockstep &steps, support::random_source &rng, unsigned device, unsigned asid);

    unsigned device() const { return device_; }
    uint32_t sid() const { return stream_of(device_); }
    unsigned asid() const { return context_.asid; }
    unsigned granule_log2() const { return static_cast<unsigned>(granule_); }
    const support::ste &entry() const { return entry_; }
    const support::cd &context() const { return context_; }

    // The words of the STE and of the CD as they are in memory.
    std::string describe() const;

    const mapping &pick_mapping();
    uint64_t pick_address(); // near a mapping, or anywhere
    uint64_t address_in(const mapping &m);

    // Software's view changes; the caller publishes and invalidates. Mappings of two sizes must not
    // be cached at once (DDI 0487 D8.17.1): change_mapping() tells whether a table came or went, so
    // that everything with this ASID has to be invalidated before the next access.
    bool change_mapping(const mapping &m);
    void change_ste();
    void change_cd();

  private:
    void randomise_context(unsigned asid);
    void store_cd(const support::cd &context);
    void add_mapping();
    uint64_t random_output();
    uint64_t random_leaf(unsigned level);
    uint64_t random_bad_descriptor(unsigned level);

    lockstep &steps_;
    support::random_source &rng_;
    unsigned device_;
    support::granule granule_;
    unsigned input_bits_;
    support::translation_table table_;
    support::ste entry_;
    support::cd context_;
    std::vector<mapping> mappings_;
};

} // namespace differential

#endif
