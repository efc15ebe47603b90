/* SPDX-License-Identifier: Apache-2.0 */
/* The chips of a bank side by side: which bytes of an access are whose. */
#include "cfi_flash/cfi_flash.h"

#include <stdio.h>
#include <stdlib.h>

#include "cfi_chip.h"

#define CHIPS       2u
#define CHIP_BYTES  2u /* of the bus, for each chip */
#define BUS_BYTES   (CHIPS * CHIP_BYTES)
#define BLOCK_WORDS (CFI_FLASH_BLOCK / BUS_BYTES)

_Static_assert(BLOCK_WORDS == CHIP_BLOCK_WORDS, "a block of the bank is one of each chip");

struct cfi_flash {
    struct cfi_flash_ops ops;
    void *user;
    uint64_t size;
    const uint8_t *bytes;
    bool array; /* reads give it */
    struct cfi_chip chips[CHIPS];
    uint8_t locks[]; /* of the blocks of each chip */
};

static bool store(void *user, uint32_t word, uint32_t words)
{
    const cfi_flash *bank = user;

    return !bank->ops.store ||
           bank->ops.store(bank->user, (uint64_t)word * BUS_BYTES, words * BUS_BYTES);
}

static bool all_show_array(const cfi_flash *bank)
{
    bool array = true;

    for (unsigned i = 0; i < CHIPS; i++)
        array = array && bank->chips[i].shows == SHOWS_ARRAY;
    return array;
}

bool cfi_flash_reads_array(const cfi_flash *bank)
{
    return bank->array;
}

/* --- Accesses --- */

static enum vp_status check(const cfi_flash *bank, uint64_t offset, unsigned size)
{
    if (offset >= bank->size || size > bank->size - offset)
        return VP_DECERR;
    return offset % size == 0 ? VP_OK : VP_SLVERR;
}

static struct cfi_chip *chip_at(cfi_flash *bank, uint64_t offset)
{
    return &bank->chips[offset / CHIP_BYTES % CHIPS];
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    cfi_flash *bank = dev;
    const enum vp_status status = check(bank, offset, size);

    *value = 0;
    for (unsigned i = 0; status == VP_OK && i < size; i++) {
        const uint64_t at = offset + i;
        const uint16_t word = chip_read(chip_at(bank, at), (uint32_t)(at / BUS_BYTES));
        *value |= (uint64_t)(word >> 8 * (at % CHIP_BYTES) & 0xff) << 8 * i;
    }
    return status;
}

static enum vp_status frame_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    const cfi_flash *bank = dev;
    const enum vp_status status = check(bank, offset, size);

    *value = 0;
    for (unsigned i = 0; status == VP_OK && i < size; i++)
        *value |= (uint64_t)bank->bytes[offset + i] << 8 * i;
    return status;
}

static void tell_what_reads_give(cfi_flash *bank)
{
    const bool array = all_show_array(bank);

    if (array == bank->array)
        return;
    bank->array = array;
    if (bank->ops.reads_array)
        bank->ops.reads_array(bank->user, array);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    cfi_flash *bank = dev;
    const enum vp_status status = check(bank, offset, size);

    if (status != VP_OK)
        return status;
    if (size < CHIP_BYTES)
        value <<= 8 * (offset % CHIP_BYTES);
    for (unsigned i = 0; i < size; i += CHIP_BYTES) {
        const uint64_t at = offset + i;
        chip_write(chip_at(bank, at), (uint32_t)(at / BUS_BYTES), (uint16_t)(value >> 8 * i));
    }
    tell_what_reads_give(bank);
    return VP_OK;
}

static const char *frame_name(uint64_t offset)
{
    (void)offset;
    return NULL;
}

const struct vp_frame cfi_flash_frame = {
    .read = frame_read, .write = frame_write, .peek = frame_peek, .name = frame_name};

/* --- Life --- */

cfi_flash *cfi_flash_create(const struct cfi_flash_config *config, const struct cfi_flash_ops *ops,
                            void *user, char *err, size_t err_size)
{
    const uint64_t size = config->size;
    const size_t blocks = (size_t)(size / CFI_FLASH_BLOCK);

    if (size < CFI_FLASH_MIN_SIZE || size > CFI_FLASH_MAX_SIZE || (size & (size - 1)) != 0) {
        snprintf(err, err_size, "its size must be a power of two from 0x%x to 0x%x",
                 CFI_FLASH_MIN_SIZE, CFI_FLASH_MAX_SIZE);
        return NULL;
    }
    cfi_flash *bank = calloc(1, sizeof(*bank) + CHIPS * blocks);
    if (!bank) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    bank->ops = *ops;
    bank->user = user;
    bank->size = size;
    bank->bytes = config->bytes;
    bank->array = true;
    for (unsigned i = 0; i < CHIPS; i++) {
        struct cfi_chip *chip = &bank->chips[i];
        chip->array = (struct chip_array){.bytes = config->bytes + (size_t)i * CHIP_BYTES,
                                          .stride = BUS_BYTES,
                                          .words = (uint32_t)(size / BUS_BYTES),
                                          .write_protected = config->write_protected,
                                          .user = bank,
                                          .store = store};
        chip->locks = bank->locks + i * blocks;
        chip_power_up(chip);
    }
    return bank;
}

void cfi_flash_destroy(cfi_flash *bank)
{
    free(bank);
}
