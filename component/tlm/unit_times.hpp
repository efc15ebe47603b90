// SPDX-License-Identifier: Apache-2.0
// The units of a TCU as time sees them: what a use of each takes, and who waits for whom.
#ifndef SMMU_TLM_UNIT_TIMES_HPP
#define SMMU_TLM_UNIT_TIMES_HPP

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include <systemc>

#include "pipeline.hpp"
#include "smmu/ops.h"
#include "smmu/tlm/measurement.hpp"
#include "smmu/tlm/timing.hpp"

namespace smmu {

// Where smmu_ops.use and release of the core end.
class unit_times {
  public:
    explicit unit_times(const timing &times); // must outlive it
    ~unit_times();

    // For smmu_ops.units: the units that take time or can be occupied.
    std::uint32_t watched() const;

    // Spend what the use takes; `delay` is that of its transaction, NULL for background work, and
    // `split` the latency of one that is measured, else NULL. Of a slot: wait until there is one.
    void use(const smmu_use &use, sc_core::sc_time *delay, latency_split *split);

    // The slot that use() took for the same unit and cookie is free. Does not wait.
    void release(const smmu_use &use);

    // From now on levels are what is taken of the slots that there are; `of` outlives it.
    void measure(measurement &of);

    // For smmu_ops.spare.
    bool spare(smmu_unit unit, bool held) const;

  private:
    struct time_row;
    struct slot_row;
    struct slot_unit;

    static const time_row time_rows[];
    static const slot_row slot_rows[];

    bool approximate() const { return times_.mode == timing_mode::approximately_timed; }
    bool takes_time(const time_row &row) const;
    sc_core::sc_time occupied(const time_row &row, const smmu_use &use,
                              const sc_core::sc_time &each) const;
    void spend_on(const time_row &row, const smmu_use &use, sc_core::sc_time &delay,
                  latency_split *split);
    static void take(slot_unit &unit, const smmu_use &use, latency_split *split);

    const timing &times_;
    std::map<std::pair<int, int>, pipeline> entries_; // of units, of those of a TBU each
    std::unique_ptr<slot_unit> slots_[SMMU_UNIT_COUNT];
};

} // namespace smmu

#endif
