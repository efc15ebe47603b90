/* SPDX-License-Identifier: Apache-2.0 */
/* Where configuration space of PCI Express is (PCI Firmware Specification 3.3, 4.1.2). */
#include "acpi_tables.h"

void acpi_mcfg(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const size_t at = acpi_begin_table(to, "MCFG", 1);

    acpi_put(to, 0, 8);
    for (size_t i = 0; i < machine->root_count; i++) {
        const struct acpi_root *root = &machine->roots[i];
        const uint64_t bus_size = root->ecam.size / (root->last_bus - root->first_bus + 1u);
        acpi_put(to, root->ecam.base - root->first_bus * bus_size, 8); /* of bus 0, were it there */
        acpi_put(to, root->segment, 2);
        acpi_put(to, root->first_bus, 1);
        acpi_put(to, root->last_bus, 1);
        acpi_put(to, 0, 4);
    }
    acpi_end_table(to, at);
}
