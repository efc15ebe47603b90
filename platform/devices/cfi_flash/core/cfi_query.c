/* SPDX-License-Identifier: Apache-2.0 */
/* What a chip says of itself (JESD68.01 4.1 to 4.4; the extended table is that of command set
 * 0x0001, version 1.1). */
#include "cfi_chip.h"

#include <stddef.h>

enum {
    DEVICE_SIZE = 0x27,  /* its binary logarithm, in bytes */
    BLOCKS = 0x2d,       /* less one */
    EXTENDED_AT = 0x31u, /* the table of the command set */
};

static const uint8_t table[] = {
    /* Identification: the command set and its table; no other. */
    [0x10] = 'Q',
    [0x11] = 'R',
    [0x12] = 'Y',
    [0x13] = 0x01,
    [0x15] = EXTENDED_AT,
    /* System interface: volts in BCD; times as exponents, of microseconds, and of milliseconds for
     * erasing; how much longer than typical they may be. */
    [0x1b] = 0x17,
    [0x1c] = 0x20,
    [0x1d] = 0x85,
    [0x1e] = 0x95,
    [0x1f] = 0x08,
    [0x20] = 0x09,
    [0x21] = 0x0a,
    [0x23] = 0x01,
    [0x24] = 0x01,
    [0x25] = 0x02,
    /* Geometry: the interface is of 16 bits; the buffer; one region, of blocks in units of 256. */
    [0x28] = 0x01,
    [0x2a] = CHIP_BUFFER_SHIFT,
    [0x2c] = 1,
    [0x2f] = (uint8_t)(CHIP_BLOCK_BYTES / 256),
    [0x30] = (uint8_t)(CHIP_BLOCK_BYTES / 256 >> 8),
    /* Extended: blocks are locked one by one and at once; the lock and lock-down bits of their
     * status are there; no suspending, no protection register. */
    [EXTENDED_AT] = 'P',
    [EXTENDED_AT + 1] = 'R',
    [EXTENDED_AT + 2] = 'I',
    [EXTENDED_AT + 3] = '1',
    [EXTENDED_AT + 4] = '1',
    [EXTENDED_AT + 5] = 0x20,
    [EXTENDED_AT + 10] = 0x03,
    [EXTENDED_AT + 12] = 0x18,
    [EXTENDED_AT + 13] = 0x90,
    [EXTENDED_AT + 14] = 0,
};

static unsigned log2_of(uint32_t power)
{
    unsigned exponent = 0;

    while (power >> exponent > 1)
        exponent++;
    return exponent;
}

uint8_t chip_query(uint32_t word, uint32_t words)
{
    const uint32_t blocks = words / CHIP_BLOCK_WORDS;

    switch (word) {
    case DEVICE_SIZE:
        return (uint8_t)(log2_of(words) + 1);
    case BLOCKS:
        return (uint8_t)(blocks - 1);
    case BLOCKS + 1:
        return (uint8_t)((blocks - 1) >> 8);
    default:
        return word < sizeof(table) ? table[word] : 0;
    }
}
