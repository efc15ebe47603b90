/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction syndromes of loads and stores (DDI 0487 C4.1.94, D24.2). */
#include "memory/syndrome.h"

#include <stdbool.h>
#include <stddef.h>

#include "state/op.h"
#include "state/sysreg_fields.h"

/* The classes that have a syndrome, as bits that are fixed. In all of them bit 26, V, is clear. */
enum class { LITERAL, ORDERED, ANY_OFFSET };
static const struct {
    uint32_t mask, value;
    enum class what;
} classes[] = {
    {0x3f000000, 0x18000000, LITERAL},    /* LDR (literal), LDRSW (literal) */
    {0x3fa00000, 0x08800000, ORDERED},    /* LDAR, STLR and their kin */
    {0x3b200c00, 0x38000000, ANY_OFFSET}, /* unscaled immediate */
    {0x3b200c00, 0x38000800, ANY_OFFSET}, /* unprivileged */
    {0x3b200c00, 0x38200800, ANY_OFFSET}, /* register offset */
    {0x3b000000, 0x39000000, ANY_OFFSET}, /* unsigned immediate */
};

static uint64_t describe(uint32_t word, unsigned size, bool sign_extends, bool is_64_bit,
                         bool ordered)
{
    return ISS_ISV | bits_put(ISS_SAS, size) | bits_put(ISS_SSE, sign_extends) |
           bits_put(ISS_SRT, bits_get(word, INSN_RT)) | bits_put(ISS_SF, is_64_bit) |
           bits_put(ISS_AR, ordered);
}

uint64_t a64_syndrome_of_access(uint32_t word)
{
    unsigned size = bits_get(word, INSN_SIZE), opc = bits_get(word, INSN_OPC);
    size_t i = 0;
    while (i < sizeof classes / sizeof *classes && (word & classes[i].mask) != classes[i].value)
        i++;
    if (i == sizeof classes / sizeof *classes || (word & INSN_V))
        return 0;
    switch (classes[i].what) {
    case LITERAL: /* opc is where others have the size: W, X, SW, and PRFM, which never faults */
        return describe(word, size == 1 ? 3 : 2, size == 2, size != 0, false);
    case ORDERED:
        return describe(word, size, false, size == 3, true);
    case ANY_OFFSET: /* opc: store, load, load signed to X, load signed to W */
        return describe(word, size, opc >= 2, opc == 2 || size == 3, false);
    }
    return 0;
}
