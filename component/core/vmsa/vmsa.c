/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 and VMSAv9-128 translation tables (DDI 0487 D8.2). */
#include "vmsa.h"

#define CONCAT_LOG2         4 /* up to 16 tables */
#define FIRST_TABLE_52_LOG2 6

int vmsa_start_level(const struct vmsa_geometry *g)
{
    unsigned resolved = g->input_bits - (unsigned)g->granule;
    unsigned levels = (resolved + vmsa_stride(g) - 1) / vmsa_stride(g);
    return VMSA_LAST_LEVEL + 1 - (int)levels;
}

bool vmsa_s2_start_ok(const struct vmsa_geometry *g)
{
    unsigned span = vmsa_span_log2(g, g->start_level);
    return g->input_bits > span && g->input_bits <= span + vmsa_stride(g) + CONCAT_LOG2;
}

unsigned vmsa_run_log2(const struct vmsa_geometry *g, int level)
{
    static const uint8_t members_log2[2][3][VMSA_LAST_LEVEL] = {
        {{4, 4, 4}, {0, 5, 7}, {0, 5, 5}}, /* levels 1 to 3 of 4, 16 and 64 KiB */
        {{2, 4, 4}, {2, 4, 6}, {0, 6, 4}}, /* of VMSAv9-128 */
    };
    if (level < 1)
        return 0;
    unsigned granule = (unsigned)(g->granule - VMSA_GRANULE_4K) / 2;
    unsigned members = members_log2[g->format == VMSA_128][granule][level - 1];
    return members != 0 ? vmsa_span_log2(g, level) + members : 0;
}

uint64_t vmsa_first_table(const struct vmsa_geometry *g, uint64_t base)
{
    unsigned align = vmsa_first_table_log2(g);
    if (g->format != VMSA_128 && g->output_bits == 52 && align < FIRST_TABLE_52_LOG2)
        align = FIRST_TABLE_52_LOG2;
    return base >> align << align;
}
