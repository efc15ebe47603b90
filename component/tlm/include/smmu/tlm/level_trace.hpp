// SPDX-License-Identifier: Apache-2.0
// How full things are as waveforms: levels by SystemC's own tracing.
#ifndef SMMU_TLM_LEVEL_TRACE_HPP
#define SMMU_TLM_LEVEL_TRACE_HPP

#include <string>

#include <systemc>

#include "smmu/tlm/measurement.hpp"

namespace smmu {

// Trace all levels of `of` into `file`, as `prefix`.tbu0.slots and the like. Before the simulation
// starts; `of` lives as long as it.
void trace_levels(sc_core::sc_trace_file *file, measurement &of, const std::string &prefix);

} // namespace smmu

#endif
