/* SPDX-License-Identifier: Apache-2.0 */
/* The Fixed ACPI Description Table (ACPI 6.3 5.2.9): a machine without fixed hardware. */
#include "acpi_tables.h"

enum { FADT_SIZE = 276, FADT_REVISION = 6, FADT_MINOR = 3 };
enum { FLAGS = 112, ARM_BOOT_FLAGS = 129, MINOR_REVISION = 131 };
enum { PSCI_COMPLIANT = 1, PSCI_USES_HVC = 2 };

#define HARDWARE_REDUCED (UINT32_C(1) << 20)

void acpi_fadt(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    static const unsigned psci_flags[] = {
        [ACPI_PSCI_NONE] = 0,
        [ACPI_PSCI_SMC] = PSCI_COMPLIANT,
        [ACPI_PSCI_HVC] = PSCI_COMPLIANT | PSCI_USES_HVC,
    };
    const size_t at = acpi_begin_table(to, "FACP", FADT_REVISION);

    acpi_put_zeros(to, FADT_SIZE - ACPI_TABLE_HEADER);
    acpi_patch(to, at + FLAGS, HARDWARE_REDUCED, 4);
    acpi_patch(to, at + ARM_BOOT_FLAGS, psci_flags[machine->psci], 2);
    acpi_patch(to, at + MINOR_REVISION, FADT_MINOR, 1);
    acpi_end_table(to, at);
}
