/* SPDX-License-Identifier: Apache-2.0 */
/* AML: objects, packages and resources, appended to a buffer (ACPI 6.3 chapter 20, 6.4). */
#ifndef ACPI_AML_H
#define ACPI_AML_H

#include "acpi/acpi.h"
#include "acpi_buffer.h"

/* Opcodes (ACPI 6.3 20.3). */
enum acpi_aml_op {
    AML_ZERO = 0x00,
    AML_ONE = 0x01,
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_WORD = 0x0b,
    AML_DWORD = 0x0c,
    AML_STRING = 0x0d,
    AML_QWORD = 0x0e,
    AML_SCOPE = 0x10,
    AML_BUFFER = 0x11,
    AML_PACKAGE = 0x12,
    AML_METHOD = 0x14,
    AML_LOCAL0 = 0x60,
    AML_ARG0 = 0x68,
    AML_ARG1 = 0x69,
    AML_ARG3 = 0x6b,
    AML_STORE = 0x70,
    AML_AND = 0x7b,
    AML_OR = 0x7d,
    AML_CREATE_DWORD_FIELD = 0x8a,
    AML_NOT = 0x92,
    AML_EQUAL = 0x93,
    AML_IF = 0xa0,
    AML_ELSE = 0xa1,
    AML_RETURN = 0xa4,
    AML_DEVICE = 0x5b82, /* after the prefix of extended opcodes */
};

void aml_op(struct acpi_buffer *to, enum acpi_aml_op op);
void aml_segment(struct acpi_buffer *to, const char *name); /* of 4 characters */
void aml_integer(struct acpi_buffer *to, uint64_t value);
void aml_string(struct acpi_buffer *to, const char *text);

/* An opcode that a PkgLength follows. What is appended until aml_end(), which gets what
 * aml_begin() returned, is in it. */
size_t aml_begin(struct acpi_buffer *to, enum acpi_aml_op op);
void aml_end(struct acpi_buffer *to, size_t mark);

size_t aml_begin_device(struct acpi_buffer *to, const char *name);
size_t aml_begin_package(struct acpi_buffer *to, unsigned elements);

/* Name (`name`, an integer or a string). */
void aml_name_integer(struct acpi_buffer *to, const char *name, uint64_t value);
void aml_name_string(struct acpi_buffer *to, const char *name, const char *text);

/* A buffer of `size` bytes. */
void aml_buffer(struct acpi_buffer *to, const void *data, size_t size);

/* Name (`name`, a buffer of resource descriptors), which are appended to `resources`, a buffer of
 * their own that is freed. */
void aml_name_resources(struct acpi_buffer *to, const char *name, struct acpi_buffer *resources);

/* Resource descriptors (ACPI 6.3 6.4.2, 6.4.3). */
void aml_fixed_memory(struct acpi_buffer *resources, const struct acpi_range *range);
void aml_interrupt(struct acpi_buffer *resources, const struct acpi_irq *irq);
void aml_buses(struct acpi_buffer *resources, unsigned first, unsigned last);
void aml_window(struct acpi_buffer *resources, const struct acpi_window *window);

#endif
