/* SPDX-License-Identifier: Apache-2.0 */
#include "acpi_aml.h"

#include <stdlib.h>
#include <string.h>

/* --- Objects --- */

void aml_op(struct acpi_buffer *to, enum acpi_aml_op op)
{
    if (op > UINT8_MAX)
        acpi_put(to, op >> 8, 1);
    acpi_put(to, op & 0xff, 1);
}

void aml_segment(struct acpi_buffer *to, const char *name)
{
    acpi_put_bytes(to, name, 4);
}

void aml_integer(struct acpi_buffer *to, uint64_t value)
{
    static const struct {
        uint64_t most;
        enum acpi_aml_op op;
        unsigned bytes;
    } rows[] = {
        {UINT8_MAX, AML_BYTE, 1},
        {UINT16_MAX, AML_WORD, 2},
        {UINT32_MAX, AML_DWORD, 4},
        {UINT64_MAX, AML_QWORD, 8},
    };
    unsigned i = 0;

    if (value <= 1) {
        aml_op(to, value ? AML_ONE : AML_ZERO);
        return;
    }
    while (value > rows[i].most)
        i++;
    aml_op(to, rows[i].op);
    acpi_put(to, value, rows[i].bytes);
}

void aml_string(struct acpi_buffer *to, const char *text)
{
    aml_op(to, AML_STRING);
    acpi_put_text(to, text);
}

/* --- What has a length --- */

size_t aml_begin(struct acpi_buffer *to, enum acpi_aml_op op)
{
    aml_op(to, op);
    return to->size;
}

/* PkgLength counts itself (ACPI 6.3 20.2.4): up to 63 it is one byte, else the first has how many
 * bytes follow, and the lowest four bits. */
void aml_end(struct acpi_buffer *to, size_t mark)
{
    const size_t length = to->size - mark;
    uint8_t bytes[4] = {0};
    unsigned more = 0;

    if (length + 1 > 0x3f)
        for (more = 1; (length + 1 + more) >> (4 + 8 * more); more++)
            ;
    const size_t whole = length + 1 + more;
    bytes[0] = (uint8_t)(more ? more << 6 | (whole & 0xf) : whole);
    for (unsigned i = 1; i <= more; i++)
        bytes[i] = (uint8_t)(whole >> (8 * i - 4));
    acpi_insert(to, mark, bytes, 1 + more);
}

size_t aml_begin_device(struct acpi_buffer *to, const char *name)
{
    const size_t mark = aml_begin(to, AML_DEVICE);

    aml_segment(to, name);
    return mark;
}

size_t aml_begin_package(struct acpi_buffer *to, unsigned elements)
{
    const size_t mark = aml_begin(to, AML_PACKAGE);

    acpi_put(to, elements, 1);
    return mark;
}

void aml_name_integer(struct acpi_buffer *to, const char *name, uint64_t value)
{
    aml_op(to, AML_NAME);
    aml_segment(to, name);
    aml_integer(to, value);
}

void aml_name_string(struct acpi_buffer *to, const char *name, const char *text)
{
    aml_op(to, AML_NAME);
    aml_segment(to, name);
    aml_string(to, text);
}

void aml_buffer(struct acpi_buffer *to, const void *data, size_t size)
{
    const size_t mark = aml_begin(to, AML_BUFFER);

    aml_integer(to, size);
    acpi_put_bytes(to, data, size);
    aml_end(to, mark);
}

/* --- Resources --- */

enum { FIXED_MEMORY32 = 0x86, WORD_SPACE = 0x88, INTERRUPT = 0x89 };
enum { QWORD_SPACE = 0x8a, END_TAG = 0x79 };

void aml_name_resources(struct acpi_buffer *to, const char *name, struct acpi_buffer *resources)
{
    acpi_put(resources, END_TAG, 1);
    acpi_put(resources, 0, 1); /* the checksum is not used */
    aml_op(to, AML_NAME);
    aml_segment(to, name);
    aml_buffer(to, resources->data, resources->size);
    to->failed |= resources->failed;
    free(resources->data);
}

/* An address space (ACPI 6.3 6.4.3.5): `bytes` are those of each number. */
struct space {
    uint8_t descriptor;
    unsigned bytes;
    uint8_t type, flags, type_flags;
    uint64_t first, last, translation;
};

enum { SPACE_MEMORY, SPACE_IO, SPACE_BUS };
enum { CONSUMED = 1, FIXED = 0xc }; /* flags: by the device itself; both ends */
enum { MEMORY_WRITABLE = 1, IO_ENTIRE = 3, IO_TRANSLATED = 0x10 };

static void put_space(struct acpi_buffer *resources, const struct space *row)
{
    const uint64_t numbers[] = {0, row->first, row->last, row->translation,
                                row->last - row->first + 1};

    acpi_put(resources, row->descriptor, 1);
    acpi_put(resources, 3 + 5 * row->bytes, 2);
    acpi_put(resources, row->type, 1);
    acpi_put(resources, row->flags, 1);
    acpi_put(resources, row->type_flags, 1);
    for (unsigned i = 0; i < 5; i++)
        acpi_put(resources, numbers[i], row->bytes);
}

void aml_fixed_memory(struct acpi_buffer *resources, const struct acpi_range *range)
{
    const uint64_t last = range->base + (range->size - 1);

    if (last > UINT32_MAX || range->size > UINT32_MAX) {
        put_space(resources, &(struct space){QWORD_SPACE, 8, SPACE_MEMORY, FIXED | CONSUMED,
                                             MEMORY_WRITABLE, range->base, last, 0});
        return;
    }
    acpi_put(resources, FIXED_MEMORY32, 1);
    acpi_put(resources, 9, 2);
    acpi_put(resources, 1, 1); /* is written, too */
    acpi_put(resources, range->base, 4);
    acpi_put(resources, range->size, 4);
}

void aml_interrupt(struct acpi_buffer *resources, const struct acpi_irq *irq)
{
    enum { CONSUMER = 1, EDGE = 2 };

    acpi_put(resources, INTERRUPT, 1);
    acpi_put(resources, 6, 2);
    acpi_put(resources, irq->edge ? CONSUMER | EDGE : CONSUMER, 1);
    acpi_put(resources, 1, 1); /* one interrupt */
    acpi_put(resources, irq->gsiv, 4);
}

void aml_buses(struct acpi_buffer *resources, unsigned first, unsigned last)
{
    put_space(resources, &(struct space){WORD_SPACE, 2, SPACE_BUS, FIXED, 0, first, last, 0});
}

void aml_window(struct acpi_buffer *resources, const struct acpi_window *window)
{
    const bool io = window->io;

    put_space(resources,
              &(struct space){QWORD_SPACE, 8, io ? SPACE_IO : SPACE_MEMORY, FIXED,
                              io ? IO_ENTIRE | IO_TRANSLATED : MEMORY_WRITABLE, window->bus,
                              window->bus + (window->size - 1), window->base - window->bus});
}
