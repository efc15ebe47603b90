/* SPDX-License-Identifier: Apache-2.0 */
/* Operands for the instructions of insns.inc, and the line that reports a result: shared by the
 * program that runs them on another implementation and by the test that runs them on the model. */
#ifndef INSN_VECTORS_H
#define INSN_VECTORS_H

#include <stdint.h>

enum { INSN_REGISTERS, INSN_MEMORY, INSN_ALIGNED };
enum { INSN_VECTORS = 8, INSN_BUFFER = 320 };

/* Layout known to insns.S. */
struct insn_state {
    uint64_t x[5];
    uint64_t nzcv;
};

static inline uint64_t insn_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static inline uint64_t insn_operand(uint64_t *seed)
{
    static const uint64_t special[] = {0,
                                       1,
                                       2,
                                       ~UINT64_C(0),
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       UINT64_C(0x7fffffffffffffff),
                                       UINT64_C(0x8000000000000000)};
    uint64_t r = insn_random(seed);
    return r & 1 ? special[(r >> 8) % (sizeof special / sizeof *special)] : insn_random(seed);
}

/* State and buffer before an instruction; x1 points into the buffer for memory instructions. */
static inline void insn_prepare(uint64_t *seed, int kind, uint64_t buffer_address,
                                struct insn_state *s, uint8_t *buffer)
{
    for (unsigned i = 0; i < 5; i++)
        s->x[i] = insn_operand(seed);
    s->nzcv = insn_random(seed) & 0xf0000000u;
    for (unsigned i = 0; i < INSN_BUFFER; i++)
        buffer[i] = (uint8_t)(insn_random(seed) >> 24);
    uint64_t offset = 128 + insn_random(seed) % 16;
    if (kind == INSN_REGISTERS)
        return;
    s->x[1] = buffer_address + (kind == INSN_ALIGNED ? 128 : offset);
    s->x[3] = insn_random(seed) % 8;
}

/* Addresses are reported relative to `base` (buffer or code), which differs between runs. */
static inline uint64_t insn_digest(const uint8_t *buffer)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (unsigned i = 0; i < INSN_BUFFER; i++)
        hash = (hash ^ buffer[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
