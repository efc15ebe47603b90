/* SPDX-License-Identifier: Apache-2.0 */
/* The DPT check of transactions marked Translated (IHI 0070 3.24.1, 3.24.2, 3.24.4). */
#ifndef SMMU_CORE_DPT_H
#define SMMU_CORE_DPT_H

#include "dpt/dpt_table.h"
#include "stream/lookup.h"

/* How a check ends. */
enum dpt_verdict {
    DPT_PASSES,    /* the access goes on */
    DPT_FORBIDDEN, /* F_TRANSL_FORBIDDEN: a Device Access fault, or a DPT lookup fault, which is
                      reported already, unless one before it is still active */
    DPT_OVERTAKEN, /* translation ended meanwhile: the call begins again (6.3.9.6) */
};

/* Check the call's transaction, whose address is physical and below 2^OAS; its stream has EATS
 * 0b11. With DPT_PASSES `region` is what lets it through. May block: what lies in the configuration
 * cache is copied. */
enum dpt_verdict dpt_check(const struct call *call, struct stream *stream,
                           struct dpt_region *region);

/* An ATS Translation Request of a stream with EATS 0b11 is granted 2^span_log2 bytes at `pa`, for
 * writing too or not: let the DPT TLB have it, where it takes such (smmu_config.dpt_from_ats). */
void dpt_note_grant(const struct call *call, const struct ste_cfg *ste, uint64_t pa,
                    unsigned span_log2, bool write);

#endif
