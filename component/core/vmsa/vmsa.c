/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables (DDI 0487 D8.2). */
#include "vmsa.h"

#define CONCAT_LOG2         4 /* up to 16 tables */
#define FIRST_TABLE_52_LOG2 6

int vmsa_start_level(unsigned granule, unsigned input_bits)
{
    unsigned resolved = input_bits - granule;
    unsigned levels = (resolved + vmsa_stride(granule) - 1) / vmsa_stride(granule);
    return VMSA_LAST_LEVEL + 1 - (int)levels;
}

bool vmsa_s2_start_ok(unsigned granule, unsigned input_bits, int level)
{
    unsigned span = vmsa_span_log2(granule, level);
    return input_bits > span && input_bits <= span + vmsa_stride(granule) + CONCAT_LOG2;
}

uint64_t vmsa_first_table(const struct vmsa_geometry *g, uint64_t base)
{
    unsigned align = vmsa_first_table_log2(g);
    if (g->output_bits == 52 && align < FIRST_TABLE_52_LOG2)
        align = FIRST_TABLE_52_LOG2;
    return base >> align << align;
}
