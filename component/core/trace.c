/* SPDX-License-Identifier: Apache-2.0 */
/* Names of trace points. */
#include "smmu/ops.h"

const char *smmu_trace_name(enum smmu_trace_event event)
{
    static const char *const names[] = {
#define SMMU_TRACE(name, a, b, help) #name,
#include "smmu/trace_events.def"
#undef SMMU_TRACE
    };
    return event < SMMU_TRACE_COUNT ? names[event] : "?";
}
