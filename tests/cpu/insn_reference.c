/* SPDX-License-Identifier: Apache-2.0 */
/* A Linux program that runs the instructions of insns.inc and prints their results, one line each:
 * `insn_reference SEED`. Run by qemu-aarch64 or a real machine it is the model's reference;
 * insns.golden is its output for seed 1. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "insn_vectors.h"

struct entry {
    const char *name;
    void (*code)(void);
    uint64_t kind;
};

extern const struct entry insn_table[];
void call(struct insn_state *s, void (*code)(void));

static _Alignas(4096) uint8_t buffer[INSN_BUFFER];

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    for (const struct entry *e = insn_table; e->name; e++)
        for (unsigned v = 0; v < INSN_VECTORS; v++) {
            struct insn_state s;
            insn_prepare(&seed, (int)e->kind, (uintptr_t)buffer, &s, buffer);
            call(&s, e->code);
            if (!strncmp(e->name, "adr ", 4))
                s.x[0] -= (uintptr_t)e->code;
            if (!strncmp(e->name, "adrp ", 5))
                s.x[0] -= (uintptr_t)e->code & ~UINT64_C(0xfff);
            if (e->kind != INSN_REGISTERS)
                s.x[1] -= (uintptr_t)buffer;
            printf("%s: %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", e->name,
                   s.x[0], s.x[1], s.x[2], s.nzcv >> 28,
                   e->kind == INSN_REGISTERS ? 0 : insn_digest(buffer));
        }
    return 0;
}
