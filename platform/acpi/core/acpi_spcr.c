/* SPDX-License-Identifier: Apache-2.0 */
/* The Serial Port Console Redirection Table, revision 2: the console is a PL011. */
#include "acpi_tables.h"

enum { ARM_PL011 = 3, GIC_INTERRUPT = 8 };
enum { STOP_BITS_1 = 1, NO_PCI_DEVICE = 0xffff };

void acpi_spcr(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const struct acpi_device *uart = machine->console;
    const size_t at = acpi_begin_table(to, "SPCR", 2);

    acpi_put(to, ARM_PL011, 4);
    acpi_put_register(to, uart->regs[0].base);
    acpi_put(to, uart->irq_count ? GIC_INTERRUPT : 0, 1);
    acpi_put(to, 0, 1); /* no interrupt of a PC */
    acpi_put(to, uart->irq_count ? uart->irqs[0].gsiv : 0, 4);
    acpi_put(to, 0, 1); /* the rate is as it is */
    acpi_put(to, 0, 1); /* no parity */
    acpi_put(to, STOP_BITS_1, 1);
    acpi_put_zeros(to, 3); /* no flow control, a VT100, reserved */
    acpi_put(to, NO_PCI_DEVICE, 2);
    acpi_put(to, NO_PCI_DEVICE, 2);
    acpi_put_zeros(to, 12); /* where it would be; its segment; reserved */
    acpi_end_table(to, at);
}
