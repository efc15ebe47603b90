/* SPDX-License-Identifier: Apache-2.0 */
/* A Linux program that runs the instructions of simd.inc and prints their results:
 * `simd_reference SEED` one line for each set of operands, `simd_reference SEED digest` one for
 * each instruction. Run by qemu-aarch64 or a real machine it is the model's reference; simd.golden
 * is its output for `1 digest` on a PE of Armv8.0 (qemu-aarch64 -cpu cortex-a57). */
#include <stdlib.h>

#include "simd_vectors.h"

struct entry {
    const char *name;
    void (*code)(void);
    uint64_t kind;
};

extern const struct entry simd_table[];
void simd_call(struct simd_state *s, void (*code)(void));

static _Alignas(4096) uint8_t buffer[INSN_BUFFER];

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    int digest_only = argc > 2;
    char line[SIMD_LINE];
    for (const struct entry *e = simd_table; e->name; e++) {
        uint64_t digest = 0;
        for (unsigned v = 0; v < SIMD_VECTORS; v++) {
            struct simd_state s;
            simd_prepare(&seed, (int)e->kind, (uintptr_t)buffer, &s, buffer);
            simd_call(&s, e->code);
            simd_report(line, e->name, (int)e->kind, (uintptr_t)buffer, &s, buffer);
            digest = simd_digest(digest, line);
            if (!digest_only)
                puts(line);
        }
        if (digest_only)
            printf("%s: %016" PRIx64 "\n", e->name, digest);
    }
    return 0;
}
