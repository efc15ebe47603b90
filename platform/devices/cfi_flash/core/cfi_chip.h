/* SPDX-License-Identifier: Apache-2.0 */
/* The chips of a bank, of 16 bits each and side by side: what their reads give, and what a write
 * does next. They get commands together, by a write of any size to any of them, as those of QEMU's
 * machines do; firmware that takes the bank for one of 16 bits, as U-Boot does, counts on that. */
#ifndef CFI_CHIP_H
#define CFI_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "cfi_flash/cfi_flash.h"

#define CHIPS             2u
#define CHIP_BYTES        2u /* of the bus, for each chip */
#define BUS_BYTES         (CHIPS * CHIP_BYTES)
#define CHIP_BLOCK_BYTES  (CFI_FLASH_BLOCK / CHIPS)
#define CHIP_BLOCK_WORDS  (CFI_FLASH_BLOCK / BUS_BYTES)
#define CHIP_BUFFER_SHIFT 6u /* the buffer has 2^6 bytes */
#define CHIP_BUFFER_WORDS (1u << (CHIP_BUFFER_SHIFT - 1))
#define BUFFER_BYTES      (CHIP_BUFFER_WORDS * BUS_BYTES) /* of all chips */

/* The cells of all chips, as the bus has them. */
struct chip_array {
    uint8_t *bytes;
    uint64_t size;
    bool write_protected;
    void *user;
    bool (*store)(void *user, uint64_t offset, uint32_t size); /* that of the bank */
};

enum chip_shows { SHOWS_ARRAY, SHOWS_STATUS, SHOWS_ID, SHOWS_QUERY };

/* What the next write is. */
enum chip_step {
    STEP_COMMAND,
    STEP_PROGRAM,       /* the word to program */
    STEP_ERASE,         /* the confirmation */
    STEP_LOCK,          /* what to do with the lock */
    STEP_COUNT,         /* how many writes less one go into the buffer */
    STEP_BUFFER,        /* one of these */
    STEP_BUFFER_CONFIRM /* the confirmation */
};

struct chip_buffer {
    uint64_t first; /* offset of the first byte */
    uint32_t size;  /* bytes from there on to the last that has come */
    uint32_t count; /* writes there will be */
    uint32_t had;   /* writes that have come */
    uint8_t data[BUFFER_BYTES];
};

struct cfi_chip {
    struct chip_array array;
    enum chip_shows shows;
    enum chip_step step;
    uint8_t status; /* of each chip */
    struct chip_buffer buffer;
    uint8_t *locks; /* of each block; the caller's */
};

/* The states of a block's lock, as bits of its identifier. */
enum { LOCK_LOCKED = 1, LOCK_DOWN = 2 };

void chip_power_up(struct cfi_chip *chip);
/* The byte at `offset`. */
uint8_t chip_read(const struct cfi_chip *chip, uint64_t offset);
/* A write of 1, 2 or BUS_BYTES bytes, aligned; a command is its lowest byte. */
void chip_write(struct cfi_chip *chip, uint64_t offset, uint32_t data, unsigned size);

/* The word at `word` of the query of a chip with `words` words. */
uint8_t chip_query(uint32_t word, uint32_t words);

#endif
