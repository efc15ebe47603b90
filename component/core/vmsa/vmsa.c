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

uint64_t vmsa_first_table(const struct vmsa_geometry *g, uint64_t base)
{
    unsigned align = vmsa_first_table_log2(g);
    if (g->format != VMSA_128 && g->output_bits == 52 && align < FIRST_TABLE_52_LOG2)
        align = FIRST_TABLE_52_LOG2;
    return base >> align << align;
}
