/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of chips, and their steps. */
#include "cfi_chip.h"

#include <stddef.h>
#include <string.h>

#include "vp/little_endian.h"

enum {
    STATUS_READY = 0x80,
    STATUS_ERASE = 0x20,   /* erasing failed; with STATUS_PROGRAM: no such sequence of commands */
    STATUS_PROGRAM = 0x10, /* programming failed */
    STATUS_VOLTAGE = 0x08, /* without the voltage for it */
    STATUS_LOCKED = 0x02,  /* of a block that is locked */
};

enum { CONFIRM = 0xd0, LOCK = 0x01, UNLOCK = 0xd0, LOCK_IT_DOWN = 0x2f };
enum { MANUFACTURER = 0x0089, DEVICE = 0x0018 };

/* First writes: what reads show from then on, and what the next write is. Where the array is being
 * worked at reads show the status. */
static const struct {
    uint8_t code;
    enum chip_shows shows;
    enum chip_step step;
} commands[] = {
    {0x10, SHOWS_STATUS, STEP_PROGRAM}, {0x20, SHOWS_STATUS, STEP_ERASE},
    {0x40, SHOWS_STATUS, STEP_PROGRAM}, {0x60, SHOWS_STATUS, STEP_LOCK},
    {0x70, SHOWS_STATUS, STEP_COMMAND}, {0x90, SHOWS_ID, STEP_COMMAND},
    {0x98, SHOWS_QUERY, STEP_COMMAND},  {0xb0, SHOWS_STATUS, STEP_COMMAND}, /* suspend */
    {0xd0, SHOWS_STATUS, STEP_COMMAND},                                     /* resume */
    {0xe8, SHOWS_STATUS, STEP_COUNT},   {0xff, SHOWS_ARRAY, STEP_COMMAND},
};
enum { CLEAR_STATUS = 0x50 }; /* leaves reads as they are */

static uint8_t *lock_at(const struct cfi_chip *chip, uint64_t offset)
{
    return &chip->locks[offset / CFI_FLASH_BLOCK];
}

void chip_power_up(struct cfi_chip *chip)
{
    chip->shows = SHOWS_ARRAY;
    chip->step = STEP_COMMAND;
    chip->status = STATUS_READY;
    memset(chip->locks, 0, (size_t)(chip->array.size / CFI_FLASH_BLOCK));
}

/* Addresses in a block: manufacturer and device, its lock. */
static uint16_t identifier(const struct cfi_chip *chip, uint64_t offset)
{
    switch (offset / BUS_BYTES % CHIP_BLOCK_WORDS) {
    case 0:
        return MANUFACTURER;
    case 1:
        return DEVICE;
    case 2:
        return *lock_at(chip, offset);
    default:
        return 0;
    }
}

/* A word of each chip, all of which say the same. */
static uint16_t word_shown(const struct cfi_chip *chip, uint64_t offset)
{
    switch (chip->shows) {
    case SHOWS_ID:
        return identifier(chip, offset);
    case SHOWS_QUERY:
        return chip_query((uint32_t)(offset / BUS_BYTES), (uint32_t)(chip->array.size / BUS_BYTES));
    case SHOWS_STATUS:
    case SHOWS_ARRAY:
        break;
    }
    return chip->status;
}

uint8_t chip_read(const struct cfi_chip *chip, uint64_t offset)
{
    if (chip->shows == SHOWS_ARRAY)
        return chip->array.bytes[offset];
    return (uint8_t)(word_shown(chip, offset) >> 8 * (offset % CHIP_BYTES));
}

/* Whether the block may be worked at; if not, the status says why it was not. */
static bool may_change(struct cfi_chip *chip, uint64_t offset, uint8_t failure)
{
    if (chip->array.write_protected)
        chip->status |= (uint8_t)(STATUS_VOLTAGE | failure);
    else if (*lock_at(chip, offset) & LOCK_LOCKED)
        chip->status |= (uint8_t)(STATUS_LOCKED | failure);
    else
        return true;
    return false;
}

static void keep(struct cfi_chip *chip, uint64_t offset, uint32_t size, uint8_t failure)
{
    if (!chip->array.store(chip->array.user, offset, size))
        chip->status |= failure;
}

