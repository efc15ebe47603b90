/* SPDX-License-Identifier: Apache-2.0 */
/* The Multiple APIC Description Table (ACPI 6.3 5.2.12): CPUs and GIC. */
#include "acpi_tables.h"

enum { GICC = 0xb, GICD = 0xc, GICR = 0xe, GIC_ITS = 0xf }; /* types of structures */
enum { GICC_ENABLED = 1, GIC_VERSION_3 = 3 };

static void put_head(struct acpi_buffer *to, unsigned type, unsigned size)
{
    acpi_put(to, type, 1);
    acpi_put(to, size, 1);
    acpi_put(to, 0, 2);
}

static void put_cpu(struct acpi_buffer *to, const struct acpi_machine *machine, unsigned number)
{
    put_head(to, GICC, 80);
    acpi_put(to, number, 4); /* of the CPU interface */
    acpi_put(to, number, 4); /* _UID of the CPU in the namespace */
    acpi_put(to, GICC_ENABLED, 4);
    acpi_put(to, 0, 4); /* version of the parking protocol, which PSCI replaces */
    acpi_put(to, machine->gic.pmu, 4);
    acpi_put_zeros(to, 4 * 8); /* parked, GICC, GICV and GICH: system registers are there instead */
    acpi_put(to, machine->gic.maintenance, 4);
    acpi_put(to, 0, 8); /* the redistributor is in a GICR structure */
    acpi_put(to, machine->cpus[number], 8);
    acpi_put_zeros(to, 4); /* power efficiency class, reserved, statistical profiling */
}

void acpi_madt(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const struct acpi_gic *gic = &machine->gic;
    const size_t at = acpi_begin_table(to, "APIC", 5);

    acpi_put_zeros(to, 8); /* the local interrupt controller of another architecture; flags */
    put_head(to, GICD, 24);
    acpi_put(to, 0, 4); /* its ID */
    acpi_put(to, gic->distributor, 8);
    acpi_put(to, 0, 4); /* GSIVs are INTIDs */
    acpi_put(to, GIC_VERSION_3, 1);
    acpi_put_zeros(to, 3);
    for (unsigned i = 0; i < machine->cpu_count; i++)
        put_cpu(to, machine, i);
    put_head(to, GICR, 16);
    acpi_put(to, gic->redistributors.base, 8);
    acpi_put(to, gic->redistributors.size, 4);
    for (unsigned i = 0; i < machine->its_count; i++) {
        put_head(to, GIC_ITS, 20);
        acpi_put(to, i, 4);
        acpi_put(to, machine->its[i], 8);
        acpi_put(to, 0, 4);
    }
    acpi_end_table(to, at);
}
