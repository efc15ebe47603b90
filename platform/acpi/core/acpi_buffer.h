/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow, and what all tables begin with. */
#ifndef ACPI_BUFFER_H
#define ACPI_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty one. After memory ran out it stays as it is, and `failed`. */
struct acpi_buffer {
    uint8_t *data;
    size_t size, room;
    bool failed;
};

/* Append the low `bytes` (1 to 8) bytes of `value`; bytes as they are; `count` zeros; the
 * characters of `text` with its NUL. */
void acpi_put(struct acpi_buffer *to, uint64_t value, unsigned bytes);
void acpi_put_bytes(struct acpi_buffer *to, const void *data, size_t size);
void acpi_put_zeros(struct acpi_buffer *to, size_t count);
void acpi_put_text(struct acpi_buffer *to, const char *text);

/* Writes over what is at `at`, which must be there unless the buffer has failed. */
void acpi_patch(struct acpi_buffer *to, size_t at, uint64_t value, unsigned bytes);

/* Makes room for `size` bytes at `at`, moving what is there. */
void acpi_insert(struct acpi_buffer *to, size_t at, const void *data, size_t size);

/* A Generic Address Structure for a register of 32 bits in memory (ACPI 6.3 5.2.3.2). */
void acpi_put_register(struct acpi_buffer *to, uint64_t address);

/* The header of a table (ACPI 6.3 5.2.6), without length and checksum; returns where it is.
 * acpi_end_table() puts them in. */
size_t acpi_begin_table(struct acpi_buffer *to, const char *signature, uint8_t revision);
void acpi_end_table(struct acpi_buffer *to, size_t at);

enum {
    ACPI_TABLE_LENGTH = 4,
    ACPI_TABLE_CHECKSUM = 9,
    ACPI_TABLE_HEADER = 36, /* bytes */
};

/* What all tables and the RSDP have. */
#define ACPI_OEM_ID "SMMUVP" /* 6 characters */

#endif
