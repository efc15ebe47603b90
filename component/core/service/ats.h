/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic of endpoints that translate for themselves (IHI 0070 3.9, 13.6, 13.7). */
#ifndef SMMU_CORE_ATS_H
#define SMMU_CORE_ATS_H

#include "stream/lookup.h"

/* STE.EATS as in effect: split-stage ATS and DPT checks need CR0.ATSCHK (5.2, EATS). STE_EATS_*. */
unsigned ats_effective_eats(const struct bank *bank, const struct ste_cfg *ste);

/* Verdicts on a transaction marked Translated (3.9.1.3). */
enum ats_verdict {
    ATS_UNCHECKED, /* it passes: its address is physical */
    ATS_PASS,      /* the same, and its stream is allowed to say so */
    ATS_DPT,       /* the same, and the DPT has to let it */
    ATS_STAGE2,    /* its address is an IPA: split-stage ATS */
    ATS_ABORT,     /* terminated without an event */
    ATS_FAULT,     /* terminated: the configuration is at fault */
    ATS_FORBIDDEN, /* F_TRANSL_FORBIDDEN */
};

/* Check the call's transaction, which is as a Translated one counts. With ATS_PASS, ATS_DPT
 * and ATS_STAGE2, stream->ste is its STE, and stream->label the CD of its SubstreamID, if it has
 * any; with others stream->ste is its STE, or NULL. With ATS_FAULT `fault` says why. */
enum ats_verdict ats_check(const struct call *call, struct stream *stream, struct fault *fault);

/* Whether configuration errors of ATS and page requests are recorded (6.3.12). Where a stream that
 * does not exist is one only if CR2.RECINVSID says so, the caller looks at that. */
static inline bool ats_records_errors(const struct bank *bank)
{
    return (bank->reg[REG_CR2] & CR2_REC_CFG_ATS) != 0;
}

/* Record what is wrong with the configuration of a Translation Request or a page request, if
 * software wants that (3.9.1.2, 8.1). */
void ats_record_error(const struct call *call, const struct stream *stream,
                      const struct fault *fault);

#endif
