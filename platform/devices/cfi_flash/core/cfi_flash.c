/* SPDX-License-Identifier: Apache-2.0 */
/* A bank: accesses of the bus, and what it tells its host. */
#include "cfi_flash/cfi_flash.h"

#include <stdio.h>
#include <stdlib.h>

#include "cfi_chip.h"

struct cfi_flash {
    struct cfi_flash_ops ops;
    void *user;
    bool array; /* reads give it */
    struct cfi_chip chips;
    uint8_t locks[]; /* of the blocks */
};

static bool store(void *user, uint64_t offset, uint32_t size)
{
    const cfi_flash *bank = user;

    return !bank->ops.store || bank->ops.store(bank->user, offset, size);
}

bool cfi_flash_reads_array(const cfi_flash *bank)
{
    return bank->array;
}

/* --- Accesses --- */

static enum vp_status check(const cfi_flash *bank, uint64_t offset, unsigned size)
{
    if (offset >= bank->chips.array.size || size > bank->chips.array.size - offset)
        return VP_DECERR;
    return offset % size == 0 ? VP_OK : VP_SLVERR;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    const cfi_flash *bank = dev;
    const enum vp_status status = check(bank, offset, size);

    *value = 0;
    for (unsigned i = 0; status == VP_OK && i < size; i++)
        *value |= (uint64_t)chip_read(&bank->chips, offset + i) << 8 * i;
    return status;
}

static enum vp_status frame_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    const cfi_flash *bank = dev;
    const enum vp_status status = check(bank, offset, size);

    *value = 0;
    for (unsigned i = 0; status == VP_OK && i < size; i++)
        *value |= (uint64_t)bank->chips.array.bytes[offset + i] << 8 * i;
    return status;
}

static void tell_what_reads_give(cfi_flash *bank)
{
    const bool array = bank->chips.shows == SHOWS_ARRAY;

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
    const unsigned piece = size < BUS_BYTES ? size : BUS_BYTES;
    for (unsigned i = 0; i < size; i += piece)
        chip_write(&bank->chips, offset + i, (uint32_t)(value >> 8 * i), piece);
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
    cfi_flash *bank = calloc(1, sizeof(*bank) + blocks);
    if (!bank) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    bank->ops = *ops;
    bank->user = user;
    bank->array = true;
    bank->chips.array = (struct chip_array){.bytes = config->bytes,
                                            .size = size,
                                            .write_protected = config->write_protected,
                                            .user = bank,
                                            .store = store};
    bank->chips.locks = bank->locks;
    chip_power_up(&bank->chips);
    return bank;
}

void cfi_flash_destroy(cfi_flash *bank)
{
    free(bank);
}
