// SPDX-License-Identifier: Apache-2.0
// The times of presets: columns of smmu/presets.def.
#include "smmu/tlm/timing.hpp"

namespace smmu {

namespace {

struct cycles_row {
    sc_core::sc_time timing::*latency;
    double cycles[SMMU_PRESET_COUNT - SMMU_PRESET_EMBEDDED];
};

struct limit_row {
    unsigned timing::*limit;
    unsigned values[SMMU_PRESET_COUNT - SMMU_PRESET_EMBEDDED];
};

constexpr cycles_row cycles_rows[] = {
#define SMMU_PRESET_CYCLES(name, embedded, client, server, gem5, source)                           \
    {&timing::name, {embedded, client, server, gem5}},
#include "smmu/presets.def"
};

constexpr limit_row limit_rows[] = {
#define SMMU_PRESET_LIMIT(name, embedded, client, server, gem5, source)                            \
    {&timing::name, {embedded, client, server, gem5}},
#include "smmu/presets.def"
};

constexpr double clocks_ps[] = {
#define SMMU_PRESET_CLOCK(embedded, client, server, gem5, source) embedded, client, server, gem5
#include "smmu/presets.def"
};

} // namespace

timing preset_timing(smmu_preset preset, timing_mode mode)
{
    timing times;
    times.mode = mode;
    if (preset < SMMU_PRESET_EMBEDDED || preset >= SMMU_PRESET_COUNT)
        return times;
    const auto column = static_cast<unsigned>(preset) - SMMU_PRESET_EMBEDDED;
    for (const cycles_row &row : cycles_rows)
        times.*row.latency =
            sc_core::sc_time(row.cycles[column] * clocks_ps[column], sc_core::SC_PS);
    for (const limit_row &row : limit_rows)
        times.*row.limit = row.values[column];
    return times;
}

} // namespace smmu
