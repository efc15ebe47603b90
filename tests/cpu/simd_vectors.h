/* SPDX-License-Identifier: Apache-2.0 */
/* Operands for the instructions of simd.inc, and the line that reports a result: shared by the
 * program that runs them on another implementation and by the test that runs them on the model. */
#ifndef SIMD_VECTORS_H
#define SIMD_VECTORS_H

#include <inttypes.h>
#include <stdio.h>

#include "insn_vectors.h"

enum { SIMD_VECTORS = 128, SIMD_LINE = 256 };

/* Layout known to simd.S. */
struct simd_state {
    uint64_t v[5][2];
    uint64_t x[3];
    uint64_t nzcv;
    uint64_t fpcr;
    uint64_t fpsr;
};

static const uint64_t simd_fpcr_mask = 0x07c00000, simd_fpsr_mask = 0x0800009f;

/* A floating-point number with `exponent_bits` and `fraction_bits` of a kind that matters. */
static inline uint64_t simd_number(uint64_t *seed, unsigned exponent_bits, unsigned fraction_bits)
{
    uint64_t r = insn_random(seed), fraction_mask = (UINT64_C(1) << fraction_bits) - 1;
    uint64_t top = (UINT64_C(1) << exponent_bits) - 1, bias = top / 2;
    uint64_t fraction = insn_random(seed) & fraction_mask, quiet = fraction_mask / 2 + 1;
    uint64_t few_bits = fraction & ~(fraction_mask >> (r >> 40) % (fraction_bits + 1));
    const struct {
        uint64_t exponent, fraction;
    } kinds[] = {
        {0, 0},                                                 /* zero */
        {top, 0},                                               /* infinity */
        {top, fraction | quiet},                                /* quiet NaN */
        {top, (fraction & ~quiet) | 1},                         /* signalling NaN */
        {0, fraction},                                          /* subnormal */
        {0, r >> 32 & 3},                                       /* least of them */
        {0, fraction_mask},                                     /* greatest of them */
        {1, r >> 32 & 1},                                       /* least normal */
        {top - 1, fraction_mask - (r >> 32 & 1)},               /* greatest normal */
        {bias, 0},                                              /* one */
        {bias, r >> 32 & 3},                                    /* and its neighbours */
        {bias - 2 + (r >> 32) % 8, few_bits},                   /* multiples of a half */
        {bias - 3 + (r >> 32) % (fraction_bits + 6), fraction}, /* about integers */
        {(bias + 30 + (r >> 32) % 4) & top, few_bits},          /* about 2^31 */
        {(bias + 62 + (r >> 32) % 4) & top, few_bits},          /* about 2^63 */
        {1 + (r >> 32) % (fraction_bits + 2), fraction},        /* near underflow */
        {bias / 2 + (r >> 32) % 4, few_bits},                   /* squares near underflow */
        {top - 1 - (r >> 32) % 3, fraction},                    /* near overflow */
        {(r >> 32) & top, fraction},                            /* anything */
        {(r >> 32) & top, few_bits},
    };
    unsigned kind = (unsigned)(r >> 8 & 0xffff) % (sizeof kinds / sizeof *kinds);
    return (r & 1) << (exponent_bits + fraction_bits) |
           (kinds[kind].exponent & top) << fraction_bits | kinds[kind].fraction;
}

/* 64 bits of lanes of one type. */
static inline uint64_t simd_lanes(uint64_t *seed, unsigned type)
{
    uint64_t lanes = 0;
    switch (type) {
    case 0:
        return insn_operand(seed);
    case 1:
        for (unsigned i = 0; i < 4; i++)
            lanes |= simd_number(seed, 5, 10) << 16 * i;
        return lanes;
    case 2:
        lanes = simd_number(seed, 8, 23);
        return lanes | simd_number(seed, 8, 23) << 32;
    case 3:
        return simd_number(seed, 11, 52);
    default: /* bytes near the ends of their range */
        for (unsigned i = 0; i < 8; i++)
            lanes |= (insn_random(seed) >> 20 & 0x83) << 8 * i;
        return lanes;
    }
}

/* FPCR: often as out of reset, else any rounding mode with some of the other bits. */
static inline uint64_t simd_fpcr(uint64_t *seed)
{
    uint64_t r = insn_random(seed);
    return r & 3 ? (r >> 8 & r >> 16 & 7) << 24 | (r >> 32 & 3) << 22 : 0;
}

/* State and buffer before an instruction; memory instructions have x1 point into the buffer. */
static inline void simd_prepare(uint64_t *seed, int kind, uint64_t buffer_address,
                                struct simd_state *s, uint8_t *buffer)
{
    unsigned type = (unsigned)(insn_random(seed) >> 8) % 10;
    type = type < 1 ? 0 : type < 2 ? 4 : type < 4 ? 1 : type < 7 ? 2 : 3;
    for (unsigned i = 0; i < 5; i++)
        for (unsigned half = 0; half < 2; half++)
            s->v[i][half] = simd_lanes(seed, type);
    /* Neighbours of each other, or of the opposite sign, cancel. */
    uint64_t r = insn_random(seed);
    if ((r & 7) == 0)
        for (unsigned half = 0; half < 2; half++)
            s->v[2][half] = s->v[1][half] ^ (r >> 8 & UINT64_C(0x8000000080000003));
    for (unsigned i = 0; i < 3; i++)
        s->x[i] = insn_operand(seed);
    s->nzcv = insn_random(seed) & 0xf0000000u;
    s->fpcr = simd_fpcr(seed);
    r = insn_random(seed);
    s->fpsr = r & insn_random(seed) & simd_fpsr_mask;
    for (unsigned i = 0; i < INSN_BUFFER; i++)
        buffer[i] = (uint8_t)(insn_random(seed) >> 24);
    if (kind == INSN_REGISTERS)
        return;
    s->x[1] = buffer_address + 128 + insn_random(seed) % 16;
    s->x[2] = insn_random(seed) % 5;
}

/* Everything an instruction may have changed, in one line; `base` is the buffer of this run. */
static inline void simd_report(char line[SIMD_LINE], const char *name, int kind, uint64_t base,
                               const struct simd_state *s, const uint8_t *buffer)
{
    uint64_t hash = kind == INSN_REGISTERS ? 0 : insn_digest(buffer);
    for (unsigned i = 1; i < 5; i++)
        for (unsigned half = 0; half < 2; half++)
            hash = (hash ^ s->v[i][half]) * UINT64_C(0x100000001b3);
    snprintf(line, SIMD_LINE,
             "%s: %016" PRIx64 "%016" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %08" PRIx64
             " %" PRIx64,
             name, s->v[0][1], s->v[0][0], s->x[0], s->x[1] - (kind == INSN_REGISTERS ? 0 : base),
             s->nzcv >> 28, s->fpsr & simd_fpsr_mask, hash);
}

/* Adds a line to the digest of an instruction's results, which starts at 0. */
static inline uint64_t simd_digest(uint64_t digest, const char *line)
{
    for (; *line; line++)
        digest = (digest ^ (uint8_t)*line) * UINT64_C(0x100000001b3) + 1;
    return digest;
}

#endif
