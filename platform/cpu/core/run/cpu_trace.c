/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the tracer. */
#include "run/cpu_trace.h"

#include "decode/cpu_decode.h"

void a64_set_tracer(a64_cpu *c, const struct a64_tracer *tracer)
{
    c->tracer = tracer ? *tracer : (struct a64_tracer){0};
    c->attention &= ~(uint32_t)ATTN_TRACE;
    if (c->tracer.insn)
        c->attention |= ATTN_TRACE;
}

void trace_insn(const struct a64_cpu *c, const struct a64_op *o)
{
    if (!c->tracer.insn)
        return;
    struct a64_op again;
    unsigned row = a64_decoder_decode(c->decoder, o->word, &again);
    c->tracer.insn(c->tracer.user, c->pc, o->word, a64_decoder_row_name(row));
}