/* Programming makes ones to zeros, and leaves zeros. */
static void program(struct cfi_chip *chip, uint64_t offset, const uint8_t *data, uint32_t size)
{
    if (!may_change(chip, offset, STATUS_PROGRAM))
        return;
    for (uint32_t i = 0; i < size; i++)
        chip->array.bytes[offset + i] &= data[i];
    keep(chip, offset, size, STATUS_PROGRAM);
}

static void erase(struct cfi_chip *chip, uint64_t offset)
{
    const uint64_t first = offset / CFI_FLASH_BLOCK * CFI_FLASH_BLOCK;

    if (!may_change(chip, offset, STATUS_ERASE))
        return;
    memset(chip->array.bytes + first, CFI_FLASH_ERASED, CFI_FLASH_BLOCK);
    keep(chip, first, CFI_FLASH_BLOCK, STATUS_ERASE);
}

static void wrong_sequence(struct cfi_chip *chip)
{
    chip->status |= STATUS_ERASE | STATUS_PROGRAM;
    chip->step = STEP_COMMAND;
}

/* What is locked down stays locked until power is off. */
static void change_lock(struct cfi_chip *chip, uint64_t offset, uint8_t how)
{
    uint8_t *lock = lock_at(chip, offset);

    chip->step = STEP_COMMAND;
    if (how == LOCK)
        *lock |= LOCK_LOCKED;
    else if (how == LOCK_IT_DOWN)
        *lock = LOCK_LOCKED | LOCK_DOWN;
    else if (how != UNLOCK)
        wrong_sequence(chip);
    else if (!(*lock & LOCK_DOWN))
        *lock = 0;
}

static void begin_buffer(struct cfi_chip *chip, uint16_t count)
{
    if (count >= CHIP_BUFFER_WORDS) {
        wrong_sequence(chip);
        return;
    }
    chip->buffer.count = count + 1u;
    chip->buffer.had = 0;
    chip->buffer.size = 0;
    memset(chip->buffer.data, 0xff, sizeof(chip->buffer.data));
    chip->step = STEP_BUFFER;
}

/* The first address is the lowest. */
static void fill_buffer(struct cfi_chip *chip, uint64_t offset, const uint8_t *data, unsigned size)
{
    struct chip_buffer *buffer = &chip->buffer;

    if (buffer->had == 0)
        buffer->first = offset;
    if (offset < buffer->first || offset - buffer->first >= (uint64_t)buffer->count * size) {
        wrong_sequence(chip);
        return;
    }
    const uint32_t at = (uint32_t)(offset - buffer->first);
    memcpy(buffer->data + at, data, size);
    if (at + size > buffer->size)
        buffer->size = at + size;
    if (++buffer->had == buffer->count)
        chip->step = STEP_BUFFER_CONFIRM;
}

/* All of it is in one block. */
static void confirm_buffer(struct cfi_chip *chip, uint8_t code)
{
    const struct chip_buffer *buffer = &chip->buffer;
    const uint64_t last = buffer->first + buffer->size - 1;

    if (code != CONFIRM || last / CFI_FLASH_BLOCK != buffer->first / CFI_FLASH_BLOCK) {
        wrong_sequence(chip);
        return;
    }
    chip->step = STEP_COMMAND;
    program(chip, buffer->first, buffer->data, buffer->size);
}

static void begin(struct cfi_chip *chip, uint8_t code)
{
    if (code == CLEAR_STATUS)
        chip->status = STATUS_READY;
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (commands[i].code == code) {
            chip->shows = commands[i].shows;
            chip->step = commands[i].step;
        }
}

void chip_write(struct cfi_chip *chip, uint64_t offset, uint32_t value, unsigned size)
{
    uint8_t data[BUS_BYTES] = {0};

    vp_store_le(data, value, size);
    switch (chip->step) {
    case STEP_COMMAND:
        begin(chip, data[0]);
        break;
    case STEP_PROGRAM:
        chip->step = STEP_COMMAND;
        program(chip, offset, data, size);
        break;
    case STEP_ERASE:
        chip->step = STEP_COMMAND;
        if (data[0] == CONFIRM)
            erase(chip, offset);
        else
            wrong_sequence(chip);
        break;
    case STEP_LOCK:
        change_lock(chip, offset, data[0]);
        break;
    case STEP_COUNT:
        begin_buffer(chip, (uint16_t)value);
        break;
    case STEP_BUFFER:
        fill_buffer(chip, offset, data, size);
        break;
    case STEP_BUFFER_CONFIRM:
        confirm_buffer(chip, data[0]);
        break;
    }
}
