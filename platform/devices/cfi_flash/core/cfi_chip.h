/* SPDX-License-Identifier: Apache-2.0 */
/* One chip of 16 bits: what its reads give, and what a write does next. */
#ifndef CFI_CHIP_H
#define CFI_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#define CHIP_BLOCK_WORDS  0x10000u /* of 16 bits: 128 KiB */
#define CHIP_BUFFER_SHIFT 6u       /* the buffer has 2^6 bytes */
#define CHIP_BUFFER_WORDS (1u << (CHIP_BUFFER_SHIFT - 1))

/* The cells of a chip, which lie between those of others. */
struct chip_array {
    uint8_t *bytes;  /* the low byte of word 0 */
    uint32_t stride; /* bytes from a word to the next */
    uint32_t words;
    bool write_protected;
    void *user;
    bool (*store)(void *user, uint32_t word, uint32_t words); /* as that of the bank */
};

enum chip_shows { SHOWS_ARRAY, SHOWS_STATUS, SHOWS_ID, SHOWS_QUERY };

/* What the next write is. */
enum chip_step {
    STEP_COMMAND,
    STEP_PROGRAM,       /* the word to program */
    STEP_ERASE,         /* the confirmation */
    STEP_LOCK,          /* what to do with the lock */
    STEP_COUNT,         /* how many words less one go into the buffer */
    STEP_BUFFER,        /* one of these */
    STEP_BUFFER_CONFIRM /* the confirmation */
};

struct chip_buffer {
    uint32_t first; /* address of the first word */
    uint32_t count; /* words there will be */
    uint32_t had;   /* words that have come */
    uint16_t data[CHIP_BUFFER_WORDS];
};

struct cfi_chip {
    struct chip_array array;
    enum chip_shows shows;
    enum chip_step step;
    uint8_t status;
    struct chip_buffer buffer;
    uint8_t *locks; /* of each block; the caller's */
};

/* The states of a block's lock, as bits of its identifier. */
enum { LOCK_LOCKED = 1, LOCK_DOWN = 2 };

void chip_power_up(struct cfi_chip *chip);
uint16_t chip_read(const struct cfi_chip *chip, uint32_t word);
void chip_write(struct cfi_chip *chip, uint32_t word, uint16_t data);

/* The word at `word` of the query of a chip with `words` words. */
uint8_t chip_query(uint32_t word, uint32_t words);

#endif
