// SPDX-License-Identifier: Apache-2.0
// How long the SMMU takes: every latency of the component, with the way it is spent.
#ifndef SMMU_TLM_TIMING_HPP
#define SMMU_TLM_TIMING_HPP

#include <systemc>

#include "smmu/config.h"

namespace smmu {

// The two coding styles of TLM-2.0. With all latencies zero both give the same results.
enum class timing_mode {
    // Latencies are added to the delay of the transaction that causes them, and the call returns at
    // once; direct memory access is used and granted. The fastest, for software.
    loosely_timed,
    // Latencies pass: the calling process is suspended for them, so that transactions of several
    // processes overlap and an invalidation can come in the middle of a walk. No direct memory
    // access. For architects.
    approximately_timed,
};

// Latencies and limits: the rows of timing.def.
struct timing {
    timing_mode mode = timing_mode::loosely_timed; // how the latencies are spent
#define SMMU_LATENCY(name, help)     sc_core::sc_time name = sc_core::SC_ZERO_TIME;
#define SMMU_LIMIT(name, most, help) unsigned name = 0;
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT

    // The limit `which` as it counts: none in a loosely-timed model.
    unsigned limit(unsigned timing::*which) const
    {
        return mode == timing_mode::approximately_timed ? this->*which : 0;
    }
};

// The latencies and limits of `preset`, which smmu_config_preset() has the caches of: none for
// those before SMMU_PRESET_EMBEDDED.
timing preset_timing(smmu_preset preset, timing_mode mode);

} // namespace smmu

#endif
