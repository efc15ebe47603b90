// SPDX-License-Identifier: Apache-2.0
// Levels as waveforms: see smmu/tlm/level_trace.hpp.
#include "smmu/tlm/level_trace.hpp"

namespace smmu {

void trace_levels(sc_core::sc_trace_file *file, measurement &of, const std::string &prefix)
{
    of.watch_levels([&](int tbu, const char *name, smmu_level &level) {
        const std::string unit = tbu < 0 ? "tcu" : "tbu" + std::to_string(tbu);
        constexpr int bits = 32;
        sc_core::sc_trace(file, level.value, prefix + "." + unit + "." + name, bits);
    });
}

} // namespace smmu
