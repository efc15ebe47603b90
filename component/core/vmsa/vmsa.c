/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables and decoding of their descriptors (DDI 0487 D8.2, D8.3).
 */
#include "vmsa/vmsa.h"

#define CONCAT_LOG2 4 /* up to 16 tables */

unsigned vmsa_start_level(unsigned granule, unsigned input_bits)
{
    unsigned resolved = input_bits - granule;
    unsigned levels = (resolved + vmsa_stride(granule) - 1) / vmsa_stride(granule);
    return VMSA_LAST_LEVEL + 1 - levels;
}

bool vmsa_s2_start_ok(unsigned granule, unsigned input_bits, unsigned level)
{
    unsigned span = vmsa_span_log2(granule, level);
    return input_bits > span && input_bits <= span + vmsa_stride(granule) + CONCAT_LOG2;
}

unsigned vmsa_start_size_log2(unsigned granule, unsigned input_bits, unsigned level)
{
    return input_bits - vmsa_span_log2(granule, level) + VMSA_DESCRIPTOR_LOG2;
}
