/* SPDX-License-Identifier: Apache-2.0 */
/* The Debug Port Table 2: the port is the console's PL011. */
#include "acpi_tables.h"

enum { SERIAL = 0x8000, ARM_PL011 = 3 };
enum { DEVICE_HEAD = 22, REGISTER_SIZE = 12, SIZE_SIZE = 4 };
enum { REGISTER = DEVICE_HEAD, SIZE = REGISTER + REGISTER_SIZE, PATH = SIZE + SIZE_SIZE };

void acpi_dbg2(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const struct acpi_device *uart = machine->console;
    const size_t at = acpi_begin_table(to, "DBG2", 0);
    char path[ACPI_PATH_SIZE];

    acpi_path(path, uart);
    acpi_put(to, ACPI_TABLE_HEADER + 8, 4); /* where the first port is described */
    acpi_put(to, 1, 4);
    acpi_put(to, 0, 1); /* revision */
    acpi_put(to, PATH + ACPI_PATH_SIZE, 2);
    acpi_put(to, 1, 1); /* register */
    acpi_put(to, ACPI_PATH_SIZE, 2);
    acpi_put(to, PATH, 2);
    acpi_put(to, 0, 4); /* nothing of the OEM */
    acpi_put(to, SERIAL, 2);
    acpi_put(to, ARM_PL011, 2);
    acpi_put(to, 0, 2);
    acpi_put(to, REGISTER, 2);
    acpi_put(to, SIZE, 2);
    acpi_put_register(to, uart->regs[0].base);
    acpi_put(to, uart->regs[0].size, SIZE_SIZE);
    acpi_put_bytes(to, path, ACPI_PATH_SIZE);
    acpi_end_table(to, at);
}
