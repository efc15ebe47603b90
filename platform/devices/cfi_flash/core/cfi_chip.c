/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of a chip, and their steps. */
#include "cfi_chip.h"

#include <stddef.h>
#include <string.h>

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

static uint8_t *cell(const struct cfi_chip *chip, uint32_t word)
{
    return chip->array.bytes + (size_t)word * chip->array.stride;
}

static uint16_t array_word(const struct cfi_chip *chip, uint32_t word)
{
    const uint8_t *bytes = cell(chip, word);

    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

void chip_power_up(struct cfi_chip *chip)
{
    chip->shows = SHOWS_ARRAY;
    chip->step = STEP_COMMAND;
    chip->status = STATUS_READY;
    memset(chip->locks, 0, chip->array.words / CHIP_BLOCK_WORDS);
}

/* Addresses in a block: manufacturer and device, its lock. */
static uint16_t identifier(const struct cfi_chip *chip, uint32_t word)
{
    switch (word % CHIP_BLOCK_WORDS) {
    case 0:
        return MANUFACTURER;
    case 1:
        return DEVICE;
    case 2:
        return chip->locks[word / CHIP_BLOCK_WORDS];
    default:
        return 0;
    }
}

uint16_t chip_read(const struct cfi_chip *chip, uint32_t word)
{
    switch (chip->shows) {
    case SHOWS_STATUS:
        return chip->status;
    case SHOWS_ID:
        return identifier(chip, word);
    case SHOWS_QUERY:
        return chip_query(word, chip->array.words);
    case SHOWS_ARRAY:
        break;
    }
    return array_word(chip, word);
}

/* Whether the block of `word` may be worked at; if not, the status says why it was not. */
static bool may_change(struct cfi_chip *chip, uint32_t word, uint8_t failure)
{
    if (chip->array.write_protected)
        chip->status |= (uint8_t)(STATUS_VOLTAGE | failure);
    else if (chip->locks[word / CHIP_BLOCK_WORDS] & LOCK_LOCKED)
        chip->status |= (uint8_t)(STATUS_LOCKED | failure);
    else
        return true;
    return false;
}

static void keep(struct cfi_chip *chip, uint32_t word, uint32_t words, uint8_t failure)
{
    if (!chip->array.store(chip->array.user, word, words))
        chip->status |= failure;
}

/* Programming makes ones to zeros, and leaves zeros. */
static void program(struct cfi_chip *chip, uint32_t word, const uint16_t *data, uint32_t words)
{
    if (!may_change(chip, word, STATUS_PROGRAM))
        return;
    for (uint32_t i = 0; i < words; i++) {
        uint8_t *bytes = cell(chip, word + i);
        bytes[0] &= (uint8_t)data[i];
        bytes[1] &= (uint8_t)(data[i] >> 8);
    }
    keep(chip, word, words, STATUS_PROGRAM);
}

static void erase(struct cfi_chip *chip, uint32_t word)
{
    const uint32_t first = word / CHIP_BLOCK_WORDS * CHIP_BLOCK_WORDS;

    if (!may_change(chip, word, STATUS_ERASE))
        return;
    for (uint32_t i = 0; i < CHIP_BLOCK_WORDS; i++)
        memset(cell(chip, first + i), 0xff, 2);
    keep(chip, first, CHIP_BLOCK_WORDS, STATUS_ERASE);
}

static void wrong_sequence(struct cfi_chip *chip)
{
    chip->status |= STATUS_ERASE | STATUS_PROGRAM;
    chip->step = STEP_COMMAND;
}

/* What is locked down stays locked until power is off. */
static void change_lock(struct cfi_chip *chip, uint32_t word, uint8_t how)
{
    uint8_t *lock = &chip->locks[word / CHIP_BLOCK_WORDS];

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
    memset(chip->buffer.data, 0xff, sizeof(chip->buffer.data));
    chip->step = STEP_BUFFER;
}

/* The first word's address is the lowest. */
static void fill_buffer(struct cfi_chip *chip, uint32_t word, uint16_t data)
{
    struct chip_buffer *buffer = &chip->buffer;

    if (buffer->had == 0)
        buffer->first = word;
    if (word - buffer->first >= buffer->count) {
        wrong_sequence(chip);
        return;
    }
    buffer->data[word - buffer->first] = data;
    if (++buffer->had == buffer->count)
        chip->step = STEP_BUFFER_CONFIRM;
}

/* All words are in one block. */
static void confirm_buffer(struct cfi_chip *chip, uint8_t code)
{
    const struct chip_buffer *buffer = &chip->buffer;
    const uint32_t last = buffer->first + buffer->count - 1;

    if (code != CONFIRM || last / CHIP_BLOCK_WORDS != buffer->first / CHIP_BLOCK_WORDS) {
        wrong_sequence(chip);
        return;
    }
    chip->step = STEP_COMMAND;
    program(chip, buffer->first, buffer->data, buffer->count);
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

/* Commands are in the low byte. */
void chip_write(struct cfi_chip *chip, uint32_t word, uint16_t data)
{
    switch (chip->step) {
    case STEP_COMMAND:
        begin(chip, (uint8_t)data);
        break;
    case STEP_PROGRAM:
        chip->step = STEP_COMMAND;
        program(chip, word, &data, 1);
        break;
    case STEP_ERASE:
        chip->step = STEP_COMMAND;
        if ((uint8_t)data == CONFIRM)
            erase(chip, word);
        else
            wrong_sequence(chip);
        break;
    case STEP_LOCK:
        change_lock(chip, word, (uint8_t)data);
        break;
    case STEP_COUNT:
        begin_buffer(chip, data);
        break;
    case STEP_BUFFER:
        fill_buffer(chip, word, data);
        break;
    case STEP_BUFFER_CONFIRM:
        confirm_buffer(chip, (uint8_t)data);
        break;
    }
}
