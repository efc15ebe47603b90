/* SPDX-License-Identifier: Apache-2.0 */
#include "acpi_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "vp/little_endian.h"

/* Returns where `size` more bytes go, NULL if memory has run out. */
static uint8_t *grow(struct acpi_buffer *to, size_t size)
{
    if (to->failed)
        return NULL;
    if (to->size + size > to->room) {
        const size_t room = 2 * (to->size + size);
        uint8_t *data = realloc(to->data, room);
        if (!data) {
            to->failed = true;
            return NULL;
        }
        to->data = data;
        to->room = room;
    }
    uint8_t *place = to->data + to->size;
    to->size += size;
    return place;
}

void acpi_put(struct acpi_buffer *to, uint64_t value, unsigned bytes)
{
    uint8_t *place = grow(to, bytes);

    if (place)
        vp_store_le(place, value, bytes);
}

void acpi_put_bytes(struct acpi_buffer *to, const void *data, size_t size)
{
    uint8_t *place = grow(to, size);

    if (place && size)
        memcpy(place, data, size);
}

void acpi_put_zeros(struct acpi_buffer *to, size_t count)
{
    uint8_t *place = grow(to, count);

    if (place && count)
        memset(place, 0, count);
}

void acpi_put_text(struct acpi_buffer *to, const char *text)
{
    acpi_put_bytes(to, text, strlen(text) + 1);
}

void acpi_patch(struct acpi_buffer *to, size_t at, uint64_t value, unsigned bytes)
{
    if (!to->failed)
        vp_store_le(to->data + at, value, bytes);
}

void acpi_insert(struct acpi_buffer *to, size_t at, const void *data, size_t size)
{
    if (!grow(to, size))
        return;
    memmove(to->data + at + size, to->data + at, to->size - size - at);
    memcpy(to->data + at, data, size);
}

void acpi_put_register(struct acpi_buffer *to, uint64_t address)
{
    enum { SYSTEM_MEMORY = 0, DWORD = 3 };

    acpi_put(to, SYSTEM_MEMORY, 1);
    acpi_put(to, 32, 1); /* bits */
    acpi_put(to, 0, 1);  /* the first of them */
    acpi_put(to, DWORD, 1);
    acpi_put(to, address, 8);
}

size_t acpi_begin_table(struct acpi_buffer *to, const char *signature, uint8_t revision)
{
    const size_t at = to->size;

    acpi_put_bytes(to, signature, 4);
    acpi_put(to, 0, 4); /* length */
    acpi_put(to, revision, 1);
    acpi_put(to, 0, 1); /* checksum */
    acpi_put_bytes(to, ACPI_OEM_ID, 6);
    acpi_put_bytes(to, "SMMUVIRT", 8); /* of the OEM: the table */
    acpi_put(to, 1, 4);                /* its revision */
    acpi_put_bytes(to, "SMVP", 4);     /* who made it */
    acpi_put(to, 1, 4);                /* in which revision */
    return at;
}

/* All bytes of a table add up to zero. */
void acpi_end_table(struct acpi_buffer *to, size_t at)
{
    uint8_t sum = 0;

    if (to->failed)
        return;
    vp_store_le(to->data + at + ACPI_TABLE_LENGTH, to->size - at, 4);
    for (size_t i = at; i < to->size; i++)
        sum = (uint8_t)(sum + to->data[i]);
    to->data[at + ACPI_TABLE_CHECKSUM] = (uint8_t)-sum;
}
